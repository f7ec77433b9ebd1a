import { soundOf } from './comparators/phonetic.ts';
import type { Features } from './features/types.ts';
import { isCommonFamilyName } from './names/family-names.ts';

/** Never more keys than this for one record. */
const MAX_KEYS = 24;

/**
 * The keys under which a record looks for others: two records are candidates when they share one. Several passes, each on other facts, so
 * that one or two wrong fields cost no recall; every pass joins enough facts to stay small, however many Smiths there are. The first
 * letter names the pass (docs/design/matching.md, "Blocking"). At most 24 short texts, the rarest facts first.
 */
export function blockingKeys(features: Features): string[] {
  const keys = new Set<string>();
  const names = namesOf(features);
  rareKeys(features, keys);
  birthDateKeys(features, names, keys);
  nameKeys(features, names, keys);
  addressKeys(features, names, keys);
  return [...keys].slice(0, MAX_KEYS);
}

interface Names {
  /** First given name, as it sounds and its first letter; of two names for the second entry (nickname, old). */
  readonly given: readonly string[];
  readonly initial: string;
  /** Family names and the parts of double ones, as they sound. */
  readonly family: readonly string[];
  readonly common: boolean;
}

function namesOf({ given, family }: Features): Names {
  const single = given.filter(({ joined }) => joined !== true);
  const sounds = new Set(
    family.flatMap(({ sound, parts }) => [sound, ...(parts ?? []).slice(0, 2).map(soundOf)]),
  );
  return {
    given: [...new Set(single.map(({ sound }) => sound))].filter(Boolean).slice(0, 2),
    initial: single[0]?.text[0] ?? '',
    family: [...sounds].filter(Boolean).slice(0, 3),
    common: family.some(({ text }) => isCommonFamilyName(text)),
  };
}

/** Facts that few share: SSN (s), its last four with the birth year (4), identifier (i), phone (p), e-mail (e) and what stands before its @ (E). */
function rareKeys({ birthDate, identifiers, phones, emails }: Features, keys: Set<string>): void {
  const year = birthDate?.slice(0, 4);
  let others = 0;
  for (const { kind, system, value } of identifiers) {
    if (kind === 'ssn') keys.add(`s${value}`);
    if ((kind === 'ssn' || kind === 'ssn4') && year !== undefined) keys.add(`4${value.slice(-4)}${year}`);
    if (kind === 'ssn' || kind === 'ssn4' || others >= 4) continue;
    others += 1;
    keys.add(`i${system.slice(-16)}|${value.slice(0, 24)}`);
  }
  for (const phone of phones.slice(0, 2)) keys.add(`p${phone.slice(-9)}`);
  for (const email of emails.slice(0, 1)) {
    keys.add(`e${email.slice(0, 40)}`);
    const before = email.slice(0, Math.min(24, email.indexOf('@')));
    if (before.length >= 8 || /\d/.test(before)) keys.add(`E${before}`);
  }
}

/**
 * Birth date with one more fact: a name as it sounds, given or family, so that exchanged names meet (d); the given initial (D); the postal
 * code (B); the house number (N); nothing, where there is no name (n). Day and month exchanged (w). Two of its three parts with family
 * name and initial (t, u, v).
 */
function birthDateKeys(
  { birthDate: date, addresses }: Features,
  { given, initial, family }: Names,
  keys: Set<string>,
): void {
  if (date?.length !== 10) return;
  const [year = '', month = '', day = ''] = date.split('-');
  const [main = ''] = family;
  for (const sound of [...family.slice(0, 2), ...given.slice(0, 1)]) keys.add(`d${date}${sound}`);
  if (initial !== '') keys.add(`D${date}${initial}`);
  const [home] = addresses;
  if (home?.postal !== undefined) keys.add(`B${date}${home.postal}`);
  if (home?.number !== undefined) keys.add(`N${date}${home.number.slice(0, 8)}`);
  if (initial === '' && main === '') keys.add(`n${date}`);
  if (main === '') return;
  // Either way round gives one key, so that an exchange of day and month finds the other.
  if (Number(day) <= 12 && day !== month) keys.add(`w${year}${[month, day].sort().join('')}${main}`);
  keys.add(`t${year}${month}${main}${initial}`);
  keys.add(`u${month}${day}${main}${initial}`);
  keys.add(`v${year}${day}${main}${initial}`);
}

/** Given and family name either way round: with the birth year (x), and alone where the family name is not one of the common ones (k). */
function nameKeys(features: Features, { given, family, common }: Names, keys: Set<string>): void {
  const [main] = family;
  const year = features.birthDate?.slice(0, 4);
  if (main === undefined) return;
  for (const sound of given) {
    const both = sound < main ? `${sound}|${main}` : `${main}|${sound}`;
    if (year !== undefined) keys.add(`x${year}${both}`);
    if (!common) keys.add(`k${both}`);
  }
}

/**
 * Where somebody lives: number, street and place (a); number, street and family name (h); number, postal code and the street's first letter
 * (b); both lines and the town, either way round (q); street or second line and place with the family name (r) or the given initial (R);
 * place, family name and given initial (z).
 */
function addressKeys({ addresses }: Features, { initial, family }: Names, keys: Set<string>): void {
  const [main] = family;
  for (const { number: whole, street, extra, postal, city } of addresses.slice(0, 2)) {
    const number = whole?.slice(0, 8);
    const town = soundOfAll(city);
    const place = postal ?? town;
    const road = soundOfAll(street).slice(0, 4);
    const other = soundOfAll(extra).slice(0, 4);
    if (number !== undefined && road !== '') {
      if (place !== '') keys.add(`a${number}${road}${place}`);
      if (main !== undefined) keys.add(`h${number}${road}${main}`);
    }
    if (number !== undefined && postal !== undefined) keys.add(`b${number}${postal}${street?.[0] ?? ''}`);
    if (road !== '' && other !== '' && town !== '') keys.add(`q${[road, other].sort().join('|')}|${town}`);
    for (const way of new Set([road, other])) {
      if (way === '' || place === '') continue;
      if (main !== undefined) keys.add(`r${way}${place}${main}`);
      if (initial !== '') keys.add(`R${way}${place}${initial}`);
    }
    if (place !== '' && main !== undefined) keys.add(`z${place}${main}${initial}`);
  }
}

const soundOfAll = (text: string | undefined): string =>
  text === undefined ? '' : soundOf(text.replaceAll(' ', ''));
