import { edits } from '../comparators/edits.ts';
import { jaroWinklerFrom } from '../comparators/jaro-winkler.ts';
import type { AddressFeature } from '../features/types.ts';
import type { LevelOf } from '../model/types.ts';

type Street = LevelOf<'address'>;
type Place = LevelOf<'place'>;
const STREETS: readonly Street[] = ['exact', 'typo', 'close', 'street', 'differs'];
const PLACES: readonly Place[] = ['exact', 'close', 'one', 'differs'];

export interface AddressLevels {
  /** Number and street. */
  readonly address: Street | undefined;
  /** Postal code and city. */
  readonly place: Place | undefined;
}

/** The best of the addresses of both sides, street and place each for itself (a street may be known without its city). */
export function compareAddresses(
  as: readonly AddressFeature[],
  bs: readonly AddressFeature[],
): AddressLevels {
  let address: Street | undefined;
  let place: Place | undefined;
  for (const a of as) {
    for (const b of bs) {
      const street = streetLevel(a, b);
      const where = placeLevel(a, b);
      if (
        street !== undefined &&
        (address === undefined || STREETS.indexOf(street) < STREETS.indexOf(address))
      )
        address = street;
      if (where !== undefined && (place === undefined || PLACES.indexOf(where) < PLACES.indexOf(place)))
        place = where;
    }
  }
  return { address, place };
}

type Likeness = 'same' | 'like' | 'differs';

function streetLevel(a: AddressFeature, b: AddressFeature): Street | undefined {
  const straight = likeness(a.street, b.street);
  const street = straight === undefined || straight === 'differs' ? (crossed(a, b) ?? straight) : straight;
  const extra = likeness(a.extra, b.extra);
  const number = numbers(a.number, b.number);
  if (street === undefined && extra === undefined) return undefined;
  const otherUnit = a.unit !== undefined && b.unit !== undefined && a.unit !== b.unit;
  if (street === 'same' && number === 'same') return otherUnit ? 'close' : 'exact';
  const alike = street === 'same' || street === 'like';
  if (alike && number === 'same') return otherUnit ? 'close' : 'typo';
  if (alike && number !== 'differs') return 'close';
  const sameExtra = extra === 'same' || extra === 'like';
  if (sameExtra && number === 'same') return 'close';
  return alike || sameExtra ? 'street' : 'differs';
}

/** Lines in another order: what is the street here stands beside it there. */
const crossed = (a: AddressFeature, b: AddressFeature): Likeness | undefined =>
  alikeTexts(a.extra, b.street) || alikeTexts(a.street, b.extra) ? 'like' : undefined;

const alikeTexts = (a: string | undefined, b: string | undefined): boolean => {
  const found = likeness(a, b);
  return found === 'same' || found === 'like';
};

function likeness(a: string | undefined, b: string | undefined): Likeness | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 'same';
  const one = a.replaceAll(' ', '');
  const other = b.replaceAll(' ', '');
  if (one === other) return 'same';
  const slips = Math.min(3, Math.floor(Math.min(one.length, other.length) / 3));
  return edits(one, other, slips) <= slips || jaroWinklerFrom(one, other, 0.92) >= 0.92 ? 'like' : 'differs';
}

/** House numbers; one slip in a longer one is near. */
function numbers(a: string | undefined, b: string | undefined): 'same' | 'near' | 'differs' | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 'same';
  return Math.min(a.length, b.length) >= 2 && edits(a, b, 1) <= 1 ? 'near' : 'differs';
}

function placeLevel(a: AddressFeature, b: AddressFeature): Place | undefined {
  const postal = a.postal === undefined || b.postal === undefined ? undefined : edits(a.postal, b.postal, 1);
  const city = likeness(a.city, b.city);
  if (postal === undefined && city === undefined) return undefined;
  const sameCity = city === 'same' || city === 'like';
  if (postal === 0 && city !== 'differs') return 'exact';
  if (sameCity && postal === undefined) return 'one';
  if (sameCity && postal === 1) return 'close';
  return sameCity || postal === 0 ? 'one' : 'differs';
}
