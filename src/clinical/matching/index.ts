/**
 * Whether two source patients are one person: the matching engine of the Master Patient Index.
 *
 * It promises: pure functions (no I/O, no clock, no database); the same input gives the same answer, whichever of the two comes first;
 * missing is never disagreement; every outcome says why, field by field and by guard; hostile input costs no more than other input.
 * It never does: decide a link (identity does, with what people decided before), keep or name a patient's values, or link twins,
 * siblings and namesakes of one household by itself. Rules: docs/design/matching.md.
 */
export { blockingKeys } from './blocking.ts';
export { type Cohesion, cohesion } from './cohesion.ts';
export { type Agreement, type Comparison, compare, type FieldComparison, type Outcome } from './compare.ts';
export { type EstimateOptions, estimate } from './estimation/estimate.ts';
export { featuresOf } from './features/features-of.ts';
export type { FeatureOptions, Features } from './features/types.ts';
export type { Guard } from './guards.ts';
export { defaultModel } from './model/default-model.ts';
export { forPopulation, type PopulationFacts } from './model/population.ts';
export type { Model } from './model/types.ts';
