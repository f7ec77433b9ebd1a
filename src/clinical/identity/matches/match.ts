import type { Patient } from '@medplum/fhirtypes';
import type { Queryable } from '../../../foundation/database/index.ts';
import {
  type Comparison,
  compare,
  type FeatureOptions,
  featuresOf,
  type Model,
} from '../../matching/index.ts';
import { findPersons } from './candidates.ts';
import { keysOf, type Seen } from './features.ts';

/** A person whom the patient that was asked about may be. */
export interface Match {
  readonly person: string;
  /** The source patient of the person that it resembles most. */
  readonly source: string;
  readonly comparison: Comparison;
}

export interface Matching {
  /** Best first. */
  readonly matches: readonly Match[];
  /** A fact that was asked by is so common that not all who share it were looked at. */
  readonly isCut: boolean;
  /** With so many persons it was compared. */
  readonly compared: number;
}

export interface MatchOptions {
  readonly model: Model;
  readonly features?: FeatureOptions;
  /** `YYYY-MM-DD` */
  readonly asOf: string;
}

/** Persons whom a patient may be who is in no record here: nothing is written. Those that are different are left out. */
export async function match(
  queryable: Queryable,
  patient: Patient,
  options: MatchOptions,
): Promise<Matching> {
  const { model, asOf } = options;
  const features = featuresOf(patient, { asOf, ...options.features });
  const { persons, candidates, cut } = await findPersons(queryable, [{ keys: keysOf(features) }]);
  const matches = (candidates[0] ?? []).flatMap((person) => {
    const best = bestOf(persons.get(person) ?? [], (member) => compare(features, member.features, model));
    return best && best.comparison.outcome !== 'different' ? [{ person, ...best }] : [];
  });
  matches.sort((one, other) => rank(other) - rank(one) || other.comparison.weight - one.comparison.weight);
  return { matches, isCut: cut.size > 0, compared: candidates[0]?.length ?? 0 };
}

const rank = ({ comparison }: Match): number => (comparison.outcome === 'same' ? 1 : 0);

function bestOf(
  members: readonly Seen[],
  comparing: (member: Seen) => Comparison,
): { source: string; comparison: Comparison } | undefined {
  let best: { source: string; comparison: Comparison } | undefined;
  for (const member of members) {
    const comparison = comparing(member);
    if (!best || comparison.weight > best.comparison.weight) best = { source: member.source, comparison };
  }
  return best;
}
