import { createHash } from 'node:crypto';

/** What no text of PostgreSQL holds: NUL, and halves of surrogate pairs. One of them would fail a whole batch. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** Most texts are plain ASCII, and need no closer look. */
const PLAIN = /^[ -~]*$/;

export const storable = (text: string): string => (PLAIN.test(text) ? text : text.replace(UNSTORABLE, ''));

/** An entry of an index takes some 2,700 bytes. */
const MAX_INDEXED = 500;

/** A text as an entry of an index: a longer one is found by its digest. */
export function indexable(text: string): string {
  const clean = storable(text);
  if (clean.length <= MAX_INDEXED) return clean;
  return `${clean.slice(0, 40)}…${createHash('sha256').update(clean).digest('hex')}`;
}
