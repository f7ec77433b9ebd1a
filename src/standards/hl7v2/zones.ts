/** Minutes east of UTC of a fixed offset (`+0100`, `-05:00`, `Z`), or undefined when the text is none. */
export function fixedOffsetMinutes(text: string): number | undefined {
  if (text === 'Z') return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  if (Number(match[3]) > 59 || minutes > 14 * 60) return undefined;
  return match[1] === '-' ? 0 - minutes : minutes;
}

/** `+01:00`; the separator between hours and minutes is FHIR's ':' or HL7 v2's ''. */
export function offsetText(minutes: number, separator: ':' | ''): string {
  const size = Math.abs(minutes);
  const hours = String(Math.floor(size / 60)).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${hours}${separator}${String(size % 60).padStart(2, '0')}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formatters.set(zone, formatter);
  return formatter;
}

/** What the clocks of a zone (or of a fixed offset) are ahead of UTC at an instant, in minutes. */
export function offsetAt(zone: string, instantMs: number): number {
  const fixed = fixedOffsetMinutes(zone);
  if (fixed !== undefined) return fixed;
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(instantMs)
      .map((part) => [part.type, part.value]),
  );
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type) ?? 0);
  const local = Date.UTC(
    number('year'),
    number('month') - 1,
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  );
  return Math.round((local - Math.floor(instantMs / 1000) * 1000) / 60_000);
}

/**
 * The offset in a zone for what its clocks show, `localMs` being that reading as if it were UTC. A reading that occurs twice
 * (clocks set back) is taken as the first; one that is skipped (set forward) with the offset before the change. Throws
 * RangeError for a zone that is not known.
 */
export function zoneOffsetMinutes(zone: string, localMs: number): number {
  const fixed = fixedOffsetMinutes(zone);
  if (fixed !== undefined) return fixed;
  const dayMs = 86_400_000;
  const before = offsetAt(zone, localMs - dayMs);
  const after = offsetAt(zone, localMs + dayMs);
  if (before === after) return before;
  const isReading = (offset: number) => offsetAt(zone, localMs - offset * 60_000) === offset;
  return !isReading(before) && isReading(after) ? after : before;
}
