import { createHash } from 'node:crypto';

/**
 * What happened, as the outside world saw it: written by the test's own senders and receivers, never read from the product. Records are
 * only ever appended; their place in the list is the order of things.
 */
export type HistoryRecord =
  /** A sender is about to send this message, perhaps again. */
  | {
      readonly kind: 'offered';
      readonly channel: string;
      readonly uid: string;
      readonly keys: readonly string[];
      /** The destinations it has to reach: those configured when it is accepted. */
      readonly destinations: readonly string[];
      readonly content: string;
    }
  /** The engine said that it has it (AA, CA, HTTP 2xx). */
  | { readonly kind: 'acknowledged'; readonly uid: string; readonly answer: string }
  /** The engine said that it has not. */
  | { readonly kind: 'refused'; readonly uid: string; readonly answer: string }
  /** A whole message came in at a destination. */
  | {
      readonly kind: 'arrived';
      readonly arrival: number;
      readonly destination: string;
      readonly uid: string;
      /** What a receiver can tell a repeat by: the idempotency key of the protocol, MSH-10 over MLLP. */
      readonly identity: string;
      readonly content: string;
    }
  | { readonly kind: 'answered'; readonly arrival: number; readonly answer: Answered }
  /** The connection ended without an answer to it. */
  | { readonly kind: 'gone'; readonly arrival: number };

/** `positive`: a well-formed positive acknowledgment that belongs to this message; everything else is not. */
export type Answered = 'positive' | 'negative' | 'other';

export class History {
  readonly records: HistoryRecord[] = [];
  #arrivals = 0;

  offered(message: {
    channel: string;
    uid: string;
    keys: readonly string[];
    destinations: readonly string[];
    body: Uint8Array;
  }): void {
    const { channel, uid, keys, destinations, body } = message;
    this.records.push({ kind: 'offered', channel, uid, keys, destinations, content: fingerprint(body) });
  }

  acknowledged(uid: string, answer: Uint8Array): void {
    this.records.push({ kind: 'acknowledged', uid, answer: Buffer.from(answer).toString('latin1') });
  }

  refused(uid: string, answer: Uint8Array): void {
    this.records.push({ kind: 'refused', uid, answer: Buffer.from(answer).toString('latin1') });
  }

  /** Returns the number by which `answered` and `gone` refer to this arrival. */
  arrived(at: { destination: string; uid: string; identity: string; body: Uint8Array }): number {
    this.#arrivals += 1;
    const { destination, uid, identity, body } = at;
    const arrival = this.#arrivals;
    this.records.push({ kind: 'arrived', arrival, destination, uid, identity, content: fingerprint(body) });
    return arrival;
  }

  answered(arrival: number, answer: Answered): void {
    this.records.push({ kind: 'answered', arrival, answer });
  }

  gone(arrival: number): void {
    this.records.push({ kind: 'gone', arrival });
  }

  /** How many different messages this destination has answered positively. */
  deliveredTo(destination: string): number {
    const positive = new Set<number>();
    for (const record of this.records)
      if (record.kind === 'answered' && record.answer === 'positive') positive.add(record.arrival);
    const uids = new Set<string>();
    for (const record of this.records)
      if (record.kind === 'arrived' && record.destination === destination && positive.has(record.arrival))
        uids.add(record.uid);
    return uids.size;
  }
}

const fingerprint = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url').slice(0, 24);
