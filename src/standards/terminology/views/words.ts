import type { Concept } from '../types.ts';

/** Words without case and accents. */
export const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

/** Whether a concept has, in its code, display and designations, a word that begins with each word of a text. */
export function textPredicate(text: string | undefined): (concept: Concept) => boolean {
  const asked = wordsOf(text ?? '');
  if (asked.length === 0) return () => true;
  return ({ code, display, designations }) => {
    const has = wordsOf([code, display ?? '', ...designations.map(({ value }) => value)].join(' '));
    return asked.every((word) => has.some((one) => one.startsWith(word)));
  };
}
