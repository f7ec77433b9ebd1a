import { readFileSync } from 'node:fs';
import pg from 'pg';
import { startEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import type { Json } from '../../src/standards/fhir/index.ts';
import { type IndexedValue, valuesOf } from '../../src/standards/fhir-search/index.ts';
import { newHome } from '../harness/engine.ts';
import { synthea } from '../harness/population.ts';
import { percentile, report } from '../harness/report.ts';

/**
 * The row design of the record against its alternatives, in SQL alone (docs/design/record.md, "Measured"): how long PostgreSQL takes to
 * insert a resource, what it weighs, how long the searches of a visit take. Inserts are counted in CPU time of the server's process, so
 * that what else runs on the machine counts little.
 */
export async function recordRows(full: boolean): Promise<void> {
  const rows = rowsOf(full ? 200_000 : 30_000);
  for (const design of [arrays, hashes, tables]) await measure(design, rows);
}

interface Row {
  readonly rid: number;
  readonly type: string;
  readonly id: string;
  readonly patient: string | null;
  readonly date: string | null;
  readonly tokens: readonly { readonly param: string; readonly system: string; readonly code: string }[];
  readonly refs: readonly string[];
  readonly strings: readonly { readonly param: string; readonly value: string }[];
  readonly content: string;
}

interface Design {
  readonly name: string;
  readonly schema: string;
  /** Statements for a batch, in order. */
  readonly insert: readonly { readonly text: string; readonly values: (rows: readonly Row[]) => unknown[] }[];
  /** The condition for a token in the clause `r`, with $n for what `token` gives. */
  readonly has: (place: string) => string;
  readonly token: (param: string, system: string, code: string) => unknown;
}

const RESOURCE = `rid bigint PRIMARY KEY, type text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, patient text COLLATE "C", date timestamptz,
  updated timestamptz NOT NULL DEFAULT now(), content bytea NOT NULL`;
const INDEXES = `CREATE UNIQUE INDEX ON resource (id, type); CREATE INDEX ON resource (patient, type, date);
  CREATE INDEX ON resource (type, updated, id);
  CREATE TABLE strings (rid bigint, type text COLLATE "C", param text COLLATE "C", value text COLLATE "C");
  CREATE INDEX ON strings (type, param, value, rid); CREATE INDEX ON strings (rid);`;
const json = (of: (row: Row) => object | readonly object[]) => (rows: readonly Row[]) => [
  JSON.stringify(rows.flatMap(of)),
];
const strings = {
  text: 'INSERT INTO strings SELECT * FROM json_to_recordset($1::json) AS s (rid bigint, type text, param text, value text)',
  values: json(({ rid, type, strings }) => strings.map((one) => ({ rid, type, ...one }))),
};
const base = ({ rid, type, id, patient, date, content }: Row) => ({ rid, type, id, patient, date, content });
const COLUMNS = 'r.rid, r.type, r.id, r.patient, r.date, convert_to(r.content, $$UTF8$$)';
const TYPED = 'rid bigint, type text, id text, patient text, date timestamptz, content text';

const entriesOf = ({ tokens }: Row): string[] =>
  tokens.flatMap(({ param, system, code }) => [`${param}|${code}`, `${param}|${system}|${code}`]);

/** Tokens and references as arrays of texts with one GIN index over both. */
const arrays: Design = {
  name: 'arrays',
  schema: `CREATE TABLE resource (${RESOURCE}, tokens text[] NOT NULL, refs text[] NOT NULL); ${INDEXES}
    CREATE INDEX ON resource USING gin (tokens, refs);`,
  insert: [
    {
      text: `INSERT INTO resource (rid, type, id, patient, date, content, tokens, refs) SELECT ${COLUMNS}, r.tokens, r.refs
        FROM json_to_recordset($1::json) AS r (${TYPED}, tokens text[], refs text[])`,
      values: json((row) => ({ ...base(row), tokens: entriesOf(row), refs: row.refs })),
    },
    strings,
  ],
  has: (place) => `r.tokens @> ARRAY[${place}::text]`,
  token: (param, system, code) => `${param}|${system}|${code}`,
};

/** The same, but each entry as a number of 64 bits. */
const hashes: Design = {
  name: 'hashes',
  schema: `CREATE TABLE resource (${RESOURCE}, tokens bigint[] NOT NULL, refs bigint[] NOT NULL); ${INDEXES}
    CREATE INDEX ON resource USING gin (tokens, refs);`,
  insert: [
    {
      text: `INSERT INTO resource (rid, type, id, patient, date, content, tokens, refs) SELECT ${COLUMNS}, r.tokens, r.refs
        FROM json_to_recordset($1::json) AS r (${TYPED}, tokens bigint[], refs bigint[])`,
      values: json((row) => ({ ...base(row), tokens: entriesOf(row).map(hash), refs: row.refs.map(hash) })),
    },
    strings,
  ],
  has: (place) => `r.tokens @> ARRAY[${place}::bigint]`,
  token: (param, system, code) => hash(`${param}|${system}|${code}`),
};

/** A row a token and a reference, in tables of their own. */
const tables: Design = {
  name: 'tables',
  schema: `CREATE TABLE resource (${RESOURCE}); ${INDEXES}
    CREATE TABLE tokens (rid bigint, type text COLLATE "C", param text COLLATE "C", system text COLLATE "C", code text COLLATE "C");
    CREATE INDEX ON tokens (type, param, code, system, rid); CREATE INDEX ON tokens (rid);
    CREATE TABLE refs (rid bigint, type text COLLATE "C", target text COLLATE "C");
    CREATE INDEX ON refs (type, target, rid); CREATE INDEX ON refs (rid);`,
  insert: [
    {
      text: `INSERT INTO resource (rid, type, id, patient, date, content) SELECT ${COLUMNS} FROM json_to_recordset($1::json) AS r (${TYPED})`,
      values: json(base),
    },
    {
      text: 'INSERT INTO tokens SELECT * FROM json_to_recordset($1::json) AS t (rid bigint, type text, param text, system text, code text)',
      values: json(({ rid, type, tokens }) => tokens.map((one) => ({ rid, type, ...one }))),
    },
    {
      text: 'INSERT INTO refs SELECT * FROM json_to_recordset($1::json) AS t (rid bigint, type text, target text)',
      values: json(({ rid, type, refs }) => refs.map((target) => ({ rid, type, target }))),
    },
    strings,
  ],
  has: (
    place,
  ) => `EXISTS (SELECT FROM tokens t WHERE t.rid = r.rid AND t.type = r.type AND t.param = (${place}::text[])[1]
    AND t.system = (${place}::text[])[2] AND t.code = (${place}::text[])[3])`,
  token: (param, system, code) => [param, system, code],
};

const BATCH = 300;

async function measure(design: Design, rows: readonly Row[]): Promise<void> {
  const server = await startEmbedded({ home: await newHome(), logger: silentLogger });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(design.schema);
  const { pid } = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0] as { pid: number };
  const before = cpuMs(pid);
  for (let at = 0; at < rows.length; at += BATCH) {
    await client.query('BEGIN');
    for (const { text, values } of design.insert)
      await client.query({ name: text.slice(0, 40), text, values: values(rows.slice(at, at + BATCH)) });
    await client.query('COMMIT');
  }
  const micros = ((cpuMs(pid) - before) * 1_000) / rows.length;
  report({ name: `record.rows.${design.name}.insert`, value: micros, unit: 'µs CPU/resource' });
  const { size } = (await client.query('SELECT pg_database_size(current_database())::float8 AS size'))
    .rows[0];
  report({ name: `record.rows.${design.name}.size`, value: size / rows.length, unit: 'bytes/resource' });
  await client.query('VACUUM ANALYZE');
  for (const [name, taken] of Object.entries(await searches(client, design, rows))) {
    const note = `p50 ${percentile(taken, 50).toPrecision(3)} ms`;
    report({
      name: `record.rows.${design.name}.${name}`,
      value: percentile(taken, 99),
      unit: 'ms p99',
      note,
    });
  }
  await client.end();
  await server.stop();
}

