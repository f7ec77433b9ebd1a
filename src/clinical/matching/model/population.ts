import type { Model } from './types.ts';

export interface PopulationFacts {
  /** How many persons the records are about. */
  readonly persons: number;
  /** `none` only for a collection that is known to hold unrelated people (a research extract, a generated set). */
  readonly families?: Model['families'];
}

/** People of one household that a person has beside, about. */
const HOUSEHOLD_MEMBERS = 3;

/** The model for so many persons: the more there are, the less likely are two records drawn at random one of them. */
export function forPopulation(model: Model, { persons, families = model.families }: PopulationFacts): Model {
  const prior = Math.min(1e-3, 1 / Math.max(1, persons));
  return { ...model, prior, household: families === 'none' ? 0 : HOUSEHOLD_MEMBERS * prior, families };
}
