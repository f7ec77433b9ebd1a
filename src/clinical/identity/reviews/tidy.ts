import type { Transaction } from '../../../foundation/database/index.ts';
import { remark } from '../matches/marks.ts';
import { type Persons, personOf, sourcesOf } from '../persons.ts';
import * as identity from '../sql.ts';
import type { Decision } from '../types.ts';
import { openAbout, withdraw } from './store.ts';

/** Everybody who stands behind the person of a source patient; nobody for one that is not known. */
export async function companyOf(transaction: Transaction, source: string): Promise<string[]> {
  const person = await personOf(transaction, source);
  return person === undefined ? [] : sourcesOf(transaction, person);
}

/** After a decision about these: questions that it has answered are closed, and marks follow what is still open. */
export async function tidy(
  transaction: Transaction,
  about: readonly string[],
  { at, persons }: { readonly at: Date; readonly persons: Persons },
): Promise<void> {
  if (about.length === 0) return;
  const sources = new Set(about);
  for (const source of about) for (const one of await companyOf(transaction, source)) sources.add(one);
  const open = await openAbout(transaction, [...sources]);
  const answered: number[] = [];
  for (const { id, one, other } of open) {
    const [first, second] = [await personOf(transaction, one), await personOf(transaction, other)];
    if (first !== undefined && first === second) answered.push(id);
  }
  await withdraw(transaction, answered, { at, reason: 'they are one person now' });
  const known: string[] = [];
  for (const source of new Set([...sources, ...open.flatMap(({ one, other }) => [one, other])]))
    if ((await personOf(transaction, source)) !== undefined) known.push(source);
  await remark(transaction, known, persons);
}

/** A person has decided that two are the same after all: earlier decisions that some of them are not are taken back. */
export async function takeBackNotSame(
  transaction: Transaction,
  { one, other }: { readonly one: string; readonly other: string },
  { persons, decision }: { readonly persons: Persons; readonly decision: Decision },
): Promise<void> {
  const sources = [...(await companyOf(transaction, one)), ...(await companyOf(transaction, other))];
  const pairs = await transaction.query<{ one: string; other: string }>(identity.apart, [sources]);
  for (const pair of pairs) await persons.sameAgain(transaction, { ...pair, decision });
}
