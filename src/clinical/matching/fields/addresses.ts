import { edits } from '../comparators/edits.ts';
import { jaroWinkler } from '../comparators/jaro-winkler.ts';
import type { AddressFeature } from '../features/types.ts';
import type { LevelOf } from '../model/types.ts';

type Level = LevelOf<'address'>;
const ORDER: readonly Level[] = ['exact', 'close', 'street', 'postal', 'city', 'differs'];

/** The best pair of the addresses of both sides. */
export function compareAddresses(
  as: readonly AddressFeature[],
  bs: readonly AddressFeature[],
): Level | undefined {
  let best: Level | undefined;
  for (const a of as) {
    for (const b of bs) {
      const level = addressLevel(a, b);
      if (level === 'exact') return level;
      if (level !== undefined && (best === undefined || ORDER.indexOf(level) < ORDER.indexOf(best)))
        best = level;
    }
  }
  return best;
}

/** True, false, or unknown where one side is silent. */
type Tri = boolean | undefined;

function addressLevel(a: AddressFeature, b: AddressFeature): Level | undefined {
  const street = sameStreet(a, b);
  const number = a.number === undefined || b.number === undefined ? undefined : a.number === b.number;
  const postal = a.postal === undefined || b.postal === undefined ? undefined : a.postal === b.postal;
  const city = sameCity(a.city, b.city);
  const place: Tri = postal === true || city === true ? true : (postal ?? city);
  if (street === 'same' && number === true && place !== false) return 'exact';
  if (street !== undefined && street !== 'differs') {
    if (number === true) return 'close';
    if (place === true) return number === false && !nearNumber(a.number, b.number) ? 'street' : 'close';
    if (street === 'same' && place === undefined) return 'street';
  }
  if (postal === true) return 'postal';
  if (city === true) return 'city';
  return street === undefined && place === undefined ? undefined : 'differs';
}

function sameStreet(a: AddressFeature, b: AddressFeature): 'same' | 'like' | 'differs' | undefined {
  if (a.street === undefined || b.street === undefined) return undefined;
  if (a.street === b.street) return 'same';
  if (likeText(a.street, b.street)) return 'like';
  // Lines in another order: what is the street here stands beside it there.
  if (likeText(a.extra, b.street) || likeText(a.street, b.extra)) return 'like';
  return 'differs';
}

function likeText(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a === b) return true;
  const one = a.replaceAll(' ', '');
  const other = b.replaceAll(' ', '');
  return (
    one === other ||
    edits(one, other, 3) <= Math.min(3, Math.floor(Math.min(one.length, other.length) / 4)) ||
    jaroWinkler(one, other) >= 0.93
  );
}

function sameCity(a: string | undefined, b: string | undefined): Tri {
  if (a === undefined || b === undefined) return undefined;
  return a === b || edits(a, b, 2) <= 2 || jaroWinkler(a, b) >= 0.93;
}

/** One slip in a house number. */
const nearNumber = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && edits(a, b, 1) <= 1 && Math.min(a.length, b.length) >= 2;
