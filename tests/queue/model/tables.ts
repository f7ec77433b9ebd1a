import {
  type EntrySummary,
  listEntries,
  listQueues,
  type QueueSummary,
  traceOf,
} from '../../../src/exchange/queue/index.ts';
import type { Database } from '../../../src/foundation/database/index.ts';
import { entriesOf, expected, replayedAtMost, replaysOf, settledBefore, skipsOf } from './expect.ts';
import { type History, placeName } from './history.ts';
import { destinationOf, destinations } from './house.ts';

/** What the product says of itself, held against the history. */

const all = 1_000;

/** I1, I7, I9, at any time: each place that was ever given is listed as unsettled, or was settled as the history knows. */
export async function checkPlaces(database: Database, history: History): Promise<string[]> {
  const found: string[] = [];
  for (const queue of await listQueues(database)) {
    const unsettled = await listEntries(database, { queue: queue.name, limit: all });
    const listed = new Set(unsettled.map((item) => item.sequence));
    for (let sequence = 1; sequence <= queue.lastSequence; sequence += 1)
      if (!listed.has(sequence) && !isSettled(history, queue, sequence))
        found.push(`I1 ${queue.name}#${sequence} is settled for the product, and nobody settled it`);
  }
  return found;
}

function isSettled(history: History, { name, leg }: QueueSummary, sequence: number): boolean {
  const place = { queue: name, sequence };
  if (leg === 'outgoing') {
    const entry = entriesOf(history).get(placeName(place));
    const unseen = { ...place, message: '', label: undefined, keys: [], attempts: [] };
    return settledBefore(history, entry ?? unseen, Number.POSITIVE_INFINITY);
  }
  return (
    skipsOf(history, place).length > 0 ||
    history.plannings.some(
      (item) => placeName(item) === placeName(place) && (item.answer === 'go' || item.answer === 'filter'),
    )
  );
}

/** I9, while nothing moves: lists, sums and traces tell the same, and add up to what was accepted times its destinations. */
export async function checkSums(database: Database, history: History): Promise<string[]> {
  const found: string[] = [];
  const states = new Map<string, string>();
  for (const queue of await listQueues(database)) {
    const unsettled = await listEntries(database, { queue: queue.name, limit: all });
    const done = await listEntries(database, { queue: queue.name, state: 'done', limit: all });
    for (const entry of [...unsettled, ...done]) states.set(placeName(entry), entry.state);
    found.push(...checkQueue(queue, unsettled, done));
  }
  const stored = new Map<string, number>();
  for (const { message, result } of history.offers)
    if (result.kind === 'accepted') stored.set(message, result.accepted.messageId);
  for (const [id, messageId] of stored)
    found.push(...(await checkTrace(database, history, { id, messageId, states })));
  return found;
}

function checkQueue(
  queue: QueueSummary,
  unsettled: readonly EntrySummary[],
  done: readonly EntrySummary[],
): string[] {
  const found: string[] = [];
  const { name, depth, lastSequence } = queue;
  const sequences = [...unsettled, ...done].map((item) => item.sequence).sort((one, other) => one - other);
  if (sequences.some((sequence, index) => sequence !== index + 1) || sequences.length !== lastSequence)
    found.push(`I9 ${name}: lists ${sequences} of 1 to ${lastSequence}`);
  if (depth !== unsettled.length) found.push(`I9 ${name}: depth ${depth}, lists ${unsettled.length}`);
  if (queue.removed) return found;
  for (const state of ['waiting', 'parked', 'held', 'retrying', 'blocked'] as const) {
    const listed = unsettled.filter((item) => item.state === state).length;
    if (listed !== queue[state]) found.push(`I9 ${name}: ${queue[state]} ${state}, lists ${listed}`);
  }
  return found;
}

async function checkTrace(
  database: Database,
  history: History,
  { id, messageId, states }: { id: string; messageId: number; states: ReadonlyMap<string, string> },
): Promise<string[]> {
  const found: string[] = [];
  const message = history.messages.get(id);
  if (!message) return [`I3 ${id} is unknown`];
  const trace = await traceOf(database, messageId);
  const intake = trace.filter((step) => step.queue === message.channel);
  if (intake.length !== 1) found.push(`I1 ${id} stands ${intake.length} times in ${message.channel}`);
  const seen = entriesOf(history);
  for (const step of trace) {
    if (states.get(placeName(step)) !== step.state)
      found.push(`I9 ${placeName(step)}: trace ${step.state}, list ${states.get(placeName(step))}`);
    const entry = seen.get(placeName(step));
    if (entry && entry.attempts[0]?.idempotencyKey !== step.idempotencyKey)
      found.push(`I4 ${placeName(step)}: trace and receiver know different keys`);
    if (entry && entry.message !== id) found.push(`I3 ${placeName(step)} is of ${entry.message}, not ${id}`);
  }
  const isPlanned = intake[0]?.state === 'done';
  for (const destination of destinations.filter((item) => item.channel === message.channel)) {
    const { contents, certain } = expected(history, message, destination);
    const replays = replaysOf(history, id, destination.queue);
    const least = isPlanned && certain ? contents.length + sumOf(replays.map((item) => item.affected)) : 0;
    const most = contents.length + replayedAtMost(history, id, destination.queue);
    const count = trace.filter((step) => step.queue === destination.queue).length;
    if (count < least || count > most)
      found.push(`I9 ${id} stands ${count} times in ${destination.queue}, not ${least} to ${most}`);
  }
  return found;
}

const sumOf = (counts: readonly (number | undefined)[]): number =>
  counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);

/** At rest in a running engine: what stands still must have a reason. Returns what should have moved, or is in the wrong state. */
export async function checkRest(database: Database, history: History): Promise<string[]> {
  const found: string[] = [];
  if (history.attempts.some((item) => item.endedAt === Number.POSITIVE_INFINITY)) found.push('I5 in flight');
  for (const queue of await listQueues(database)) {
    if (queue.removed || queue.holdReason !== null) continue;
    const ahead: EntrySummary[] = [];
    for (const entry of await listEntries(database, { queue: queue.name, limit: all })) {
      const isBehind = ahead.some(
        (item) => queue.order === 'strict' || item.keys.some((key) => entry.keys.includes(key)),
      );
      ahead.push(entry);
      const right = isBehind
        ? ['blocked', ...(queue.order === 'strict' ? ['waiting'] : [])]
        : [restingState(history, queue, entry)];
      if (!right.includes(entry.state))
        found.push(`I1 ${placeName(entry)} is ${entry.state}, should be ${right.join(' or ')}`);
    }
  }
  return found;
}

/** The state of an entry that is first on all of its keys: what the last answer made of it. */
function restingState(history: History, queue: QueueSummary, { sequence }: EntrySummary): string {
  const place = placeName({ queue: queue.name, sequence });
  if (destinationOf(queue.name)) {
    const answers =
      entriesOf(history)
        .get(place)
        ?.attempts.map((item) => item.answer) ?? [];
    return ['refused', 'error'].includes(answers.at(-1) ?? '') ? 'parked' : 'on its way';
  }
  const planning = history.plannings.filter((item) => placeName(item) === place).at(-1);
  if (planning?.answer === 'park') return 'parked';
  const kind = history.messages.get(planning?.message ?? '')?.script.plan.kind;
  return planning?.answer === 'hold' && kind === 'hold' ? 'held' : 'on its way';
}
