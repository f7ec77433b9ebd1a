import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gates } from '../../src/exchange/queue/index.ts';

interface Item {
  readonly sequence: number;
}

const keysOfItem = fc.uniqueArray(fc.constantFrom<string>('a', 'b', 'c', 'd'), {
  minLength: 1,
  maxLength: 3,
});

describe('[Q5] gates', () => {
  it('[Q5] never lets two items with a common key run together, and keeps their order', () => {
    fc.assert(
      fc.property(fc.array(keysOfItem, { maxLength: 60 }), fc.infiniteStream(fc.nat()), (all, choices) => {
        const gates = new Gates<Item>();
        const running = new Map<number, readonly string[]>();
        const finished: number[] = [];
        const keysOf = (item: Item) => all[item.sequence - 1] ?? [];
        const run = (item: Item) => {
          for (const [, keys] of running) expect(keys.some((key) => keysOf(item).includes(key))).toBe(false);
          running.set(item.sequence, keysOf(item));
        };
        all.forEach((keys, index) => {
          const item = { sequence: index + 1 };
          if (gates.admit(item, keys)) run(item);
          if (running.size > 0 && (choices.next().value ?? 0) % 2 === 0) finishOne();
        });
        while (running.size > 0) finishOne();

        expect(finished.length).toBe(all.length);
        expect(gates.size).toBe(0);
        for (const key of ['a', 'b', 'c', 'd']) {
          const order = finished.filter((sequence) => all[sequence - 1]?.includes(key));
          expect(order).toEqual([...order].sort((x, y) => x - y));
        }

        function finishOne() {
          const sequences = [...running.keys()];
          const sequence = sequences[(choices.next().value ?? 0) % sequences.length] ?? 0;
          running.delete(sequence);
          finished.push(sequence);
          for (const next of gates.finish(sequence)) run(next);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('[Q5] evicts exactly those that stand behind the keys, directly or through others', () => {
    const gates = new Gates<Item>();
    expect(gates.admit({ sequence: 1 }, ['a'])).toBe(true);
    expect(gates.admit({ sequence: 2 }, ['b'])).toBe(true);
    expect(gates.admit({ sequence: 3 }, ['b'])).toBe(false);
    expect(gates.admit({ sequence: 4 }, ['a', 'b'])).toBe(false);
    expect(gates.admit({ sequence: 5 }, ['b'])).toBe(false);
    expect(gates.evictBehind(['a']).map((item) => item.sequence)).toEqual([4, 5]);
    expect(gates.finish(2).map((item) => item.sequence)).toEqual([3]);
    expect(gates.finish(1)).toEqual([]);
    expect(gates.finish(3)).toEqual([]);
    expect(gates.size).toBe(0);
  });
});
