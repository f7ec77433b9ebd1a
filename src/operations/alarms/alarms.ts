import type { Clock } from '../../foundation/clock/index.ts';
import type { AlarmReading, Condition } from './conditions.ts';

export type { AlarmReading } from './conditions.ts';

/** An alarm that is on. */
export interface Alarm {
  readonly name: string;
  readonly text: string;
  readonly since: Date;
}

export interface AlarmsOptions {
  readonly clock: Clock;
  readonly onRaised: (alarm: Alarm) => void;
  readonly onCleared: (alarm: Alarm, durationMs: number) => void;
}

export interface Alarms {
  /** Goes over to other conditions; an alarm that is no longer asked for is cleared. */
  watch(conditions: readonly Condition[]): void;
  /** Looks at every condition once. */
  look(reading: AlarmReading): void;
  /** Those that are on, oldest first. */
  current(): readonly Alarm[];
  /** Every condition by name, and whether it is on. */
  all(): readonly { readonly name: string; readonly on: boolean }[];
}

interface Watched {
  condition: Condition;
  /** Since when the condition holds, by the monotonic clock. */
  holdsSinceMs: number | undefined;
  alarm: Alarm | undefined;
}

export function createAlarms({ clock, onRaised, onCleared }: AlarmsOptions): Alarms {
  const watched = new Map<string, Watched>();
  const clear = (item: Watched) => {
    const { alarm } = item;
    item.alarm = undefined;
    item.holdsSinceMs = undefined;
    if (alarm) onCleared(alarm, clock.now().getTime() - alarm.since.getTime());
  };
  const lookAt = (item: Watched, reading: AlarmReading) => {
    const text = item.condition.look(reading);
    if (text === undefined) return clear(item);
    const nowMs = clock.monotonicMs();
    item.holdsSinceMs ??= nowMs;
    if (nowMs - item.holdsSinceMs < item.condition.forMs) return;
    const isNew = item.alarm === undefined;
    item.alarm = { name: item.condition.name, text, since: item.alarm?.since ?? clock.now() };
    if (isNew) onRaised(item.alarm);
  };
  return {
    watch(conditions) {
      const names = new Set(conditions.map(({ name }) => name));
      for (const [name, item] of watched) {
        if (names.has(name)) continue;
        watched.delete(name);
        clear(item);
      }
      for (const condition of conditions) {
        const item = watched.get(condition.name);
        if (item) item.condition = condition;
        else watched.set(condition.name, { condition, holdsSinceMs: undefined, alarm: undefined });
      }
    },
    look(reading) {
      for (const item of watched.values()) lookAt(item, reading);
    },
    current: () => [...watched.values()].flatMap(({ alarm }) => alarm ?? []),
    all: () =>
      [...watched.values()].map(({ condition, alarm }) => ({
        name: condition.name,
        on: alarm !== undefined,
      })),
  };
}
