import { dateInterval, type Interval } from '../../fhir/index.ts';
import type { SearchValue } from '../types.ts';
import { isElements, listOf, textOf } from './shapes.ts';

const NONE: readonly SearchValue[] = [];

function intervalOf(value: unknown): Interval | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : dateInterval(text);
}

/** date, dateTime, instant: what their precision spans. */
export function dateTime(value: unknown): readonly SearchValue[] {
  const interval = intervalOf(value);
  return interval ? [{ kind: 'date', from: interval.from, to: interval.to }] : NONE;
}

/** From the beginning of the start to the end of the end; an end that is not there is open. */
export function period(value: unknown): readonly SearchValue[] {
  if (!isElements(value)) return NONE;
  return spanned(intervalOf(value.start)?.from, intervalOf(value.end)?.to);
}

function spanned(from: Date | undefined, to: Date | undefined): readonly SearchValue[] {
  if (!from && !to) return NONE;
  return [{ kind: 'date', ...(from ? { from } : {}), ...(to ? { to } : {}) }];
}

/** search.html#date: of a Timing only the outer limits matter, those of its events and of its bounds. */
export function timing(value: unknown): readonly SearchValue[] {
  if (!isElements(value)) return NONE;
  const events = listOf(value.event)
    .map(intervalOf)
    .filter((one) => one !== undefined);
  const [bounds] = isElements(value.repeat) ? period(value.repeat.boundsPeriod) : NONE;
  const spans = bounds?.kind === 'date' ? [...events, bounds] : events;
  return spanned(
    outer(
      spans.map(({ from }) => from),
      Math.min,
    ),
    outer(
      spans.map(({ to }) => to),
      Math.max,
    ),
  );
}

/** The outermost of the ends; open when one of them is. */
function outer(ends: readonly (Date | undefined)[], pick: (...times: number[]) => number): Date | undefined {
  const times = ends.map((end) => end?.getTime()).filter((time) => time !== undefined);
  return times.length === 0 || times.length < ends.length ? undefined : new Date(pick(...times));
}
