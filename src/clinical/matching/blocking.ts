import { soundOf } from './comparators/phonetic.ts';
import type { Features } from './features/types.ts';

/** Never more keys than this for one record. */
const MAX_KEYS = 24;
/** A name with many forms gives its first ones only. */
const MAX_FORMS = 3;

/**
 * The keys under which a record looks for others: two records are candidates when they share one. Several passes, each on other fields, so
 * that one wrong field costs no recall. Every key joins at least two facts, or one that is rare by itself, so that no key grows with the
 * number of Smiths.
 *
 * `d` birth date + given initial · `D` birth date with day and month exchanged + given initial · `f` family sound + birth date's year and month ·
 * `g` given name + family sound + birth year · `G` given sound + birth date · `s` SSN · `4` SSN last four + birth year · `p` phone · `e` e-mail · `i` identifier ·
 * `a` number + street sound + postal or city · `z` family sound + postal + given initial · `x` family and given exchanged + birth year
 */
export function blockingKeys(features: Features): string[] {
  const keys = new Set<string>();
  const given = features.given.filter(({ joined }) => joined !== true).slice(0, MAX_FORMS);
  const family = features.family.slice(0, MAX_FORMS);
  const sounds = new Set(
    family.flatMap(({ sound, parts }) => [sound, ...(parts ?? []).slice(0, 2).map(soundOf)]),
  );
  const familySounds = [...sounds].slice(0, MAX_FORMS);
  rareKeys(features, keys);
  const date = features.birthDate;
  if (date !== undefined) dateKeys(date, { given, familySounds, keys, features });
  addressKeys(features, { given, familySounds, keys });
  return [...keys].slice(0, MAX_KEYS);
}

/** One fact that few share. */
function rareKeys(features: Features, keys: Set<string>): void {
  const year = features.birthDate?.slice(0, 4);
  let identifiers = 0;
  for (const { kind, system, value } of features.identifiers) {
    if (kind === 'ssn') {
      keys.add(`s${value}`);
      if (year !== undefined) keys.add(`4${value.slice(-4)}${year}`);
    } else if (kind === 'ssn4') {
      if (year !== undefined) keys.add(`4${value}${year}`);
    } else if (identifiers < 5) {
      identifiers += 1;
      keys.add(`i${system.slice(-16)}|${value.slice(0, 24)}`);
    }
  }
  for (const phone of features.phones.slice(0, 2)) keys.add(`p${phone}`);
  for (const email of features.emails.slice(0, 1)) keys.add(`e${email.slice(0, 40)}`);
}

interface Names {
  readonly given: Features['given'];
  readonly familySounds: readonly string[];
  readonly keys: Set<string>;
}

function dateKeys(
  date: string,
  { given, familySounds, keys, features }: Names & { features: Features },
): void {
  const year = date.slice(0, 4);
  const [main] = given;
  if (date.length === 10) {
    const exchanged = `${year}-${date.slice(8)}-${date.slice(5, 7)}`;
    for (const sound of familySounds) keys.add(`d${date}${sound}`);
    if (main !== undefined) keys.add(`G${date}${main.text[0]}`);
    if (main === undefined || familySounds.length === 0) keys.add(`n${date}`);
    if (familySounds[0] !== undefined && exchanged !== date) keys.add(`d${exchanged}${familySounds[0]}`);
  }
  for (const { sound, text } of given.slice(0, 2)) {
    const [family = ''] = familySounds;
    if (family !== '') keys.add(`g${year}${sound}${family}`);
    const [other] = features.family;
    // Exchanged names give the same key whichever way round they stand.
    if (other !== undefined) keys.add(`x${year}${[text, other.text].sort().join('|').slice(0, 30)}`);
  }
  if (date.length >= 7)
    for (const sound of familySounds.slice(0, 1))
      if (main !== undefined) keys.add(`f${date.slice(0, 7)}${sound}${main.text[0]}`);
}

function addressKeys(features: Features, { given, familySounds, keys }: Names): void {
  const [main] = given;
  for (const { number, street, postal, city } of features.addresses.slice(0, 2)) {
    const place = postal ?? city?.slice(0, 8);
    const road = street === undefined ? '' : soundOf(street.replaceAll(' ', ''));
    if (number !== undefined && road !== '') {
      keys.add(`a${number}${road}${features.birthDate?.slice(0, 4) ?? ''}`);
      if (main !== undefined) keys.add(`A${number}${road}${main.sound}`);
      if (familySounds[0] !== undefined) keys.add(`h${number}${road}${familySounds[0]}`);
    }
    if (place !== undefined && main !== undefined && familySounds[0] !== undefined)
      keys.add(`z${place}${familySounds[0]}${main.sound}`);
  }
}
