import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { attachEmbedded } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { type RunningEngine, startEngine } from '../harness/engine.ts';
import { Sender, sendAll } from '../harness/generator.ts';
import { messageTemplate } from '../harness/message.ts';
import { percentile, report } from '../harness/report.ts';
import { Sink } from '../harness/sink.ts';
import { plainCommits } from '../harness/yardsticks.ts';

const perSecond = 100;
const senders = 4;
const warmUpMessages = 2_000;
const yardstickSeconds = 10;

/** p99 from send to ACK, and from send to arrival at an MLLP sink, at 100 msg/s with a checkpoint within the run. Must: 4 ms and 10 ms; aim 1.5 and 4. */
export async function latencyRelay(full: boolean): Promise<void> {
  const sink = new Sink();
  const port = await sink.listen();
  const engine = await startEngine({
    config: 'bench/configs/relay.config.ts',
    environment: { BENCH_ORDER: 'strict', BENCH_SINK_PORT: String(port) },
  });
  await warmUp(engine);
  await sink.count(warmUpMessages);
  const sentAt = new Map<string, number>();
  const relayed: number[] = [];
  sink.onMessage = (controlId) => relayed.push(performance.now() - (sentAt.get(controlId) ?? Number.NaN));
  const acknowledged = await paced(engine, full ? 60 : 15, (controlId) =>
    sentAt.set(controlId, performance.now()),
  );
  await engine.stop();
  await sink.close();
  const measured = relayed.slice(perSecond);
  const commits = await plainCommits(messageTemplate().bytes, perSecond, yardstickSeconds);
  const [value, yardstick] = [percentile(acknowledged, 99), percentile(commits, 99)];
  const note = `p50 ${percentile(acknowledged, 50).toFixed(2)} ms; yardstick: p99 of committing one plain row`;
  report({ name: 'latency.ack', value, unit: 'ms', yardstick, ratio: value / yardstick, note });
  report({
    name: 'latency.relay',
    value: percentile(measured, 99),
    unit: 'ms',
    note: `p50 ${percentile(measured, 50).toFixed(2)} ms`,
  });
}

/** p99 from send to the webhook's arrival, record written, at 100 msg/s. Must: 40 ms; aim 15. */
export async function latencyWebhook(full: boolean): Promise<void> {
  const arrivals: number[] = [];
  const receiver = createServer((request, response) => {
    arrivals.push(performance.now());
    request.resume();
    request.on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const engine = await startEngine({
    config: 'bench/configs/webhook.config.ts',
    environment: {
      BENCH_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
      BENCH_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
    },
  });
  await warmUp(engine);
  await untilStill(arrivals);
  arrivals.length = 0;
  const sent: number[] = [];
  // One patient a message, one notification a patient: the n-th new patient's notification follows the n-th send.
  await paced(engine, full ? 60 : 15, () => sent.push(performance.now()));
  await untilStill(arrivals);
  await engine.stop();
  receiver.close();
  const firsts = firstArrivals(sent, arrivals);
  const measured = firsts.slice(perSecond);
  report({
    name: 'latency.webhook',
    value: percentile(measured, 99),
    unit: 'ms',
    note: `p50 ${percentile(measured, 50).toFixed(2)} ms`,
  });
}

/** A program that has just started is not what is measured: its code is compiled as it runs. */
const warmUp = (engine: RunningEngine) =>
  sendAll({
    port: engine.mllpPort,
    connections: senders,
    messages: warmUpMessages,
    firstControl: 1_000_000,
    template: messageTemplate(),
    patients: warmUpMessages,
    firstPatient: 100_000,
  });

/** Sends at a steady pace over a few connections, a checkpoint in the middle; the first second warms up and is not returned. */
async function paced(
  engine: RunningEngine,
  seconds: number,
  onSend: (controlId: string) => void,
): Promise<number[]> {
  const template = messageTemplate();
  const lines = await Promise.all(Array.from({ length: senders }, () => Sender.open(engine.mllpPort)));
  const free = [...lines];
  const latencies: number[] = [];
  const inFlight: Promise<void>[] = [];
  const started = performance.now();
  const total = seconds * perSecond;
  const checkpoint = checkpointAfter(engine, (seconds * 1_000) / 2);
  for (let n = 0; n < total; n += 1) {
    const due = started + (n * 1_000) / perSecond;
    const waitMs = due - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const sender = free.shift() ?? (await Sender.open(engine.mllpPort));
    const frame = template.frame(n, n);
    const at = performance.now();
    onSend(String(n).padStart(10, '0'));
    inFlight.push(
      sender.send(frame).then(() => {
        if (n >= perSecond) latencies.push(performance.now() - at);
        free.push(sender);
      }),
    );
  }
  await Promise.all(inFlight);
  await checkpoint;
  for (const line of free) line.close();
  return latencies;
}

async function checkpointAfter(engine: RunningEngine, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  const url = await attachEmbedded({ home: engine.home, logger: silentLogger });
  if (!url) throw new Error('the PostgreSQL of the engine is not there');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('checkpoint');
  await client.end();
}

async function untilStill(arrivals: readonly number[]): Promise<void> {
  for (let seen = -1; seen !== arrivals.length; ) {
    seen = arrivals.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** Arrivals come in the order of the sends; each message makes as many as the average, so each share's first belongs to its send. */
function firstArrivals(sent: readonly number[], arrivals: readonly number[]): number[] {
  const share = arrivals.length / sent.length;
  return sent.map((at, n) => (arrivals[Math.round(n * share)] ?? Number.NaN) - at);
}
