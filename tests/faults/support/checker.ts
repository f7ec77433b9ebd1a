import type { Answered, History } from './history.ts';

/**
 * Compares what the outside saw (the history) with the promise (reference/reliability.md, I1-I5, I7, I9). Of the product it hears only
 * claims: what it says still waits, is parked, is settled, and how many entries each queue ever had. It knows no code of the product.
 */
export interface Claims {
  /** Not delivered, and visibly so: waiting, retrying, held, blocked, parked. */
  readonly open: readonly Place[];
  /** Said to be delivered. */
  readonly settled: readonly Place[];
  /** Given up by an operator, or withheld, on the record. */
  readonly waived?: readonly Place[];
  /** Entries a destination's queue ever had. */
  readonly entries?: Readonly<Record<string, number>>;
}

export interface Place {
  readonly destination: string;
  readonly uid: string;
}

const counted = [
  'lost',
  'reordered',
  'duplicated',
  'foreign',
  'changed',
  'concurrent',
  'unproven',
  'unbalanced',
  'unlike',
] as const;
export type Count = (typeof counted)[number];

export interface Report {
  readonly offered: number;
  readonly acknowledged: number;
  readonly deliveries: number;
  /** Arrivals of a message that had arrived there before, each under the same identity. Allowed. */
  readonly repeats: number;
  readonly counts: Readonly<Record<Count, number>>;
  /** The first of each kind, in words. */
  readonly examples: readonly string[];
}

interface Offer {
  readonly order: number;
  readonly keys: readonly string[];
  readonly destinations: readonly string[];
  readonly content: string;
}

interface Arrival {
  readonly at: number;
  readonly destination: string;
  readonly uid: string;
  readonly identity: string;
  readonly content: string;
  answer: Answered | 'none';
  endedAt: number;
}

export function check(history: History, claims: Claims): Report {
  return new Checker(history, claims).report();
}

/** Nothing that the promise forbids. Throws with the examples. */
export function assertKept(report: Report): void {
  const broken = counted.filter((count) => report.counts[count] > 0);
  if (broken.length === 0) return;
  const figures = broken.map((count) => `${count} ${report.counts[count]}`).join(', ');
  throw new Error(`the promise is broken: ${figures}\n${report.examples.join('\n')}`);
}

class Checker {
  readonly #claims: Claims;
  readonly #offers = new Map<string, Offer>();
  readonly #answers = new Map<string, Set<string>>();
  readonly #arrivals = new Map<number, Arrival>();
  readonly #counts = Object.fromEntries(counted.map((count) => [count, 0])) as Record<Count, number>;
  readonly #examples = new Map<Count, string>();

