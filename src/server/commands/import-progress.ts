import type { ImportProgress } from '../../gateway/import/index.ts';
import {
  durationOf,
  grouped,
  type ProgressOptions,
  type ProgressTeller,
  progressTeller,
} from './progress.ts';

/** How far an import is. */
export const importProgress = (options: ProgressOptions): ProgressTeller<ImportProgress> =>
  progressTeller(options, progressLine);

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
