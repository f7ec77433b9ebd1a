import pg from 'pg';
import { mapMessage } from '../../src/clinical/mapping/index.ts';
import { attachEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';
import { type RunningEngine, startEngine } from '../harness/engine.ts';
import { Sender } from '../harness/generator.ts';
import { report } from '../harness/report.ts';
import { framed, resultMessage } from '../harness/result-message.ts';

const SECONDS = 4;

/** ORU with ten results, parsed and mapped, no database. Must 3,000 msg/s; aim 8,000. */
export async function mappingOnly(): Promise<void> {
  const messages = Array.from({ length: 500 }, (_, n) => resultMessage(n));
  const options = { system: 'laboratory', zone: 'UTC', receivedAt: new Date('2026-01-02T12:00:00Z') };
  const run = (seconds: number): number => {
    const until = performance.now() + seconds * 1_000;
    let done = 0;
    for (; performance.now() < until; done += 1)
      mapMessage(parseMessage(messages[done % messages.length] as Buffer), options);
    return done / seconds;
  };
  run(1);
  report({ name: 'mapping.only', value: run(SECONDS), unit: 'msg/s' });
}

const WARM_UP = 500;
const CONNECTIONS = 8;

/**
 * The same message over MLLP to the committed record, its notifications written. Must 100 msg/s and, in resources, 0.6 of record.import;
 * aim 250.
 */
export async function mappingPipeline(full: boolean): Promise<void> {
  const messages = full ? 10_000 : 2_500;
  const engine = await startEngine({
    config: 'bench/configs/results.config.ts',
    environment: { BENCH_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}` },
  });
  const client = await connected(engine);
  try {
    await send(engine.mllpPort, 0, WARM_UP);
    await recorded(client, WARM_UP);
    const before = await versions(client);
    const started = performance.now();
    await send(engine.mllpPort, WARM_UP, messages);
    await recorded(client, WARM_UP + messages);
    const seconds = (performance.now() - started) / 1_000;
    const resources = (await versions(client)) - before;
    const note = `${(resources / messages).toFixed(1)} versions a message; compare with record.import of the same run`;
    report({ name: 'mapping.pipeline', value: messages / seconds, unit: 'msg/s' });
    report({ name: 'mapping.pipeline.resources', value: resources / seconds, unit: 'resources/s', note });
  } finally {
    await client.end();
    await engine.stop();
  }
}

async function connected(engine: RunningEngine): Promise<pg.Client> {
  const url = await attachEmbedded({ home: engine.home, logger: silentLogger });
  if (!url) throw new Error('the PostgreSQL of the engine is not there');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

async function send(port: number, first: number, count: number): Promise<void> {
  let next = first;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const sender = await Sender.open(port);
      for (let n = next++; n < first + count; n = next++) await sender.send(framed(resultMessage(n)));
      sender.close();
    }),
  );
}

/** Every message has a report of its own; looked for twenty times a second, which is little beside what is measured. */
async function recorded(client: pg.Client, reports: number): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      "SELECT count(*)::int AS reports FROM resource WHERE type = 'DiagnosticReport'",
    );
    if (rows[0].reports >= reports) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function versions(client: pg.Client): Promise<number> {
  const { rows } = await client.query('SELECT count(*)::int AS versions FROM change_feed');
  return rows[0].versions;
}
