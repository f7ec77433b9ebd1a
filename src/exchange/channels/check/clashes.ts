import type { Config } from '../authoring/index.ts';
import { destinationName } from '../lifecycle/resolve.ts';
import type { Judgeable } from './prune.ts';
import type { Report } from './types.ts';

/** Names that must be there once: channels, and destinations within a channel. */
export function checkUnique({ config, placeOf }: Judgeable, report: Report): void {
  const channels = new Set<string>();
  for (const channel of config.channels) {
    if (channels.has(channel.name)) report(`${placeOf(channel)}.name`, 'another channel has this name');
    channels.add(channel.name);
    const destinations = new Set<string>();
    for (const target of channel.to) {
      const name = target.role === 'record' ? 'record()' : destinationName(target);
      if (destinations.has(name))
        report(
          `${placeOf(target)}.name`,
          `another destination of the channel is called ${name}: give it a name`,
        );
      destinations.add(name);
    }
  }
}

/** Two sources that would listen on, or read from, the same place. Disabled channels may: they do not listen. */
export function checkPorts({ config, placeOf }: Judgeable, report: Report): void {
  const taken = new Map<string, string>();
  for (const channel of config.channels) {
    if (channel.enabled === false) continue;
    const listener = listens(channel.from);
    if (!listener) continue;
    const before = taken.get(listener.at);
    if (before !== undefined)
      report(`${placeOf(channel.from)}.${listener.option}`, `${before} already has ${listener.at}`);
    else taken.set(listener.at, channel.name);
  }
}

/** Where a source listens: a port (whatever the host: 0.0.0.0 clashes with all), a path of the HTTP server, a folder. */
function listens(from: Config['channels'][number]['from']): { at: string; option: string } | undefined {
  const { port, path, host } = from.options;
  if (from.kind === 'mllp' && typeof port === 'number' && port > 0)
    return { at: `port ${port}`, option: 'port' };
  if (typeof path !== 'string') return undefined;
  const server = typeof host === 'string' ? `${host}:` : '';
  return { at: `${from.kind} ${server}${path.replace(/\/+$/, '') || '/'}`, option: 'path' };
}
