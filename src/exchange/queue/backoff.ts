/** Exponential backoff with full jitter between half and the whole of the step (so that many destinations do not return together). */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

export const defaultBackoff: Backoff = { firstMs: 200, mostMs: 30_000 };

export function backoffMs(backoff: Backoff, failures: number, random: () => number): number {
  const step = Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(failures - 1, 20));
  return step / 2 + (random() * step) / 2;
}
