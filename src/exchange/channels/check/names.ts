import { placeFor } from './prune.ts';

/** What the configuration means to declare, read leniently: a system whose options are wrong is not also unknown. */
export interface DeclaredNames {
  readonly systems: ReadonlySet<string>;
  readonly channels: ReadonlySet<string>;
  /** `adt>televisit` */
  readonly queues: ReadonlySet<string>;
  /** Plain names of destinations, in any channel. */
  readonly destinations: ReadonlySet<string>;
}

type Loose = Readonly<Record<string, unknown>>;

const loose = (value: unknown): Loose =>
  typeof value === 'object' && value !== null ? (value as Loose) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export function declaredNames(original: unknown): DeclaredNames {
  const config = loose(original);
  const channels = new Set<string>();
  const queues = new Set<string>();
  const destinations = new Set<string>();
  for (const channel of list(config.channels).map(loose)) {
    if (typeof channel.name === 'string') channels.add(channel.name);
    for (const target of list(channel.to).map(loose)) {
      const name = target.name ?? target.system;
      if (typeof name !== 'string') continue;
      destinations.add(name);
      queues.add(`${String(channel.name)}>${name}`);
    }
  }
  return { systems: new Set(Object.keys(loose(config.systems))), channels, queues, destinations };
}

/** Places of channels whose list of destinations is there, and empty. */
export function channelsGoingNowhere(original: unknown): string[] {
  return list(loose(original).channels).flatMap((channel, index) => {
    const { to } = loose(channel);
    return Array.isArray(to) && to.length === 0 ? [placeFor(['channels', index, 'to'], original)] : [];
  });
}
