/**
 * Time, injected. `now` is the wall clock, for stamps that people read; `monotonicMs` is for durations, time limits and
 * leases, and never jumps. What depends on time takes a Clock, so that tests turn it by hand (`manualClock`).
 */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  now(): Date;
  monotonicMs(): number;
  after(ms: number, run: () => void): Timer;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = clock.after(ms, done);
    signal?.addEventListener('abort', done, { once: true });
    function done() {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}

/** Waits for the work, but not longer than `ms`: false when it was not done by then; it goes on, and nobody hears how it ends. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const done = new AbortController();
  const late = pause(clock, ms, done.signal).then(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    done.abort();
  }
}

export interface ManualClock extends Clock {
  /** Moves both clocks on and runs what became due, in order. */
  advance(ms: number): void;
  /** Moves the wall clock only, as an administrator or NTP would. */
  jump(ms: number): void;
}

export function manualClock(start = new Date('2026-01-01T00:00:00Z')): ManualClock {
  let wallMs = start.getTime();
  let monotonic = 0;
  let due: { at: number; run: () => void }[] = [];
  return {
    now: () => new Date(wallMs),
    monotonicMs: () => monotonic,
    after(ms, run) {
      const item = { at: monotonic + ms, run };
      due.push(item);
      return {
        cancel() {
          due = due.filter((other) => other !== item);
        },
      };
    },
    advance(ms) {
      const end = monotonic + ms;
      for (;;) {
        const next = due.filter((item) => item.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        due = due.filter((item) => item !== next);
        wallMs += next.at - monotonic;
        monotonic = next.at;
        next.run();
      }
      wallMs += end - monotonic;
      monotonic = end;
    },
    jump(ms) {
      wallMs += ms;
    },
  };
}
