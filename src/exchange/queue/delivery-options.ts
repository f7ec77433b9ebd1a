import type { Clock } from '../../foundation/clock/index.ts';
import type { Database } from '../../foundation/database/index.ts';
import type { Events } from '../../foundation/events/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import { type Backoff, defaultBackoff } from './backoff.ts';
import type { QueueEvents } from './events.ts';
import type { Lease } from './lease.ts';
import type { QueueIdentity, Reader } from './reader.ts';
import type { Settlement } from './settlement.ts';
import type { Deliver, Order, Release } from './types.ts';

export interface DeliveryOptions {
  readonly deliver: Deliver;
  /** How many attempts may run at once. 1 in strict order. */
  readonly lanes: number;
  readonly release?: Release;
  /** `each`: a lane goes on only when the position before is committed (charges, orders). Default `window`. */
  readonly commit?: 'window' | 'each';
  readonly backoff?: Backoff;
  /** After so many answers that say "error" an entry is parked. Default 8: with the default backoff about 20 s. */
  readonly entryTries?: number;
  /** Sends that a crash may repeat at most. Default 64. */
  readonly window?: number;
  /** An attempt that takes longer is aborted and counts as ambiguous. Default two minutes. */
  readonly attemptLimitMs?: number;
  /** Beyond so many parked entries the queue holds. Default 10,000. */
  readonly parkLimit?: number;
}

export type ResolvedOptions = Required<Omit<DeliveryOptions, 'release'>> & Pick<DeliveryOptions, 'release'>;

export function resolveOptions(order: Order, options: DeliveryOptions): ResolvedOptions {
  const lanes = order === 'strict' ? 1 : options.lanes;
  return {
    commit: 'window',
    backoff: defaultBackoff,
    entryTries: 8,
    attemptLimitMs: 120_000,
    parkLimit: 10_000,
    ...options,
    lanes,
    window: options.commit === 'each' ? lanes : Math.max(lanes, options.window ?? 64),
  };
}

/** What every consumer of a node shares. */
export interface ConsumerParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Events<QueueEvents>;
  readonly lease: Lease;
  readonly settlement: Settlement;
  readonly reader: (queue: QueueIdentity, position: number, committed: number) => Reader;
  readonly random: () => number;
}

export interface ConsumerStatus {
  readonly queue: string;
  readonly state: 'running' | 'paused' | 'stalled' | 'held' | 'stopped';
  readonly reason?: string;
  readonly inFlight: number;
}
