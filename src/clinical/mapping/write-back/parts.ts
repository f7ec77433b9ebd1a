import { Hl7Error, type SegmentSpec, segment as segmentSpec } from '../../../standards/hl7v2/index.ts';
import type { WriteContext } from './context.ts';
import type { FieldRule, Fields } from './fields.ts';
import { recoded } from './recode.ts';

/** A piece of a message. */
export interface Part<Facts> {
  /** The segments that the facts make. Throws Hl7Error that names the place of what can't be written. */
  write(facts: Facts, run: Run): SegmentSpec[];
  /** As a table, for people. */
  describe(): readonly PartText[];
}

export type Parts<Facts> = Readonly<Record<string, Part<Facts>>>;

/** One field of a profile as people read it. */
export interface PartText {
  readonly segment: string;
  readonly field: number;
  /** The FHIR element, a constant in quotation marks, or `computed`. */
  readonly from: string;
  readonly needed: boolean;
}

/** One message being written. */
export interface Run {
  readonly context: Omit<WriteContext, 'index' | 'place'>;
  readonly codes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How many of each segment there are so far. */
  readonly occurrences: Map<string, number>;
}

export interface SegmentPart<Facts, Item> extends Part<Facts> {
  readonly segment: string;
  readonly items: (facts: Facts, context: WriteContext) => readonly Item[];
  readonly fields: Fields<Item>;
}

export interface GroupPart<Facts, Item, P extends Parts<Item>> extends Part<Facts> {
  readonly group: (facts: Facts, context: WriteContext) => readonly Item[];
  readonly parts: P;
}

/** Segments that go together, once for each item: an order with its observations. */
export const group = <Facts, Item, P extends Parts<Item>>(
  items: (facts: Facts, context: WriteContext) => readonly Item[],
  parts: P,
): GroupPart<Facts, Item, P> => ({
  group: items,
  parts,
  write: (facts, run) =>
    items(facts, { ...run.context, index: 0, place: '' }).flatMap((item) => writeParts(parts, item, run)),
  describe: () => Object.values(parts).flatMap((part) => part.describe()),
});

export const writeParts = <Facts>(parts: Parts<Facts>, facts: Facts, run: Run): SegmentSpec[] =>
  Object.values(parts).flatMap((part) => part.write(facts, run));

export const segmentPart = <Facts, Item>(
  table: Pick<SegmentPart<Facts, Item>, 'segment' | 'items' | 'fields'>,
): SegmentPart<Facts, Item> => ({
  ...table,
  write: (facts, run) =>
    table
      .items(facts, { ...run.context, index: 0, place: table.segment })
      .map((item, index) => filled(table, item, { run, index })),
  describe: () =>
    Object.entries(table.fields).map(([field, rule]) => ({
      segment: table.segment,
      field: Number(field),
      ...textOf(rule),
    })),
});

function textOf<Item>(rule: FieldRule<Item>): { from: string; needed: boolean } {
  if (typeof rule === 'function') return { from: 'computed', needed: false };
  if (typeof rule === 'object') return { from: rule.from, needed: rule.needed ?? false };
  return { from: `"${rule}"`, needed: false };
}

function filled<Item>(
  { segment, fields }: { segment: string; fields: Fields<Item> },
  item: Item,
  { run, index }: { run: Run; index: number },
): SegmentSpec {
  const occurrence = (run.occurrences.get(segment) ?? 0) + 1;
  run.occurrences.set(segment, occurrence);
  const values = Object.entries(fields).flatMap(([number, rule]) => {
    const context: WriteContext = { ...run.context, index, place: `${segment}^${occurrence}^${number}` };
    const value = recoded(written(rule, item, context), `${segment}-${number}`, run.codes);
    return value === undefined ? [] : [[number, value] as const];
  });
  return segmentSpec(segment, Object.fromEntries(values));
}

function written<Item>(rule: FieldRule<Item>, item: Item, context: WriteContext) {
  if (typeof rule === 'string' || typeof rule === 'number') return rule;
  const [write, isNeeded] = typeof rule === 'function' ? [rule, false] : [rule.write, rule.needed ?? false];
  const value = at(context, () => write(item, context));
  if (isNeeded && (value === undefined || value === ''))
    throw new Hl7Error('HL7_MISSING_FIELD', { location: context.place, rule: 'the receiver needs it' });
  return value;
}

/** Names the place where a converter did not. */
function at<T>({ place }: WriteContext, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Hl7Error) || error.location !== undefined) throw error;
    throw new Hl7Error(error.code, {
      location: place,
      ...(error.rule === undefined ? {} : { rule: error.rule }),
    });
  }
}
