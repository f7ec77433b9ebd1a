import type { Database } from '../../../foundation/database/index.ts';
import { cohesion, type Features, type Model } from '../../matching/index.ts';
import { EXTRACTED_AS } from '../matches/features.ts';
import type { Observation, Observed } from '../matches/types.ts';
import { openReviews } from '../reviews/store.ts';
import type { Question } from '../reviews/types.ts';
import * as statements from './sql.ts';

export interface ReconcileOptions {
  /** Everybody, also who was compared by this model already. */
  readonly all?: boolean;
  readonly onProgress?: (progress: ReconcileProgress) => void;
  /** Ends it after what is being looked at; the next run goes on. */
  readonly signal?: AbortSignal;
  readonly at: Date;
}

export interface ReconcileProgress {
  readonly stage: 'comparing' | 'clusters';
  readonly done: number;
  readonly total: number;
}

export interface Reconciled {
  readonly compared: number;
  readonly linked: number;
  /** Of those compared, how many may be somebody else as well. */
  readonly provisional: number;
  readonly clusters: number;
  /** Persons whose sources hold together badly and of whom it is now asked. */
  readonly suspicious: number;
  readonly isComplete: boolean;
}

interface Working {
  readonly database: Database;
  readonly model: Model;
  readonly options: ReconcileOptions;
  /** Looks for others again, in a transaction of its own, done again where it met another. */
  readonly observe: (observation: Observation) => Promise<Observed[]>;
}

const BATCH = 200;

/**
 * Compares again whoever was last compared by another model or another reading of what is said, and looks whether the sources of each person hold
 * together. Links who is the same beyond doubt, asks about the others, parts nobody. In small transactions, beside everything else; broken off,
 * it goes on where it was.
 */
export async function reconcile(working: Working): Promise<Reconciled> {
  const compared = await compareAll(working);
  const clusters = await judgeClusters(working);
  return { ...compared, ...clusters, isComplete: !working.options.signal?.aborted };
}

async function compareAll({ database, model, options, observe }: Working) {
  const { all = false, signal, onProgress, at } = options;
  const [{ count: total } = { count: 0 }] = await database.query<{ count: number }>(statements.countStale, [
    model.version,
    EXTRACTED_AS,
    all,
  ]);
  let after = '';
  const sum = { compared: 0, linked: 0, provisional: 0 };
  while (!signal?.aborted) {
    const rows = await database.query<{ source: string }>(statements.stale, [
      model.version,
      EXTRACTED_AS,
      all,
      after,
      BATCH,
    ]);
    const last = rows.at(-1);
    if (!last) break;
    const observed = await observe({ sources: rows.map(({ source }) => source), at, again: true });
    sum.compared += rows.length;
    sum.linked += observed.filter(({ outcome }) => outcome === 'linked').length;
    sum.provisional += observed.filter(({ outcome }) => outcome === 'provisional').length;
    onProgress?.({ stage: 'comparing', done: sum.compared, total });
    after = last.source;
  }
  return sum;
}

/** Below this a person's sources are put to somebody: on average they are rather two people than one, or a guard stands between two of them. */
const COHESIVE = 0.75;

interface ClusterRow {
  readonly person: string;
  readonly features: readonly string[];
  readonly sources: readonly string[];
}

async function judgeClusters({ database, model, options }: Working) {
  const { signal, onProgress, at } = options;
  const [{ count: total } = { count: 0 }] = await database.query<{ count: number }>(statements.countClusters);
  let after = '';
  const sum = { clusters: 0, suspicious: 0 };
  while (!signal?.aborted) {
    const rows = await database.query<ClusterRow>(statements.clusters, [after, BATCH]);
    const last = rows.at(-1);
    if (!last) break;
    const doubtful = rows.flatMap((row) => questionOf(row, model, at));
    const judged = await judgedOf(database, doubtful);
    const opened = await openReviews(
      database,
      doubtful.filter(({ one }) => !judged.has(one)),
    );
    sum.clusters += rows.length;
    sum.suspicious += opened.filter(({ isNew }) => isNew).length;
    onProgress?.({ stage: 'clusters', done: sum.clusters, total });
    after = last.person;
  }
  return sum;
}

async function judgedOf(database: Database, doubtful: readonly Question[]): Promise<ReadonlySet<string>> {
  if (doubtful.length === 0) return new Set();
  const rows = await database.query<{ person: string }>(statements.judgedClusters, [
    doubtful.map(({ one }) => one),
  ]);
  return new Set(rows.map(({ person }) => person));
}

function questionOf({ person, features, sources }: ClusterRow, model: Model, at: Date): Question[] {
  const members = features.map((text) => JSON.parse(text) as Features);
  const { score, weakest } = cohesion(members, model);
  if (score >= COHESIVE) return [];
  const pair = weakest.map((place) => sources[place]);
  return [
    {
      ...{ kind: 'suspicious-cluster' as const, one: person, other: '', probability: score, at },
      ...{ score: { cohesion: score, weakest: pair }, modelVersion: model.version },
    },
  ];
}
