import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { migrations as record } from '../../src/clinical/record/index.ts';
import { type Database, sql } from '../../src/foundation/database/index.ts';
import {
  type ImportOptions,
  importFiles,
  migrations as imports,
  type Refusal,
} from '../../src/gateway/import/index.ts';
import { createValidator } from '../../src/standards/fhir-validation/index.ts';
import { createAccess, type RecordReader, systemContext } from '../../src/trust/access/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

const validator = createValidator();

export interface TestImport {
  readonly db: TestDatabase;
  readonly record: RecordReader;
  readonly folder: string;
  /** Writes a file; objects are lines of NDJSON when there are several, a document when it is one. */
  file(name: string, content: string | readonly object[] | object): string;
  run(paths: readonly string[] | string, options?: Partial<ImportOptions>): ReturnType<typeof importFiles>;
  refusals(paths: readonly string[] | string, options?: Partial<ImportOptions>): Promise<Refusal[]>;
  /** `Type/id version` and content of everything, by type and id; made-up ids are left out. */
  contents(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startImport(): Promise<TestImport> {
  const db = await openTestDatabase({ migrations: [...record, ...imports] });
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-import-test-'));
  const access = createAccess({ database: db.database });
  const run: TestImport['run'] = (paths, options = {}) => {
    const database = options.database ?? db.database;
    return importFiles({
      ...{ database, access, system: 'test', workers: 2, keepInvalid: false },
      context: systemContext('test'),
      paths: typeof paths === 'string' ? [paths] : paths,
      validate: (resource) => validator.validate(resource),
      now: () => new Date(),
      ...options,
    });
  };
  return {
    ...{ db, folder, run },
    record: access.openRecord(systemContext('test')),
    file(name, content) {
      const path = join(folder, name);
      const text = textOf(content);
      writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
      return path;
    },
    async refusals(paths, options) {
      const { files } = await run(paths, options);
      const all: Refusal[] = [];
      for (const file of files) for await (const refusal of file.refusals()) all.push(refusal);
      return all;
    },
    contents: () => contentsOf(db.database),
    async stop() {
      await db.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const textOf = (content: string | readonly object[] | object): string => {
  if (typeof content === 'string') return content;
  return Array.isArray(content)
    ? content.map((one) => `${JSON.stringify(one)}\n`).join('')
    : JSON.stringify(content);
};

const everything = sql(
  'test.everything',
  `SELECT type, id, version, convert_from(content, 'UTF8') AS content FROM resource
   UNION ALL SELECT type, id, version, convert_from(content, 'UTF8') FROM resource_history
   UNION ALL SELECT 'feed ' || type, resource_id, version, kind FROM change_feed`,
);
const MADE = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g;

async function contentsOf(database: Database): Promise<string[]> {
  const rows = await database.query<{ type: string; id: string; version: number; content: string }>(
    everything,
  );
  return rows
    .map(({ type, id, version, content }) => `${type}/${id} ${version} ${content}`.replace(MADE, 'made'))
    .sort();
}

export const patient = (id: string | undefined, parts: object = {}) => ({
  resourceType: 'Patient',
  ...(id === undefined ? {} : { id }),
  name: [{ family: 'Lovelace' }],
  ...parts,
});
export const pulse = (id: string | undefined, parts: object = {}) => ({
  resourceType: 'Observation',
  ...(id === undefined ? {} : { id }),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  ...parts,
});
export const practitioner = (value: string, id?: string) => ({
  resourceType: 'Practitioner',
  ...(id === undefined ? {} : { id }),
  identifier: [{ system: 'urn:npi', value }],
});
export const bundle = (type: string, entry: readonly object[]) => ({ resourceType: 'Bundle', type, entry });
export const create = (
  resource: { resourceType: string; [element: string]: unknown },
  parts: object = {},
) => ({
  resource,
  request: { method: 'POST', url: resource.resourceType, ...parts },
});
