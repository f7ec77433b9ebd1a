import type { ClientBase } from 'pg';
import { IsthmusError } from '../errors/index.ts';

const MIN_VERSION = 150_000;

interface SettingRow {
  readonly name: string;
  readonly setting: string;
  readonly source: string;
}

const readSettings = `SELECT name, setting, source FROM pg_settings
  WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'server_version_num')`;

/**
 * Throws DATABASE_UNSAFE naming every setting of this session under which a confirmed commit could be lost (reference: "Traps", power
 * cuts), and the driver's error when the server does not answer in time. It looks at the session, so what is set for a role or a database counts too. `local` and `remote_write` flush here and pass.
 */
export async function checkSafety(client: ClientBase, limitMs: number): Promise<void> {
  const query = { text: readSettings, query_timeout: limitMs };
  const { rows } = await client.query<SettingRow>(query);
  const problems = rows.flatMap(problemOf);
  if (problems.length > 0) throw new IsthmusError('DATABASE_UNSAFE', { rule: problems.join('; ') });
}

function problemOf({ name, setting, source }: SettingRow): string[] {
  if (name === 'server_version_num') {
    return Number(setting) < MIN_VERSION
      ? [`PostgreSQL 15 or later is needed, this is ${versionText(Number(setting))}`]
      : [];
  }
  return setting === 'off' ? [`${name} is off, set by ${source}`] : [];
}

const versionText = (version: number) => `${Math.floor(version / 10_000)}.${version % 10_000}`;
