import { listEntries, listQueues } from '../../../src/exchange/queue/index.ts';
import type { Database } from '../../../src/foundation/database/index.ts';
import { eventually } from '../../support/index.ts';
import { message } from './good-history.ts';
import { placeName, tell } from './history.ts';
import { type ChannelName, channelNames } from './house.ts';
import { judge, judgeEnd } from './judge.ts';
import type { Step } from './script.ts';
import { checkPlaces, checkRest, checkSums } from './tables.ts';
import { World, type WorldOptions } from './world.ts';

/** Runs a script to the end and past it, judging on the way. Throws what was found, with the whole history. */
export async function run(
  database: Database,
  steps: readonly Step[],
  options: WorldOptions = {},
): Promise<void> {
  const world = new World(database, options);
  try {
    for (const step of steps) {
      if (step.do === 'settle') await settle(database, world);
      else if (step.do === 'stop') await stop(database, world);
      else await world.perform(step);
      if (step.do === 'finish' || step.do === 'crash') await during(database, world);
    }
    await conclude(database, world);
  } catch (error) {
    throw new Error(`${reasonsOf(error)}\n${tell(world.history)}`, { cause: error });
  } finally {
    world.kill();
  }
}

function reasonsOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return [error.message, reasonsOf(error.cause)].filter(Boolean).join('\n');
}

function expectNothing(found: readonly string[]): void {
  if (found.length > 0) throw new Error([...new Set(found)].join('\n'));
}

/** What holds at any moment. */
async function during(database: Database, { history }: World): Promise<void> {
  expectNothing([...judge(history), ...(await checkPlaces(database, history))]);
}

/** Waits until nothing moves any more: what stands still then must have a reason. */
async function settle(database: Database, world: World): Promise<void> {
  await world.start();
  world.actors.gate.open = true;
  await world.answered();
  await eventually(
    async () => {
      // A process that died meanwhile is followed by the next.
      await world.start();
      expectNothing(await checkRest(database, world.history));
      return true;
    },
    { deadlineMs: world.deadlineMs, what: 'I1 rest' },
  );
  world.actors.gate.open = false;
  await during(database, world);
}

async function stop(database: Database, world: World): Promise<void> {
  const isClean = await world.stop();
  await during(database, world);
  if (isClean) expectNothing(await checkSums(database, world.history));
}

/** Everything goes well from now on: all that is parked and held is released, and everything must be delivered. */
async function conclude(database: Database, world: World): Promise<void> {
  world.mendAll();
  await stop(database, world);
  await drain(database, world);
  await stop(database, world);
  expectNothing(judgeEnd(world.history));
  // After a clean stop nothing of this is sent again: a message on all keys comes behind whatever would be.
  await world.perform({ do: 'accept', burst: channelNames.map(onAllKeys), wait: true });
  await drain(database, world);
  await stop(database, world);
  expectNothing(judgeEnd(world.history));
}

async function drain(database: Database, world: World): Promise<void> {
  await world.start();
  await eventually(
    async () => {
      await world.answered();
      const open: string[] = [];
      for (const queue of await listQueues(database)) {
        for (const entry of await listEntries(database, { queue: queue.name, limit: 1_000 }))
          open.push(`I1 ${placeName(entry)} is still ${entry.state}`);
        if (queue.depth > 0 && open.length === 0) open.push(`I9 ${queue.name} has depth ${queue.depth}`);
        if (queue.parked + queue.held > 0) await world.operate({ action: 'release', queue: queue.name });
        if (queue.holdReason !== null) await world.operate({ action: 'resume', queue: queue.name });
      }
      expectNothing(open);
      return true;
    },
    { deadlineMs: world.deadlineMs, what: 'I1 the delivery of everything' },
  );
}

const onAllKeys = (channel: ChannelName) => message({ channel, keys: ['p', 'q', 'r'] });