async function searches(client: pg.Client, { has, token }: Design, rows: readonly Row[]) {
  const labs = rows.filter(({ type, patient }) => type === 'Observation' && patient !== null);
  const some = Array.from({ length: 300 }, (_, n) => labs[(n * 7919) % labs.length] as Row);
  const taken: Record<'patient+category' | 'patient+code' | 'code', number[]> = {
    'patient+category': [],
    'patient+code': [],
    code: [],
  };
  const timed = async (into: number[], text: string, values: unknown[]) => {
    const at = performance.now();
    await client.query({
      text: `SELECT r.content FROM resource r WHERE r.type = $1 AND ${text} ORDER BY r.rid DESC LIMIT 51`,
      values,
    });
    into.push(performance.now() - at);
  };
  for (const { patient, tokens } of some) {
    const category = tokens.find(({ param }) => param === 'category');
    const code = tokens.find(({ param }) => param === 'code');
    if (!category || !code) continue;
    const of = (one: typeof code) => token(one.param, one.system, one.code);
    await timed(taken['patient+category'], `r.patient = $2 AND ${has('$3')}`, [
      'Observation',
      patient,
      of(category),
    ]);
    await timed(taken['patient+code'], `r.patient = $2 AND ${has('$3')}`, ['Observation', patient, of(code)]);
    await timed(taken.code, has('$2'), ['Observation', of(code)]);
  }
  return taken;
}

/** Processor time of a process, in milliseconds; clock ticks are hundredths of a second. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** FNV-1a, as a signed number of 64 bits in text. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (let n = 0; n < text.length; n += 1)
    value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(n))) * 0x100000001b3n);
  return BigInt.asIntN(64, value).toString();
}

function rowsOf(count: number): Row[] {
  const population = synthea();
  const rows: Row[] = [];
  for (let n = 0; rows.length < count; n += 1) {
    const { entry } = JSON.parse(population.bundle(n).text) as { entry: { resource: Json }[] };
    const patient = entry[0]?.resource.id ?? '';
    for (const { resource } of entry) rows.push(rowOf(resource, rows.length + 1, patient));
  }
  return rows;
}

function rowOf(resource: Json, rid: number, patient: string): Row {
  const values = valuesOf(resource);
  return {
    rid,
    type: resource.resourceType,
    id: resource.id ?? String(rid),
    patient,
    date:
      values.flatMap(({ param, value }) =>
        param === 'date' && value.kind === 'date' && value.from ? [value.from.toISOString()] : [],
      )[0] ?? null,
    tokens: values.flatMap(({ param, value }) =>
      value.kind === 'token' && value.code !== undefined
        ? [{ param, system: value.system ?? '', code: value.code }]
        : [],
    ),
    refs: values.flatMap(referenceEntry),
    strings: values.flatMap(({ param, value }) =>
      value.kind === 'string' ? [{ param, value: value.value.toLowerCase() }] : [],
    ),
    content: JSON.stringify(resource),
  };
}

const referenceEntry = ({ param, value }: IndexedValue): string[] =>
  value.kind === 'reference' ? [`${param}|${value.local ?? value.url ?? ''}`] : [];
