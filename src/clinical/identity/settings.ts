import { type Queryable, sql, type Transaction } from '../../foundation/database/index.ts';
import type { Model } from '../matching/index.ts';
import type { IdentitySettings } from './identity.ts';

const writeInForce = sql(
  'identity.write-in-force',
  `INSERT INTO identity_in_force AS f (id, settings, since) VALUES (1, $1, $2)
   ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, since = excluded.since WHERE f.settings <> excluded.settings`,
);
const readInForce = sql('identity.read-in-force', 'SELECT settings FROM identity_in_force');
const noLongerCurrent = sql(
  'identity.no-longer-current',
  'UPDATE identity_model SET is_current = FALSE WHERE is_current',
);
const insertModel = sql(
  'identity.insert-model',
  `INSERT INTO identity_model (version, model, sources, adopted_at, adopted_by, reason, is_current) VALUES ($1, $2, $3, $4, $5, $6, TRUE)
   ON CONFLICT (version) DO UPDATE SET is_current = TRUE, adopted_at = excluded.adopted_at, adopted_by = excluded.adopted_by, reason = excluded.reason`,
);
const readModel = sql('identity.read-model', 'SELECT model FROM identity_model WHERE is_current');

/** Says what the engine goes by, for commands beside it. */
export async function keepSettings(
  queryable: Queryable,
  settings: IdentitySettings,
  at: Date,
): Promise<void> {
  await queryable.query(writeInForce, [JSON.stringify(settings), at]);
}

/** What the engine goes by, or last went by; the defaults where none has run yet. */
export async function settingsInForce(queryable: Queryable): Promise<IdentitySettings> {
  const [row] = await queryable.query<{ settings: string }>(readInForce);
  return row ? (JSON.parse(row.settings) as IdentitySettings) : {};
}

export interface Adoption {
  readonly model: Model;
  /** From so many source patients. */
  readonly sources: number;
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

/** From now on it is compared by this model; the engine takes it up within seconds, and the reconciliation compares again who was compared by another. */
export async function adoptModel(
  transaction: Transaction,
  { model, sources, by, reason, at }: Adoption,
): Promise<void> {
  await transaction.query(noLongerCurrent);
  await transaction.query(insertModel, [model.version, JSON.stringify(model), sources, at, by, reason]);
}

/** Back to the shipped model. */
export async function dropModel(transaction: Transaction): Promise<void> {
  await transaction.query(noLongerCurrent);
}

/** The model that was adopted; undefined while it is the shipped one. */
export async function adoptedModel(queryable: Queryable): Promise<Model | undefined> {
  const [row] = await queryable.query<{ model: string }>(readModel);
  return row && (JSON.parse(row.model) as Model);
}
