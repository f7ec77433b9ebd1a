import { createHash, randomBytes, randomFillSync, timingSafeEqual } from 'node:crypto';

/** Random bytes are asked of the system in one go for many ids: every request and every resource needs one. */
const pool = Buffer.alloc(4_096);
let used = pool.length;

function fromPool(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const taken = Buffer.from(pool.subarray(used, used + bytes));
  // What was given out stays with who got it.
  pool.fill(0, used, used + bytes);
  used += bytes;
  return taken;
}

/**
 * An id that nobody can guess and that sorts by time to the millisecond: a UUID version 7 (RFC 9562, 5.7). Rows inserted one after
 * the other lie side by side in an index.
 */
export function randomId(now: number = Date.now()): string {
  const bytes = fromPool(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A secret of 256 bits in base64url, for bearer tokens and passwords. */
export const randomToken = (): string => randomBytes(32).toString('base64url');

/** Compares two secrets in a time that depends on neither; digests first, because timingSafeEqual wants equal lengths. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
