import { fork } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import pg from 'pg';
import { startEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { newHome } from './engine.ts';

/** Plain 100-row inserts of the same bytes into a table of one column, one connection, on a PostgreSQL of its own like the engine's. */
export async function plainInserts(bytes: number, rows: number): Promise<number> {
  const server = await startEmbedded({ home: await newHome(), logger: silentLogger });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(
    'create table plain (id bigint generated always as identity primary key, body bytea not null)',
  );
  const values = Array.from({ length: 100 }, (_, n) => `($${n + 1})`).join(', ');
  const statement = { name: 'plain', text: `insert into plain (body) values ${values}` };
  const body = () => Buffer.alloc(bytes, 'x');
  await client.query({ ...statement, values: Array.from({ length: 100 }, body) });
  const started = performance.now();
  for (let done = 0; done < rows; done += 100)
    await client.query({ ...statement, values: Array.from({ length: 100 }, body) });
  const rate = rows / ((performance.now() - started) / 1_000);
  await client.end();
  await server.stop();
  return rate;
}

/** Commits of one plain row at a steady pace, on a PostgreSQL of its own like the engine's: milliseconds each. What the disk alone takes. */
export async function plainCommits(bytes: number, perSecond: number, seconds: number): Promise<number[]> {
  const server = await startEmbedded({ home: await newHome(), logger: silentLogger });
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(
    'create table plain (id bigint generated always as identity primary key, body bytea not null)',
  );
  const statement = {
    name: 'plain',
    text: 'insert into plain (body) values ($1)',
    values: [Buffer.alloc(bytes, 'x')],
  };
  const taken: number[] = [];
  const started = performance.now();
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const waitMs = started + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const at = performance.now();
    await client.query(statement);
    taken.push(performance.now() - at);
  }
  await client.end();
  await server.stop();
  return taken;
}

/** A bare relay as a process of its own, as the engine is one. */
export async function relayProcess(sinkPort: number): Promise<{ port: number; close(): Promise<void> }> {
  const child = fork(process.argv[1] ?? '', ['relay-child', String(sinkPort)]);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)));
    child.once('exit', (code) => reject(new Error(`the relay ended with ${code}`)));
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

/** What runs in that process: frames from many connections are acknowledged from memory and go out over one lock-step connection. */
export async function relayChild(sinkPort: number): Promise<void> {
  const out = connect(sinkPort, '127.0.0.1');
  await new Promise<void>((resolve) => out.once('connect', resolve));
  out.setNoDelay(true);
  const waiting: Buffer[] = [];
  let busy = false;
  const next = () => {
    const frame = waiting.shift();
    busy = frame !== undefined;
    if (frame) out.write(frame);
  };
  out.on('data', (chunk: Buffer) => {
    if (chunk.includes(0x1c)) next();
  });
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    let rest: Buffer | undefined;
    socket.on('data', (chunk: Buffer) => {
      let data = rest ? Buffer.concat([rest, chunk]) : chunk;
      for (let end = data.indexOf(0x1c); end >= 0; end = data.indexOf(0x1c)) {
        waiting.push(data.subarray(0, end + 2));
        socket.write('\u000bMSH|^~\\&|RELAY||||||ACK|1|P|2.5.1\rMSA|AA|1\r\u001c\r');
        if (!busy) next();
        data = data.subarray(end + 2);
      }
      rest = data.length > 0 ? data : undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.send?.((server.address() as AddressInfo).port);
}
