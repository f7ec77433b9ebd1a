import { Hl7Error } from './errors.ts';
import { fixedOffsetMinutes, offsetAt, offsetText, zoneOffsetMinutes } from './zones.ts';

export type DateTimePrecision = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction';

/** A time stamp as exact as it was sent: what was not sent is not there. */
export interface Hl7DateTime {
  readonly precision: DateTimePrecision;
  readonly year: number;
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  /** The digits behind the point, one to four. */
  readonly fraction?: string;
  /** Minutes east of UTC: as sent, otherwise from the default; absent when neither is known. */
  readonly offsetMinutes?: number;
}

export interface DateTimeOptions {
  /** What counts when the value has no offset: `+0100`, `Z`, or a zone with its summer time, `America/New_York`. */
  readonly defaultOffset?: string;
  /** TS.2 (up to 2.5): Y, L (month), D, H, M or S; cuts a value that was filled up with zeros. */
  readonly degree?: string;
  /** Named in the error. */
  readonly location?: string;
}

const precisions = ['year', 'month', 'day', 'hour', 'minute', 'second', 'fraction'] as const;
const grammar =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;
const GRAMMAR_TEXT = 'YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]';

/** The smallest and largest value of month, day, hour, minute and second. */
const bounds = { month: [1, 12], day: [1, 31], hour: [0, 23], minute: [0, 59], second: [0, 59] } as const;

/**
 * Reads DTM, DT and TS.1 (2.5.1 section 2.A.22): nothing is padded and nothing guessed, and a day that the calendar does
 * not have is an error. Throws HL7_BAD_TIMESTAMP; RangeError when `defaultOffset` is neither offset nor zone.
 */
export function parseDateTime(text: string, options: DateTimeOptions = {}): Hl7DateTime {
  const match = grammar.exec(text);
  if (!match) throw bad(options, GRAMMAR_TEXT);
  const sent = precisions.slice(0, precisions.filter((_, index) => match[index + 1] !== undefined).length);
  const last = Math.min(sent.length, precisionLimit(options.degree));
  const parts: Partial<Record<DateTimePrecision, number>> = {};
  sent.slice(0, last).forEach((name, index) => {
    parts[name] = Number(match[index + 1]);
  });
  checkCalendar(parts, options);
  const { fraction, year = 0, ...rest } = parts;
  const offsetMinutes =
    match[8] === undefined ? defaultOffset(parts, options) : sentOffset(match[8], options);
  return {
    precision: precisions[last - 1] ?? 'year',
    year,
    ...rest,
    ...(fraction === undefined ? {} : { fraction: match[7] ?? '' }),
    ...(offsetMinutes === undefined ? {} : { offsetMinutes }),
  };
}

/** How many parts TS.2 lets stand. */
function precisionLimit(degree: string | undefined): number {
  const position = degree === undefined || degree === '' ? -1 : 'YLDHMS'.indexOf(degree);
  return position < 0 ? precisions.length : position + 1;
}

function checkCalendar(parts: Partial<Record<DateTimePrecision, number>>, options: DateTimeOptions): void {
  for (const [name, [least, most]] of Object.entries(bounds) as [
    keyof typeof bounds,
    readonly [number, number],
  ][]) {
    const value = parts[name];
    if (value !== undefined && (value < least || value > most))
      throw bad(options, `${name} is ${least} to ${most}`);
  }
  const { year = 0, month, day } = parts;
  if (month === undefined || day === undefined) return;
  if (day > daysIn(year, month)) throw bad(options, 'the month has no such day');
}

function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 31;
}

function sentOffset(text: string, options: DateTimeOptions): number {
  const minutes = fixedOffsetMinutes(text);
  if (minutes === undefined) throw bad(options, 'an offset is at most 14 hours');
  return minutes;
}

function defaultOffset(
  parts: Partial<Record<DateTimePrecision, number>>,
  options: DateTimeOptions,
): number | undefined {
  if (options.defaultOffset === undefined) return undefined;
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return zoneOffsetMinutes(options.defaultOffset, utcMs([year, month - 1, day, hour, minute, second]));
}

/** Date.UTC without its habit of reading the years 0 to 99 as 1900 to 1999. */
function utcMs([year, month, day, hour, minute, second]: [
  number,
  number,
  number,
  number,
  number,
  number,
]): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second);
  return date.getTime();
}

function bad(options: DateTimeOptions, rule: string): Hl7Error {
  const { location } = options;
  return new Hl7Error('HL7_BAD_TIMESTAMP', { rule, ...(location === undefined ? {} : { location }) });
}

const pad = (value: number, digits: number) => String(value).padStart(digits, '0');

/**
 * As FHIR `dateTime`, no more exact than it was sent. FHIR has neither hours without minutes nor a time without an offset
 * (R4 datatypes, dateTime), so those become the day, which is true. Seconds that were not sent are ':00', as FHIR says.
 */
export function toFhirDateTime(value: Hl7DateTime): string {
  const { year, month, day, hour, minute, second = 0, fraction, offsetMinutes } = value;
  if (month === undefined) return pad(year, 4);
  if (day === undefined) return `${pad(year, 4)}-${pad(month, 2)}`;
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  if (hour === undefined || minute === undefined || offsetMinutes === undefined) return date;
  const point = fraction === undefined ? '' : `.${fraction}`;
  return `${date}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${point}${offsetText(offsetMinutes, ':')}`;
}

/** As FHIR `date`: year, month or day; the time of day is left out. */
export function toFhirDate(value: Hl7DateTime): string {
  const { precision, year, month, day } = value;
  const parts = {
    precision,
    year,
    ...(month === undefined ? {} : { month }),
    ...(day === undefined ? {} : { day }),
  };
  return toFhirDateTime(parts);
}

/**
 * The instant, or undefined when the value is less exact than a minute or its offset is unknown: whoever needs an instant
 * then must say where it comes from.
 */
export function toInstant(value: Hl7DateTime): Date | undefined {
  const { year, month, day, hour, minute, second = 0, fraction = '0', offsetMinutes } = value;
  if (month === undefined || day === undefined || hour === undefined || minute === undefined)
    return undefined;
  if (offsetMinutes === undefined) return undefined;
  const milliseconds = Math.floor(Number(`0.${fraction}`) * 1000);
  return new Date(
    utcMs([year, month - 1, day, hour, minute, second]) + milliseconds - offsetMinutes * 60_000,
  );
}

export interface FormatDateTimeOptions {
  /** Default 'second'. */
  readonly precision?: DateTimePrecision;
  /** The offset or zone to write in: `+0100`, `America/New_York`. Default UTC. */
  readonly zone?: string;
}

/** An instant as DTM with its offset: `20260314093000+0000`. From 'hour' on the offset is written. */
export function formatDateTime(instant: Date, options: FormatDateTimeOptions = {}): string {
  const { precision = 'second', zone = 'Z' } = options;
  const offset = offsetAt(zone, instant.getTime());
  const iso = new Date(instant.getTime() + offset * 60_000).toISOString();
  const day = iso.slice(0, 4) + iso.slice(5, 7) + iso.slice(8, 10);
  const time = iso.slice(11, 13) + iso.slice(14, 16) + iso.slice(17, 23);
  const length = digits[precision];
  return length > 8 ? (day + time).slice(0, length) + offsetText(offset, '') : day.slice(0, length);
}

/** How many characters of YYYYMMDDHHMMSS.SSS each precision takes. */
const digits = { year: 4, month: 6, day: 8, hour: 10, minute: 12, second: 14, fraction: 18 } as const;
