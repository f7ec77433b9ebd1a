import type { Clock } from '../../foundation/clock/index.ts';
import { safeWord } from './safe-word.ts';

/** How a line is to be read: as usual, as an end well reached, as something to look at, as something to act on. */
export type Tone = 'plain' | 'good' | 'warn' | 'bad';

/** One thing that happened. Never content, never a patient's value. */
export interface FlowEventDraft {
  /** The message's type or what left: `ADT^A08`, `Observation/123`; empty for what concerns no message. */
  readonly what: string;
  /** From where to where: the names of the configuration. */
  readonly from: string;
  readonly to: string;
  /** In a word or a short sentence of ours: `acknowledged`, `notified`, `parked STEP_FAILED`. */
  readonly outcome: string;
  readonly tone: Tone;
  readonly channel?: string;
  readonly queue?: string;
  /** The message behind it. */
  readonly messageId?: number;
  /** How long the outcome took. */
  readonly durationMs?: number;
}

export interface FlowEvent extends FlowEventDraft {
  /** Grows by one; a reader that was away asks for what came after the last it saw. */
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface Timeline {
  add(draft: FlowEventDraft): void;
  /** What is remembered, oldest first; only what came after `afterId` when it is given. */
  recent(afterId?: number): readonly FlowEvent[];
  /** Returns how to stop listening. */
  subscribe(listener: (event: FlowEvent) => void): () => void;
}

export interface TimelineOptions {
  readonly clock: Clock;
  /** How many events are remembered. Default 200. */
  readonly capacity?: number;
  readonly onListenerError?: (error: unknown) => void;
}

/** As it was noted: the hot path notes, whoever looks has it written out. */
interface Noted {
  readonly draft: FlowEventDraft;
  readonly id: number;
  readonly atMs: number;
}

export function createTimeline({ clock, capacity = 200, onListenerError }: TimelineOptions): Timeline {
  // Ids begin at the time of the start, so that a page that was open over a restart is not taken for one ahead of us.
  const firstId = clock.now().getTime() * 1000;
  let lastId = firstId;
  const remembered: Noted[] = [];
  const listeners = new Set<(event: FlowEvent) => void>();
  const tell = (event: FlowEvent) => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        onListenerError?.(error);
      }
    }
  };
  return {
    add(draft) {
      const noted = { draft, id: ++lastId, atMs: clock.now().getTime() };
      remembered[(noted.id - firstId - 1) % capacity] = noted;
      if (listeners.size > 0) tell(written(noted));
    },
    recent: (afterId = firstId) =>
      remembered
        .filter((noted) => noted.id > afterId)
        .sort((a, b) => a.id - b.id)
        .map(written),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const written = ({ draft, id, atMs }: Noted): FlowEvent => ({
  ...draft,
  what: safeWord(draft.what),
  from: safeWord(draft.from),
  to: safeWord(draft.to),
  id,
  at: new Date(atMs).toISOString(),
});
