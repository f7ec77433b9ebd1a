/** How long to wait before the next try: doubles from `firstMs` up to `mostMs`. */
export function backoffMs(failures: number, limits: { firstMs: number; mostMs: number }): number {
  return Math.min(limits.mostMs, limits.firstMs * 2 ** Math.max(0, Math.min(failures - 1, 20)));
}
