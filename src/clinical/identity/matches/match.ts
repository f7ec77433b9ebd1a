import type { Patient } from '@medplum/fhirtypes';
import type { Queryable } from '../../../foundation/database/index.ts';
import { type Comparison, type FeatureOptions, featuresOf, type Model } from '../../matching/index.ts';
import { findPersons } from './candidates.ts';
import { type Decided, standingOf } from './decide.ts';
import { keysOf, type Seen } from './features.ts';

/** A person whom the patient that was asked about may be. */
export interface Match {
  readonly person: string;
  /** The source patient of the person that it resembles most. */
  readonly source: string;
  /** As if the patient were registered: `same` only while nobody else of the person contradicts it. */
  readonly outcome: 'same' | 'review';
  readonly comparison: Comparison;
}

export interface Matching {
  /** Best first. */
  readonly matches: readonly Match[];
  /** A fact that was asked by is so common that not all who share it were looked at. */
  readonly isCut: boolean;
  /** With so many persons it was compared. */
  readonly compared: number;
  /** Nothing in it is a fact that anybody is looked for by: all missing, or placeholders. */
  readonly isTooLittle: boolean;
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
  const keys = keysOf(features);
  const { persons, candidates, cut } = await findPersons(queryable, [{ keys }]);
  const own: Seen = { source: '', number: 0, person: '', features };
  const matches = (candidates[0] ?? []).flatMap((person): Match[] => {
    const standing = standingOf([own], persons.get(person) ?? [], { model, decided: NOTHING });
    if (!standing || standing.outcome === 'different') return [];
    const { outcome, best } = standing;
    return [{ person, source: best.other, outcome, comparison: best.comparison }];
  });
  matches.sort((one, other) => rank(other) - rank(one) || other.comparison.weight - one.comparison.weight);
  const compared = candidates[0]?.length ?? 0;
  return { matches, isCut: cut.size > 0, compared, isTooLittle: keys.length === 0 };
}

const NOTHING: Decided = { notSame: new Set(), parted: new Set() };

const rank = ({ outcome }: Match): number => (outcome === 'same' ? 1 : 0);
