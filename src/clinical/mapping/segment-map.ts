import type { Field, Segment } from '../../standards/hl7v2/index.ts';
import type { ResourceType } from '../record/index.ts';
import { type Convert, type FieldAt, type MapContext, notUsed, type RunnableRow } from './context.ts';

export type { Convert } from './context.ts';

export const REMOVE: unique symbol = Symbol('remove');

type Element<R> = Extract<keyof R, string>;
/** Where it goes, see clinical/record slot.ts. */
type SlotOf<R> =
  | Element<R>
  | `_${Element<R>}`
  | `${Element<R>}.${string}`
  | `${Element<R>}@${string}`
  | `${Element<R>}[${string}]`
  | `${string}[x]`;

/** One line of a segment's table. */
interface Row<R> {
  readonly field: number;
  readonly to: SlotOf<R>;
  readonly as: Convert;
  /** Other fields of the segment that `as` looks at. */
  readonly with?: readonly number[];
}

export interface SegmentMap<R> {
  readonly segment: string;
  readonly resource: ResourceType;
  readonly rows: readonly Row<R>[];
  /** Fields that the message's own mapping reads, for the report of what is not mapped. */
  readonly elsewhere: readonly number[];
}

/** What a message says about one resource: see RecordWrite. */
export interface Patch {
  readonly set: Record<string, unknown>;
  readonly remove: string[];
}

export const emptyPatch = (): Patch => ({ set: {}, remove: [] });

/**
 * Runs a table over a segment (2.5.1, 2.5.3): an empty field says nothing, `""` removes, anything else replaces. What can't be used
 * becomes a finding. A site's own lines stand in their places.
 */
export function mapSegment<R>(
  map: SegmentMap<R>,
  segment: Segment,
  context: MapContext,
  patch = emptyPatch(),
): Patch {
  const { site } = context.options;
  if (!site) return mapRows(map.rows, segment, context, patch);
  mapRows(site.rowsOf(map), segment, context, patch);
  for (const own of site.following(map, segment, context.message))
    overlay(mapRows(own.rows, own.segment, context, emptyPatch()), patch);
  return patch;
}

/** What is said later counts. */
function overlay(later: Patch, patch: Patch): void {
  const said = new Set([...later.remove, ...Object.keys(later.set)]);
  patch.remove.splice(
    0,
    patch.remove.length,
    ...patch.remove.filter((slot) => !said.has(slot)),
    ...later.remove,
  );
  for (const slot of later.remove) delete patch.set[slot];
  Object.assign(patch.set, later.set);
}

function mapRows(rows: readonly RunnableRow[], segment: Segment, context: MapContext, patch: Patch): Patch {
  const { fieldCount } = segment;
  for (const { field: number, to, as } of rows) {
    if (number > fieldCount) continue;
    const field = segment.field(number);
    const { state } = field;
    if (state === 'empty') continue;
    if (state === 'null') {
      patch.remove.push(to);
      continue;
    }
    const place = placeOf(segment, number);
    const value = converted(as, field, context, { segment, place });
    if (value === REMOVE) patch.remove.push(to);
    else if (value !== undefined) patch.set[to] = value;
  }
  return patch;
}

/** As `attempt`, without a closure for each field. */
function converted(as: Convert, field: Field, context: MapContext, at: FieldAt): unknown {
  context.at.place = at.place;
  try {
    return as(field, context, at);
  } catch (error) {
    return notUsed(error, context, at.place);
  }
}

export const placeOf = (segment: Segment, field: number): string =>
  `${segment.name}^${segment.occurrence}^${field}`;
