import { type RunningEngine, startEngine } from '../harness/engine.ts';
import { sendAll } from '../harness/generator.ts';
import { messageTemplate } from '../harness/message.ts';
import { report } from '../harness/report.ts';
import { Sink } from '../harness/sink.ts';
import { relayProcess } from '../harness/yardsticks.ts';

const connections = 32;
const warmUp = 5_000;

/** MLLP in, committed, MLLP out over one lock-step connection, strict order; relative to a bare in-memory relay. Must: 4,000 msg/s; aim ratio 0.6. */
export async function passthroughStrict(full: boolean): Promise<void> {
  const messages = full ? 200_000 : 30_000;
  const value = await relayRate({ BENCH_ORDER: 'strict' }, messages);
  const yardstick = await bareRelayRate(messages);
  report({ name: 'passthrough.strict', value, unit: 'msg/s', yardstick, ratio: value / yardstick });
}

/** Key order over 8 outgoing connections. Must: 6,000 msg/s; aim 10,000. */
export async function passthroughKey(full: boolean): Promise<void> {
  const value = await relayRate({ BENCH_ORDER: 'key', BENCH_LANES: '8' }, full ? 200_000 : 30_000);
  report({ name: 'passthrough.key.8', value, unit: 'msg/s' });
}

/** From the first send to the arrival of the last at the sink. */
async function relayRate(environment: Record<string, string>, messages: number): Promise<number> {
  const sink = new Sink();
  const port = await sink.listen();
  const engine = await startEngine({
    config: 'bench/configs/relay.config.ts',
    environment: { ...environment, BENCH_SINK_PORT: String(port) },
  });
  await throughRelay(engine, sink, { messages: warmUp, firstControl: 0 });
  const rate = await throughRelay(engine, sink, { messages, firstControl: 10_000 });
  await engine.stop();
  await sink.close();
  return rate;
}

export async function throughRelay(
  engine: Pick<RunningEngine, 'mllpPort'>,
  sink: Sink,
  run: { messages: number; firstControl: number },
): Promise<number> {
  const arrived = sink.count(sink.received + run.messages);
  const started = performance.now();
  await sendAll({ port: engine.mllpPort, connections, template: messageTemplate(), ...run });
  await arrived;
  return run.messages / ((performance.now() - started) / 1_000);
}

async function bareRelayRate(messages: number): Promise<number> {
  const sink = new Sink();
  const relay = await relayProcess(await sink.listen());
  await throughRelay({ mllpPort: relay.port }, sink, { messages: warmUp, firstControl: 0 });
  const rate = await throughRelay({ mllpPort: relay.port }, sink, { messages, firstControl: 10_000 });
  await relay.close();
  await sink.close();
  return rate;
}
