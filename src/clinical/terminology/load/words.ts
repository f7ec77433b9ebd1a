import { wordsOf as wordsOfAny } from '../../../standards/terminology/index.ts';

/** The words of standards/terminology, quicker where a text is plain ASCII, as nearly all of a million are. */
export function wordsOf(text: string): readonly string[] {
  return ASCII.test(text) ? (text.toLowerCase().match(WORD) ?? []) : wordsOfAny(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ASCII = /^[\x00-\x7f]*$/;
const WORD = /[a-z0-9]+/g;
