/**
 * The durable queue (docs/design/queue.md). One abstraction for both legs: the intake queue before a channel's pipeline, and
 * one outgoing queue before each destination.
 *
 * It promises: what `accept` returned is committed with a synchronous flush; each destination configured at acceptance gets it
 * at least once, in acceptance order per key (or strictly); a repeat carries the same idempotency key; what can't be delivered is
 * parked or held, visibly. It never does: drop a message, look into one, know what is clinical, or poll while there is work.
 */
import type { Migration } from '../../foundation/database/index.ts';
import queueMigration from './migrations/0010_queue.sql';

export type { AttemptResult } from './attempt.ts';
export type { Backoff } from './backoff.ts';
export type { ConsumerStatus, DeliveryOptions } from './delivery-options.ts';
export {
  type Consumer,
  createQueueEngine,
  type Intake,
  type QueueEngine,
  type QueueEngineOptions,
} from './engine.ts';
export { EntryHeld } from './entry-held.ts';
export type { QueueEvents } from './events.ts';
export { Gates } from './gates.ts';
export {
  type EntryFilter,
  type EntryState,
  type EntrySummary,
  listEntries,
  listMessages,
  listQueues,
  type MessageFilter,
  type MessageScope,
  type MessageSummary,
  type QueueSummary,
  readMessage,
  type StoredMessage,
  type TraceAttempt,
  type TraceStep,
  traceOf,
} from './inspect.ts';
export type { IntakeLimits } from './intake.ts';
export {
  type OperationOutcome,
  type OperationRequest,
  type OperatorAction,
  requestOperation,
} from './operations.ts';
export type { PipelineOptions } from './pipeline.ts';
export type { ChannelQueues } from './registry.ts';
export { outgoingName } from './registry.ts';
export { applyRetention, type RetentionOptions } from './retention.ts';
export type * from './types.ts';
export type { Verdict } from './verdict.ts';

export const migrations: readonly Migration[] = [{ number: 10, name: 'queue', text: queueMigration }];
