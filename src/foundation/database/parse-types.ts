import { types as builtIn } from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const DATE = 1082;
const TIMESTAMP = 1114;

const asIs = (text: string) => text;
const parsers = new Map<number, (text: string) => unknown>([
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

/** How values of the server become JavaScript values; timestamptz becomes a Date, numeric a string, bytea a Buffer. */
export const parseTypes = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const own = format === 'binary' ? undefined : parsers.get(oid);
    return own ?? builtIn.getTypeParser(oid, format ?? 'text');
  },
};
