import type { HumanName, PatientContact } from '@medplum/fhirtypes';
import { soundOf } from '../comparators/phonetic.ts';
import { isPlaceholderName, isPlaceholderWhole } from './placeholders.ts';
import { distinct, nameWords } from './text.ts';
import type { FamilyName, FeatureOptions, GivenName, NameKind } from './types.ts';

/** Words before a family name that are often left out or written together. */
const PARTICLES = new Set(
  'de la las los del der den da das do dos di du le van von vander vanden ter ten te al el ul bin ibn bint ben abu st san santa saint mac mc fitz o d y e zu zum af av'.split(
    ' ',
  ),
);
const SUFFIXES: Readonly<Record<string, number>> = {
  sr: 1,
  senior: 1,
  snr: 1,
  i: 1,
  '1st': 1,
  jr: 2,
  junior: 2,
  jnr: 2,
  ii: 2,
  '2nd': 2,
  iii: 3,
  '3rd': 3,
  iv: 4,
  '4th': 4,
  v: 5,
  '5th': 5,
};
/** Taken off the end of a family name only where they can be nothing else (`I` and `V` could be initials). */
const TRAILING = new Set(['jr', 'sr', 'ii', 'iii', 'iv', 'jnr', 'snr', 'junior', 'senior']);

const MAX_NAMES = 12;
const MAX_VARIANTS = 8;

export interface NameFeatures {
  readonly given: readonly GivenName[];
  readonly middle: readonly string[];
  readonly family: readonly FamilyName[];
  readonly suffix?: number;
}

/** Names of all uses, those in use first, so that the first of each list is the one to look at. */
export function nameFeatures(names: readonly HumanName[], options: FeatureOptions): NameFeatures {
  const given: GivenName[] = [];
  const middle: string[] = [];
  const family: FamilyName[] = [];
  let suffix: number | undefined;
  for (const name of inUseFirst(names)) {
    const read = readName(name, options);
    given.push(...read.given);
    middle.push(...read.middle);
    family.push(...read.family);
    suffix ??= read.suffix;
  }
  return {
    given: distinct(given, ({ text }) => text, MAX_VARIANTS),
    middle: distinct(middle, (text) => text, 6),
    family: distinct(family, ({ text }) => text, MAX_VARIANTS),
    ...(suffix !== undefined && { suffix }),
  };
}

const isPast = (kind: NameKind): boolean => kind === 'old' || kind === 'maiden';

function inUseFirst(names: readonly HumanName[]): HumanName[] {
  // A pseudonym is nobody's name.
  const some = names.filter(({ use }) => use !== 'anonymous').slice(0, MAX_NAMES);
  const past = (name: HumanName) => isPast(name.use ?? 'official') || name.use === 'nickname';
  return [...some.filter((name) => !past(name)), ...some.filter(past)];
}

function readName(name: HumanName, options: FeatureOptions): NameFeatures {
  const kind: NameKind = name.use ?? 'official';
  const givenWords = (name.given ?? []).slice(0, 6).map((each) => nameWords(String(each)));
  const familyWords = nameWords(String(name.family ?? ''));
  const taken = withoutSuffix(familyWords);
  const suffix = suffixOf(name.suffix ?? []) ?? taken.suffix;
  const [first = [], ...rest] = givenWords;
  const nobody = isPlaceholderWhole(first.join(' '), taken.words.join(' '));
  const usable = nobody || isPlaceholderName(first, options) ? [] : first;
  const [head, ...tail] = usable;
  const given: GivenName[] = [];
  if (head !== undefined) given.push({ text: head, sound: soundOf(head), kind });
  if (head !== undefined && tail.length > 0) {
    const joined = usable.join('');
    given.push({ text: joined, sound: soundOf(joined), kind, joined: true });
  }
  const others = rest.filter((part) => !isPlaceholderName(part, options)).flat();
  const family = nobody || isPlaceholderName(taken.words, options) ? [] : [familyName(taken.words, kind)];
  return { given, middle: [...tail, ...others], family, ...(suffix !== undefined && { suffix }) };
}

function withoutSuffix(all: readonly string[]): { words: readonly string[]; suffix?: number } {
  const last = all.at(-1) ?? '';
  const suffix = all.length > 1 && TRAILING.has(last) ? SUFFIXES[last] : undefined;
  return suffix === undefined ? { words: all } : { words: all.slice(0, -1), suffix };
}

function suffixOf(suffixes: readonly string[]): number | undefined {
  for (const each of suffixes) {
    const known =
      SUFFIXES[
        String(each)
          .toLowerCase()
          .replace(/[^a-z0-9]/g, '')
          .slice(0, 8)
      ];
    if (known !== undefined) return known;
  }
  return undefined;
}

/** @param parts words, at least one */
function familyName(parts: readonly string[], kind: NameKind): FamilyName {
  const text = parts.join('');
  const own = parts.filter((part) => part.length > 1 && !PARTICLES.has(part));
  const first = { text, sound: soundOf(own.length > 0 ? own.join('') : text), kind };
  return parts.length > 1 && own.length > 0 ? { ...first, parts: own } : first;
}

/** A family name alone, as the mother's maiden name is told. */
export function foldedFamily(text: string, options: FeatureOptions): string | undefined {
  const { words: parts } = withoutSuffix(nameWords(text));
  return isPlaceholderName(parts, options) ? undefined : parts.join('');
}

/** Names of contacts that are persons: given name, a blank, family name. */
export function contactNames(contacts: readonly PatientContact[], options: FeatureOptions): string[] {
  const found = contacts.slice(0, 12).flatMap(({ name }) => {
    if (name === undefined) return [];
    const { given, family } = readName(name, options);
    const text = `${given[0]?.text ?? ''} ${family[0]?.text ?? ''}`;
    return text === ' ' ? [] : [text];
  });
  return distinct(found, (text) => text, 4);
}
