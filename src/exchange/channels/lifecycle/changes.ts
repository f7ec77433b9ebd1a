import type { Fingerprint } from './fingerprint.ts';

/** What of one channel has to be replaced to go from one configuration to the next. */
export interface Changes {
  readonly source: boolean;
  readonly pipeline: boolean;
  /** Destinations to stop, and to start; one that changed is in both. */
  readonly stopped: readonly string[];
  readonly started: readonly string[];
}

export function changesBetween(before: Fingerprint, after: Fingerprint): Changes {
  const differs = (name: string) => before.destinations.get(name) !== after.destinations.get(name);
  return {
    source: before.source !== after.source,
    pipeline: before.pipeline !== after.pipeline,
    stopped: [...before.destinations.keys()].filter(differs),
    started: [...after.destinations.keys()].filter(differs),
  };
}

/** Both: what changed, and what is missing anyway. */
export function joined(changes: Changes, missing: Changes, after: Fingerprint): Changes {
  const again = missing.started.filter((name) => after.destinations.has(name));
  return {
    source: changes.source || missing.source,
    pipeline: changes.pipeline || missing.pipeline,
    stopped: changes.stopped,
    started: [...new Set([...changes.started, ...again])],
  };
}

export const isEmpty = ({ source, pipeline, stopped, started }: Changes) =>
  !source && !pipeline && stopped.length === 0 && started.length === 0;

/** For people: `source`, `pipeline`, `to televisit`. */
export function describeChanges({ source, pipeline, stopped, started }: Changes): string[] {
  const names = new Set([...stopped, ...started]);
  return [
    ...(source ? ['source'] : []),
    ...(pipeline ? ['pipeline'] : []),
    ...[...names].map((name) => `to ${name}`),
  ];
}
