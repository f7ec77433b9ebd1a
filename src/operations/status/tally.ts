import type { FlowObserver } from './observer.ts';

/** Over the last few hundred, in milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

interface ChannelTally {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly planned: number;
  readonly filtered: number;
  readonly acknowledgment: Latency | undefined;
  readonly pipeline: Latency | undefined;
}

interface QueueTally {
  readonly delivered: number;
  readonly failed: number;
  readonly latency: Latency | undefined;
}

/** Counts since the start of the process. */
export interface Tally extends FlowObserver {
  channel(name: string): ChannelTally;
  queue(name: string): QueueTally;
}

const samples = 256;

/** The last few hundred durations; the oldest makes room for the newest. */
class Rolling {
  readonly #values: number[] = [];
  #next = 0;

  add(ms: number): void {
    this.#values[this.#next] = ms;
    this.#next = (this.#next + 1) % samples;
  }

  summary(): Latency | undefined {
    if (this.#values.length === 0) return undefined;
    const sorted = [...this.#values].sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { p50: round(at(0.5)), p99: round(at(0.99)) };
  }
}

const round = (ms: number) => Math.round(ms * 10) / 10;

interface ChannelCounts {
  accepted: number;
  duplicates: number;
  refused: number;
  planned: number;
  filtered: number;
  readonly acknowledgment: Rolling;
  readonly pipeline: Rolling;
}

interface QueueCounts {
  delivered: number;
  failed: number;
  readonly latency: Rolling;
}

export function createTally(): Tally {
  const channels = new Map<string, ChannelCounts>();
  const queues = new Map<string, QueueCounts>();
  const ofChannel = (name: string) => getOrMake(channels, name, emptyChannel);
  const ofQueue = (name: string) => getOrMake(queues, name, emptyQueue);
  return {
    accepted({ channel, duplicate, ms }) {
      const counts = ofChannel(channel);
      counts.acknowledgment.add(ms);
      if (duplicate) counts.duplicates += 1;
      else counts.accepted += 1;
    },
    refused({ channel }) {
      ofChannel(channel).refused += 1;
    },
    planned({ channel, outcome, ms }) {
      const counts = ofChannel(channel);
      if (outcome === 'go') counts.planned += 1;
      if (outcome === 'filtered') counts.filtered += 1;
      counts.pipeline.add(ms);
    },
    attempted({ queue, outcome }) {
      if (outcome !== 'delivered' && outcome !== 'withheld') ofQueue(queue).failed += 1;
    },
    delivered({ queue, ms }) {
      const counts = ofQueue(queue);
      counts.delivered += 1;
      counts.latency.add(ms);
    },
    parked: () => undefined,
    channel(name) {
      const counts = ofChannel(name);
      return {
        ...counts,
        acknowledgment: counts.acknowledgment.summary(),
        pipeline: counts.pipeline.summary(),
      };
    },
    queue(name) {
      const counts = ofQueue(name);
      return { ...counts, latency: counts.latency.summary() };
    },
  };
}

const emptyChannel = (): ChannelCounts => ({
  accepted: 0,
  duplicates: 0,
  refused: 0,
  planned: 0,
  filtered: 0,
  acknowledgment: new Rolling(),
  pipeline: new Rolling(),
});
const emptyQueue = (): QueueCounts => ({ delivered: 0, failed: 0, latency: new Rolling() });

function getOrMake<T>(map: Map<string, T>, name: string, make: () => T): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  const made = make();
  map.set(name, made);
  return made;
}
