import {
  type Finding,
  type LoadProgress,
  type LoadReport,
  listTerminology,
  loadTerminology,
  removeTerminology,
  terminologyFormats,
  useTerminology,
} from '../../clinical/terminology/index.ts';
import { systemClock } from '../../foundation/clock/index.ts';
import { loadKeyring } from '../../foundation/crypto/index.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { printJson, printLine, printTable, printTime } from './output.ts';
import { durationOf, grouped, progressTeller } from './progress.ts';
import type {
  LoadTerminologyOptions,
  RemoveTerminologyOptions,
  UseTerminologyOptions,
} from './terminology-load-options.ts';
import { type CommandStore, withStore } from './with-store.ts';

export async function runTerminologyLoad(
  format: string,
  paths: readonly string[],
  options: LoadTerminologyOptions,
): Promise<void> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const report = await withStore((store) =>
    loaded(format, paths, { store, options, signal: stopping.signal }),
  );
  if (options.json) printJson(report);
  else tell(report);
  if (report.outcome === 'stopped') throw new Exit(exitCodes.waiting);
  if (report.outcome === 'refused') throw new Exit(exitCodes.failed);
}

interface Loading {
  readonly store: CommandStore;
  readonly options: LoadTerminologyOptions;
  readonly signal: AbortSignal;
}

async function loaded(
  format: string,
  paths: readonly string[],
  { store, options, signal }: Loading,
): Promise<LoadReport> {
  const { database, audit, actor } = store;
  const { release, url, encoding, keepCurrent = false, json = false } = options;
  const progress = progressTeller({ clock: systemClock, quiet: json }, progressLine);
  try {
    return await loadTerminology(database, {
      ...{ format, paths, encoding, keepCurrent, signal, clock: systemClock },
      ...(release === undefined ? {} : { version: release }),
      ...(url === undefined ? {} : { url }),
      ...(await sealing(store)),
      onProgress: progress.tell,
      async alongside(transaction, targets) {
        for (const { url: of, version } of targets) {
          const target = `${of}|${version}`;
          await audit.recordIn(transaction, {
            action: 'terminology.load',
            actor,
            target,
            outcome: 'success',
          });
        }
      },
    });
  } finally {
    progress.end();
  }
}

async function sealing({ settings }: CommandStore) {
  return settings.keys === undefined ? {} : { keyring: await loadKeyring(settings.keys) };
}

/** `1,240,000 rows, 84,000/s, 61%, 12 s left` */
function progressLine({ rows, bytesRead, bytes }: LoadProgress, passedMs: number): string {
  const share = bytes === 0 ? 1 : Math.min(1, bytesRead / bytes);
  return [
    `${grouped(rows)} rows`,
    `${grouped(Math.round((rows * 1_000) / Math.max(1, passedMs)))}/s`,
    `${Math.floor(share * 100)}%`,
    ...(share === 0 ? [] : [`${durationOf((passedMs * (1 - share)) / share)} left`]),
  ].join(', ');
}

function tell({ outcome, targets, findings, resumedAt }: LoadReport): void {
  for (const finding of findings) process.stderr.write(`${findingLine(finding)}\n`);
  if (resumedAt > 0) printLine(`went on behind ${grouped(resumedAt)} rows that were there`);
  for (const { kind, url, version, count } of targets)
    printLine(
      `${url} ${version} was loaded: ${grouped(count)} ${kind === 'code-system' ? 'concepts' : 'rows of a map'}`,
    );
  if (outcome === 'unchanged') printLine('these files were loaded before');
  if (outcome === 'stopped') printLine('stopped; the same command goes on');
  if (outcome === 'refused') printLine('nothing was loaded; what was there before is as it was');
}

const findingLine = ({ severity, file, line, rule }: Finding): string =>
  `${file}${line === undefined ? '' : `:${line}`}: ${severity === 'error' ? 'expected: ' : 'note: '}${rule}`;

export function runTerminologyFormats(json: boolean): void {
  if (json) printJson(terminologyFormats);
  else
    printTable(
      ['format', 'files'],
      terminologyFormats.map(({ name, text }) => [name, text]),
    );
}

export async function runTerminologyList(json: boolean): Promise<void> {
  const versions = await withStore(({ database }) => listTerminology(database));
  if (json) return printJson(versions);
  if (versions.length === 0) return printLine('no code systems and maps are loaded');
  printTable(
    ['what', 'canonical', 'version', 'rows', 'format', 'state', 'loaded'],
    versions.map(({ kind, url, version, rows, format, state, isCurrent, readyAt, startedAt }) => [
      kind,
      url,
      version,
      String(rows),
      format,
      state === 'loading' ? 'loading, or broken off' : isCurrent ? 'in use' : 'kept',
      printTime(readyAt ?? startedAt),
    ]),
  );
}

export async function runTerminologyUse(
  url: string,
  version: string,
  { reason, json }: UseTerminologyOptions,
): Promise<void> {
  await withStore(({ database, audit, actor }) =>
    useTerminology(database, {
      ...{ url, version },
      alongside: (transaction) =>
        audit.recordIn(transaction, {
          ...{ action: 'terminology.use', actor, target: `${url}|${version}`, outcome: 'success' as const },
          ...(reason === undefined ? {} : { reason }),
        }),
    }),
  );
  if (json) printJson({ url, version });
  else printLine(`${url} ${version} is in use`);
}

export async function runTerminologyRemove(
  url: string,
  version: string | undefined,
  { reason, json }: RemoveTerminologyOptions,
): Promise<void> {
  const target = version === undefined ? url : `${url}|${version}`;
  const removed = await withStore(async (store) =>
    removeTerminology(store.database, {
      ...{ url, ...(await sealing(store)) },
      ...(version === undefined ? {} : { version }),
      alongside: (transaction) =>
        store.audit.recordIn(transaction, {
          ...{ action: 'terminology.remove', actor: store.actor, target, outcome: 'success' as const },
          ...(reason === undefined ? {} : { reason }),
        }),
    }),
  );
  if (json) printJson({ url, removed });
  else for (const one of removed) printLine(`${url} ${one} was removed`);
}
