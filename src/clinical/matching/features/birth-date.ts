import { isPlaceholderDate } from './placeholders.ts';
import type { FeatureOptions } from './types.ts';

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

/** A FHIR date that a person now known can have been born on, as precise as it is; anything else is missing. */
export function birthDateOf(value: string | undefined, options: FeatureOptions): string | undefined {
  const text = typeof value === 'string' ? value.slice(0, 10) : '';
  const [, year = '', month, day] = DATE.exec(text) ?? [];
  if (year < '1850' || year > '2150' || isPlaceholderDate(text, options)) return undefined;
  if (options.asOf !== undefined && text > options.asOf.slice(0, text.length)) return undefined;
  if (month === undefined) return text;
  // Of a date that never was, the year is still likely.
  if (month < '01' || month > '12') return year;
  return day === undefined || isDay(Number(year), Number(month), Number(day)) ? text : year;
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day >= 1 && day <= days;
}
