import type { EventMatch } from '../authoring/index.ts';

/** `A04` is the trigger, `ADT` the message code, anything with `^` (or a JSON type) the whole type. */
export function matchesEvent(match: EventMatch, type: string): boolean {
  const [code, trigger] = type.split('^');
  return match.events.some((wanted) => wanted === type || wanted === code || wanted === trigger);
}

export function isEventMatch(value: unknown): value is EventMatch {
  return typeof value === 'object' && value !== null && 'match' in value && value.match === 'event';
}
