import type { Address } from '@medplum/fhirtypes';
import { isPlaceholderAddress } from './placeholders.ts';
import { distinct, fold, words } from './text.ts';
import type { AddressFeature, FeatureOptions } from './types.ts';

const MAX_ADDRESSES = 6;

/** Words that are written short or long (USPS Publication 28, appendix C, and what Australia and the United Kingdom add). */
const SHORT: Readonly<Record<string, string>> = {
  street: 'st',
  str: 'st',
  avenue: 'ave',
  av: 'ave',
  road: 'rd',
  drive: 'dr',
  drv: 'dr',
  lane: 'ln',
  court: 'ct',
  crt: 'ct',
  circle: 'cir',
  crcl: 'cir',
  circuit: 'cct',
  crescent: 'cres',
  cresent: 'cres',
  boulevard: 'blvd',
  place: 'pl',
  terrace: 'ter',
  trail: 'trl',
  parkway: 'pkwy',
  highway: 'hwy',
  square: 'sq',
  close: 'cl',
  grove: 'gr',
  route: 'rte',
  expressway: 'expy',
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
  saint: 'st',
  mount: 'mt',
  fort: 'ft',
};
const CITY_SHORT: Readonly<Record<string, string>> = {
  saint: 'st',
  sainte: 'st',
  mount: 'mt',
  fort: 'ft',
  township: 'twp',
  heights: 'hts',
  hills: 'hls',
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  point: 'pt',
  springs: 'spgs',
};
const UNITS = new Set([
  'apt',
  'apartment',
  'apmnt',
  'unit',
  'suite',
  'ste',
  'room',
  'rm',
  'flat',
  'flt',
  'fl',
  'floor',
  'lot',
  'trlr',
  'bldg',
  'building',
  'no',
  'villa',
  'space',
  'spc',
  'number',
]);

/** Addresses of any use that say something; a homeless or unknown one does not. */
export function addressFeatures(addresses: readonly Address[], options: FeatureOptions): AddressFeature[] {
  const found = addresses.slice(0, 30).map((address) => addressFeature(address, options));
  const some = found.filter(
    (each) => each.street !== undefined || each.postal !== undefined || each.city !== undefined,
  );
  return distinct(some, (each) => JSON.stringify(each), MAX_ADDRESSES);
}

function addressFeature(address: Address, options: FeatureOptions): AddressFeature {
  const lines = (address.line ?? []).slice(0, 4).map(String);
  const city = placeOf(address.city, options);
  const state = fold(String(address.state ?? '')).replace(/[^a-z]/g, '');
  const postal = postalOf(String(address.postalCode ?? ''));
  return {
    ...(lines.length > 0 && streetOf(lines, options)),
    ...(city !== '' && { city }),
    ...(state !== '' && { state }),
    ...(postal !== '' && { postal }),
  };
}

function placeOf(text: string | undefined, options: FeatureOptions): string {
  const parts = words(String(text ?? ''));
  return isPlaceholderAddress(parts.join(' '), options)
    ? ''
    : parts.map((word) => CITY_SHORT[word] ?? word).join(' ');
}

/** ZIP codes without +4; leading zeros are lost on the way by so many that they are left out. */
function postalOf(text: string): string {
  const whole = text
    .slice(0, 16)
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '');
  const code = (/^\d{9}$/.test(whole) ? whole.slice(0, 5) : whole).replace(/^0+/, '');
  return /^(\d)\1*$/.test(code) || code.length < 3 || code === '12345' ? '' : code;
}

/** The line with the number is the street; the others are more about the same place. */
function streetOf(lines: readonly string[], options: FeatureOptions): AddressFeature {
  const read = lines
    .flatMap((line) => line.split(','))
    .slice(0, 6)
    .map(words)
    .filter((parts) => parts.length > 0 && !isPlaceholderAddress(parts.join(' '), options));
  const at = Math.max(
    0,
    read.findIndex((parts) => /^\d/.test(parts[0] ?? '') || parts.join('').startsWith('pobox')),
  );
  const main = read[at];
  if (main === undefined) return {};
  const rest = read.filter((_, index) => index !== at);
  const unitLine = rest.find((parts) => UNITS.has(parts[0] ?? '') && parts.length <= 3);
  const extra = rest
    .filter((parts) => parts !== unitLine)
    .flat()
    .map((word) => SHORT[word] ?? word)
    .join(' ')
    .slice(0, 60);
  const street = parseStreet(main);
  const unit = street.unit ?? (unitLine === undefined ? undefined : unitLine.slice(1).join(''));
  return { ...street, ...(unit !== undefined && unit !== '' && { unit }), ...(extra !== '' && { extra }) };
}

function parseStreet(parts: readonly string[]): AddressFeature {
  const joined = parts.join('');
  if (joined.startsWith('pobox')) return { street: 'po box', number: joined.slice(5) };
  const [first = '', second = ''] = parts;
  const numbered = /^\d/.test(first);
  // Unit before number: `2/98 Latchford` comes as two numbers.
  const both = numbered && /^\d/.test(second) && parts.length > 2 && !/^\d+(st|nd|rd|th)$/.test(second);
  const number = numbered ? (both ? second : first) : undefined;
  const after = parts.slice(numbered ? (both ? 2 : 1) : 0);
  const at = after.findIndex((word, index) => index > 0 && UNITS.has(word));
  const street = (at > 0 ? after.slice(0, at) : after).map((word) => SHORT[word] ?? word).join(' ');
  const unit = at > 0 ? after.slice(at + 1).join('') : both ? first : '';
  return {
    ...(number !== undefined && { number }),
    ...(street !== '' && { street: street.slice(0, 60) }),
    ...(unit !== '' && { unit }),
  };
}
