import type { Transaction } from '../../../foundation/database/index.ts';
import { pairKey } from '../matches/decide.ts';
import { remark } from '../matches/marks.ts';
import { type Persons, personOf, sourcesOf } from '../persons.ts';
import * as identity from '../sql.ts';
import type { Decision } from '../types.ts';
import { openAbout, withdraw } from './store.ts';
import type { Review } from './types.ts';

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
  const apart = await apartAmong(transaction, open);
  const [joined, parted]: [number[], number[]] = [[], []];
  for (const { id, one, other } of open) {
    const [first, second] = [await personOf(transaction, one), await personOf(transaction, other)];
    if (first !== undefined && first === second) joined.push(id);
    else if (apart.has(pairKey(one, other))) parted.push(id);
  }
  await withdraw(transaction, joined, { at, reason: 'they are one person now' });
  await withdraw(transaction, parted, { at, reason: 'a person decided that they are not the same' });
  const known: string[] = [];
  for (const source of new Set([...sources, ...open.flatMap(({ one, other }) => [one, other])]))
    if ((await personOf(transaction, source)) !== undefined) known.push(source);
  await remark(transaction, known, persons);
}

async function apartAmong(transaction: Transaction, open: readonly Review[]): Promise<ReadonlySet<string>> {
  if (open.length === 0) return new Set();
  const sources = [...new Set(open.flatMap(({ one, other }) => [one, other]))];
  const pairs = await transaction.query<{ one: string; other: string }>(identity.apart, [sources]);
  return new Set(pairs.map(({ one, other }) => pairKey(one, other)));
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
