import { hash } from 'node:crypto';
import type { Patient } from '@medplum/fhirtypes';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Queryable, Transaction } from '../../../foundation/database/index.ts';
import { blockingKeys, type FeatureOptions, type Features, featuresOf } from '../../matching/index.ts';
import { type Said, saidBy } from '../../record/index.ts';
import * as statements from './sql.ts';

/** Raised with every change of what is taken from a Patient or of its keys: the reconciliation takes older ones again. */
export const EXTRACTED_AS = 1;

/** A source patient as matching sees it now. */
export interface Seen {
  readonly source: string;
  /** In the table of keys. */
  readonly number: number;
  readonly person: string;
  readonly features: Features;
}

/** One of whom something was said that matters for matching. */
export interface Refreshed extends Seen {
  readonly keys: readonly string[];
  /** What was known before; absent for a new one. */
  readonly before?: Features;
}

interface FeaturesRow {
  readonly source: string;
  readonly number: number;
  readonly statement_version: number;
  readonly extracted_as: number;
  readonly features: string;
}

export interface RefreshOptions {
  readonly at: Date;
  readonly features?: FeatureOptions;
  readonly keyring?: Keyring;
}

/** Brings features and keys of these source patients up to what they say now; returns those of whom it changed. */
export async function refresh(
  transaction: Transaction,
  sources: readonly string[],
  options: RefreshOptions,
): Promise<Refreshed[]> {
  if (sources.length === 0) return [];
  const said = await saidBy(transaction, sources, options.keyring);
  const rows = await transaction.query<FeaturesRow>(statements.readFeatures, [sources]);
  const known = new Map(rows.map((row) => [row.source, row]));
  const silent = said.flatMap(({ source, json }) =>
    json !== undefined || !known.has(source) ? [] : [source],
  );
  if (silent.length > 0) await transaction.query(statements.forget, [silent]);
  const asOf = options.at.toISOString().slice(0, 10);
  const changed = said.flatMap((one) => {
    if (one.json === undefined) return [];
    const features = featuresOf(withOwnNumber(one, JSON.parse(one.json) as Patient), {
      asOf,
      ...options.features,
    });
    const text = JSON.stringify(features);
    const row = known.get(one.source);
    if (row?.features === text && row.extracted_as === EXTRACTED_AS) return [];
    return [{ one, features, text, before: row && (JSON.parse(row.features) as Features) }];
  });
  if (changed.length === 0) return [];
  const numbers = await write(transaction, changed, options.at);
  const refreshed = changed.flatMap(({ one: { source, person }, features, before }) => {
    const number = numbers.get(source);
    if (number === undefined) return [];
    const keys = keysOf(features);
    return [{ source, person, number, features, keys, ...(before ? { before } : {}) }];
  });
  await replaceKeys(transaction, refreshed);
  return refreshed;
}

/** Source patients as they were last seen. */
export async function knownFeatures(
  queryable: Queryable,
  sources: readonly string[],
): Promise<Map<string, Features>> {
  if (sources.length === 0) return new Map();
  const rows = await queryable.query<FeaturesRow>(statements.readFeatures, [sources]);
  return new Map(rows.map(({ source, features }) => [source, JSON.parse(features) as Features]));
}

interface ToWrite {
  readonly one: Said;
  readonly text: string;
}

async function write(
  transaction: Transaction,
  rows: readonly ToWrite[],
  at: Date,
): Promise<Map<string, number>> {
  const written = await transaction.query<{ source: string; number: number }>(statements.writeFeatures, [
    rows.map(({ one }) => one.source),
    rows.map(({ one }) => one.version),
    rows.map(({ text }) => text),
    EXTRACTED_AS,
    at,
  ]);
  return new Map(written.map(({ source, number }) => [source, number]));
}

function replaceKeys(transaction: Transaction, refreshed: readonly Refreshed[]): Promise<unknown> {
  const pairs = refreshed.flatMap(({ number, keys }) => keys.map((key) => ({ number, key })));
  return transaction.query(statements.replaceKeys, [
    pairs.map(({ number }) => number),
    pairs.map(({ key }) => key),
    refreshed.map(({ number }) => number),
  ]);
}

/** The number by which the source knows its patient counts, whether or not the resource repeats it. */
function withOwnNumber({ number }: Said, patient: Patient): Patient {
  if (!number) return patient;
  const { identifier = [] } = patient;
  const isListed = identifier.some(({ system, value }) => system === number.system && value === number.value);
  return isListed ? patient : { ...patient, identifier: [...identifier, number] };
}

/** Keys as 64-bit hashes. */
export const keysOf = (features: Features): string[] => blockingKeys(features).map(hashed);

const hashed = (key: string): string =>
  Buffer.from(hash('sha256', key, 'hex').slice(0, 16), 'hex')
    .readBigInt64BE()
    .toString();
