import type { Patient } from '@medplum/fhirtypes';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import {
  type Comparison,
  compare,
  type FeatureOptions,
  featuresOf,
  type Model,
} from '../../matching/index.ts';
import { saidBy } from '../../record/index.ts';
import { isOverlay } from '../matches/decide.ts';
import { personOf, sourcesOf } from '../persons.ts';
import * as statements from '../sql.ts';

/** Two who are to become one person and can't be, by all that is known. */
export interface Contradiction {
  readonly one: string;
  readonly other: string;
  readonly why: 'statements' | 'not-same' | 'merged-elsewhere';
  readonly comparison?: Comparison;
}

export interface Judging {
  readonly model: Model;
  readonly features?: FeatureOptions;
  readonly keyring?: Keyring;
  /** `YYYY-MM-DD` */
  readonly asOf: string;
}

/**
 * Their sources' statements differ in name, birth date and sex at once, or a person decided that two of their persons are not the same, or the
 * number that goes was merged into a third before.
 */
export async function contradictionOf(
  transaction: Transaction,
  { one, other }: { readonly one: string; readonly other: string },
  { model, features, keyring, asOf }: Judging,
): Promise<Contradiction | undefined> {
  const persons = [await personOf(transaction, one), await personOf(transaction, other)];
  const [first, second] = persons;
  if (first === undefined || second === undefined || first === second) return undefined;
  const said = await saidBy(transaction, [one, other], keyring);
  const [own, others] = [one, other].map((id) => said.find(({ source }) => source === id));
  if (others?.retiredInto !== undefined) return { one, other, why: 'merged-elsewhere' };
  const sources = [...(await sourcesOf(transaction, first)), ...(await sourcesOf(transaction, second))];
  const apart = await transaction.query(statements.apart, [sources]);
  if (apart.length > 0) return { one, other, why: 'not-same' };
  if (own?.json === undefined || others?.json === undefined) return undefined;
  const [a, b] = [own.json, others.json].map((json) =>
    featuresOf(JSON.parse(json) as Patient, { asOf, ...features }),
  );
  if (!a || !b || !isOverlay(a, b, model)) return undefined;
  return { one, other, why: 'statements', comparison: compare(a, b, model) };
}
