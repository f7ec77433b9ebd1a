import type { FieldValue } from '../../../standards/hl7v2/index.ts';
import type { WriteContext } from './context.ts';
import type { Fields } from './fields.ts';
import { type Parts, type SegmentPart, segmentPart } from './parts.ts';

/**
 * The way back: what a receiving system is sent, as one table per segment. Facts are FHIR, whatever a profile needs of it; a field that has
 * nothing to say is left out. A site's own profile is a base profile and what differs (vary.ts), so that nobody copies one.
 */
export interface Profile<Facts, P extends Parts<Facts> = Parts<Facts>> extends Receiver {
  /** `MDM^T02`, or which of several events the facts make of it. */
  readonly message: string | ((facts: Facts) => string);
  /** In the order of the message, by names that variations call them by: the segment's own, unless it stands twice. */
  readonly parts: P;
}

/** What is the receiver's own beside its fields. */
export interface Receiver {
  /** Further fields of MSH: 15 and 16, 21 … */
  readonly header?: Readonly<Record<number, FieldValue>>;
  /** MSH-12. Default 2.5.1. */
  readonly version?: string;
  /** MSH-18. Default UNICODE UTF-8. */
  readonly charset?: string;
  /** The receiver's codes for those of the standard, by field (`PV1-2`) or component (`PID-3.5`); others go as they are. */
  readonly codes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What the receiver calls code systems, by URI: `{ 'http://loinc.org': 'LOINC' }`. */
  readonly codeSystems?: Readonly<Record<string, string>>;
  /** False for a receiver that can't read an offset behind a time: then the sender's and its clocks must be the same. Default true. */
  readonly offsets?: boolean;
}

/** A profile as it is; `profile<VisitFacts>()({ message, parts })` infers what its parts are. */
export const profile =
  <Facts>() =>
  <P extends Parts<Facts>>(spec: Profile<Facts, P>): Profile<Facts, P> =>
    spec;

/** One segment from the facts as a whole. */
export const one = <Facts>(name: string, fields: Fields<Facts>): SegmentPart<Facts, Facts> =>
  segmentPart({ segment: name, items: (facts) => [facts], fields });

/** One segment for each item, numbered in field 1 unless the table says otherwise. */
export const each = <Facts, Item>(
  name: string,
  items: (facts: Facts, context: WriteContext) => readonly Item[],
  fields: Fields<Item>,
): SegmentPart<Facts, Item> =>
  segmentPart({ segment: name, items, fields: { 1: (_item, { index }) => index + 1, ...fields } });
