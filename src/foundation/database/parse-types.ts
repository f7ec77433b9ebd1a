import { types as builtIn } from 'pg';

const BYTEA = 17;
const INT8 = 20;
const INT4 = 23;
const TEXT_ARRAY = 1009;
const INT8_ARRAY = 1016;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

const asIs = (text: string) => text;
const fromText = new Map<number, (text: string) => unknown>([
  // Ids, sequences and counts stay far below 2^53; a bigint in JavaScript would cost more than it saves.
  [INT8, Number],
  [
    INT8_ARRAY,
    (text) =>
      text
        .slice(1, -1)
        .split(',')
        .filter(Boolean)
        .map((item) => (item === 'NULL' ? null : Number(item))),
  ],
  // A date has no time zone: as a Date in local time a birth date would move by a day.
  [DATE, asIs],
  [TIMESTAMP, asIs],
]);

/** The binary format counts microseconds from the year 2000. */
const EPOCH_2000_MS = 946_684_800_000;
const fromBinary = new Map<number, (bytes: Buffer) => unknown>([
  [BYTEA, (bytes) => bytes],
  [INT4, (bytes) => bytes.readInt32BE()],
  [INT8, (bytes) => Number(bytes.readBigInt64BE())],
  [TIMESTAMPTZ, (bytes) => new Date(Math.floor(Number(bytes.readBigInt64BE()) / 1000) + EPOCH_2000_MS)],
  [TEXT_ARRAY, textArray],
]);

/** Dimensions, flags, element type; length and lower bound of the one dimension; then each element with its length in front, -1 for null. */
function textArray(bytes: Buffer): (string | null)[] {
  const items: (string | null)[] = [];
  if (bytes.readInt32BE() === 0) return items;
  const count = bytes.readInt32BE(12);
  let at = 20;
  for (let index = 0; index < count; index++) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0) items.push(null);
    else {
      items.push(bytes.toString('utf8', at, at + length));
      at += length;
    }
  }
  return items;
}

/**
 * How values of the server become JavaScript values; timestamptz becomes a Date, numeric a string, bytea a Buffer. Statements with binary
 * rows return no other types than those above, texts and booleans.
 */
export const parseTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format === 'binary') return fromBinary.get(oid) ?? builtIn.getTypeParser(oid, 'binary');
    return fromText.get(oid) ?? builtIn.getTypeParser(oid, 'text');
  },
};
