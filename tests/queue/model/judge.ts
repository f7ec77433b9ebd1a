import {
  allPlaces,
  type Entry,
  entriesOf,
  expected,
  intakeSequence,
  isDelivered,
  possibleContents,
  replayedAtMost,
  replaysOf,
  settledBefore,
  skipsOf,
} from './expect.ts';
import { type Attempt, type History, placeName } from './history.ts';
import { channels, destinationOf, destinations, orderOf } from './house.ts';
import { judgeOffers } from './judge-offers.ts';

/** The independent judge: looks at the history of senders, planners, receivers and operators only. Returns what broke which invariant. */
export function judge(history: History): string[] {
  const entries = [...entriesOf(history).values()];
  return [
    ...judgeOffers(history),
    ...judgeContent(history, entries),
    ...judgeOrder(history, entries),
    ...judgeAcceptanceOrder(history, entries),
    ...judgeFlight(history),
    ...judgeRepeats(history, entries),
    ...judgeOperators(history, entries),
  ];
}

/** I3, I4, Q6: only what was accepted, where it is pinned, as planned, always the same under the same key. */
function judgeContent(history: History, entries: readonly Entry[]): string[] {
  const found: string[] = [];
  const owners = new Map<string, string>();
  for (const entry of entries) {
    const [first] = entry.attempts;
    for (const attempt of entry.attempts) {
      if (attempt.idempotencyKey !== first?.idempotencyKey)
        found.push(`I4 ${placeName(entry)}: a repeat with another key`);
      if (attempt.content !== first?.content || attempt.message !== first.message)
        found.push(`I3 ${placeName(entry)}: a repeat with other content`);
      const owner = owners.get(attempt.idempotencyKey) ?? placeName(entry);
      owners.set(attempt.idempotencyKey, owner);
      if (owner !== placeName(entry)) found.push(`I4 ${placeName(entry)}: the key of ${owner}`);
    }
  }
  for (const { message, destination } of allPlaces(history)) {
    const here = entries.filter((item) => item.queue === destination.queue && item.message === message.id);
    const replayed = replayedAtMost(history, message.id, destination.queue);
    const surplus = here.map((item) => item.attempts[0]?.content ?? '');
    for (const { content } of expected(history, message, destination).contents) {
      const index = surplus.indexOf(content);
      if (index >= 0) surplus.splice(index, 1);
    }
    const possible = possibleContents(message, destination);
    if (surplus.length > replayed || surplus.some((content) => !possible.includes(content)))
      found.push(`I3 ${message.id} at ${destination.queue}: got ${surplus} that nobody sent there`);
    for (const { keys, sequence } of here)
      if ([...keys].sort().join() !== [...message.keys].sort().join())
        found.push(`Q5 ${destination.queue}#${sequence}: keys ${keys} instead of ${message.keys}`);
  }
  return found;
}

const isTied = (queue: string, one: readonly string[], other: readonly string[]): boolean =>
  orderOf(queue) === 'strict' || one.some((key) => other.includes(key));

/** I2: nothing leaves before everything ahead of it on one of its keys is settled. */
function judgeOrder(history: History, entries: readonly Entry[]): string[] {
  const found: string[] = [];
  for (const { queue } of destinations) {
    const here = entries.filter((entry) => entry.queue === queue);
    for (const entry of here)
      for (const ahead of here)
        if (ahead.sequence < entry.sequence && isTied(queue, ahead.keys, entry.keys))
          for (const attempt of entry.attempts)
            if (!settledBefore(history, ahead, attempt.at))
              found.push(
                `I2 ${placeName(entry)} left at ${attempt.at} before ${placeName(ahead)} was settled`,
              );
  }
  return found;
}

/** I2: entries stand in the order of acceptance, per key, or altogether behind a strict channel. */
function judgeAcceptanceOrder(history: History, entries: readonly Entry[]): string[] {
  const found: string[] = [];
  for (const { queue, channel } of destinations) {
    const originals = entries
      .filter((entry) => entry.queue === queue && replaysOf(history, entry.message, queue).length === 0)
      .map((entry) => ({ ...entry, accepted: intakeSequence(history, entry.message) ?? 0 }))
      .sort((one, other) => one.sequence - other.sequence);
    for (const [index, later] of originals.entries())
      for (const earlier of originals.slice(0, index)) {
        const tied = channels[channel] === 'strict' || isTied(channel, earlier.keys, later.keys);
        const inOrder =
          earlier.accepted === later.accepted
            ? (earlier.label ?? '') < (later.label ?? '')
            : earlier.accepted < later.accepted;
        if (tied && !inOrder)
          found.push(`I2 ${placeName(later)} (${later.message}) stands behind ${earlier.message}`);
      }
  }
  return found;
}

