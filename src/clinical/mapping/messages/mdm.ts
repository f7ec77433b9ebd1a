import type { DocumentReference, Reference } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { type RecordWrite, resourceId } from '../../record/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { allOf, firstOf, present } from '../convert.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { mediaType } from '../datatypes/media-type.ts';
import { mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { documentContent } from '../segments/obx-document-reference.ts';
import { txa as txaMap } from '../segments/txa.ts';
import { writeOf } from '../write.ts';
import { documentPartsOf } from './mdm-parts.ts';
import {
  type Numbered,
  numberedBy,
  ofThisMessage,
  ordersInPassing,
  type Passing,
  passingOf,
} from './passing.ts';

/** What an event makes of the document, and of the one that TXA-13 names (2.5.1, 9.6). */
interface DocumentEvent {
  readonly relation?: 'appends' | 'replaces';
  /** It is taken back: dictated for the wrong patient, or by mistake. */
  readonly cancels?: boolean;
}

/**
 * Of each pair the second brings the content. A notification, a change of status and an edit are about the document itself; an addendum and a
 * replacement are documents of their own.
 */
const events: Readonly<Record<string, DocumentEvent>> = {
  T01: {},
  T02: {},
  T03: {},
  T04: {},
  T05: { relation: 'appends' },
  T06: { relation: 'appends' },
  T07: {},
  T08: {},
  T09: { relation: 'replaces' },
  T10: { relation: 'replaces' },
  T11: { cancels: true },
};

export const mdmEvents: readonly string[] = Object.keys(events);

const ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';
const CATEGORY = 'http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category';

/**
 * MDM: the document of TXA as a DocumentReference, however often it is spoken of; patient, visit and the orders that it answers are mentioned
 * in passing.
 */
export function mapMdm(context: MapContext): RecordWrite[] {
  const passing = passingOf(context);
  if (!passing) return [];
  const [txa, ...others] = context.message.segments('TXA');
  for (const other of others)
    context.findings.push({ place: `TXA^${other.occurrence}`, rule: 'a message is about one document' });
  if (!txa) {
    context.findings.push({ place: 'TXA', rule: 'a document has a TXA' });
    return [...passing.writes];
  }
  const orders = ordersInPassing(context, passing);
  return [...passing.writes, ...orders, ...documentWrites(txa, context, { passing, orders })];
}

interface Of {
  readonly passing: Passing;
  readonly orders: readonly RecordWrite[];
}

function documentWrites(txa: Segment, context: MapContext, { passing, orders }: Of): RecordWrite[] {
  const event = events[context.message.header.triggerEvent] ?? {};
  const known = numberedBy(txa, 12, { kind: 'document', context });
  if (!known)
    context.findings.push({
      place: placeOf(txa, 12),
      rule: 'a document has a number, by which it is found again',
    });
  const document = known ?? ofThisMessage(txa, 'document', context);
  const parent = event.relation && parentOf(txa, document, context);
  const patch = mapSegment(txaMap, txa, context);
  Object.assign(patch.set, aboutDocument(txa, context, { passing, orders }));
  const content = documentContent(documentPartsOf(context.message), context);
  if (content) patch.set.content = content;
  if (parent && event.relation)
    patch.set[`relatesTo[target.reference=${reference(parent)}]`] = [
      { code: event.relation, target: { reference: reference(parent), ...parentNumber(txa, context) } },
    ];
  if (event.cancels) takeBack(patch);
  const written = documentWrite(context, document, { passing, patch, txa });
  return parent && event.relation === 'replaces'
    ? [written, documentWrite(context, parent, { passing, patch: superseded(txa, context), txa: undefined })]
    : [written];
}

/** TXA-13. A document is not its own addendum: a sender who keeps the number means an edit. */
function parentOf(txa: Segment, document: Numbered, context: MapContext): Numbered | undefined {
  const parent = numberedBy(txa, 13, { kind: 'document', context });
  if (!parent)
    context.findings.push({ place: placeOf(txa, 13), rule: 'an addendum or replacement names its parent' });
  return parent && reference(parent) === reference(document) ? undefined : parent;
}

/** Its number, by which a receiver finds it who does not know our ids. */
const parentNumber = (txa: Segment, context: MapContext) =>
  present<Reference>({
    identifier: attempt(context, placeOf(txa, 13), () => firstOf(txa.field(13), ei(), context)),
  });

const idOf = ({ scope, key }: Numbered): string => resourceId('DocumentReference', scope, key);
const reference = (document: Numbered): string => `DocumentReference/${idOf(document)}`;

/** Patient, visit, orders and the time of what it tells of. */
function aboutDocument(txa: Segment, context: MapContext, { passing, orders }: Of): Record<string, unknown> {
  const { encounter, common } = passing;
  const start = attempt(context, placeOf(txa, 4), () => firstOf(txa.field(4), dateTime, context));
  const related: Reference[] = orders.map(({ id }) => ({ reference: `ServiceRequest/${id}` }));
  if (related.length === 0) related.push(...orderNumbers(txa, context));
  return {
    subject: common.subject,
    ...(encounter === undefined ? {} : { 'context.encounter': [{ reference: encounter }] }),
    ...(start === undefined ? {} : { 'context.period': { start } }),
    ...(related.length === 0 ? {} : { 'context.related': related }),
  };
}

/** TXA-14 and 15, where the message does not bring the orders themselves. */
const orderNumbers = (txa: Segment, context: MapContext): Reference[] =>
  [
    { field: 14, type: 'PLAC' },
    { field: 15, type: 'FILL' },
  ].flatMap(({ field, type }) =>
    allOf(txa.field(field), ei(type), { context, place: placeOf(txa, field) }).map((identifier) => ({
      type: 'ServiceRequest',
      identifier,
    })),
  );

function takeBack(patch: Patch): void {
  Object.assign(patch.set, { status: 'entered-in-error', docStatus: 'entered-in-error' });
}

/** What a replacement says of the document that it replaces: 2.5.1 9.6.9, it is obsolete and stays to be read. */
function superseded(txa: Segment, context: MapContext): Patch {
  const masterIdentifier = attempt(context, placeOf(txa, 13), () => firstOf(txa.field(13), ei(), context));
  return { set: { status: 'superseded', ...present<object>({ masterIdentifier }) }, remove: [] };
}

function documentWrite(
  context: MapContext,
  document: Numbered,
  { passing, patch, txa }: { passing: Passing; patch: Patch; txa: Segment | undefined },
): RecordWrite {
  const { patient, common } = passing;
  return writeOf(context, {
    type: 'DocumentReference',
    id: idOf(document),
    key: `${document.scope}|${document.key}`,
    patient,
    patch: { set: { subject: common.subject, ...patch.set }, remove: patch.remove },
    initial: {
      status: 'current',
      category: [{ coding: [{ system: CATEGORY, code: 'clinical-note' }] }],
      content: [{ attachment: withoutContent(txa) }],
    },
  });
}

/** Content is required; a notification only says of what kind it is (TXA-3, table 0191). */
function withoutContent(
  txa: Segment | undefined,
): NonNullable<DocumentReference['content']>[0]['attachment'] {
  const contentType = txa && mediaType(txa.field(3).text, '');
  return {
    extension: [{ url: ABSENT, valueCode: 'unknown' }],
    ...(contentType === undefined ? {} : { contentType }),
  };
}
