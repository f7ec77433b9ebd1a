import { createHash } from 'node:crypto';
import type { Database, NamedSql, Transaction } from '../../../foundation/database/index.ts';
import type { Format } from '../formats/format.ts';
import { type LoadRow, statements } from '../sql.ts';
import { purgeRetired } from '../versions.ts';
import type { TerminologyLoadOptions } from './options.ts';
import type { Reading, Target } from './types.ts';

export interface Begun {
  /** Of the targets, in their order. */
  readonly loads: readonly number[];
  /** Rows that are there already. */
  readonly position: number;
  /** What the server has to be told after so many rows. */
  readonly analyze: readonly NamedSql[];
}

interface Beginning {
  readonly format: Format;
  readonly reading: Reading;
  /** Of all that was given. */
  readonly digest: string;
  readonly options: TerminologyLoadOptions;
}

/** Finds the load that these files were broken off in, or begins one. `unchanged` when all of it is there. */
export function beginLoad(database: Database, beginning: Beginning): Promise<Begun | 'unchanged'> {
  const { targets } = beginning.reading;
  const fingerprint = fingerprintOf(beginning);
  return database.transaction(async (transaction) => {
    await transaction.query(statements.lock);
    const found: LoadRow[] = [];
    for (const { kind, url, version } of targets) {
      const rows = await transaction.query<LoadRow>(statements.find, [kind, url, version]);
      found.push(...rows.filter((row) => row.fingerprint === fingerprint));
    }
    const ready = found.filter(({ state }) => state === 'ready');
    if (ready.length === targets.length) return 'unchanged';
    const loading = targets.map(({ kind, url }) =>
      found.find((row) => row.state === 'loading' && row.kind === kind && row.url === url),
    );
    const position = loading[0]?.position ?? 0;
    const isWhole = loading.every((row) => row?.position === position);
    const loads = isWhole
      ? loading.flatMap((row) => row?.id ?? [])
      : await insertAll(transaction, beginning, fingerprint);
    return { loads, position: isWhole ? position : 0, analyze: statements.analyze };
  });
}

async function insertAll(
  transaction: Transaction,
  { format, reading, options }: Beginning,
  fingerprint: string,
): Promise<number[]> {
  const loads: number[] = [];
  for (const { kind, url, version, header } of reading.targets) {
    const [row] = await transaction.query<{ id: number }>(statements.begin, [
      ...[kind, url, version, format.name, fingerprint, JSON.stringify(header)],
      options.clock.now(),
    ]);
    if (row) loads.push(row.id);
  }
  return loads;
}

/** Rows are counted to find the place again, so a format that gives others than before does not go on with what it gave then. */
function fingerprintOf({ format, digest, options, reading }: Beginning): string {
  const of = [format.name, format.revision, digest, options.version, options.url, options.encoding];
  const targets = reading.targets.map(({ kind, url, version }: Target) => [kind, url, version]);
  return createHash('sha256')
    .update(JSON.stringify([of, targets]))
    .digest('hex');
}

/** Takes away what was written of a load that is refused. */
export async function discard(database: Database, loads: readonly number[]): Promise<void> {
  await database.query(statements.retire, [loads]);
  await purgeRetired(database);
}
