import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareVersions,
  type DateTimeOptions,
  formatDateTime,
  parseDateTime,
  parseDecimal,
  toFhirDate,
  toFhirDateTime,
  toInstant,
} from '../../src/standards/hl7v2/index.ts';
import { failure } from './support.ts';

describe('dates and times', () => {
  test.each([
    ['2026', 'year', '2026'],
    ['202603', 'month', '2026-03'],
    ['20260314', 'day', '2026-03-14'],
    ['2026031409', 'hour', '2026-03-14'],
    ['202603140930', 'minute', '2026-03-14'],
    ['202603140930-0500', 'minute', '2026-03-14T09:30:00-05:00'],
    ['20260314093015+0000', 'second', '2026-03-14T09:30:15+00:00'],
    ['20260314093015.1+0530', 'fraction', '2026-03-14T09:30:15.1+05:30'],
    ['20260314093015.1234-0330', 'fraction', '2026-03-14T09:30:15.1234-03:30'],
    ['2026031409+0100', 'hour', '2026-03-14'],
    ['20240229', 'day', '2024-02-29'],
    ['2026-0500', 'year', '2026'],
    ['00010101', 'day', '0001-01-01'],
  ])('[H27] %s has the precision %s and is %s in FHIR', (text, precision, fhir) => {
    const value = parseDateTime(text);
    expect(value.precision).toBe(precision);
    expect(toFhirDateTime(value)).toBe(fhir);
  });

  test('[H27] what was not sent is not there', () => {
    expect(parseDateTime('202603')).toEqual({ precision: 'month', year: 2026, month: 3 });
    expect(parseDateTime('2026031409', { defaultOffset: '-0500' })).toEqual({
      precision: 'hour',
      year: 2026,
      month: 3,
      day: 14,
      hour: 9,
      offsetMinutes: -300,
    });
  });

  test.each([
    '',
    '26',
    '202613',
    '20260230',
    '20250229',
    '19000229',
    '20260100',
    '2026010124',
    '202601012360',
    '20260101235960',
    '20260101120000.',
    '20260101120000.12345',
    '20260101+25',
    '20260101120000+1500',
    '20260101120000+0060',
    '2026-01-15T14:30:00',
    '20250115 1430',
    '2026011',
    '00000000',
    '""',
    ' 20260101',
    '20260101\n',
  ])('[H27] %j is refused, and the value is not shown', (text) => {
    const error = failure(() => parseDateTime(text, { location: 'PID^1^7' }), 'HL7_BAD_TIMESTAMP');
    expect(error.location).toBe('PID^1^7');
    if (text.length > 3) expect(error.message).not.toContain(text);
  });

  const local = (text: string, options: DateTimeOptions) => toFhirDateTime(parseDateTime(text, options));

  test.each([
    ['20260115120000', 'America/New_York', '2026-01-15T12:00:00-05:00'],
    ['20260715120000', 'America/New_York', '2026-07-15T12:00:00-04:00'],
    ['20260308015959', 'America/New_York', '2026-03-08T01:59:59-05:00'],
    ['20260308030000', 'America/New_York', '2026-03-08T03:00:00-04:00'],
    ['20260308023000', 'America/New_York', '2026-03-08T02:30:00-05:00'],
    ['20261101003000', 'America/New_York', '2026-11-01T00:30:00-04:00'],
    ['20261101013000', 'America/New_York', '2026-11-01T01:30:00-04:00'],
    ['20261101020000', 'America/New_York', '2026-11-01T02:00:00-05:00'],
    ['20260329013000', 'Europe/Berlin', '2026-03-29T01:30:00+01:00'],
    ['20261025023000', 'Europe/Berlin', '2026-10-25T02:30:00+02:00'],
    ['20260715120000', 'Asia/Kolkata', '2026-07-15T12:00:00+05:30'],
    ['20260715120000', '+0200', '2026-07-15T12:00:00+02:00'],
    ['20260715120000', '-05:00', '2026-07-15T12:00:00-05:00'],
    ['20260715120000', 'Z', '2026-07-15T12:00:00+00:00'],
    ['20260715120000-0700', 'America/New_York', '2026-07-15T12:00:00-07:00'],
  ])('[H27] %s in %s is %s', (text, defaultOffset, expected) => {
    expect(local(text, { defaultOffset })).toBe(expected);
  });

  test('[H27] a zone that does not exist is a mistake of the configuration', () => {
    expect(() => parseDateTime('20260101', { defaultOffset: 'Mars/Base' })).toThrow(RangeError);
  });

  test.each([
    ['20260314000000', 'Y', '2026'],
    ['20260314000000', 'L', '2026-03'],
    ['20260314000000', 'D', '2026-03-14'],
    ['202603140930+0000', 'S', '2026-03-14T09:30:00+00:00'],
    ['20260314', '', '2026-03-14'],
    ['20260314', 'X', '2026-03-14'],
  ])('[H27] TS.2 cuts what was filled up: %s^%s is %s', (text, degree, expected) => {
    expect(local(text, { degree })).toBe(expected);
  });

  test('[H27] a date leaves the time of day out', () => {
    expect(toFhirDate(parseDateTime('20260314093015-0500'))).toBe('2026-03-14');
    expect(toFhirDate(parseDateTime('202603'))).toBe('2026-03');
  });

  test('[H27] an instant needs minutes and an offset', () => {
    expect(toInstant(parseDateTime('202603140930-0500'))?.toISOString()).toBe('2026-03-14T14:30:00.000Z');
    expect(toInstant(parseDateTime('20260314093015.1239-0500'))?.toISOString()).toBe(
      '2026-03-14T14:30:15.123Z',
    );
    expect(toInstant(parseDateTime('202603140930'))).toBeUndefined();
    expect(toInstant(parseDateTime('2026031409-0500'))).toBeUndefined();
    expect(toInstant(parseDateTime('20260314'))).toBeUndefined();
  });

  test('[H27] an instant is written with its offset', () => {
    const instant = new Date('2026-03-14T14:30:15.070Z');
    expect(formatDateTime(instant)).toBe('20260314143015+0000');
    expect(formatDateTime(instant, { zone: 'America/New_York' })).toBe('20260314103015-0400');
    expect(formatDateTime(instant, { zone: '+0530', precision: 'minute' })).toBe('202603142000+0530');
    expect(formatDateTime(instant, { precision: 'day' })).toBe('20260314');
    expect(formatDateTime(instant, { precision: 'fraction' })).toBe('20260314143015.070+0000');
  });

  test('[H27] reading what was written gives the same instant in any zone', () => {
    const zones = fc.constantFrom(
      'Z',
      '+0100',
      '-0930',
      'America/New_York',
      'Europe/Berlin',
      'Asia/Kathmandu',
    );
    const instants = fc.date({
      min: new Date('1970-01-02Z'),
      max: new Date('2099-12-30Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, zones, (instant, zone) => {
        const text = formatDateTime(instant, { zone, precision: 'fraction' });
        expect(toInstant(parseDateTime(text))?.getTime()).toBe(instant.getTime());
      }),
    );
  });

  test('[H27] any text is read or refused, in no time', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9.+\-T: ]{0,30}$/), (text) => {
        try {
          const { precision } = parseDateTime(text);
          expect(text.length).toBeGreaterThanOrEqual(precision === 'year' ? 4 : 6);
        } catch (error) {
          failure(() => {
            throw error;
          }, 'HL7_BAD_TIMESTAMP');
        }
      }),
    );
  });
});

describe('numbers', () => {
  test.each([
    ['7.0', '7.0'],
    ['+007.0', '7.0'],
    ['-0.50', '-0.50'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['000', '0'],
    ['-0', '0'],
    ['-0.00', '0.00'],
    ['12345678901234567890.1234567890', '12345678901234567890.1234567890'],
  ])('[H28] %s is %s', (text, expected) => {
    expect(parseDecimal(text)).toBe(expected);
  });

  test.each(['', '.', '+', '-', '1,000', '1e5', '1.2.3', ' 1', '1 ', '0x1', '1-', '>5', 'NaN', '١'])(
    '[H28] %j is no number',
    (text) => {
      expect(failure(() => parseDecimal(text, 'OBX^1^5'), 'HL7_BAD_NUMBER').location).toBe('OBX^1^5');
    },
  );
});

test.each([
  ['2.5.1', '2.5', 1],
  ['2.3', '2.3.1', -1],
  ['2.10', '2.9', 1],
  ['2.5.1', '', 0],
  ['nonsense', '2.5.1', 0],
  ['2.7', '2.7', 0],
])('[H14] version %j against %j', (left, right, sign) => {
  expect(Math.sign(compareVersions(left, right))).toBe(sign);
});
