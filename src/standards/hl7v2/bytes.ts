export const CR = 0x0d;
export const LF = 0x0a;

/** Below this a plain loop beats the call into native code. */
const SHORT_BYTES = 48;

/** The same memory as a Buffer; nothing is copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** First position of `byte` in [from, to), or -1. Never looks beyond `to`, so many short searches stay linear. */
export function findByte(bytes: Buffer, byte: number, range: { from: number; to: number }): number {
  const near = Math.min(range.to, range.from + SHORT_BYTES);
  for (let at = range.from; at < near; at++) if (bytes[at] === byte) return at;
  if (near >= range.to) return -1;
  const found = bytes.subarray(near, range.to).indexOf(byte);
  return found < 0 ? -1 : near + found;
}

/** A letter or digit of ASCII. */
export function isAlphanumeric(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
