import type { Queryable } from '../../../foundation/database/index.ts';
import { estimate, type Features, type Model } from '../../matching/index.ts';
import * as statements from './sql.ts';

export interface EstimateFromRecord {
  readonly basis: Model;
  readonly version: string;
  /** How many source patients are looked at, at most. */
  readonly sample: number;
}

export interface Estimated {
  readonly model: Model;
  readonly sources: number;
}

const CHUNK = 5_000;
const SEED = 1;

/** A model from what the site's own sources say, without labels. The same record gives the same model. */
export async function estimateModel(queryable: Queryable, options: EstimateFromRecord): Promise<Estimated> {
  const { basis, version, sample } = options;
  const [{ count } = { count: 0 }] = await queryable.query<{ count: number }>(statements.countFeatures);
  const step = Math.max(1, Math.floor(count / sample));
  const features: Features[] = [];
  for (let after = 0; features.length < sample; ) {
    const limit = Math.min(CHUNK, sample - features.length);
    const rows = await queryable.query<{ number: number; features: string }>(statements.sample, [
      after,
      step,
      limit,
    ]);
    const last = rows.at(-1);
    if (!last) break;
    for (const row of rows) features.push(JSON.parse(row.features) as Features);
    after = last.number;
  }
  return { model: estimate(features, { seed: SEED, version, basis }), sources: features.length };
}
