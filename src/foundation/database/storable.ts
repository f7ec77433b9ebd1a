/** What no text of PostgreSQL holds: NUL, and halves of surrogate pairs. One of them would fail a whole batch. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** Most texts are plain ASCII, and need no closer look. */
const PLAIN = /^[ -~]*$/;

/** The text without it. */
export const storable = (text: string): string => (PLAIN.test(text) ? text : text.replace(UNSTORABLE, ''));
