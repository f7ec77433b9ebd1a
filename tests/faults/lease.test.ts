import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/index.ts';
import { assertKept, type Report } from './support/checker.ts';
import { type EngineChild, startEngine } from './support/engine-child.ts';
import type { EngineConfig, Variant } from './support/engine-config.ts';
import { type Random, withSeed } from './support/random.ts';
import { accept, type Script } from './support/receiver.ts';
import {
  Cleanup,
  drained,
  History,
  judged,
  mllpReceiver,
  newDatabase,
  startSenders,
  webhookReceiver,
} from './support/rig.ts';

/** Reliability A9: the owner is stopped past its lease, a standby takes over, the owner goes on. FAULTS_STOPS=200 for the large run. */

const stops = Number(process.env.FAULTS_STOPS ?? 5);
const leaseMs = 1_000;
const windowEntries = 64;
const lanes = 1;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** Judges every row that is written while it is written, by triggers of the test's own: was the writer the owner then? */
const watchWriters = `
  create table stale_write (relation text, node text, owner text);
  create function note_stale_write() returns trigger language plpgsql as $$
  declare holder text;
  begin
    select owner into holder from lease where name = 'engine';
    if position(current_setting('application_name') || '#' in holder) <> 1 then
      insert into stale_write values (tg_table_name, current_setting('application_name'), holder);
    end if;
    return null;
  end $$;
  ${['queue', 'queue_progress', 'message', 'entry', 'delivery', 'queue_exception', 'queue_exception_key']
    .map(
      (table) =>
        `create trigger watch after insert or update or delete on ${table} for each row execute function note_stale_write();`,
    )
    .join('\n')}`;

interface Outcome {
  readonly report: Report;
  readonly staleWrites: number;
  /** Arrivals from a node after one from its successor. */
  readonly staleSends: number;
  readonly takeovers: number;
}

async function run(random: Random, times: number, variant?: Variant): Promise<Outcome> {
  const history = new History();
  const { url } = await newDatabase(cleanup);
  const client = cleanup.add(new pg.Client({ connectionString: url }), (one) => one.end());
  await client.connect();
  await client.query(watchWriters);
  const ward = cleanup.add(await mllpReceiver(history, 'ward'), (one) => one.stop());
  const hook = cleanup.add(await webhookReceiver(history, 'hook'), (one) => one.stop());
  let latest = 0;
  let staleSends = 0;
  hook.onArrival = (_, node) => {
    const number = Number(node.slice('node'.length));
    if (number < latest) staleSends += 1;
    latest = Math.max(latest, number);
  };

  let started = 0;
  const startNode = (): Promise<EngineChild> => {
    started += 1;
    const config: EngineConfig = {
      url,
      node: `node${started}`,
      leaseMs,
      ...(variant ? { variant } : {}),
      channels: [
        {
          name: 'adt',
          order: 'key',
          destinations: [
            { name: 'ward', kind: 'mllp', port: ward.port, order: 'strict', lanes: 1 },
            { name: 'hook', kind: 'webhook', port: hook.port, order: 'key', lanes },
          ],
        },
      ],
    };
    return startEngine(config);
  };

  let owner = await startNode();
  let port = (await owner.ready).ports.adt ?? 1;
  const senders = startSenders(
    history,
    { port: () => port },
    {
      load: { channel: 'adt', messages: 400_000, keys: 64, connections: 16 },
      random,
      destinations: () => ['ward', 'hook'],
      answerMs: 500,
    },
  );
  cleanup.add(senders, (one) => one.stop());

  for (let stop = 0; stop < times; stop += 1) {
    const standby = await startNode();
    await standby.heard('lease', ({ state }) => state === 'standby');
    await someTraffic(hook, random.between(50, 600));
    owner.signal('SIGSTOP');
    await standby.heard('lease', ({ state }) => state === 'owner');
    const { ports } = await standby.ready;
    port = ports.adt ?? 1;
    await someTraffic(hook, random.between(1, 200));
    owner.signal('SIGCONT');
    await owner.heard('lease', ({ state }) => state === 'lost');
    await someTraffic(hook, 100);
    await owner.kill();
    owner = standby;
  }
  senders.stop();
  await senders.done;
  // Nodes that write against each other may leave positions behind that agree with nothing.
  if (!variant) await drained(url);
  const report = await judged(history, url);
  const { rows } = await client.query<{ count: number }>('select count(*)::int from stale_write');
  return { report, staleSends, staleWrites: rows[0]?.count ?? 0, takeovers: times };
}

/** Resolves when so many more have arrived. */
async function someTraffic(receiver: { arrivals: number }, count: number): Promise<void> {
  const target = receiver.arrivals + count;

  await eventually(() => receiver.arrivals >= target, { deadlineMs: 20_000, what: 'traffic' });
}

test(
  `[A9] the owner is stopped past its lease and continued, ${stops} times`,
  { timeout: 60_000 + stops * 10_000 },
  () =>
    withSeed(async (random) => {
      const { report, ...rest } = await run(random, stops);
      console.log(JSON.stringify({ ...rest, ...report }));
      assertKept(report);
      expect(rest.staleWrites).toBe(0);
      // What was on its way to the socket when the process stopped leaves when it goes on; nothing is begun any more.
      expect(rest.staleSends).toBeLessThanOrEqual(stops * lanes);
      // Each takeover repeats at most what was sent and not yet committed, on each destination.
      expect(report.repeats).toBeLessThanOrEqual(stops * 2 * windowEntries);
    }),
);

describe('is caught', () => {
  test('a lease without a fence: stale writes', () =>
    withSeed(async (random) => {
      const { staleWrites } = await run(random, 2, 'no-fence');
      expect(staleWrites).toBeGreaterThan(0);
    }));

  // Without the fence, too: with it a stale node is stopped by its first write, a few milliseconds after it goes on.
  test('a lease by a clock that does not notice the stop: sends after the successor', () =>
    withSeed(async (random) => {
      const { staleSends, takeovers, report } = await run(random, 3, 'clock-that-stops');
      console.log(JSON.stringify({ staleSends, ...report }));
      expect(staleSends).toBeGreaterThan(takeovers * lanes);
    }));

  test('recovery that runs beside the sender: two deliveries in flight on one key', () =>
    withSeed(async (random) => {
      const history = new History();
      const { url } = await newDatabase(cleanup);
      const slowly: Script = (message) => ({ ...accept(message), afterMs: 5 });
      const ward = cleanup.add(await mllpReceiver(history, 'ward', slowly), (one) => one.stop());
      const start = (node: string) =>
        startEngine({
          url,
          node,
          variant: 'recovery-beside-the-sender',
          channels: [
            {
              name: 'adt',
              order: 'key',
              destinations: [{ name: 'ward', kind: 'mllp', port: ward.port, order: 'key', lanes: 8 }],
            },
          ],
        });
      const sender = await start('sender');
      const port = (await sender.ready).ports.adt ?? 1;
      const senders = startSenders(
        history,
        { port: () => port },
        {
          load: { channel: 'adt', messages: 2_000, keys: 64, connections: 16 },
          random,
          destinations: () => ['ward'],
        },
      );
      cleanup.add(senders, (one) => one.stop());
      await someTraffic(ward, 300);
      const recovery = await start('recovery');
      await recovery.ready;
      await senders.done;
      await drained(url);
      const report = await judged(history, url);
      expect(report.counts.concurrent).toBeGreaterThan(0);
      expect(() => assertKept(report)).toThrow('concurrent');
    }));
});
