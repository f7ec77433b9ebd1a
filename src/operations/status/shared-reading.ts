import type { Clock } from '../../foundation/clock/index.ts';

export interface SharedReading<T> {
  read(): Promise<T>;
}

/**
 * One reading for all who ask within `maxAgeMs`: the page, the metrics and the alarms look at the same figures, and ten open pages
 * ask the database no oftener than one. A failed reading is not kept.
 */
export function createSharedReading<T>(options: {
  readonly clock: Clock;
  readonly maxAgeMs: number;
  readonly read: () => Promise<T>;
}): SharedReading<T> {
  const { clock, maxAgeMs, read } = options;
  let current: { readonly atMs: number; readonly value: Promise<T> } | undefined;
  return {
    read() {
      const nowMs = clock.monotonicMs();
      if (current && nowMs - current.atMs < maxAgeMs) return current.value;
      const value = read();
      const mine = { atMs: nowMs, value };
      current = mine;
      value.catch(() => {
        if (current === mine) current = undefined;
      });
      return value;
    },
  };
}
