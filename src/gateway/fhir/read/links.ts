import type { Parameter, Services } from '../interaction.ts';
import { CURSOR, type CursorFor, type Place, writeCursor } from './cursor.ts';

export interface BundleLink {
  readonly relation: string;
  readonly url: string;
}

export interface Paging<P> {
  /** `https://isthmus.example/fhir/R4/Patient`. */
  readonly address: string;
  /** Those that were used. */
  readonly parameters: readonly Parameter[];
  readonly audience: CursorFor;
  /** Where this page begins; undefined for the first. */
  readonly place: Place<P> | undefined;
  /** The cursor that led here. */
  readonly cursor: string | undefined;
  readonly next: P | undefined;
}

/** self, first, previous and next (http.html#paging). */
export function linksOf<P>(paging: Paging<P>, services: Services): BundleLink[] {
  const { place, next, cursor, audience } = paging;
  const to = (relation: string, token?: string): BundleLink => ({
    relation,
    url: addressWith(paging, token),
  });
  const links = [to('self', cursor)];
  if (place || next !== undefined) links.push(to('first'));
  if (place) {
    const before = place.trail.at(-1);
    if (before === null) links.push(to('previous'));
    else if (before !== undefined) {
      const previous = { after: before, trail: place.trail.slice(0, -1) };
      links.push(to('previous', writeCursor(previous, audience, services)));
    }
  }
  if (next !== undefined) {
    const trail = place ? [...place.trail, place.after] : [null];
    links.push(to('next', writeCursor({ after: next, trail }, audience, services)));
  }
  return links;
}

function addressWith({ address, parameters }: Paging<unknown>, token: string | undefined): string {
  const all = token === undefined ? parameters : [...parameters, [CURSOR, token] as const];
  const query = new URLSearchParams(all.map(([name, value]): [string, string] => [name, value]));
  return query.size === 0 ? address : `${address}?${query}`;
}