  constructor(history: History, claims: Claims) {
    this.#claims = claims;
    for (const [at, record] of history.records.entries()) {
      if (record.kind === 'offered') {
        if (!this.#offers.has(record.uid)) this.#offers.set(record.uid, { ...record, order: at });
      } else if (record.kind === 'acknowledged') {
        const answers = this.#answers.get(record.uid) ?? new Set();
        this.#answers.set(record.uid, answers.add(record.answer));
      } else if (record.kind === 'arrived') {
        this.#arrivals.set(record.arrival, {
          ...record,
          at,
          answer: 'none',
          endedAt: Number.POSITIVE_INFINITY,
        });
      } else if (record.kind === 'answered' || record.kind === 'gone') {
        const arrival = this.#arrivals.get(record.arrival);
        if (!arrival) throw new Error('the history answers what never arrived');
        if (record.kind === 'answered') arrival.answer = record.answer;
        arrival.endedAt = Math.min(arrival.endedAt, at);
      }
    }
  }

  report(): Report {
    const arrivals = [...this.#arrivals.values()];
    const positive = new Set(
      arrivals.filter((one) => one.answer === 'positive').map((one) => place(one.destination, one.uid)),
    );
    this.#checkNothingLost(positive);
    this.#checkContents(arrivals);
    const repeats = this.#checkIdentities(arrivals);
    // Delivered is what was taken, or may have been: an answer that says no takes nothing.
    this.#checkOrder(arrivals.filter((one) => one.answer !== 'negative'));
    // And again by what was certainly taken, so that a message left behind after an unknown outcome is seen.
    this.#checkOrder(arrivals.filter((one) => one.answer === 'positive'));
    this.#checkOneInFlight(arrivals);
    this.#checkProof(positive);
    this.#checkBalance(positive);
    this.#checkAnswers();
    return {
      offered: this.#offers.size,
      acknowledged: this.#answers.size,
      deliveries: arrivals.length,
      repeats,
      counts: this.#counts,
      examples: [...this.#examples].map(([count, text]) => `${count}: ${text}`),
    };
  }

  #violated(count: Count, text: string): void {
    this.#counts[count] += 1;
    if (!this.#examples.has(count)) this.#examples.set(count, text);
  }

  /** I1: acknowledged is a subset of delivered, queued or parked, for each destination. */
  #checkNothingLost(positive: ReadonlySet<string>): void {
    const accounted = new Set([...this.#claims.open, ...(this.#claims.waived ?? [])].map(placeOf));
    for (const uid of this.#answers.keys()) {
      for (const destination of this.#offers.get(uid)?.destinations ?? []) {
        const at = place(destination, uid);
        if (!positive.has(at) && !accounted.has(at))
          this.#violated(
            'lost',
            `${uid} was acknowledged, but ${destination} never had it and it is in no list`,
          );
      }
    }
  }

  /** I3: nothing is delivered that was not accepted, nowhere it does not belong, and a repeat is the same. */
  #checkContents(arrivals: readonly Arrival[]): void {
    const rendered = new Map<string, string>();
    for (const { destination, uid, content } of arrivals) {
      const offer = this.#offers.get(uid);
      if (!offer) this.#violated('foreign', `${uid} arrived at ${destination} and nobody sent it`);
      else if (!offer.destinations.includes(destination))
        this.#violated('foreign', `${uid} arrived at ${destination}, where it was not to go`);
      const at = place(destination, uid);
      const first = rendered.get(at);
      if (first === undefined) rendered.set(at, content);
      else if (first !== content)
        this.#violated('changed', `a repeat of ${uid} at ${destination} has other content`);
      if (offer && offer.content !== content)
        this.#violated('changed', `${uid} arrived at ${destination} with other content than was sent`);
    }
  }

  /** I4: a repeat has the same identity, and an identity stands for one message. */
  #checkIdentities(arrivals: readonly Arrival[]): number {
    const identities = new Map<string, string>();
    const owners = new Map<string, string>();
    let repeats = 0;
    for (const { destination, uid, identity } of arrivals) {
      const at = place(destination, uid);
      const first = identities.get(at);
      if (first === undefined) identities.set(at, identity);
      else if (first === identity) repeats += 1;
      else
        this.#violated('duplicated', `${uid} arrived at ${destination} again as ${identity}, not ${first}`);
      const owner = owners.get(place(destination, identity));
      if (owner === undefined) owners.set(place(destination, identity), uid);
      else if (owner !== uid)
        this.#violated('duplicated', `${identity} stands for ${owner} and for ${uid} at ${destination}`);
    }
    return repeats;
  }

  /** I2: per destination and key, in the order of acceptance once repeats are removed. */
  #checkOrder(arrivals: readonly Arrival[]): void {
    const seen = new Set<string>();
    const last = new Map<string, { order: number; uid: string }>();
    for (const { destination, uid } of [...arrivals].sort((a, b) => a.at - b.at)) {
      const offer = this.#offers.get(uid);
      if (!offer || seen.has(place(destination, uid))) continue;
      seen.add(place(destination, uid));
      for (const key of offer.keys) {
        const before = last.get(place(destination, key));
        if (before && before.order > offer.order)
          this.#violated('reordered', `${before.uid} overtook ${uid} on ${key} at ${destination}`);
        else last.set(place(destination, key), { order: offer.order, uid });
      }
    }
  }

  /** I5: at most one delivery in flight per destination and key. */
  #checkOneInFlight(arrivals: readonly Arrival[]): void {
    const last = new Map<string, Arrival>();
    for (const arrival of [...arrivals].sort((a, b) => a.at - b.at)) {
      for (const key of this.#offers.get(arrival.uid)?.keys ?? []) {
        const before = last.get(place(arrival.destination, key));
        if (before && before.endedAt > arrival.at)
          this.#violated(
            'concurrent',
            `${arrival.uid} came to ${arrival.destination} while ${before.uid} was open on ${key}`,
          );
        last.set(place(arrival.destination, key), arrival);
      }
    }
  }

  /** I7: settled only on a positive acknowledgment that belongs to it. */
  #checkProof(positive: ReadonlySet<string>): void {
    for (const { destination, uid } of this.#claims.settled) {
      if (!positive.has(place(destination, uid)))
        this.#violated('unproven', `${uid} counts as delivered to ${destination}, which never said so`);
    }
  }

  /** I9: the sum over states equals accepted times destinations. */
  #checkBalance(positive: ReadonlySet<string>): void {
    const { entries, open, settled, waived = [] } = this.#claims;
    if (!entries) return;
    const known = new Set([
      ...positive,
      ...open.map(placeOf),
      ...settled.map(placeOf),
      ...waived.map(placeOf),
    ]);
    for (const [destination, count] of Object.entries(entries)) {
      const accepted = [...this.#offers].filter(
        ([uid, offer]) =>
          offer.destinations.includes(destination) &&
          (this.#answers.has(uid) || known.has(place(destination, uid))),
      ).length;
      const states = [...open, ...settled, ...waived].filter((one) => one.destination === destination).length;
      if (accepted !== count)
        this.#violated('unbalanced', `${destination} has ${count} entries for ${accepted} accepted messages`);
      if (states !== count)
        this.#violated('unbalanced', `${destination} has ${count} entries and ${states} in some state`);
    }
  }

  /** Who asks again gets the same answer. */
  #checkAnswers(): void {
    for (const [uid, answers] of this.#answers)
      if (answers.size > 1) this.#violated('unlike', `${uid} was acknowledged in ${answers.size} ways`);
  }
}

const place = (destination: string, uid: string): string => `${destination}\u0000${uid}`;
const placeOf = ({ destination, uid }: Place): string => place(destination, uid);
