import type { Hl7Message, Segment } from '../../standards/hl7v2/index.ts';
import type { MapOptions } from './context.ts';
import { mapMessage } from './map-to-record.ts';
import { watchReads } from './reading.ts';
import { tables } from './registry.ts';

/** Segments that carry no content of their own. */
const ENVELOPE: ReadonlySet<string> = new Set(['MSH', 'SFT', 'RGS']);
/** Its fields are looked at where the header leaves something open. */
const BY_FIELD: ReadonlySet<string> = new Set(['EVN']);

/** What a table says is looked at where another field asks for it, or means nothing in the record: numbers of segments, for the most part. */
const aside: ReadonlyMap<string, ReadonlySet<number>> = asideOf();

function asideOf(): Map<string, Set<number>> {
  // EVN-1 repeats MSH-9; EVN-2 is when it was said, unless MSH-7 says so.
  const found = new Map<string, Set<number>>([['EVN', new Set([1, 2])]]);
  for (const { segment, rows, elsewhere } of tables) {
    const fields = [...rows.flatMap((row) => row.with ?? []), ...elsewhere];
    found.set(segment, new Set([...(found.get(segment) ?? []), ...fields]));
  }
  return found;
}

const NOTHING: ReadonlySet<number> = new Set();

const SOMEBODY: MapOptions = {
  system: 'report',
  authority: 'report',
  zone: 'UTC',
  receivedAt: new Date('2100-01-01T00:00:00Z'),
};

/**
 * How often each filled field of a message was not mapped: `{ 'PID-26': 1, 'ZPI': 2 }`; a segment of which nothing was read counts as a whole.
 * Found by mapping it and noting what was asked for. Counts only, never values.
 */
export function unmappedOf(message: Hl7Message, options: MapOptions = SOMEBODY): Record<string, number> {
  const { site } = options;
  const meant = site ? site.read(message) : message;
  const watched = watchReads(meant);
  mapMessage(watched.message, {
    ...options,
    unidentified: 'message',
    ...(site ? { site: { ...site, read: (same) => same } } : {}),
  });
  const counts: Record<string, number> = {};
  const count = (place: string): void => {
    counts[place] = (counts[place] ?? 0) + 1;
  };
  for (const segment of meant.segments()) {
    if (ENVELOPE.has(segment.name)) continue;
    const { name } = segment;
    const taken = [...(site?.sources ?? [])].filter((source) => source.startsWith(`${name}-`));
    const isKnown = taken.length > 0 || BY_FIELD.has(name);
    const read = watched.reads.get(segment) ?? (isKnown ? NOTHING : undefined);
    if (!read) count(name);
    else
      for (const field of unreadOf(segment, read))
        if (!taken.includes(`${name}-${field}`)) count(`${name}-${field}`);
  }
  return counts;
}

function unreadOf(segment: Segment, read: ReadonlySet<number>): number[] {
  const known = aside.get(segment.name);
  const unread: number[] = [];
  for (let number = 1; number <= segment.fieldCount; number += 1) {
    const isKnown = read.has(number) || known?.has(number) || isSetId(segment, number);
    if (!isKnown && segment.field(number).state !== 'empty') unread.push(number);
  }
  return unread;
}

/** Most segments begin with their own number (2.5.1, SI). */
const isSetId = (segment: Segment, field: number): boolean =>
  field === 1 &&
  Buffer.from(segment.field(1).repetition(1).bytes).toString('latin1') === String(segment.occurrence);
