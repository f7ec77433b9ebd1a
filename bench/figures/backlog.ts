import { freePort, startEngine } from '../harness/engine.ts';
import { sendAll } from '../harness/generator.ts';
import { messageTemplate } from '../harness/message.ts';
import { report } from '../harness/report.ts';
import { Sink } from '../harness/sink.ts';
import { throughRelay } from './passthrough.ts';

const connections = 32;

/**
 * With 200,000 messages waiting (a million with --full) for a destination that is down: memory of the engine, intake relative to an
 * empty queue, and, when the destination is back, how fast they drain relative to passing through. All on one engine, so that the
 * yardsticks are of the same run. Must: 256 MB, ratio 0.8, ratio 0.8.
 */
export async function backlog(full: boolean): Promise<void> {
  const waiting = full ? 1_000_000 : 200_000;
  const probe = 20_000;
  const port = await freePort();
  const engine = await startEngine({
    config: 'bench/configs/relay.config.ts',
    environment: { BENCH_ORDER: 'strict', BENCH_SINK_PORT: String(port) },
  });
  const load = { port: engine.mllpPort, connections, template: messageTemplate() };

  const before = new Sink();
  await before.listen(port);
  await throughRelay(engine, before, { messages: 5_000, firstControl: 0 });
  const through = await throughRelay(engine, before, { messages: 2 * probe, firstControl: 10_000 });
  await before.close();

  await sendAll({ ...load, messages: 2_000, firstControl: 100_000 });
  const empty = await sendAll({ ...load, messages: probe, firstControl: 110_000 });
  await sendAll({ ...load, messages: waiting - 2 * probe, firstControl: 200_000 });
  const behind = await sendAll({ ...load, messages: probe, firstControl: 2_000_000 });
  const rss = await engine.rss();

  const after = new Sink();
  const all = after.count(waiting);
  await after.listen(port);
  await after.count(1);
  const started = performance.now();
  await all;
  const drain = waiting / ((performance.now() - started) / 1_000);
  await engine.stop();
  await after.close();

  report({ name: 'backlog.rss', value: rss / 1e6, unit: 'MB', note: `${waiting} waiting` });
  report({ name: 'backlog.intake', value: behind, unit: 'msg/s', yardstick: empty, ratio: behind / empty });
  report({ name: 'backlog.drain', value: drain, unit: 'msg/s', yardstick: through, ratio: drain / through });
}
