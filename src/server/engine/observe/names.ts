import { type Config, resolveChannels } from '../../../exchange/channels/index.ts';

/** What the timeline calls the ends of a channel: the systems' names, as the configuration in force has them. */
export interface Names {
  sourceOf(channel: string): string;
  /** `adt>televisit`: from `adt` to `televisit`, which is told of changes (`notified`) or sent the message (`sent`). */
  legOf(queue: string): { readonly channel: string; readonly to: string; readonly done: 'notified' | 'sent' };
}

export function namesOf(config: Config): Names {
  const channels = resolveChannels(config);
  const sources = new Map(channels.map(({ name, source }) => [name, source.system ?? source.kind]));
  const told = new Set(
    channels.flatMap(({ destinations }) =>
      destinations.filter(({ send }) => send === 'changes').map(({ queue }) => queue),
    ),
  );
  return {
    sourceOf: (channel) => sources.get(channel) ?? 'source',
    legOf(queue) {
      const [channel = queue, to = ''] = queue.split('>', 2);
      return { channel, to, done: told.has(queue) ? 'notified' : 'sent' };
    },
  };
}
