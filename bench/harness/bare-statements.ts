import pg from 'pg';
import { migrations } from '../../src/clinical/record/index.ts';
import {
  type Database,
  migrate,
  openDatabase,
  type Queryable,
  startEmbedded,
} from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import {
  createAccess,
  newResourceId,
  type RecordReader,
  systemContext,
} from '../../src/trust/access/index.ts';
import { newHome } from './engine.ts';
import { observationOf } from './observation.ts';

/** Statements of one client, round after round; null stands for BEGIN, or COMMIT where a transaction is open. */
interface Sent {
  readonly name: string;
  readonly text: string;
  readonly values: unknown[];
}

/**
 * The SQL that the requests of the crud mix come to, sent bare: caught from the record as it runs them on one database, and sent by as
 * many connections to another. Answers requests a second.
 */
export async function bareStatements(mix: {
  readonly clients: number;
  readonly rounds: number;
  readonly perRound: number;
}): Promise<number> {
  const server = await startEmbedded({ home: await newHome(), logger: silentLogger });
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const urls = await Promise.all(['caught', 'bare'].map((name) => freshDatabase(admin, server.url, name)));
  const scripts = await caught(urls[0] as string, mix);
  const clients = await Promise.all(scripts.map(() => connected(urls[1] as string)));
  const started = performance.now();
  await Promise.all(clients.map((client, n) => replay(client, scripts[n] ?? [])));
  const seconds = (performance.now() - started) / 1_000;
  await Promise.all(clients.map((client) => client.end()));
  await admin.end();
  await server.stop();
  return (mix.clients * mix.rounds * mix.perRound) / seconds;
}

async function freshDatabase(admin: pg.Client, serverUrl: string, name: string): Promise<string> {
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const database = await openDatabase({ url: url.href, logger: silentLogger });
  await migrate(database, migrations);
  await database.close();
  return url.href;
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

async function caught(
  url: string,
  { clients, rounds }: { readonly clients: number; readonly rounds: number },
): Promise<Sent[][]> {
  const database = await openDatabase({ url, logger: silentLogger });
  const scripts: Sent[][] = [];
  for (let client = 0; client < clients; client += 1) {
    const script: Sent[] = [];
    const record = createAccess({ database: catching(database, script) }).openRecord(systemContext('bench'));
    const patient = newResourceId();
    await write(record, { resourceType: 'Patient', id: patient });
    for (let round = 0; round < rounds; round += 1) await oneRound(record, patient, round);
    scripts.push(script);
  }
  await database.close();
  return scripts;
}

async function oneRound(record: RecordReader, patient: string, round: number): Promise<void> {
  const resource = { ...observationOf(patient, round), id: newResourceId() };
  const [type, id] = ['Observation', resource.id];
  await write(record, resource);
  await record.state(type, id);
  await record.transaction({ system: 'bench' }, (one) =>
    one.write([{ op: 'update', method: 'PUT', resource: { ...resource, status: 'final' } }]),
  );
  await record.state(type, id);
  await record.transaction({ system: 'bench' }, (one) => one.write([{ op: 'delete', type, id }]));
}

const write = (record: RecordReader, resource: { readonly resourceType: string; readonly id: string }) =>
  record.transaction({ system: 'bench' }, (one) => one.write([{ op: 'create', method: 'POST', resource }]));

const plain = (text: string): Sent => ({ name: '', text, values: [] });

function catching(database: Database, script: Sent[]): Database {
  const note =
    (on: Queryable): Queryable['query'] =>
    (statement, parameters = []) => {
      script.push({ name: statement.name, text: statement.text, values: [...parameters] });
      return on.query(statement, parameters);
    };
  return {
    ...database,
    query: note(database),
    async transaction(work) {
      script.push(plain('BEGIN'));
      const result = await database.transaction((transaction) =>
        work({ ...transaction, query: note(transaction) }),
      );
      script.push(plain('COMMIT'));
      return result;
    },
  };
}

async function replay(client: pg.Client, script: readonly Sent[]): Promise<void> {
  for (const { name, text, values } of script)
    await client.query(name === '' ? text : { name, text, values });
}
