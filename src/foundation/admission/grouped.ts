export interface GroupedOptions<Item, Result> {
  /** Does many at once and says of each, in order, what came of it. When it throws, all of them have failed. */
  readonly run: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Result>[]>;
  readonly maxItems: number;
  /** Groups that run at the same time; default 1. */
  readonly running?: number;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets callers share what costs the same for many as for one, a round trip and a commit: while one group runs, the next gathers, and who
 * comes alone is not held up. Each call ends as its own item did.
 */
export function grouped<Item, Result>({
  run,
  maxItems,
  running: limit = 1,
}: GroupedOptions<Item, Result>): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;

  async function drain(): Promise<void> {
    running += 1;
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxItems);
      waiting = waiting.slice(maxItems);
      await settle(group);
    }
    running -= 1;
  }

  async function settle(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await run(group.map(({ item }) => item));
      group.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result?.status === 'fulfilled') resolve(result.value);
        else reject(result ? result.reason : new RangeError('a group has a result for each of its items'));
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (running < limit) void drain();
    });
}

/** For a group that succeeds or fails as a whole. */
export const allDone = <Result>(results: readonly Result[]): PromiseSettledResult<Result>[] =>
  results.map((value) => ({ status: 'fulfilled', value }));
