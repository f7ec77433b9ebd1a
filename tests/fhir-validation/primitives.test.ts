import { describe, expect, test } from 'vitest';
import { errorsOf } from './support.ts';

/** An element of each primitive type, with values that are good and values that are not. */
const table: readonly { type: string; good: readonly unknown[]; bad: readonly unknown[] }[] = [
  { type: 'Boolean', good: [true, false], bad: ['true', 1, 0] },
  { type: 'Integer', good: [0, -5, 2147483647, -2147483648], bad: [1.5, 2147483648, '1', true] },
  { type: 'UnsignedInt', good: [0, 2147483647], bad: [-1, 0.5] },
  { type: 'PositiveInt', good: [1, 2147483647], bad: [0, -1, 2147483648] },
  { type: 'Decimal', good: [0, -1.25, 1e20], bad: ['1.0', true] },
  { type: 'String', good: ['a', ' a ', 'ä\n\tb', '漢字'], bad: ['', 'a\u0001', 'a\u0000b', 5] },
  { type: 'Markdown', good: ['# a'], bad: ['', 1] },
  { type: 'Code', good: ['a', 'a b', 'a-b.c'], bad: ['', ' a', 'a ', 'a  b', 3] },
  { type: 'Id', good: ['a', 'A-1.b', 'x'.repeat(64)], bad: ['', 'a_b', 'x'.repeat(65), 'a b'] },
  {
    type: 'Uri',
    good: ['urn:a', 'http://a/b?c#d', 'a', `urn:uuid:${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`],
    bad: ['', 'a b', 'urn:uuid:1', 'urn:oid:01.2'],
  },
  { type: 'Url', good: ['https://a'], bad: ['a b'] },
  { type: 'Canonical', good: ['http://a|1.0'], bad: ['a b'] },
  { type: 'Oid', good: ['urn:oid:2.16.840', 'urn:oid:1.0.1'], bad: ['2.16', 'urn:oid:3.1', 'urn:oid:1.01'] },
  {
    type: 'Uuid',
    good: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
    bad: ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:c757873d'],
  },
  {
    type: 'Date',
    good: ['2026', '2026-02', '2024-02-29', '0001-01-01'],
    bad: [
      '2026-02-29',
      '2026-13',
      '2026-1-1',
      '0000',
      '2026-04-31',
      '2026-01-01T00:00:00Z',
      2026,
      '1900-02-29',
    ],
  },
  {
    type: 'DateTime',
    good: ['2026', '2026-01-01T23:59:60Z', '2026-01-01T10:00:00.123+14:00', '2026-01-01T10:00:00-05:30'],
    bad: [
      '2026-01-01T10:00Z',
      '2026-01-01T10:00:00',
      '2026-01-01T24:00:00Z',
      '2026-01-01T10:00:00+14:30',
      '2026-02-30T10:00:00Z',
      '2026-01-01T10:00:00.Z',
      '2026-01-01 10:00:00Z',
    ],
  },
  {
    type: 'Instant',
    good: ['2026-01-01T10:00:00Z', '2026-01-01T10:00:00.5+02:00'],
    bad: ['2026-01-01', '2026-01-01T10:00:00', '2026'],
  },
  { type: 'Time', good: ['10:00:00', '23:59:59.999'], bad: ['24:00:00', '10:00', '10:00:00Z', '1:00:00'] },
  { type: 'Base64Binary', good: ['YQ==', 'YW Jj', 'YWJj'], bad: ['', 'YQ=', 'a', '====', 'YQ==YQ=='] },
];

const parameter = (type: string, value: unknown): object => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'a', [`value${type}`]: value }],
});

describe('formats', () => {
  for (const { type, good, bad } of table) {
    test(`[V4] ${type}`, () => {
      for (const value of good) expect(errorsOf(parameter(type, value)), `${value}`).toEqual([]);
      for (const value of bad) expect(errorsOf(parameter(type, value)), `${value}`).toHaveLength(1);
    });
  }
});
