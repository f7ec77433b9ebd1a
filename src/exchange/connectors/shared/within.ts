import type { Clock } from '../../../foundation/clock/index.ts';

/** Waits for the work, but no longer than `ms`. Says whether the work was done. The work's own failure counts as done. */
export function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, () => resolve(false));
    const done = () => {
      timer.cancel();
      resolve(true);
    };
    work.then(done, done);
  });
}
