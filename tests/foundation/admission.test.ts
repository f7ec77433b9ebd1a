import { describe, expect, test } from 'vitest';
import { Admission, allDone, grouped, KeyedGroups } from '../../src/foundation/admission/index.ts';
import { manualClock } from '../../src/foundation/clock/index.ts';

/** Works that end when the test says so. */
function gates() {
  const open: (() => void)[] = [];
  return { open, work: () => new Promise<void>((resolve) => open.push(resolve)) };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('admission', () => {
  test('so many run, the others wait in order', async () => {
    const { open, work } = gates();
    const admission = new Admission({ clock: manualClock(), running: 2 });
    const ended: number[] = [];
    const all = [0, 1, 2, 3].map((n) => admission.run(work).then(() => ended.push(n)));
    expect(open).toHaveLength(2);
    open[1]?.();
    await turn();
    expect([open.length, ended]).toEqual([3, [1]]);
    open[0]?.();
    await turn();
    expect(open).toHaveLength(4);
    open[2]?.();
    open[3]?.();
    await Promise.all(all);
    expect(ended).toEqual([1, 0, 2, 3]);
    await admission.run(async () => undefined);
  });

  test('who waits too long, or comes when too many wait, is told', async () => {
    const { open, work } = gates();
    const clock = manualClock();
    const admission = new Admission({ clock, running: 1, waiting: 1, patienceMs: 100 });
    const first = admission.run(work);
    const second = admission.run(work);
    await expect(admission.run(work)).rejects.toMatchObject({ code: 'BUSY' });
    clock.advance(101);
    await expect(second).rejects.toMatchObject({ code: 'BUSY' });
    const third = admission.run(work);
    open[0]?.();
    await first;
    await turn();
    open[1]?.();
    await third;
  });

  test('a work that fails gives its place back', async () => {
    const admission = new Admission({ clock: manualClock(), running: 1 });
    const fail = () => admission.run(() => Promise.reject(new RangeError('x')));
    await expect(fail()).rejects.toThrow('x');
    await expect(fail()).rejects.toThrow('x');
  });
});

describe('groups', () => {
  test('who comes alone goes at once, who comes meanwhile goes together', async () => {
    const { open, work } = gates();
    const ran: (readonly number[])[] = [];
    const double = grouped<number, number>({
      maxItems: 2,
      async run(items) {
        ran.push(items);
        await work();
        return allDone(items.map((item) => item * 2));
      },
    });
    const results = [1, 2, 3, 4].map((item) => double(item));
    expect(ran).toEqual([[1]]);
    for (let n = 0; n < 3; n++) {
      open[n]?.();
      await turn();
    }
    expect(await Promise.all(results)).toEqual([2, 4, 6, 8]);
    expect(ran).toEqual([[1], [2, 3], [4]]);
  });

  test('one may fail alone, or all together', async () => {
    const some = grouped<number, number>({
      maxItems: 10,
      async run(items) {
        if (items.includes(0)) throw new RangeError('all');
        return items.map((item) =>
          item === 1
            ? { status: 'rejected', reason: new RangeError('one') }
            : { status: 'fulfilled', value: item },
        );
      },
    });
    const settled = await Promise.allSettled([some(2), some(1), some(3)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(some(0)).rejects.toThrow('all');
    expect(await some(5)).toBe(5);
  });

  test('those of different keys never meet', async () => {
    const ran: string[] = [];
    const groups = new KeyedGroups<string, string>({ maxItems: 10 });
    const add = (key: string, item: string) =>
      groups.add(key, item, async (items) => {
        ran.push(`${key}:${items.join('')}`);
        await turn();
        return allDone(items);
      });
    await Promise.all([add('a', '1'), add('b', '1'), add('a', '2'), add('b', '2'), add('a', '3')]);
    expect(ran).toEqual(['a:1', 'b:1', 'a:23', 'b:2']);
  });
});
