/**
 * The durable queue (docs/design/queue.md). One abstraction for both legs: the intake queue before a channel's pipeline, and
 * one outgoing queue before each destination.
 *
 * It promises: what `accept` returned is committed with a synchronous flush; each destination configured at acceptance gets it
 * at least once, in acceptance order per key (or strictly); a repeat carries the same idempotency key; what can't be delivered is
 * parked or held, visibly. It never does: drop a message, look into one, know what is clinical, or poll while there is work.
 */
export type * from './types.ts';
