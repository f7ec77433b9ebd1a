import { createHash } from 'node:crypto';
import { storable } from '../../foundation/database/index.ts';

export { storable };

/** An entry of an index takes some 2,700 bytes. */
const MAX_INDEXED = 500;

/** A text as an entry of an index: a longer one is found by its digest. */
export function indexable(text: string): string {
  const clean = storable(text);
  if (clean.length <= MAX_INDEXED) return clean;
  return `${clean.slice(0, 40)}…${createHash('sha256').update(clean).digest('hex')}`;
}
