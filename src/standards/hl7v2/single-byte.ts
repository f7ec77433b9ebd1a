import { singleByteSets } from './single-byte-sets.ts';

/** UTF-16 code units by byte, -1 where none is assigned, and the way back. */
interface Table {
  readonly codes: Int32Array;
  readonly bytes: ReadonlyMap<number, number>;
}

/**
 * Senders who label their messages with one of these ISO sets often write the Windows set that adds characters in 0x80-0x9F
 * (curly quotation marks, the euro sign). So that range is read as everybody reads it on the web (WHATWG Encoding, names
 * and labels), but never written.
 */
const readAs: Readonly<Record<string, string>> = {
  '8859/1': 'windows-1252',
  '8859/9': 'windows-1254',
  '8859/11': 'windows-874',
};

const tables = new Map<string, Table>();

function tableOf(label: string): Table {
  const known = tables.get(label);
  if (known) return known;
  const codes = new Int32Array(256).fill(-1);
  const bytes = new Map<number, number>();
  for (let byte = 0; byte < 0x80; byte++) assign(codes, bytes, byte, byte);
  upperCodes(label).forEach((code, index, all) => {
    if (code >= 0) assign(codes, bytes, 256 - all.length + index, code);
  });
  const windows = upperCodes(readAs[label] ?? '');
  for (let byte = 0x80; byte < 0xa0; byte++) {
    if (codes[byte] === -1) codes[byte] = windows[byte - 0x80] ?? -1;
  }
  const table = { codes, bytes };
  tables.set(label, table);
  return table;
}

function assign(codes: Int32Array, bytes: Map<number, number>, ...[byte, code]: [number, number]): void {
  codes[byte] = code;
  bytes.set(code, byte);
}

/** The last code belongs to 0xFF. */
function upperCodes(label: string): number[] {
  const digits = singleByteSets[label]?.match(/.{4}/g) ?? [];
  return digits.map((code) => (code === '----' ? -1 : Number.parseInt(code, 16)));
}

/** Text of [from, to) or undefined when a byte is not assigned. */
export function decodeSingleByte(
  label: string,
  bytes: Buffer,
  range: { from: number; to: number },
): string | undefined {
  const { codes } = tableOf(label);
  const utf16 = Buffer.allocUnsafe((range.to - range.from) * 2);
  for (let at = range.from, out = 0; at < range.to; at++, out += 2) {
    const code = codes[bytes[at] ?? 0] ?? -1;
    if (code <= 0) return undefined; // not assigned, or NUL, which is not text
    utf16[out] = code & 0xff;
    utf16[out + 1] = code >> 8;
  }
  return utf16.toString('utf16le');
}

/** Bytes of the text or undefined when a character is not in the set. */
export function encodeSingleByte(label: string, text: string): Buffer | undefined {
  const { bytes } = tableOf(label);
  const out = Buffer.allocUnsafe(text.length);
  for (let at = 0; at < text.length; at++) {
    const byte = bytes.get(text.charCodeAt(at));
    if (byte === undefined) return undefined;
    out[at] = byte;
  }
  return out;
}
