import type { FlowEvent, Tone } from './events.ts';

export interface LineOptions {
  /** Escape sequences for colours; only for a terminal. */
  readonly colours: boolean;
}

const colourOf: Record<Tone, string> = {
  plain: '',
  good: '\u001b[32m',
  warn: '\u001b[33m',
  bad: '\u001b[31m',
};
const dim = '\u001b[2m';
const off = '\u001b[0m';
const widths = { what: 24, way: 24, id: 7, outcome: 14 };

/** `10:42:07.113  ADT^A08  general → adt  #1042  acknowledged  1.2 ms`, in columns, local time. */
export function formatLine(event: FlowEvent, { colours }: LineOptions): string {
  const paint = (colour: string, text: string) =>
    colours && colour !== '' ? `${colour}${text}${off}` : text;
  const way = event.from === '' || event.to === '' ? event.from + event.to : `${event.from} → ${event.to}`;
  const id = event.messageId === undefined ? '' : `#${event.messageId}`;
  const columns = [
    paint(dim, timeOfDay(new Date(event.at))),
    shorten(event.what, widths.what).padEnd(widths.what),
    shorten(way, widths.way).padEnd(widths.way),
    paint(dim, id.padEnd(widths.id)),
    paint(colourOf[event.tone], event.outcome.padEnd(widths.outcome)),
    event.durationMs === undefined ? '' : formatDuration(event.durationMs),
  ];
  return columns.join('  ').trimEnd();
}

function timeOfDay(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

/** `0.8 ms`, `12 ms`, `3.4 s`, `7 min`: two or three digits that matter. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.round(ms / 60_000)} min`;
}

/** The middle of a long reference is cut out: its type and the last of its id tell most. */
function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const tail = 6;
  return `${text.slice(0, width - tail - 1)}…${text.slice(-tail)}`;
}
