import type { Clock } from '../../../foundation/clock/index.ts';
import type { WholeRule } from './options.ts';
import type { FileInfo } from './store.ts';

interface Sighting {
  readonly size: number;
  readonly modifiedMs: number;
  readonly sinceMs: number;
}

/**
 * Tells files that are whole from files still being written, by the declared rule. For `quiet` a file must be seen at least twice, unchanged,
 * `quietMs` apart on our own clock; what the file's time stamp says about its age is the writer's clock and is not believed.
 */
export class Wholeness {
  readonly #rule: WholeRule;
  readonly #clock: Clock;
  #seen = new Map<string, Sighting>();

  constructor(rule: WholeRule, clock: Clock) {
    this.#rule = rule;
    this.#clock = clock;
  }

  /**
   * Which of the listed files are whole, and how long until others may be. Forgets files that are not listed any more.
   * With markers, only files that have one are listed in the first place.
   */
  sift(files: readonly FileInfo[]): { whole: FileInfo[]; againInMs: number | undefined } {
    if (this.#rule.by === 'quiet') return this.#quiet(files, this.#rule.quietMs);
    return { whole: [...files], againInMs: undefined };
  }

  #quiet(files: readonly FileInfo[], quietMs: number): { whole: FileInfo[]; againInMs: number | undefined } {
    const nowMs = this.#clock.monotonicMs();
    const seen = new Map<string, Sighting>();
    const whole: FileInfo[] = [];
    let againInMs: number | undefined;
    for (const file of files) {
      const before = this.#seen.get(file.name);
      const same = before?.size === file.size && before.modifiedMs === file.modifiedMs;
      const sighting =
        before && same ? before : { size: file.size, modifiedMs: file.modifiedMs, sinceMs: nowMs };
      seen.set(file.name, sighting);
      const leftMs = sighting.sinceMs + quietMs - nowMs;
      if (sighting === before && leftMs <= 0) whole.push(file);
      else againInMs = Math.min(againInMs ?? Number.POSITIVE_INFINITY, Math.max(leftMs, 1));
    }
    this.#seen = seen;
    return { whole, againInMs };
  }
}
