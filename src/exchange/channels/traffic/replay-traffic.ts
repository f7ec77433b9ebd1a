import { diffLines, pretty } from '../golden/diff.ts';
import { createDryRun, type DryRun, type DryRunOptions } from '../golden/dry-run.ts';
import type { LoadedConfig } from '../load/load-config.ts';
import { type RecordedMessage, readRecording } from './recorded.ts';

export interface ReplayDifference {
  /** Line of the recording. */
  readonly line: number;
  readonly channel: string;
  /** `- before` and `+ after`: what the one and the other configuration would do with it. */
  readonly diff: readonly string[];
}

export interface ReplayReport {
  readonly messages: number;
  readonly same: number;
  readonly different: number;
  /** Messages of channels that neither configuration has. */
  readonly skipped: number;
  /** The first of them, at most `maxDifferences`. */
  readonly differences: readonly ReplayDifference[];
}

export interface ReplayOptions extends DryRunOptions {
  readonly onDifference?: (difference: ReplayDifference) => void;
  /** Told every so often how many messages are through. */
  readonly onProgress?: (messages: number) => void;
  /** Default 100. */
  readonly maxDifferences?: number;
}

interface Replay {
  readonly file: string;
  readonly before: LoadedConfig;
  readonly after: LoadedConfig;
}

const progressEvery = 1_000;
const atOnce = 64;

/**
 * Recorded traffic through two configurations, compared: nothing is queued, sent or written. Enrichments run, so what they ask is asked.
 * Throws CONFIG_INVALID when one of them has mistakes, INVALID_REQUEST for a file that is no recording.
 */
export async function replayTraffic(
  { file, before, after }: Replay,
  options: ReplayOptions,
): Promise<ReplayReport> {
  const runs = await startBoth(before, after, options);
  const count = { messages: 0, same: 0, different: 0, skipped: 0 };
  const differences: ReplayDifference[] = [];
  const judge = (compared: ReplayDifference | 'same' | 'skipped') => {
    count.messages++;
    if (count.messages % progressEvery === 0) options.onProgress?.(count.messages);
    if (typeof compared === 'string') {
      count[compared]++;
      return;
    }
    count.different++;
    if (differences.length < (options.maxDifferences ?? 100)) differences.push(compared);
    options.onDifference?.(compared);
  };
  try {
    let batch: (RecordedMessage & { line: number })[] = [];
    const flush = async () => {
      for (const compared of await Promise.all(batch.map((message) => compare(message, runs))))
        judge(compared);
      batch = [];
    };
    for await (const message of readRecording(file)) {
      batch.push(message);
      if (batch.length === atOnce) await flush();
    }
    await flush();
  } finally {
    await Promise.all([runs.before.stop(), runs.after.stop()]);
  }
  return { ...count, differences };
}

interface Runs {
  readonly before: DryRun;
  readonly after: DryRun;
}

async function startBoth(before: LoadedConfig, after: LoadedConfig, options: DryRunOptions): Promise<Runs> {
  const first = await createDryRun(before, options);
  try {
    return { before: first, after: await createDryRun(after, options) };
  } catch (error) {
    await first.stop();
    throw error;
  }
}

async function compare(
  message: RecordedMessage & { line: number },
  { before, after }: Runs,
): Promise<ReplayDifference | 'same' | 'skipped'> {
  const { channel, line } = message;
  if (!before.channels.has(channel) && !after.channels.has(channel)) return 'skipped';
  const [was, is] = await Promise.all([show(before, message), show(after, message)]);
  return was === is ? 'same' : { line, channel, diff: diffLines(was, is) };
}

async function show(run: DryRun, { channel, contentType, body }: RecordedMessage): Promise<string> {
  if (!run.channels.has(channel)) return 'no such channel\n';
  return pretty(await run.plan(channel, { body: Buffer.from(body, 'base64'), contentType, peer: 'replay' }));
}
