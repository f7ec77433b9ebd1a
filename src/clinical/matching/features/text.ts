/** Letters that do not decompose into a base letter and a mark (Unicode normalisation form D). */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
  ŋ: 'n',
  ə: 'e',
};
const ASCII = /^[\0-\x7f]*$/;
const SPECIAL = /[ßæœøłđðþıħŋə]/g;
const MARKS = /\p{M}+/gu;

/** Longest piece of text that is read of any field; more says nothing new of a person. */
const MAX_TEXT = 120;

/** Lower case without diacritics; cut to a bound, so that hostile lengths cost nothing. */
export function fold(text: string): string {
  const lower = (text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text).toLowerCase();
  if (ASCII.test(lower)) return lower;
  return lower
    .normalize('NFD')
    .replace(MARKS, '')
    .replace(SPECIAL, (letter) => LETTERS[letter] ?? letter);
}

const APOSTROPHES = /['’`´ʼ]/g;
const NOT_LETTERS = /[^\p{L}]+/u;
const NOT_LETTERS_DIGITS = /[^\p{L}\p{N}]+/u;

/** Words of a name; an apostrophe joins (`O'Neill` is one word). */
export function nameWords(text: string): string[] {
  return fold(text).replace(APOSTROPHES, '').split(NOT_LETTERS).filter(Boolean).slice(0, 8);
}

/** Words of an address or a free text. */
export function words(text: string): string[] {
  return fold(text).replace(APOSTROPHES, '').split(NOT_LETTERS_DIGITS).filter(Boolean).slice(0, 16);
}

/** Digits only, of a bounded text. */
export const digitsOf = (text: string): string => text.slice(0, MAX_TEXT).replace(/\D+/g, '');

/** Each value once, in order, at most so many. */
export function distinct<T>(values: readonly T[], keyOf: (value: T) => string, limit: number): T[] {
  const seen = new Map<string, T>();
  for (const value of values) {
    if (seen.size >= limit) break;
    const key = keyOf(value);
    if (!seen.has(key)) seen.set(key, value);
  }
  return [...seen.values()];
}
