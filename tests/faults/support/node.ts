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
  outgoingName,
  type Planner,
  type QueueEngine,
} from '../../../src/exchange/queue/index.ts';
import { createAudit } from '../../../src/foundation/audit/index.ts';
import { type Clock, systemClock } from '../../../src/foundation/clock/index.ts';
import type { Database } from '../../../src/foundation/database/index.ts';
import { toIsthmusError } from '../../../src/foundation/errors/index.ts';
import { type Logger, silentLogger } from '../../../src/foundation/logging/index.ts';
import type { ChannelConfig, DestinationConfig, EngineConfig } from './engine-config.ts';
import { controlIdOf, keysOf } from './messages.ts';

/**
 * The queue and the MLLP and webhook connectors as they are, joined in the plainest way: each channel passes every message on to all its
 * destinations, byte for byte. Runs in a process to kill (engine-process.ts) or in the test itself.
 */
export interface Node {
  readonly engine: QueueEngine;
  /** Where the channels listen. */
  readonly ports: Readonly<Record<string, number>>;
  /** Takes nothing more. */
  closeSources(): Promise<void>;
  stop(): Promise<void>;
}

export interface NodeParts {
  readonly database: Database;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Called before it waits for the lease. */
  readonly onEngine?: (node: { engine: QueueEngine; closeSources(): Promise<void> }) => void;
  readonly wrapIntake?: (intake: Intake) => Intake;
  readonly wrapDeliver?: (destination: string, deliver: Deliver) => Deliver;
  /** Instead of passing everything on. `null`: accepted messages stay in the intake. */
  readonly planner?: Planner | null;
  readonly entryTries?: number;
}

type NodeConfig = Omit<EngineConfig, 'url' | 'variant' | 'home'>;

export async function startNode(config: NodeConfig, parts: NodeParts): Promise<Node> {
  const { database, clock = systemClock, logger = silentLogger } = parts;
  const sources: Source[] = [];
  const destinations: Destination[] = [];
  const engine = createQueueEngine({
    database,
    clock,
    logger,
    audit: createAudit(database),
    node: config.node,
    leaseMs: config.leaseMs ?? 10_000,
    ...(config.patienceMs ? { intake: { patienceMs: config.patienceMs } } : {}),
  });
  const closeSources = async () => {
    await Promise.all(sources.splice(0).map((source) => source.stop()));
  };
  parts.onEngine?.({ engine, closeSources });
  await engine.start();
  await engine.define(
    config.channels.map((channel) => ({
      channel: channel.name,
      order: channel.order,
      destinations: channel.destinations.map(({ name, order }) => ({ name, order })),
    })),
  );
  const assembly: Assembly = { config, parts, engine, logger, sources, destinations };
  for (const channel of config.channels) await startConsumers(assembly, channel);
  const ports: Record<string, number> = {};
  for (const channel of config.channels) ports[channel.name] = await startSource(assembly, channel);
  return {
    engine,
    ports,
    closeSources,
    async stop() {
      await closeSources();
      await engine.stop();
      await Promise.all(destinations.map((destination) => destination.stop()));
    },
  };
}

interface Assembly {
  readonly config: NodeConfig;
  readonly parts: NodeParts;
  readonly engine: QueueEngine;
  readonly logger: Logger;
  readonly sources: Source[];
  readonly destinations: Destination[];
}

async function startConsumers(assembly: Assembly, channel: ChannelConfig): Promise<void> {
  const { engine, parts, destinations } = assembly;
  for (const wanted of channel.destinations) {
    const destination = makeDestination(wanted, assembly.config.node, assembly.logger);
    destinations.push(destination);
    await destination.start();
    const deliver: Deliver = (entry, signal) => destination.deliver(entry, signal);
    await engine.deliver(channel.name, wanted.name, {
      deliver: parts.wrapDeliver?.(wanted.name, deliver) ?? deliver,
      lanes: wanted.lanes,
      backoff: { firstMs: 20, mostMs: 200 },
      ...(parts.entryTries === undefined ? {} : { entryTries: parts.entryTries }),
    });
  }
  if (parts.planner === null) return;
  const outgoing = channel.destinations.map(({ name }) => ({ queue: outgoingName(channel.name, name) }));
  const planner = parts.planner ?? (() => ({ outcome: 'go', outgoing, effects: [] }) as const);
  await engine.plan(channel.name, { planner });
}

export function makeDestination(wanted: DestinationConfig, node: string, logger = silentLogger): Destination {
  const timeoutMs = wanted.answerTimeoutMs ?? 5_000;
  if (wanted.kind === 'mllp') {
    const options = {
      host: '127.0.0.1',
      port: wanted.port,
      connections: wanted.lanes,
      answerTimeoutMs: timeoutMs,
    };
    return mllpDestination.create(mllpDestination.options.parse(options), contextOf(wanted.name, logger));
  }
  const options = {
    url: `http://127.0.0.1:${wanted.port}/hook`,
    allow: [{ host: '127.0.0.1', port: wanted.port, plaintext: true, private: true }],
    secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`],
    headers: { 'x-node': node },
    connections: wanted.lanes,
    timeoutMs,
  };
  return webhookDestination.create(webhookDestination.options.parse(options), contextOf(wanted.name, logger));
}

async function startSource(
  { engine, parts, logger, sources }: Assembly,
  channel: ChannelConfig,
): Promise<number> {
  const limit = channel.maxFrameBytes === undefined ? {} : { maxFrameBytes: channel.maxFrameBytes };
  const source = mllpSource.create(
    mllpSource.options.parse({ port: 0, idleTimeoutMs: 600_000, drainTimeoutMs: 1_000, ...limit }),
    contextOf(channel.name, logger),
  );
  const intake = engine.intake(channel.name);
  await source.start(acceptInto(parts.wrapIntake?.(intake) ?? intake));
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

export const contextOf = (name: string, logger: Logger = silentLogger): ConnectorContext => ({
  name,
  clock: systemClock,
  logger,
  onStatus: () => undefined,
});
