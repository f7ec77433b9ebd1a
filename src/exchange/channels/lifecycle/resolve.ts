import type { ReusePolicy } from '../../queue/index.ts';
import type {
  ByOrder,
  ChannelDescriptor,
  Condition,
  Config,
  DeliveryOrder,
  DestinationDescriptor,
  EventMatch,
  Options,
  ReplyOptions,
  RetryOptions,
  SourceDescriptor,
  StepDescriptor,
  SystemDescriptor,
} from '../authoring/index.ts';

/** A channel with every default filled in, as the running parts want it. Made from a configuration without mistakes. */
export interface ResolvedChannel {
  readonly name: string;
  readonly place: string;
  readonly enabled: boolean;
  /** Of the intake queue. */
  readonly order: DeliveryOrder;
  readonly keyRule: 'patient' | 'sender' | 'none' | ByOrder;
  readonly reuse: ReusePolicy;
  readonly authority: string | undefined;
  readonly takes: EventMatch | undefined;
  readonly processingIds: readonly string[] | undefined;
  readonly typeAt: string | undefined;
  readonly reply: ReplyOptions | undefined;
  readonly source: ResolvedSource;
  readonly steps: readonly StepDescriptor[];
  readonly destinations: readonly ResolvedDestination[];
  readonly records: readonly ResolvedRecord[];
}

interface ResolvedSource {
  readonly kind: string;
  readonly place: string;
  readonly options: Options;
  readonly system: string | undefined;
  readonly trust: string;
  /** Of HL7 v2 messages whose MSH-18 is empty. */
  readonly defaultCharset: string | undefined;
}

export interface ResolvedDestination {
  readonly name: string;
  /** `adt>televisit` */
  readonly queue: string;
  readonly index: number;
  readonly place: string;
  readonly kind: string;
  readonly system: string;
  readonly options: Options;
  readonly order: DeliveryOrder;
  readonly commit: 'each' | 'window';
  readonly retry: RetryOptions | undefined;
  readonly only: EventMatch | Condition | undefined;
  readonly steps: readonly StepDescriptor[];
  readonly send: 'message' | 'changes';
  /** The message may leave as it came: source and destination are of one trust group. */
  readonly mayPassRaw: boolean;
}

interface ResolvedRecord {
  readonly index: number;
  readonly only: EventMatch | Condition | undefined;
  readonly options: Options;
}

const defaultTrust = 'default';
export const trustOf = (system: SystemDescriptor | undefined) => system?.trust ?? defaultTrust;

/** The system a source belongs to: the one it names, else the only one of the role that usually speaks that way. */
export function systemOfSource(source: SourceDescriptor, systems: Config['systems']): string | undefined {
  if (source.system !== undefined) return source.system;
  const role = source.kind === 'http' ? 'telehealth' : 'ehr';
  const candidates = Object.entries(systems).filter(([, system]) => system.role === role);
  return candidates.length === 1 ? candidates[0]?.[0] : undefined;
}

/** What its system says of this kind of connection, overridden by what the destination says itself: for the connector. */
export function optionsOf(target: DestinationDescriptor, system: SystemDescriptor | undefined): Options {
  const { allowPlaintextOffLoopback: _, ...options } = {
    ...system?.connections[target.kind],
    ...target.options,
  };
  return options;
}

/** Somebody decided that this destination is reached without TLS although it is on another machine. */
export function mayBePlain(target: DestinationDescriptor, system: SystemDescriptor | undefined): boolean {
  const options: Options = { ...system?.connections[target.kind], ...target.options };
  return options.allowPlaintextOffLoopback === true;
}

export const destinationName = (target: DestinationDescriptor) => target.name ?? target.system;
const queueName = (channel: string, destination: string) => `${channel}>${destination}`;

/** `strict` in a strict channel, else `key`, unless the destination says otherwise. */
export function orderOf(channel: ChannelDescriptor, target: DestinationDescriptor): DeliveryOrder {
  return target.order ?? (channel.order === 'strict' ? 'strict' : 'key');
}

/** A webhook in a channel that writes the record tells of changes; everything else gets the message. */
export function sendOf(channel: ChannelDescriptor, target: DestinationDescriptor): 'message' | 'changes' {
  if (target.send) return target.send;
  return target.kind === 'webhook' && channel.to.some((other) => other.role === 'record')
    ? 'changes'
    : 'message';
}

function charsetOf({ options }: SourceDescriptor): string | undefined {
  return typeof options.defaultCharset === 'string' ? options.defaultCharset : undefined;
}

const environmentIds = { production: ['P'], test: ['T', 'D'] } as const;

function resolveChannel(channel: ChannelDescriptor, config: Config): ResolvedChannel {
  const systemName = systemOfSource(channel.from, config.systems);
  const system = systemName === undefined ? undefined : config.systems[systemName];
  const place = `channels.${channel.name}`;
  const order = channel.order ?? 'patient';
  return {
    name: channel.name,
    place,
    enabled: channel.enabled ?? true,
    order: order === 'strict' ? 'strict' : 'key',
    keyRule: order === 'strict' ? 'patient' : order,
    reuse: channel.reuse ?? 'refuse',
    authority: channel.defaultAuthority ?? system?.authority,
    takes: channel.takes,
    processingIds: channel.processingIds ?? (config.environment && environmentIds[config.environment]),
    typeAt: channel.typeAt,
    reply: channel.reply,
    source: {
      kind: channel.from.kind,
      place: `${place}.from`,
      options: channel.from.options,
      system: systemName,
      trust: trustOf(system),
      defaultCharset: charsetOf(channel.from),
    },
    steps: channel.steps ?? [],
    destinations: resolveDestinations(channel, config, trustOf(system)),
    records: channel.to.flatMap((target, index) =>
      target.role === 'record' ? [{ index, only: target.only, options: target.options }] : [],
    ),
  };
}

function resolveDestinations(
  channel: ChannelDescriptor,
  config: Config,
  trust: string,
): ResolvedDestination[] {
  return channel.to.flatMap((target, index) => {
    if (target.role !== 'destination') return [];
    const system = config.systems[target.system];
    const name = destinationName(target);
    return [
      {
        name,
        queue: queueName(channel.name, name),
        index,
        place: `channels.${channel.name}.to[${index}]`,
        kind: target.kind,
        system: target.system,
        options: optionsOf(target, system),
        order: orderOf(channel, target),
        commit: target.commit ?? 'window',
        retry: target.retry,
        only: target.only,
        steps: target.steps ?? [],
        send: sendOf(channel, target),
        mayPassRaw: trustOf(system) === trust,
      },
    ];
  });
}

export const resolveChannels = (config: Config) =>
  config.channels.map((channel) => resolveChannel(channel, config));
