/** What a date stands for at its own precision: from `from` until just before `to`. */
export interface Interval {
  readonly from: Date;
  readonly to: Date;
}

const DATE_TIME =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

/**
 * A FHIR date, dateTime or instant as the interval that its precision spans (search.html#date): `2026-03` is the month of
 * March. Without an offset it is taken in UTC. Undefined when it is no such date, or lies (in UTC) outside the years 1 to 9999.
 */
export function dateInterval(text: string): Interval | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const [, year = '', month, day, hour, minute, second, fraction, zone = 'Z'] = match;
  if (year === '0000') return undefined;
  const iso = `${year}-${month ?? '01'}-${day ?? '01'}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${(fraction ?? '0').padEnd(3, '0').slice(0, 3)}${zone}`;
  const from = new Date(iso);
  if (Number.isNaN(from.getTime()) || !dayExists(Number(year), Number(month ?? 1), Number(day ?? 1)))
    return undefined;
  const to = new Date(from);
  if (month === undefined) to.setUTCFullYear(to.getUTCFullYear() + 1);
  else if (day === undefined) to.setUTCMonth(to.getUTCMonth() + 1);
  else to.setTime(to.getTime() + spanMs(hour, second, fraction));
  if (from < FIRST || from > LAST) return undefined;
  return { from, to: to < LAST ? to : LAST };
}

const FIRST = new Date('0001-01-01T00:00:00.000Z');
const LAST = new Date('9999-12-31T23:59:59.999Z');

function spanMs(hour?: string, second?: string, fraction?: string): number {
  if (hour === undefined) return 86_400_000;
  if (second === undefined) return 60_000;
  return fraction === undefined ? 1000 : Math.max(1, 10 ** (3 - fraction.length));
}

/** JavaScript turns February 30 into March 2. */
function dayExists(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
