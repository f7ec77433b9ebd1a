import type { Clock } from '../../foundation/clock/index.ts';

export interface ProgressOptions {
  readonly clock: Clock;
  readonly quiet: boolean;
  readonly isTerminal?: boolean;
  readonly write?: (text: string) => void;
}

export interface ProgressTeller<Progress> {
  tell(progress: Progress): void;
  end(): void;
}

const TERMINAL_MS = 200;
const PLAIN_MS = 5_000;

/** Tells on standard error how far a long job is: one line that is rewritten on a terminal, else a line every five seconds. */
export function progressTeller<Progress>(
  {
    clock,
    quiet,
    isTerminal = process.stderr.isTTY === true,
    write = (text) => void process.stderr.write(text),
  }: ProgressOptions,
  lineOf: (progress: Progress, passedMs: number) => string,
): ProgressTeller<Progress> {
  const startedMs = clock.monotonicMs();
  let toldMs = startedMs;
  let isOpen = false;
  return {
    tell(progress) {
      const nowMs = clock.monotonicMs();
      if (quiet || nowMs - toldMs < (isTerminal ? TERMINAL_MS : PLAIN_MS)) return;
      toldMs = nowMs;
      const line = lineOf(progress, nowMs - startedMs);
      write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
      isOpen = isTerminal;
    },
    end() {
      if (isOpen) write('\n');
    },
  };
}

export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

export const durationOf = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
};
