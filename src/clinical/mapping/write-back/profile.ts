import { createHash } from 'node:crypto';
import {
  buildMessage,
  type FieldValue,
  type Party,
  type SegmentSpec,
  segment as segmentSpec,
} from '../../../standards/hl7v2/index.ts';

/**
 * The way back: what a receiving system is sent, as one table per segment. `facts` is FHIR, whatever a profile needs of it; a field
 * that has nothing to say is left out.
 */
export interface Profile<Facts> {
  /** `MDM^T02`. */
  readonly message: string;
  readonly segments: readonly SegmentRule<Facts>[];
}

export interface RenderContext {
  /** When what is reported became known here: MSH-7 and EVN-2. The same for every repeat. */
  readonly at: Date;
  /** The clocks that times are written in. */
  readonly zone: string;
}

/** A segment, or as many as there are items, from the facts. */
export type SegmentRule<Facts> = (facts: Facts, context: RenderContext) => readonly SegmentSpec[];

type Field<Item> = (item: Item, context: RenderContext & { readonly index: number }) => FieldValue;

/** Fields by the standard's number: a constant, or a function of the facts. */
export type Fields<Item> = Readonly<Record<number, Field<Item> | string | number>>;

export const profile = <Facts>(spec: Profile<Facts>): Profile<Facts> => spec;

/** One segment from the facts as a whole. */
export const one =
  <Facts>(name: string, fields: Fields<Facts>): SegmentRule<Facts> =>
  (facts, context) => [filled(name, fields, facts, { ...context, index: 0 })];

/** One segment for each item, numbered in field 1 unless the table says otherwise. */
export const each =
  <Facts, Item>(
    name: string,
    itemsOf: (facts: Facts) => readonly Item[],
    fields: Fields<Item>,
  ): SegmentRule<Facts> =>
  (facts, context) =>
    itemsOf(facts).map((item, index) =>
      filled(name, { 1: index + 1, ...fields }, item, { ...context, index }),
    );

function filled<Item>(
  name: string,
  fields: Fields<Item>,
  item: Item,
  context: RenderContext & { index: number },
): SegmentSpec {
  const values = Object.entries(fields).map(([number, field]) => [
    number,
    typeof field === 'function' ? field(item, context) : field,
  ]);
  return segmentSpec(name, Object.fromEntries(values.filter(([, value]) => value !== undefined)));
}

export interface Envelope extends RenderContext {
  readonly sender: Party;
  readonly receiver: Party;
  /** Stable over every repeat of the same event; MSH-10 follows from it. */
  readonly idempotencyKey: string;
  /** MSH-11. Default P. */
  readonly processingId?: string;
}

export interface RenderedMessage {
  readonly type: string;
  readonly controlId: string;
  readonly body: Uint8Array;
}

/** The message that a profile makes of the facts: the same facts and key give the same bytes. Throws Hl7Error for what can't be written. */
export function render<Facts>(spec: Profile<Facts>, facts: Facts, envelope: Envelope): RenderedMessage {
  const { at, zone, sender, receiver, processingId } = envelope;
  const controlId = controlIdOf(envelope.idempotencyKey, spec.message);
  const body = buildMessage({
    type: spec.message,
    controlId,
    dateTime: at,
    zone,
    sender,
    receiver,
    ...(processingId === undefined ? {} : { processingId }),
    segments: spec.segments.flatMap((rule) => rule(facts, { at, zone })),
  });
  return { type: spec.message, controlId, body };
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** MSH-10 has 20 characters up to 2.6: 100 bits of the key and the type, without letters that people mistake. */
export function controlIdOf(idempotencyKey: string, type: string): string {
  const digest = createHash('sha256').update(`${type}\n${idempotencyKey}`).digest();
  return Array.from(digest.subarray(0, 20), (byte) => ALPHABET[byte % 32]).join('');
}
