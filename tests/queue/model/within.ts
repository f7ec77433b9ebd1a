import { setTimeout as wait } from 'node:timers/promises';

/** Fails when the work takes longer. */
export async function within<T>(limitMs: number, what: () => string, work: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const limit = wait(limitMs, undefined, { signal: ended.signal }).then(
    () => Promise.reject(new Error(`${what()} did not come in ${limitMs} ms`)),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([work, limit]);
  } finally {
    ended.abort();
  }
}
