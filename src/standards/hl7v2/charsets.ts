import { isAscii, isUtf8 } from 'node:buffer';
import { Hl7Error } from './errors.ts';
import { decodeSingleByte, encodeSingleByte } from './single-byte.ts';

/** A character set of HL7 table 0211 that this library reads and writes. */
export interface Charset {
  /** The label of table 0211: `UNICODE UTF-8`, `8859/1`, `ASCII`; for Windows sets the usual one. */
  readonly label: string;
  /** Text of bytes [from, to), or undefined when a byte does not belong to the set. */
  decode(bytes: Buffer, from: number, to: number): string | undefined;
  /** Bytes of the text, or undefined when a character is not in the set. */
  encode(text: string): Buffer | undefined;
}

const LOOP_BYTES = 48;
const loneSurrogate = /\p{Surrogate}/u;

/** Are all bytes of [from, to) ASCII and none NUL? Then every set here reads them alike. */
function isPlain(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > LOOP_BYTES) {
    const part = bytes.subarray(from, to);
    return isAscii(part) && !part.includes(0);
  }
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80 || byte === 0) return false;
  }
  return true;
}

const ascii: Charset = {
  label: 'ASCII',
  decode: (bytes, from, to) => (isPlain(bytes, from, to) ? bytes.toString('latin1', from, to) : undefined),
  encode: (text) => {
    const out = Buffer.from(text, 'utf8');
    return isAscii(out) ? out : undefined;
  },
};

const utf8: Charset = {
  label: 'UNICODE UTF-8',
  decode: (bytes, from, to) => {
    if (isPlain(bytes, from, to)) return bytes.toString('latin1', from, to);
    const part = bytes.subarray(from, to);
    return isUtf8(part) && !part.includes(0) ? part.toString('utf8') : undefined;
  },
  encode: (text) => (loneSurrogate.test(text) ? undefined : Buffer.from(text, 'utf8')),
};

function singleByte(label: string): Charset {
  return {
    label,
    decode: (bytes, from, to) => {
      if (isPlain(bytes, from, to)) return bytes.toString('latin1', from, to);
      return decodeSingleByte(label, bytes, { from, to });
    },
    encode: (text) => encodeSingleByte(label, text),
  };
}

/** ISO 8859 parts (there is no 12), with the ISO-IR registration numbers that imaging systems write. */
const isoParts: readonly (readonly [part: number, registration: number])[] = [
  [1, 100],
  [2, 101],
  [3, 109],
  [4, 110],
  [5, 144],
  [6, 127],
  [7, 126],
  [8, 138],
  [9, 148],
  [10, 157],
  [11, 166],
  [13, 179],
  [14, 199],
  [15, 203],
  [16, 226],
];

function supportedSets(): Map<string, Charset> {
  const sets = new Map<string, Charset>();
  const add = (charset: Charset, ...labels: string[]) => {
    for (const label of labels) sets.set(normalized(label), charset);
  };
  add(ascii, '', 'ASCII', 'US-ASCII', 'ISO IR6', 'ISO 646', 'ISO646-US', 'ANSI X3.4-1968');
  // 'UNICODE' alone is 2.4's; of the Unicode encodings only UTF-8 lets MSH be read as ASCII, which has happened by now.
  add(utf8, 'UNICODE UTF-8', 'UTF-8', 'UNICODE', 'ISO IR192');
  for (const [part, registration] of isoParts) {
    add(singleByte(`8859/${part}`), `8859/${part}`, `ISO 8859/${part}`, `ISO IR${registration}`);
  }
  add(singleByte('8859/1'), 'LATIN1', 'ISO LATIN 1');
  for (const page of [874, 1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258]) {
    add(singleByte(`windows-${page}`), `WINDOWS-${page}`, `CP${page}`, `WIN${page}`);
  }
  return sets;
}

/** Table 0211, DICOM and everyday labels of multi-byte sets: named, not read. */
const unsupportedLabels = [
  ['ISO IR14', 'ISO IR13', 'ISO IR87', 'ISO IR159', 'SHIFT JIS', 'SHIFT_JIS', 'SJIS', 'MS932', 'WINDOWS-31J'],
  [
    'EUC-JP',
    'ISO-2022-JP',
    'ISO 2022 IR 6',
    'ISO 2022 IR 87',
    'ISO 2022 IR 159',
    'ISO 2022 IR 149',
    'ISO IR149',
  ],
  [
    'ISO IR58',
    'ISO 2022 IR 58',
    'GB 18030-2000',
    'GB18030',
    'GBK',
    'GB2312',
    'GB 2312-80',
    'KS X 1001',
    'EUC-KR',
  ],
  [
    'CNS 11643-1992',
    'BIG-5',
    'BIG5',
    'UNICODE UTF-16',
    'UTF-16',
    'UNICODE UTF-32',
    'UTF-32',
    'UCS-2',
    'UTF-7',
  ],
].flat();

/** Labels are compared without case, blanks and punctuation: `8859/1`, `ISO-8859-1` and `ISO_8859-1` are one. */
function normalized(label: string): string {
  return label.toUpperCase().replace(/[^A-Z0-9]/g, '');
}

const supported = supportedSets();
const unsupported = new Set(unsupportedLabels.map(normalized));

/**
 * The set of one label. '' is ASCII (2.5.1 section 2.15.9.18). Throws HL7_UNSUPPORTED_CHARSET for sets that are known but
 * not read here, HL7_UNKNOWN_CHARSET for the rest; `location` says who named it.
 */
export function charsetOf(label: string, location = 'MSH^1^18^1'): Charset {
  if (label === '') return ascii;
  const key = normalized(label);
  const found = key === '' ? undefined : supported.get(key);
  if (found) return found;
  if (unsupported.has(key)) throw new Hl7Error('HL7_UNSUPPORTED_CHARSET', { location, rule: 'table 0211' });
  throw new Hl7Error('HL7_UNKNOWN_CHARSET', { location, rule: 'table 0211' });
}

/** Is this label one of a set that is recognised, readable or not? */
export function isKnownCharset(label: string): boolean {
  const key = normalized(label);
  return supported.has(key) || unsupported.has(key);
}
