import type { Database } from '../../../foundation/database/index.ts';
import { formats } from '../formats/index.ts';
import { purgeRetired } from '../versions.ts';
import { checkAll } from './check.ts';
import { Damaged, invalidTerminology } from './failures.ts';
import { finish } from './finish.ts';
import { openInput } from './input.ts';
import { type Begun, beginLoad, discard } from './ledger.ts';
import type { LoadedTarget, LoadReport, TerminologyLoadOptions } from './options.ts';
import type { Meter, Reading } from './types.ts';
import { placeOf, Writer } from './writer.ts';

/**
 * Loads what a site licenses or downloads (docs/design/terminology.md, TL rules): all or nothing, beside the versions before. Memory does not grow with the files beyond what a format needs
 * to join them. Throws TERMINOLOGY_INVALID when the format is unknown or lacks a file, FILE_FAILED for what cannot be read, CONFLICT when another process loads the same.
 */
export async function loadTerminology(
  database: Database,
  options: TerminologyLoadOptions,
): Promise<LoadReport> {
  const format = formats.find(({ name }) => name === options.format);
  if (!format)
    throw invalidTerminology(options.format, `a format of: ${formats.map(({ name }) => name).join(', ')}`);
  await purgeRetired(database);
  const input = await openInput(options.paths, options.signal);
  if (!input) return { outcome: 'stopped', targets: [], findings: [], resumedAt: 0 };
  const meter: Meter = { read: 0 };
  let reading: Reading;
  try {
    reading = await format.open({ files: input.files, options, meter });
  } catch (error) {
    if (error instanceof Damaged) return refusedBy(error);
    throw error;
  }
  const begun = await beginLoad(database, { format, reading, digest: input.digest, options });
  if (begun === 'unchanged') return { outcome: 'unchanged', targets: [], findings: [], resumedAt: 0 };
  const bytes = input.files.reduce((sum, file) => sum + file.bytes, 0);
  return runLoad({ database, options, reading, begun, bytes, meter });
}

const refusedBy = (error: Damaged): LoadReport => ({
  outcome: 'refused',
  targets: [],
  findings: [{ severity: 'error', ...placeOf(error), rule: error.rule }],
  resumedAt: 0,
});

interface Running {
  readonly database: Database;
  readonly options: TerminologyLoadOptions;
  readonly reading: Reading;
  readonly begun: Begun;
  readonly bytes: number;
  readonly meter: Meter;
}

async function runLoad(running: Running): Promise<LoadReport> {
  const { database, reading, begun, options } = running;
  const { targets } = reading;
  const writer = new Writer({ database, targets, loads: begun.loads, position: begun.position });
  const isWhole = await readAll(running, writer);
  const report = (outcome: LoadReport['outcome'], loaded: readonly LoadedTarget[] = []): LoadReport => ({
    ...{ outcome, targets: loaded, findings: writer.findings, resumedAt: begun.position },
  });
  if (!isWhole) return report('stopped');
  if (!writer.hasErrors) {
    if (writer.counts.some((count) => count === 0))
      writer.error(placeOfAll(reading), 'the files hold something');
    for (const statement of begun.analyze) await database.query(statement);
    for (const [index, target] of targets.entries()) {
      const load = begun.loads[index];
      if (load !== undefined) await checkAll({ database, load, target }, reading.checks, writer);
    }
  }
  if (writer.hasErrors) {
    await discard(database, begun.loads);
    return report('refused');
  }
  const loaded = await finish({ database, options, reading, loads: begun.loads });
  await purgeRetired(database);
  return report('loaded', loaded);
}

const placeOfAll = ({ checks, targets }: Reading) => checks?.place ?? { file: targets[0]?.url ?? '' };

/** False when it was told to stop before the end. */
async function readAll({ reading, options, bytes, meter }: Running, writer: Writer): Promise<boolean> {
  meter.read = 0;
  try {
    for await (const _ of reading.read(writer)) {
      await writer.flush({ isLast: options.signal?.aborted === true });
      if (options.signal?.aborted) return false;
      options.onProgress?.({ rows: writer.rows, bytesRead: meter.read, bytes });
      if (writer.isGivenUp) break;
    }
    await writer.flush({ isLast: true });
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    writer.error(placeOf(error), error.rule);
  } finally {
    await writer.settled();
  }
  return true;
}
