import { pause, systemClock } from '../../foundation/clock/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { MessageDoor } from '../../trust/access/index.ts';
import type { ShowQueueOptions } from './command-options.ts';
import { Exit, exitCodes } from './exit-codes.ts';
import { printAge, printJson, printLine, printTable, printTime } from './output.ts';
import { withStore } from './with-store.ts';

export async function listQueues({ json }: { json: boolean }): Promise<void> {
  const queues = await withStore(({ messages }) => messages.queues());
  if (json) return printJson({ queues });
  if (queues.length === 0)
    return printLine('there are no queues yet: the first start of a configuration makes them');
  const now = new Date();
  printTable(
    ['queue', 'order', 'waiting', 'oldest', 'parked', 'held', 'retrying', 'blocked', 'note'],
    queues.map((queue) => [
      queue.name,
      queue.order,
      String(queue.waiting),
      printAge(queue.oldestAt, now),
      ...[queue.parked, queue.held, queue.retrying, queue.blocked].map((count) =>
        count === 0 ? '' : String(count),
      ),
      noteOf(queue),
    ]),
  );
}

type Queue = Awaited<ReturnType<MessageDoor['queues']>>[number];

function noteOf({ removed, holdReason }: Queue): string {
  if (removed) return 'no longer in the configuration';
  return holdReason === null ? '' : `on hold: ${holdReason}`;
}

export async function showQueue(name: string, { after, json, ...filter }: ShowQueueOptions): Promise<void> {
  const entries = await withStore(async ({ messages }) => {
    await queueOf(messages, name);
    return messages.entries({
      queue: name,
      ...filter,
      ...(after === undefined ? {} : { afterSequence: after }),
    });
  });
  // Keys hold identifiers of patients: they are not shown in a list.
  const shown = entries.map(({ keys: _, ...entry }) => entry);
  if (json) return printJson({ queue: name, entries: shown });
  if (shown.length === 0) return printLine('nothing is there');
  printTable(
    ['place', 'message', 'received (UTC)', 'type', 'what', 'state', 'attempts', 'why'],
    shown.map((entry) => [
      String(entry.sequence),
      `#${entry.messageId}`,
      printTime(entry.receivedAt),
      entry.type,
      entry.label ?? '',
      entry.state,
      String(entry.attempts),
      [entry.code, entry.reason].filter(Boolean).join(': '),
    ]),
  );
  const last = shown.at(-1);
  if (last && shown.length === filter.limit) printLine(`more with --after ${last.sequence}`);
}

const lookEveryMs = 500;

export async function drainQueue(
  name: string,
  { timeoutMs, json }: { timeoutMs: number; json: boolean },
): Promise<void> {
  const { left, parked } = await withStore(({ messages }) =>
    waitUntilEmpty(messages, name, { timeoutMs, json }),
  );
  if (json) printJson({ queue: name, drained: left === 0, left, parked });
  else if (left === 0) printLine(`${name} is empty${parked > 0 ? `; ${parked} are parked` : ''}`);
  else process.stderr.write(`${name} still has ${left}; see isthmus queue show "${name}"\n`);
  if (left > 0) throw new Exit(exitCodes.waiting);
}

async function waitUntilEmpty(
  messages: MessageDoor,
  name: string,
  { timeoutMs, json }: { timeoutMs: number; json: boolean },
): Promise<{ left: number; parked: number }> {
  const endMs = systemClock.monotonicMs() + timeoutMs;
  let said = -1;
  for (;;) {
    const { depth, parked } = await queueOf(messages, name);
    const left = Math.max(0, depth - parked);
    if (left === 0 || systemClock.monotonicMs() >= endMs) return { left, parked };
    if (left !== said && !json) printLine(`${left} left`);
    said = left;
    await pause(systemClock, lookEveryMs);
  }
}

async function queueOf(messages: MessageDoor, name: string): Promise<Queue> {
  const queue = (await messages.queues()).find((each) => each.name === name);
  if (queue) return queue;
  throw new IsthmusError('QUEUE_UNKNOWN', { place: name });
}
