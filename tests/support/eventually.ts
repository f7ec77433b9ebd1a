import { setTimeout as wait } from 'node:timers/promises';

/**
 * Resolves with the first result of `check` that is neither undefined, null nor false; a check that throws counts as not yet. Fails at the
 * deadline with the last error. The only place where tests poll: prefer an event where there is one.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { deadlineMs = 5_000, what = 'the condition' }: { deadlineMs?: number; what?: string } = {},
): Promise<Exclude<T, undefined | null | false>> {
  const end = performance.now() + deadlineMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    let lastError: unknown;
    try {
      const result = await check();
      if (result !== undefined && result !== null && result !== false) {
        return result as Exclude<T, undefined | null | false>;
      }
    } catch (error) {
      lastError = error;
    }
    if (performance.now() >= end)
      throw new Error(`${what} did not come true within ${deadlineMs} ms`, { cause: lastError });
    await wait(pauseMs);
  }
}
