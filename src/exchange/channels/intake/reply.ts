import type { Clock } from '../../../foundation/clock/index.ts';
import type { Events } from '../../../foundation/events/index.ts';
import type { QueueEvents } from '../../queue/index.ts';
import type { ReplyWait } from './accept.ts';

export interface Replies {
  wait(correlationId: string): ReplyWait;
  /** Whoever waits is answered now, plainly. */
  release(): void;
  stop(): void;
}

export interface RepliesOptions {
  readonly events: Events<QueueEvents>;
  /** The outgoing queue whose answers count: `adt>televisit`. */
  readonly queue: string;
  readonly withinMs: number;
  readonly clock: Clock;
}

/**
 * Synchronous replies: who accepted a message hears what its destination answered, within a limit (CH35). Waiting begins before the
 * message is committed, so that no answer comes too early; only in memory, so after a crash the sender gets a plain acknowledgment.
 */
export function createReplies({ events, queue, withinMs, clock }: RepliesOptions): Replies {
  const waiting = new Map<string, (answer: Uint8Array | undefined) => void>();
  const off = events.on('attempted', (event) => {
    if (event.queue !== queue || (event.verdict !== 'settled' && event.verdict !== 'park')) return;
    const response = 'response' in event.result ? event.result.response : undefined;
    waiting.get(event.entry.correlationId)?.(response);
  });
  const offPlanned = events.on('planned', (event) => {
    // It does not go to that destination at all: there is nothing to wait for.
    if (event.outcome !== 'blocked' && !event.outgoing.some((outgoing) => outgoing.queue === queue)) {
      waiting.get(event.entry.correlationId)?.(undefined);
    }
  });
  const release = () => {
    for (const finish of [...waiting.values()]) finish(undefined);
  };
  return {
    wait(correlationId) {
      const { promise, resolve } = deferred<Uint8Array | undefined>();
      const finish = (answer: Uint8Array | undefined) => {
        timer.cancel();
        waiting.delete(correlationId);
        resolve(answer);
      };
      const timer = clock.after(withinMs, () => finish(undefined));
      waiting.set(correlationId, finish);
      return { answer: () => promise, cancel: () => finish(undefined) };
    },
    release,
    stop() {
      off();
      offPlanned();
      release();
    },
  };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
