import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { migrations as packages } from '../../src/clinical/packages/index.ts';
import { migrations as record } from '../../src/clinical/record/index.ts';
import {
  type LoadReport,
  listTerminology,
  loadTerminology,
  migrations,
  openTerminology,
  removeTerminology,
  type Terminology,
  type TerminologyLoadOptions,
} from '../../src/clinical/terminology/index.ts';
import { manualClock } from '../../src/foundation/clock/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

export interface Kit extends TestDatabase {
  readonly terminology: Terminology;
  /** Removes all that is loaded. */
  clear(): Promise<void>;
  /** Rows of a table. */
  count(table: string): Promise<number>;
  /** Writes the files into a folder of their own and gives its path. */
  folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string>;
  load(
    format: string,
    paths: string | readonly string[],
    options?: Partial<TerminologyLoadOptions>,
  ): Promise<LoadReport>;
}

export async function openKit(): Promise<Kit> {
  const test = await openTestDatabase({ migrations: [...record, ...packages, ...migrations] });
  const home = await mkdtemp(join(tmpdir(), 'terminology-'));
  let folders = 0;
  return {
    ...test,
    terminology: openTerminology({ database: test.database }),
    async clear() {
      const urls = new Set((await listTerminology(test.database)).map(({ url }) => url));
      for (const url of urls) await removeTerminology(test.database, { url });
    },
    async count(table) {
      const statement = sql(`count.${table}`, `SELECT count(*) AS count FROM ${table}`);
      const [row] = await test.database.query<{ count: number }>(statement);
      return row?.count ?? 0;
    },
    async folder(files) {
      folders += 1;
      const path = join(home, String(folders));
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), content);
      }
      return path;
    },
    load: (format, paths, options = {}) =>
      loadTerminology(test.database, {
        ...{ format, paths: typeof paths === 'string' ? [paths] : paths, clock: manualClock() },
        ...options,
      }),
  };
}
