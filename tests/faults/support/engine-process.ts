import { randomUUID } from 'node:crypto';
import {
  type Accept,
  type ConnectorContext,
  type Destination,
  mllpDestination,
  mllpSource,
  type Source,
  webhookDestination,
} from '../../../src/exchange/connectors/index.ts';
import {
  createQueueEngine,
  type Deliver,
  type Intake,
  migrations,
  outgoingName,
  type QueueEngine,
} from '../../../src/exchange/queue/index.ts';
import { migrations as auditMigrations, createAudit } from '../../../src/foundation/audit/index.ts';
import { systemClock } from '../../../src/foundation/clock/index.ts';
import {
  type Database,
  migrate,
  openDatabase,
  startEmbedded,
} from '../../../src/foundation/database/index.ts';
import { toIsthmusError } from '../../../src/foundation/errors/index.ts';
import { createLogger } from '../../../src/foundation/logging/index.ts';
import type { ChannelConfig, DestinationConfig, EngineConfig, EngineWord } from './engine-config.ts';
import { controlIdOf, keysOf } from './messages.ts';
import {
  acknowledgeBeforeCommit,
  asynchronousCommit,
  clockThatStops,
  dedupeByControlId,
  withoutDuplicates,
  withoutFence,
} from './variants.ts';

/**
 * A process to kill: the queue and the MLLP and webhook connectors as they are, joined in the plainest way. Each channel passes every
 * message on to all its destinations, byte for byte.
 */

const config = JSON.parse(process.env.FAULTS_ENGINE ?? '{}') as EngineConfig;
const { variant } = config;
const logger = createLogger({ level: process.env.FAULTS_LOG ? 'info' : 'silent' });
const clock = variant === 'clock-that-stops' ? clockThatStops() : systemClock;
const sources: Source[] = [];
const destinations: Destination[] = [];
let peakBytes = 0;

const say = (word: EngineWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`);

const breakDatabase: Partial<Record<string, (database: Database) => Database>> = {
  'dedupe-by-control-id': dedupeByControlId,
  'asynchronous-commit': asynchronousCommit,
  'no-fence': withoutFence,
  'no-duplicates-known': withoutDuplicates,
};

async function run(): Promise<void> {
  const server = config.home ? await startEmbedded({ home: config.home, logger }) : undefined;
  const url = server?.url ?? config.url;
  const real = await openDatabase({ url, logger, poolSize: 8, applicationName: config.node });
  if (server) await migrate(real, [...auditMigrations, ...migrations]);
  const database = breakDatabase[variant ?? '']?.(real) ?? real;
  const engine = createQueueEngine({
    database,
    clock,
    logger,
    audit: createAudit(database),
    node: config.node,
    leaseMs: config.leaseMs ?? 10_000,
    ...(config.patienceMs ? { intake: { patienceMs: config.patienceMs } } : {}),
  });
  engine.events.on('lease', ({ state, epoch }) => {
    say({ word: 'lease', state, epoch });
    if (state === 'lost') void Promise.all(sources.map((source) => source.stop()));
  });
  await engine.start();
  await engine.define(config.channels.map(queuesOf));
  const ports: Record<string, number> = {};
  for (const channel of config.channels) await startConsumers(engine, channel);
  for (const channel of config.channels) ports[channel.name] = await startSource(engine, channel);
  const databasePid = server?.pid();
  say({ word: 'ready', ports, ...(databasePid === undefined ? {} : { databasePid }) });
  process.once('SIGTERM', () => void stop(engine, real));
}

async function stop(engine: QueueEngine, database: Database): Promise<void> {
  await Promise.all(sources.map((source) => source.stop()));
  await engine.stop();
  await Promise.all(destinations.map((destination) => destination.stop()));
  await database.close();
  process.exit(0);
}

const queuesOf = (channel: ChannelConfig) => ({
  channel: channel.name,
  order: channel.order,
  destinations: channel.destinations.map(({ name, order }) => ({ name, order })),
});

async function startConsumers(engine: QueueEngine, channel: ChannelConfig): Promise<void> {
  for (const wanted of channel.destinations) {
    const destination = makeDestination(wanted);
    destinations.push(destination);
    await destination.start();
    const deliver: Deliver = (entry, signal) => destination.deliver(entry, signal);
    await engine.deliver(channel.name, wanted.name, {
      deliver,
      lanes: wanted.lanes,
      backoff: { firstMs: 20, mostMs: 200 },
    });
  }
  const outgoing = channel.destinations.map(({ name }) => ({ queue: outgoingName(channel.name, name) }));
  await engine.plan(channel.name, { planner: () => ({ outcome: 'go', outgoing, effects: [] }) });
}

function makeDestination(wanted: DestinationConfig): Destination {
  const timeoutMs = wanted.answerTimeoutMs ?? 5_000;
  if (wanted.kind === 'mllp') {
    const options = {
      host: '127.0.0.1',
      port: wanted.port,
      connections: wanted.lanes,
      answerTimeoutMs: timeoutMs,
    };
    return mllpDestination.create(mllpDestination.options.parse(options), contextOf(wanted.name));
  }
  const options = {
    url: `http://127.0.0.1:${wanted.port}/hook`,
    allow: [{ host: '127.0.0.1', port: wanted.port, plaintext: true, private: true }],
    secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`],
    headers: { 'x-node': config.node },
    connections: wanted.lanes,
    timeoutMs,
  };
  return webhookDestination.create(webhookDestination.options.parse(options), contextOf(wanted.name));
}

async function startSource(engine: QueueEngine, channel: ChannelConfig): Promise<number> {
  const limit = channel.maxFrameBytes === undefined ? {} : { maxFrameBytes: channel.maxFrameBytes };
  const source = mllpSource.create(
    mllpSource.options.parse({ port: 0, idleTimeoutMs: 600_000, drainTimeoutMs: 1_000, ...limit }),
    contextOf(channel.name),
  );
  const intake = engine.intake(channel.name);
  await source.start(
    acceptInto(variant === 'acknowledge-before-commit' ? acknowledgeBeforeCommit(intake) : intake),
  );
  sources.push(source);
  return Number(new URL(source.status().address.replace('mllp:', 'http:')).port);
}

const acceptInto =
  (intake: Intake): Accept =>
  async ({ body, contentType }) => {
    try {
      const message = await intake.accept({
        body,
        contentType,
        type: 'ADT^A08',
        sender: 'FAULTS|GENERAL',
        controlId: controlIdOf(body),
        keys: keysOf(body),
        correlationId: randomUUID(),
        reuse: 'accept',
      });
      return { outcome: 'committed', ...message };
    } catch (error) {
      return { outcome: 'refused', error: toIsthmusError(error), retry: true };
    }
  };

const contextOf = (name: string): ConnectorContext => ({
  name,
  clock: systemClock,
  logger,
  onStatus: () => undefined,
});

setInterval(() => {
  const { rss } = process.memoryUsage();
  peakBytes = Math.max(peakBytes, rss);
}, 5).unref();
process.on('SIGUSR2', () => say({ word: 'memory', peakBytes, nowBytes: process.memoryUsage().rss }));

run().catch((error: unknown) => {
  say({ word: 'failed', message: error instanceof Error ? `${error.name} ${error.message}` : 'failed' });
  process.exit(1);
});
