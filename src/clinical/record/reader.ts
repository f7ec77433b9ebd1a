import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Queryable } from '../../foundation/database/index.ts';
import type { FormerPosition, RecordQuery } from './query.ts';
import { type ReadRow, renderRow } from './render.ts';
import { FROM_CURRENT, FROM_HISTORY, Statement, searchStatement, within } from './search.ts';
import type { RecordScope, StoredResource } from './types.ts';

export interface FormerPage {
  readonly matches: readonly StoredResource[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: FormerPosition;
}

/** Reads the record within a scope. Used by trust/access, which decides the scope; nobody above it has another way in. */
export interface FormerReader {
  /** The current version; undefined when there is none within the scope. */
  read(type: string, id: string): Promise<StoredResource | undefined>;
  /** One version, current or past. */
  readVersion(type: string, id: string, version: number): Promise<StoredResource | undefined>;
  /** Versions of one resource, newest first, at most `count`, below version `before` when given. */
  history(
    type: string,
    id: string,
    options: { count: number; before?: number },
  ): Promise<readonly StoredResource[]>;
  search(query: RecordQuery): Promise<FormerPage>;
}

/** `keyring` opens contents that are sealed. */
export function createRecordReader(database: Queryable, scope: RecordScope, keyring?: Keyring): FormerReader {
  const render = (row: ReadRow) => renderRow(row, keyring);
  async function one(
    statement: Statement,
    table: 'current' | 'history',
  ): Promise<StoredResource | undefined> {
    within(statement, scope, table);
    const from = table === 'current' ? FROM_CURRENT : FROM_HISTORY;
    const rows = await database.query<ReadRow>(
      statement.named(`record.read-${table}`, from, 'LIMIT 1'),
      statement.parameters,
    );
    return rows[0] && render(rows[0]);
  }
  const instance = (type: string, id: string) => new Statement().where('r.id = $ AND r.type = $', id, type);

  return {
    read: (type, id) => one(instance(type, id), 'current'),
    async readVersion(type, id, version) {
      const exactly = () => instance(type, id).where('r.version = $', version);
      return (await one(exactly(), 'current')) ?? one(exactly(), 'history');
    },
    async history(type, id, { count, before }) {
      const below = (statement: Statement) =>
        before === undefined ? statement : statement.where('r.version < $', before);
      const current = await one(below(instance(type, id)), 'current');
      const statement = within(below(instance(type, id)), scope, 'history');
      const order = statement.bind('ORDER BY r.version DESC LIMIT $', [count]);
      const rows = await database.query<ReadRow>(
        statement.named('record.history', FROM_HISTORY, order),
        statement.parameters,
      );
      return [...(current ? [current] : []), ...rows.map(render)].slice(0, count);
    },
    async search(query) {
      const { statement, parameters } = searchStatement(query, scope);
      const rows = await database.query<ReadRow>(statement, parameters);
      const shown = rows.slice(0, query.count);
      const last = shown.at(-1);
      const more = rows.length > shown.length && last !== undefined;
      return {
        matches: shown.map(render),
        ...(more ? { next: { lastUpdated: last.last_updated, id: last.id } } : {}),
      };
    },
  };
}
