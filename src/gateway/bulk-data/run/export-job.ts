import { type Clock, pause } from '../../../foundation/clock/index.ts';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { RecordExport, RecordSnapshot } from '../../../trust/access/index.ts';
import type { LeasedJob } from '../job/lease.ts';
import type { ExportLimits } from '../types.ts';
import { FileWriter } from './file-writer.ts';
import { filteredPages } from './filters.ts';
import { membersOf } from './group.ts';
import { deletionBundles, lineOf, remarkLine } from './lines.ts';
import { typesOf, whoseOf } from './plan.ts';

export interface RunOptions {
  readonly job: LeasedJob;
  /** Opened for the context of the job. */
  readonly record: RecordExport;
  readonly clock: Clock;
  readonly limits: ExportLimits;
  readonly keyring: Keyring | undefined;
  readonly signal: AbortSignal;
}

/** This node stops; the job is given back. */
export class Stopping extends Error {}

/** What a run knows beside its job. */
interface Run extends RunOptions {
  readonly instant: Date;
  readonly writer: FileWriter;
  readonly seen: { step: string; of: number; at: number; resources: number };
}

/**
 * Runs a job to its end, or on from the step after the last that is complete. Every step reads the state as of the same instant, so it does not
 * matter how often a job was broken off. Throws LeaseLost, Stopping, and what keeps the job from being done.
 */
export async function runJob(options: RunOptions): Promise<void> {
  const { job, record, keyring, limits } = options;
  const instant = job.instant ?? (await decideInstant(options));
  const seen = { step: 'beginning', of: 0, at: 0, resources: 0 };
  const progress = () => progressOf(seen);
  const writer = new FileWriter({ job, limits, keyring, progress });
  const run: Run = { ...options, instant, seen, writer };
  const { types, patients } = await record.snapshot((snapshot) => lookAround(run, snapshot));
  const steps: [string, (snapshot: RecordSnapshot) => Promise<void>][] = types.map((type) => [
    type,
    (snapshot) => exportType(run, snapshot, { type, patients }),
  ]);
  if (job.wanted.since !== undefined)
    steps.push(['deletions', (snapshot) => exportDeletions(run, snapshot, { types, patients })]);
  if (job.remarks.length > 0)
    steps.push([
      'remarks',
      () => writer.write({ kind: 'error', type: 'OperationOutcome' }, job.remarks.map(remarkLine)),
    ]);
  seen.of = steps.length;
  for (const [step, work] of steps) {
    seen.step = step;
    seen.at++;
    if (job.steps.includes(step)) continue;
    await beat(run);
    await record.snapshot(work);
    await writer.close();
    await job.finishStep(step);
  }
}

const progressOf = ({ step, at, of, resources }: Run['seen']): string =>
  `${step}: step ${at} of ${of}, ${resources} resources in this run`;

const SETTLE_PAUSE_MS = 250;
const SETTLE_LIMIT_MS = 60_000;

/** The transactionTime. While a writer does not show since when it is at work, there is none. */
async function decideInstant({ job, record, clock, signal }: RunOptions): Promise<Date> {
  const start = clock.monotonicMs();
  for (;;) {
    const instant = await record.instant();
    if (instant) {
      await job.setInstant(instant);
      return instant;
    }
    if (clock.monotonicMs() - start > SETTLE_LIMIT_MS)
      throw new IsthmusError('BUSY', { rule: 'a transaction of unknown age holds the record' });
    await pause(clock, SETTLE_PAUSE_MS, signal);
    if (signal.aborted) throw new Stopping();
    await job.renew('waiting for a writer');
  }
}

/** Which types there are, and whose resources are asked for: source patients, or undefined for everybody's. */
async function lookAround({ job: { wanted }, instant }: Run, snapshot: RecordSnapshot) {
  const types = typesOf(wanted, await snapshot.types());
  const { level, group, patients: named } = wanted;
  if (level === 'system') return { types, patients: undefined };
  let members = named;
  if (level === 'group' && group !== undefined) {
    const all = await membersOf(group, instant, async (ids) => {
      const found: unknown[] = [];
      for await (const page of snapshot.resources({ type: 'Group', at: instant, of: 'all', ids }))
        found.push(...page.map(({ json }) => JSON.parse(json) as unknown));
      return found;
    });
    const isMember = new Set(all);
    members = named ? named.filter((id) => isMember.has(id)) : all;
  }
  return { types, patients: members && (await snapshot.sourcePatients(members)) };
}

/** Shows that the run lives, and learns whether it still should. */
async function beat({ job, signal, seen }: Run): Promise<void> {
  if (signal.aborted) throw new Stopping();
  await job.renew(progressOf(seen));
}

interface Part {
  readonly patients: readonly string[] | undefined;
}

/** The lease is renewed by what is written, and when so many pages brought nothing that had to be. */
const PAGES_OF_A_BEAT = 20;

async function exportType(
  run: Run,
  snapshot: RecordSnapshot,
  { type, patients }: Part & { readonly type: string },
): Promise<void> {
  const { job, instant, writer, seen } = run;
  const { since } = job.wanted;
  const toLine = lineOf(job.wanted, type);
  const selection = {
    ...{ type, at: instant, of: whoseOf(job.wanted, type, patients) },
    ...(since === undefined ? {} : { since: new Date(since) }),
  };
  let pages = 0;
  for await (const page of filteredPages(snapshot, selection, job)) {
    await writer.write({ kind: 'output', type }, page.map(toLine));
    seen.resources += page.length;
    if (++pages % PAGES_OF_A_BEAT === 0 || run.signal.aborted) await beat(run);
  }
}

async function exportDeletions(
  run: Run,
  snapshot: RecordSnapshot,
  { types, patients }: Part & { readonly types: readonly string[] },
): Promise<void> {
  const { job, instant: at, writer } = run;
  const since = new Date(job.wanted.since ?? at);
  for (const type of types) {
    const of = whoseOf(job.wanted, type, patients);
    for await (const ids of snapshot.deletions({ type, at, since, of })) {
      await writer.write({ kind: 'deleted', type: 'Bundle' }, deletionBundles(type, ids));
    }
    await beat(run);
  }
}
