import type { Clock } from '../../foundation/clock/index.ts';
import type { ImportProgress } from '../../gateway/import/index.ts';

export interface ProgressOptions {
  readonly clock: Clock;
  readonly quiet: boolean;
  readonly isTerminal?: boolean;
  readonly write?: (text: string) => void;
}

const TERMINAL_MS = 200;
const PLAIN_MS = 5_000;

/** Tells on standard error how far an import is: one line that is rewritten on a terminal, else a line every five seconds. */
export function importProgress({
  clock,
  quiet,
  isTerminal = process.stderr.isTTY === true,
  write = (text) => void process.stderr.write(text),
}: ProgressOptions): { tell(progress: ImportProgress): void; end(): void } {
  const startedMs = clock.monotonicMs();
  let toldMs = startedMs;
  let isOpen = false;
  return {
    tell(progress) {
      const nowMs = clock.monotonicMs();
      if (quiet || nowMs - toldMs < (isTerminal ? TERMINAL_MS : PLAIN_MS)) return;
      toldMs = nowMs;
      const line = progressLine(progress, nowMs - startedMs);
      write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
      isOpen = isTerminal;
    },
    end() {
      if (isOpen) write('\n');
    },
  };
}

/** `12,400 resources, 2,300/s, 3 of 60 files, 14%, 2 min left` */
function progressLine(
  { counts, files, filesDone, bytes, bytesDone }: ImportProgress,
  passedMs: number,
): string {
  const resources = counts.written + counts.unchanged + counts.refused;
  const rate = Math.round((resources * 1_000) / Math.max(1, passedMs));
  const share = bytes === 0 ? 1 : Math.min(1, bytesDone / bytes);
  const leftMs = share === 0 ? undefined : (passedMs * (1 - share)) / share;
  return [
    `${grouped(resources)} resources`,
    `${grouped(rate)}/s`,
    `${filesDone} of ${files} files`,
    `${Math.floor(share * 100)}%`,
    ...(counts.refused > 0 ? [`${grouped(counts.refused)} refused`] : []),
    ...(leftMs === undefined ? [] : [`${durationOf(leftMs)} left`]),
  ].join(', ');
}

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

const durationOf = (ms: number): string => {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
};
