import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { writeDurably } from '../../../foundation/files/index.ts';
import type { LoadedConfig } from '../load/load-config.ts';
import { folderOf } from '../load/load-config.ts';
import { hl7ContentType } from '../message/content-type.ts';
import { diffLines, pretty } from './diff.ts';
import { createDryRun, type DryRun, type DryRunOptions } from './dry-run.ts';

export interface GoldenOptions extends DryRunOptions {
  /** Default: `tests` beside the configuration. */
  readonly folder?: string;
  /** Writes what came out as what is expected. */
  readonly update?: boolean;
  /** Only files whose path contains this. */
  readonly only?: string;
  /** Told after each message, for progress. */
  readonly onResult?: (result: GoldenResult) => void;
}

export interface GoldenResult {
  /** `adt/a04.hl7` */
  readonly file: string;
  readonly outcome: 'passed' | 'failed' | 'updated';
  /** `- expected` and `+ came out`, or why there is nothing to compare with. Golden messages are synthetic, so their content is shown. */
  readonly diff: readonly string[];
}

export interface GoldenReport {
  readonly results: readonly GoldenResult[];
  readonly passed: number;
  readonly failed: number;
  readonly updated: number;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.hl7': hl7ContentType,
  '.json': 'application/json',
  '.txt': 'text/plain',
};
const expectedEnd = '.expected.json';

/**
 * Golden messages: `tests/<channel>/<name>.hl7` (or .json, .txt) and beside it `<name>.expected.json`, which says what the channel makes of it
 * (refused, filtered, parked, or what goes where). A message without expectation fails, and so does an expectation without message.
 * Throws CONFIG_INVALID when the configuration has mistakes.
 */
export async function runGoldenTests(loaded: LoadedConfig, options: GoldenOptions): Promise<GoldenReport> {
  const folder = options.folder ?? join(folderOf(loaded), 'tests');
  const dryRun = await createDryRun(loaded, { showOutput: true, ...options });
  const results: GoldenResult[] = [];
  try {
    for (const channel of await namesIn(folder, 'folders')) {
      for (const name of await namesIn(join(folder, channel), 'files')) {
        const file = `${channel}/${name}`;
        if (options.only !== undefined && !file.includes(options.only)) continue;
        const result = await runFile({ folder, channel, name }, dryRun, options.update === true);
        if (!result) continue;
        results.push(result);
        options.onResult?.(result);
      }
    }
  } finally {
    await dryRun.stop();
  }
  const count = (outcome: GoldenResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).length;
  return { results, passed: count('passed'), failed: count('failed'), updated: count('updated') };
}

async function namesIn(folder: string, what: 'folders' | 'files'): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => (what === 'folders' ? entry.isDirectory() : entry.isFile()))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

interface GoldenFile {
  readonly folder: string;
  readonly channel: string;
  readonly name: string;
}

async function runFile(
  golden: GoldenFile,
  dryRun: DryRun,
  update: boolean,
): Promise<GoldenResult | undefined> {
  const { folder, channel, name } = golden;
  const file = `${channel}/${name}`;
  if (!dryRun.channels.has(channel))
    return { file, outcome: 'failed', diff: [`there is no channel ${channel}`] };
  if (name.endsWith(expectedEnd)) return await orphan(golden);
  const contentType = contentTypes[extname(name)];
  if (contentType === undefined) return undefined;
  const body = await readFile(join(folder, channel, name));
  // Keys are the business of whoever knows patients, and tested there.
  const { keys: _, ...plan } = await dryRun.plan(channel, { body, contentType, peer: 'golden' });
  const actual = pretty(plan);
  const expectedFile = join(folder, channel, `${basename(name, extname(name))}${expectedEnd}`);
  const expected = await readIfThere(expectedFile);
  if (expected === actual) return { file, outcome: 'passed', diff: [] };
  if (update) {
    await writeDurably(expectedFile, actual);
    return { file, outcome: 'updated', diff: diffLines(expected ?? '', actual) };
  }
  if (expected === undefined)
    return { file, outcome: 'failed', diff: [`${basename(expectedFile)} is missing: --update writes it`] };
  const diff = diffLines(normalized(expected), actual);
  return { file, outcome: diff.length === 0 ? 'passed' : 'failed', diff };
}

/** An expectation nobody tests is a promise nobody keeps. */
async function orphan({ folder, channel, name }: GoldenFile): Promise<GoldenResult | undefined> {
  const stem = name.slice(0, -expectedEnd.length);
  const files = await namesIn(join(folder, channel), 'files');
  const isUsed = files.some(
    (other) => other !== name && extname(other) in contentTypes && basename(other, extname(other)) === stem,
  );
  return isUsed
    ? undefined
    : { file: `${channel}/${name}`, outcome: 'failed', diff: ['there is no message of this name'] };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Expectations may be formatted by any tool. What is no JSON is compared as it is. */
function normalized(text: string): string {
  try {
    return pretty(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