/** I5: one in flight per key, one in all in strict order. */
function judgeFlight(history: History): string[] {
  const found: string[] = [];
  for (const [index, later] of history.attempts.entries())
    for (const earlier of history.attempts.slice(0, index))
      if (
        earlier.queue === later.queue &&
        earlier.endedAt > later.at &&
        isTied(later.queue, earlier.keys, later.keys)
      )
        found.push(`I5 ${placeName(earlier)} and ${placeName(later)} in flight together at ${later.at}`);
  return found;
}

/** Q4: what the engine knows to be delivered is repeated after a crash only, and then at most the window. */
function judgeRepeats(history: History, entries: readonly Entry[]): string[] {
  const found: string[] = [];
  const lives = [0, ...history.crashes, Number.POSITIVE_INFINITY];
  for (const [index, from] of lives.slice(0, -1).entries()) {
    const to = lives[index + 1] ?? Number.POSITIVE_INFINITY;
    const repeated = new Map<string, number>();
    for (const entry of entries) {
      const again = entry.attempts.filter((item) => item.at > from && item.at < to);
      for (const attempt of again) {
        const known = entry.attempts.filter((item) => isDelivered(item) && item.endedAt < attempt.at);
        if (known.some((item) => item.endedAt > from))
          found.push(`Q4 ${placeName(entry)} repeated at ${attempt.at} though its delivery was known`);
      }
      if (again[0] && entry.attempts.some((item) => isDelivered(item) && item.endedAt < from))
        repeated.set(entry.queue, (repeated.get(entry.queue) ?? 0) + 1);
    }
    for (const [queue, count] of repeated) {
      const { commit, lanes, window } = destinationOf(queue) ?? { commit: 'each', lanes: 0, window: 0 };
      const limit = commit === 'each' ? lanes : window;
      if (count > limit) found.push(`Q4 ${queue}: ${count} repeats after the crash at ${from}, not ${limit}`);
    }
  }
  return found;
}

/** Q11: what was skipped does not leave any more; nothing leaves a queue on hold. */
function judgeOperators(history: History, entries: readonly Entry[]): string[] {
  const found: string[] = [];
  for (const entry of entries)
    for (const skip of skipsOf(history, entry))
      if (skip.affected && entry.attempts.some((item) => item.at > skip.answeredAt))
        found.push(`Q11 ${placeName(entry)} left after it was skipped`);
  for (const hold of history.operations)
    if (hold.action === 'hold' && hold.affected) {
      const end = history.operations.find(
        (item) => item.at > hold.at && item.queue === hold.queue && item.action !== 'hold',
      );
      const left = (item: Attempt) =>
        item.queue === hold.queue &&
        item.at > hold.answeredAt &&
        item.at < (end?.at ?? Number.POSITIVE_INFINITY);
      // What asks for its release has started before it leaves, one a lane; "on hold" is that nothing starts.
      const { renders = false, lanes = 0 } = destinationOf(hold.queue) ?? {};
      for (const attempt of history.attempts.filter(left).slice(renders ? lanes : 0))
        found.push(`Q11 ${placeName(attempt)} left at ${attempt.at} though ${hold.queue} is on hold`);
    }
  return found;
}

/** I1 at the end, when everything went well at last: all that was accepted was delivered where it was pinned, or settled by a decision. */
export function judgeEnd(history: History): string[] {
  const found: string[] = [];
  const entries = [...entriesOf(history).values()];
  for (const { message, destination } of allPlaces(history)) {
    const isStored = history.offers.some(
      (offer) => offer.message === message.id && offer.result.kind === 'accepted',
    );
    if (!isStored) continue;
    const sequence = intakeSequence(history, message.id) ?? 0;
    const isSkipped = skipsOf(history, { queue: message.channel, sequence }).length > 0;
    const planning = history.plannings.filter((item) => item.message === message.id).at(-1);
    if (!isSkipped && planning?.answer !== 'go' && planning?.answer !== 'filter')
      found.push(`I1 ${message.id} was never planned`);
    const { contents, certain } = expected(history, message, destination);
    const here = entries.filter((item) => item.queue === destination.queue && item.message === message.id);
    // Which of a message's entries was skipped or withheld, the tables have to say (tables.ts).
    const isDecided =
      (message.script.release === 'withhold' && destination.renders) ||
      history.operations.some(
        (item) => item.action === 'skip' && item.queue === destination.queue && item.affected !== 0,
      );
    const missing = contents.filter(
      ({ content }) =>
        !here.some((entry) =>
          entry.attempts.some((item) => isDelivered(item) && item.received && item.content === content),
        ),
    );
    if (certain && !isDecided && missing.length > 0)
      found.push(`I1 ${message.id} at ${destination.queue}: ${missing.map((item) => item.content)} missing`);
  }
  for (const entry of entries)
    if (!settledBefore(history, entry, Number.POSITIVE_INFINITY))
      found.push(`I1 ${placeName(entry)} was never delivered`);
  return found;
}
