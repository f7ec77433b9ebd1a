import { type FileHandle, open } from 'node:fs/promises';
import { openProfiles } from '../../clinical/packages/index.ts';
import { systemClock } from '../../foundation/clock/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import {
  type ImportedFile,
  type ImportReport,
  importFiles,
  type Refusal,
} from '../../gateway/import/index.ts';
import { systemContext } from '../../trust/access/index.ts';
import type { ImportCommandOptions } from './command-options.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { importProgress } from './import-progress.ts';
import { printJson, printLine } from './output.ts';
import { type CommandStore, withStore } from './with-store.ts';

/** Refusals that are shown; all of them are in the file of --report. */
const SHOWN = 20;

export async function runImport(paths: readonly string[], options: ImportCommandOptions): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const report = await withStore((store) => imported(paths, options, { store, signal: stopping.signal }), {
    connections: options.workers + 1,
  });
  if (report.stopped) throw new Exit(exitCodes.waiting);
  if (report.files.some(({ counts }) => counts.refused > 0)) throw new Exit(exitCodes.failed);
}

async function imported(
  paths: readonly string[],
  options: ImportCommandOptions,
  { store, signal }: { readonly store: CommandStore; readonly signal: AbortSignal },
): Promise<ImportReport> {
  const { database, access, audit, actor, logger } = store;
  const { system, workers, json = false, restart = false, keepInvalid = false } = options;
  await audit.record({ action: 'record.import', actor, target: `system ${system}`, outcome: 'success' });
  const handle = options.report === undefined ? undefined : await openReport(options.report);
  const progress = importProgress({ clock: systemClock, quiet: json });
  const profiles = await openProfiles(database, { logger });
  let report: ImportReport;
  try {
    report = await importFiles({
      ...{ database, access, paths, system, workers, restart, keepInvalid, signal },
      context: systemContext(actor),
      validate: (resource) => profiles.validator.validate(resource),
      now: () => systemClock.now(),
      onProgress: progress.tell,
    });
    if (handle) await writeReport(handle, report.files);
  } finally {
    progress.end();
    await handle?.close();
    await profiles.close();
  }
  if (json) printJson(await asJson(report));
  else await tell(report, options);
  return report;
}

async function tell({ files, counts, stopped }: ImportReport, options: ImportCommandOptions): Promise<void> {
  let left = SHOWN;
  let refused = 0;
  for (const file of files) {
    refused += file.counts.refused;
    if (file.counts.refused === 0 || left === 0) continue;
    for await (const refusal of file.refusals()) {
      if (left === 0) break;
      process.stderr.write(`${lineOf(file.path, refusal)}\n`);
      left -= 1;
    }
  }
  const before = files.filter(({ state }) => state === 'before').length;
  const told = [
    `${counts.written} resources written`,
    ...(counts.unchanged > 0 ? [`${counts.unchanged} there already`] : []),
    ...(counts.flagged > 0 ? [`${counts.flagged} of them invalid, with their issues`] : []),
    ...(counts.unresolved > 0 ? [`${counts.unresolved} conditional references found nothing`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(before > 0 ? [`${before} files were imported before (--restart imports them again)`] : []),
  ];
  printLine(told.join('; '));
  if (refused > SHOWN && options.report === undefined)
    printLine('all that were refused: the same command with --report <file>');
  if (stopped) printLine('stopped; the same command goes on');
}

const lineOf = (path: string, { item, place, rule }: Refusal): string =>
  `${[path, ...(item > 0 ? [item] : [])].join(':')}: ${place === '' ? '' : `${place}: `}${rule}`;

/** Before the import, so that nobody waits an hour to hear of a wrong path. A new file can be read by its owner only. */
async function openReport(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'w', 0o600);
  } catch (error) {
    throw new IsthmusError('FILE_FAILED', { place: path, cause: error });
  }
}

/** Place and rule, no data. */
async function writeReport(handle: FileHandle, files: readonly ImportedFile[]): Promise<void> {
  for (const file of files) {
    if (file.counts.refused === 0) continue;
    for await (const refusal of file.refusals())
      await handle.write(`${JSON.stringify({ file: file.path, ...refusal })}\n`);
  }
}

async function asJson({ files, counts, stopped }: ImportReport) {
  const refusals: object[] = [];
  for (const file of files) {
    if (file.counts.refused === 0) continue;
    for await (const refusal of file.refusals()) {
      if (refusals.length === SHOWN) break;
      refusals.push({ file: file.path, ...refusal });
    }
  }
  return {
    ...{ stopped, counts },
    files: files.map(({ path, state, counts: ofFile }) => ({ path, state, ...ofFile })),
    /** The first ones. */
    refusals,
  };
}
