import { partOf, parts, rendered } from './actors.ts';
import { type Attempt, type History, type Logical, type Operation, placeName } from './history.ts';
import { type Destination, destinations } from './house.ts';

/** The pure model: what must become of a message, from what its sender, planner and operators did. Knows nothing of the product's tables. */

export interface Place {
  /** Empty when nothing is to go there. */
  readonly contents: readonly { readonly label: string | undefined; readonly content: string }[];
  /** Whether it must be there, or only may. */
  readonly certain: boolean;
}

const nothing: Place = { contents: [], certain: true };

export interface Entry {
  readonly queue: string;
  readonly sequence: number;
  readonly message: string;
  readonly label: string | undefined;
  readonly keys: readonly string[];
  readonly attempts: readonly Attempt[];
}

/** The outgoing entries that receivers saw, by their place. */
export function entriesOf(history: History): Map<string, Entry> {
  const entries = new Map<string, Entry & { attempts: Attempt[] }>();
  for (const attempt of history.attempts) {
    const place = placeName(attempt);
    const entry = entries.get(place);
    if (entry) entry.attempts.push(attempt);
    else entries.set(place, { ...attempt, attempts: [attempt] });
  }
  return entries;
}

/** Where the sequence in the intake queue is known from: the answer to the sender, or else the planner. */
export function intakeSequence(history: History, message: string): number | undefined {
  for (const offer of history.offers)
    if (offer.message === message && offer.result.kind === 'accepted') return offer.result.accepted.sequence;
  return history.plannings.find((item) => item.message === message)?.sequence;
}

/** The pins that the message may have got: of the offer that was stored, which is open when the answer was lost. */
function pinsOf(history: History, message: string): readonly (readonly string[])[] {
  const offers = history.offers.filter((offer) => offer.message === message);
  const stored = offers.find((offer) => offer.result.kind === 'accepted' && !offer.result.accepted.duplicate);
  if (stored) return [stored.pins];
  return offers.filter((offer) => offer.result.kind !== 'refused').map((offer) => offer.pins);
}

/** Operations that settle an entry without a delivery; unanswered ones may have been applied. */
export const skipsOf = (history: History, place: { queue: string; sequence: number }): Operation[] =>
  history.operations.filter(
    (item) =>
      item.action === 'skip' &&
      item.queue === place.queue &&
      (item.sequence === undefined || item.sequence === place.sequence) &&
      item.affected !== 0,
  );

/** How many entries replays may have added at most; one adds as many as the message has there. */
export const replayedAtMost = (history: History, message: string, queue: string): number =>
  replaysOf(history, message, queue).reduce((sum, item) => sum + (item.affected ?? parts.length), 0);

export const replaysOf = (history: History, message: string, queue: string): Operation[] =>
  history.operations.filter(
    (item) => item.action === 'replay' && item.queue === queue && item.message === message,
  );

/** What must be in a destination's queue of a message that was planned for the last time. */
export function expected(history: History, message: Logical, destination: Destination): Place {
  const pins = pinsOf(history, message.id);
  const pinned = pins.filter((queues) => queues.includes(destination.queue)).length;
  if (pinned === 0) return nothing;
  const sequence = intakeSequence(history, message.id);
  const skips = sequence === undefined ? [] : skipsOf(history, { queue: message.channel, sequence });
  const planning = history.plannings.filter((item) => item.message === message.id).at(-1);
  if (!planning || (planning.answer !== 'go' && planning.answer !== 'filter')) return nothing;
  const certain = pinned === pins.length && skips.length === 0;
  const isCurrent = planning.current.includes(destination.queue);
  const content = (value: string) => (destination.renders ? rendered(value) : value);
  const whole = { label: undefined, content: content(message.body) };
  if (!isCurrent) return { contents: [whole], certain: certain && planning.answer === 'go' };
  const { kind, without } = message.script.plan;
  if (planning.answer === 'filter' || without.includes(destination.name)) return nothing;
  if (kind !== 'split') return { contents: [whole], certain };
  return { contents: parts.map((label) => ({ label, content: content(partOf(message, label)) })), certain };
}

/** Every content that a message could ever have at a destination; a replay may be of any of them. */
export function possibleContents(message: Logical, destination: Destination): string[] {
  const values = [message.body, ...parts.map((part) => partOf(message, part))];
  return destination.renders ? values.map(rendered) : values;
}

/** Settled for the receiver's side: the engine heard of the delivery, withheld it, or may have been told to skip it. */
export function settledBefore(history: History, entry: Entry, at: number): boolean {
  return (
    entry.attempts.some((item) => isDelivered(item) && item.endedAt < at) ||
    history.withheld.some((item) => placeName(item) === placeName(entry) && item.at < at) ||
    skipsOf(history, entry).some((item) => item.at < at)
  );
}

export const isDelivered = (attempt: Attempt): boolean =>
  attempt.answer === 'delivered' || attempt.answer === 'slow';

export const allPlaces = (history: History): { message: Logical; destination: Destination }[] =>
  [...history.messages.values()].flatMap((message) =>
    destinations
      .filter((destination) => destination.channel === message.channel)
      .map((destination) => ({ message, destination })),
  );
