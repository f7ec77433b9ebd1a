import fc from 'fast-check';
import { describe, it } from 'vitest';
import { run } from './model/run.ts';
import { script } from './model/script.ts';
import { openQueueDatabase } from './support.ts';

/** How many scripts; a search through the night takes MODEL_RUNS=5000. A failure names its seed and path: MODEL_SEED and MODEL_PATH repeat it. */
const runs = Number(process.env.MODEL_RUNS ?? 40);
const steps = Number(process.env.MODEL_STEPS ?? 25);
const { MODEL_SEED: seed, MODEL_PATH: path } = process.env;

describe('the queue against its model', () => {
  it(
    '[I1] [I2] [I3] [I4] [I5] [I7] [I9] holds whatever senders, receivers, operators and crashes do',
    async () => {
      const holds = fc.asyncProperty(script(steps), async (steps) => {
        const test = await openQueueDatabase();
        try {
          await run(test.database, steps);
        } finally {
          await test.drop();
        }
      });
      await fc.assert(holds, {
        numRuns: runs,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
        ...(path === undefined ? {} : { path }),
      });
    },
    60_000 + runs * 10_000,
  );
});
