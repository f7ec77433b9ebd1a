import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RecordReader, type RecordScope, recordReader } from '../../src/clinical/record/index.ts';
import { type Database, type NamedSql, type SqlParameter, sql } from '../../src/foundation/database/index.ts';
import { fillSynthetic } from './synthetic.ts';
import { openWorld, search, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await fillSynthetic(world.db.database, 165);
}, 30_000);
afterAll(() => world.db.drop());

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows'?: number;
  readonly 'Actual Loops'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** The nodes of every statement that `read` is answered by, as they were really run. */
async function plansOf(
  scope: RecordScope,
  read: (record: RecordReader) => Promise<unknown>,
): Promise<PlanNode[]> {
  const statements: [NamedSql, readonly SqlParameter[]][] = [];
  const { database } = world.db;
  const observed: Database = {
    ...database,
    query: (statement, parameters = []) => {
      statements.push([statement, parameters]);
      return database.query(statement, parameters);
    },
  };
  await read(recordReader(observed, { scope }));
  const nodes: PlanNode[] = [];
  for (const [{ text }, parameters] of statements) {
    const explain = sql('explain', `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, { prepare: false });
    const rows = await database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(explain, parameters);
    for (const row of rows) nodes.push(...nodesOf(row['QUERY PLAN'][0].Plan));
  }
  return nodes;
}

const everyone: RecordScope = { kind: 'everything' };
const bound: RecordScope = { kind: 'compartment', person: 'p3' };
const searches = (text: string) => (record: RecordReader) => search(record, text);

/** What is read, by which indexes the rows are found, and how many rows may be looked at on the way to them (of some 20,000). */
const table: [string, RecordScope, string[], number, (record: RecordReader) => Promise<unknown>][] = [
  [
    'patient and category',
    everyone,
    ['resource_patient'],
    130,
    searches('Observation?patient=p5&category=laboratory&_count=10'),
  ],
  [
    'patient and code',
    everyone,
    ['resource_patient|resource_entries'],
    130,
    searches('Observation?patient=p5&code=http://loinc.org|37'),
  ],
  [
    'patient, category and date, newest first',
    everyone,
    ['resource_patient'],
    130,
    searches('Observation?patient=p5&category=laboratory&date=ge2018&_sort=-date'),
  ],
  [
    'patient and category, counted',
    everyone,
    ['resource_patient'],
    260,
    searches('Observation?patient=p5&category=laboratory&_count=1&_total=accurate'),
  ],
  [
    'everything of a patient in a scope',
    bound,
    ['resource_patient'],
    260,
    searches('Observation?category=laboratory&_count=5&_total=accurate'),
  ],
  [
    'name and birth date',
    everyone,
    ['resource_string_value|resource_main_date'],
    200,
    searches('Patient?name=fam10&birthdate=1951-09-08'),
  ],
  ['an identifier', everyone, ['resource_entries'], 20, searches('Patient?identifier=urn:mrn|MRN77')],
  ['ids', everyone, ['resource_pkey'], 20, searches('Patient?_id=p7,p8')],
  [
    'encounters with their origins',
    everyone,
    ['resource_patient', 'resource_entries'],
    150,
    searches('Encounter?patient=p5&_revinclude=Provenance:target'),
  ],
  [
    'an include',
    everyone,
    ['resource_patient', 'resource_pkey'],
    400,
    searches('Observation?patient=p5&_count=50&_include=Observation:encounter'),
  ],
  [
    'a chain to a patient',
    everyone,
    ['resource_entries', 'resource_patient'],
    200,
    searches('Observation?patient.identifier=urn:mrn|MRN77&_count=10'),
  ],
  [
    'much of a type, newest first',
    everyone,
    ['resource_type_rid'],
    200,
    searches('Observation?status=final&_count=20'),
  ],
  ['a day', everyone, ['resource_main_date'], 100, searches('Encounter?date=2018-05-05')],
  ['a type by date', everyone, ['resource_main_date'], 100, searches('Encounter?_sort=-date&_count=20')],
  ['a read', everyone, ['resource_pkey'], 10, (record) => record.read('Observation', 'o5-3-4')],
  ['a compartment', everyone, ['resource_patient'], 600, (record) => record.everything('p5')],
  [
    'the history of a type',
    everyone,
    ['resource_updated'],
    200,
    (record) => record.history({ type: 'Observation' }, { count: 20 }),
  ],
];

describe('[S42] [S56] plans', () => {
  test.each(table)('%s', async (_name, scope, indexes, mostRows, read) => {
    const nodes = await plansOf(scope, read);
    const used = new Set(nodes.map((node) => node['Index Name']));
    for (const index of indexes)
      expect(
        index.split('|').some((one) => used.has(one)),
        `${index} in ${[...used]}`,
      ).toBe(true);
    const scanned = nodes
      .filter((node) => node['Node Type'] === 'Seq Scan')
      .map((node) => node['Relation Name']);
    expect(scanned.filter((name) => name?.startsWith('resource'))).toEqual([]);
    const looked = nodes
      .filter((node) => node['Relation Name'] === 'resource')
      .map(
        (node) =>
          ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 1),
      );
    expect(looked.reduce((sum, rows) => sum + rows, 0)).toBeLessThanOrEqual(mostRows);
  });
});
