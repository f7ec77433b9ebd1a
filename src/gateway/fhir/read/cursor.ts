import { FhirFailure, invalid } from '../failure.ts';
import type { Services } from '../interaction.ts';

/** Where a page begins, and where the pages before it began. */
export interface Place<P> {
  readonly after: P;
  /** Of the pages before, nearest last; null is the first page. */
  readonly trail: readonly (P | null)[];
}

/** Whom and what a cursor is for: it opens for nobody and nothing else. */
export interface CursorFor {
  readonly caller: string;
  /** The path and the parameters that were used. */
  readonly query: string;
}

export const CURSOR = '_cursor';

const LIFETIME_MS = 3_600_000;
/** Pages that `previous` leads back over; further back only `first` does. */
const MAX_TRAIL = 12;

/** Sealed, not only signed: a position holds the values it is sorted by, which are a patient's data. */
export function writeCursor<P>(place: Place<P>, audience: CursorFor, { cursors, clock }: Services): string {
  const expires = clock.now().getTime() + LIFETIME_MS;
  const text = JSON.stringify([expires, place.after, place.trail.slice(-MAX_TRAIL)]);
  return cursors.seal(text, contextOf(audience));
}

/** Throws INVALID_REQUEST for what was not made here for this caller and query, GONE for what has expired. */
export function readCursor<P>(token: string, audience: CursorFor, { cursors, clock }: Services): Place<P> {
  const text = cursors.open(token, contextOf(audience));
  if (text === undefined) throw invalid(CURSOR, 'a link of this server, unchanged, and for the same caller');
  const [expires, after, trail] = JSON.parse(text) as [number, P, (P | null)[]];
  if (clock.now().getTime() > expires)
    throw new FhirFailure('GONE', { place: CURSOR, rule: 'the page has expired', issueType: 'expired' });
  return { after, trail };
}

const contextOf = ({ caller, query }: CursorFor): string => `${caller}\n${query}`;
