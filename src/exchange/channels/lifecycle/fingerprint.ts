import { createHash } from 'node:crypto';
import { isEventMatch } from '../message/event-match.ts';
import { needsWorker } from '../plan/stages.ts';
import type { ResolvedChannel } from './resolve.ts';

/**
 * What of a channel changed, by canonical hashes: its source and each destination hold connections and are left alone unless their
 * own part changed; the pipeline holds none and is cheap to replace.
 */
export interface Fingerprint {
  readonly source: string;
  readonly pipeline: string;
  /** By destination name. */
  readonly destinations: ReadonlyMap<string, string>;
}

/** The same value gives the same hash, whatever the order of its properties. Functions count by their text. */
function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('base64url');
}

function canonical(value: unknown): string {
  if (typeof value === 'function') return JSON.stringify(value.toString());
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(',')}}`;
}

/** `module` is the hash of the configuration's bundle: a function's text does not show what it imports, so any change counts. */
export function fingerprint(
  channel: ResolvedChannel,
  module: string,
  secretsOf: (part: object) => unknown,
): Fingerprint {
  const { source, destinations, enabled } = channel;
  return {
    source: canonicalHash([enabled, source.kind, secretsOf(source.options)]),
    pipeline: canonicalHash([
      { ...channel, source: { ...source, options: {} }, destinations: destinations.map(routing) },
      usesFunctions(channel) ? module : '',
    ]),
    destinations: new Map(
      destinations.map((destination) => {
        const { name, kind, options, order, commit, retry } = destination;
        return [name, canonicalHash([enabled, name, kind, secretsOf(options), order, commit, retry])];
      }),
    ),
  };
}

const routing = (destination: ResolvedChannel['destinations'][number]) => ({
  ...destination,
  options: {},
  commit: '',
  retry: {},
});

/** Does a channel need a step worker at all? */
export function usesFunctions(channel: ResolvedChannel): boolean {
  const isFunction = (only: unknown) => only !== undefined && !isEventMatch(only);
  return (
    channel.steps.some(needsWorker) ||
    channel.destinations.some(
      (destination) => isFunction(destination.only) || destination.steps.some(needsWorker),
    ) ||
    channel.records.some((record) => isFunction(record.only))
  );
}

/** The longest limit any function of these channels declares, in ms; undefined when all have the default. */
export function longestLimitMs(channels: readonly ResolvedChannel[]): number | undefined {
  const steps = channels.flatMap((channel) => [
    ...channel.steps,
    ...channel.destinations.flatMap((destination) => destination.steps),
  ]);
  const limits = steps.flatMap((step) =>
    step.kind === 'built-in' || step.timeoutMs === undefined ? [] : [step.timeoutMs],
  );
  return limits.length === 0 ? undefined : Math.max(...limits);
}
