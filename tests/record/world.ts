import {
  type Json,
  migrations,
  type RecordReader,
  type RecordScope,
  recordReader,
} from '../../src/clinical/record/index.ts';
import { parseSearch } from '../../src/standards/fhir-search/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

/** A record in a database of its own, read and written by search strings and plain resources. */
export interface World {
  readonly db: TestDatabase;
  readonly all: RecordReader;
  as(scope: RecordScope): RecordReader;
  /** Writes whole resources, each with its id. */
  put(...resources: readonly Json[]): Promise<void>;
  remove(type: string, id: string): Promise<void>;
}

const NOW = new Date('2026-03-01T12:00:00Z');

export async function openWorld(): Promise<World> {
  const db = await openTestDatabase({ migrations });
  const as = (scope: RecordScope) => recordReader(db.database, { scope });
  const all = as({ kind: 'everything' });
  return {
    db,
    all,
    as,
    async put(...resources) {
      await all.transaction({ system: 'test' }, (record) =>
        record.write(resources.map((resource) => ({ op: 'update', method: 'PUT', resource }))),
      );
    },
    async remove(type, id) {
      await all.transaction({ system: 'test' }, (record) => record.write([{ op: 'delete', type, id }]));
    },
  };
}

/** `Observation?code=1&_sort=date` as the gateway would understand it. */
export function parsed(text: string) {
  const [type = '', parameters = ''] = text.split('?');
  return parseSearch(type, [...new URLSearchParams(parameters)], {
    handling: 'strict',
    now: NOW,
    maxCount: 1000,
    defaultCount: 100,
  }).query;
}

export const search = (record: Pick<RecordReader, 'search'>, text: string) => record.search(parsed(text));

/** Ids of the matches. */
export const ids = async (record: Pick<RecordReader, 'search'>, text: string): Promise<string[]> =>
  (await search(record, text)).matches.map(({ id }) => id);
