import { afterAll, beforeAll, expect, test } from 'vitest';
import { runRandom } from '../identity/random.ts';
import { openWorld, type World } from '../identity/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

test('[ID3] [ID4] [ID14] 2,000 random decisions and messages on one record: exactly what was decided, and undone as if nothing had been', async () => {
  const told = new Map<string, number>();
  for (let run = 0; run < 10; run += 1) {
    const once = await runRandom({ world, seed: 1000 + run, name: `run ${run}`, steps: 200 });
    for (const [kind, times] of once) told.set(kind, (told.get(kind) ?? 0) + times);
  }
  for (const kind of ['link', 'merge', 'unlink', 'move', 'undo', 'undo refused', 'merge refused'])
    expect(told.get(kind) ?? 0, kind).toBeGreaterThan(10);
});
