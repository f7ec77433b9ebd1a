import type { CodeableConcept, DocumentReference, Extension, Identifier } from '@medplum/fhirtypes';
import { type Datatype, each, first, listOf } from '../convert.ts';
import { cwe, v2Table, withCoding } from '../datatypes/cwe.ts';
import { dateTime, instant, readDateTime } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { code, text } from '../datatypes/text.ts';
import { xcn } from '../datatypes/xcn.ts';
import { type Convert, REMOVE, type SegmentMap } from '../segment-map.ts';
import { type CodeTable, codeTable } from '../tables.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ALTERNATE_CODES = 'http://hl7.org/fhir/StructureDefinition/alternate-codes';
/** DocumentReference.date is an instant in R4; a day alone needs this extension (guide, TXA-6). */
const ORIGINATED = 'http://hl7.org/fhir/6.0/StructureDefinition/extension-date';

/** 0271 Document completion status, to composition-status: what nobody has signed is preliminary. */
const completion: CodeTable = codeTable({
  AU: 'final',
  DI: 'preliminary',
  DO: 'preliminary',
  IN: 'preliminary',
  IP: 'preliminary',
  LA: 'final',
  PA: 'preliminary',
});

/** 0273 Document availability status. UN, not for patient care yet, is in `alternate-codes`. */
const availability: CodeTable = codeTable({
  AV: 'current',
  CA: 'entered-in-error',
  OB: 'superseded',
  UN: 'current',
});

/** What the status's own codes do not say, as the guide keeps it. */
const otherAvailability: Convert = (field) => {
  const sent = field.text.trim().toUpperCase();
  if (sent === 'AV' || availability[sent] === undefined) return REMOVE;
  const valueCodeableConcept = { coding: [{ system: v2Table('0273'), code: sent }] };
  return { extension: [{ url: ALTERNATE_CODES, valueCodeableConcept }] };
};

/** 0272 Document confidentiality status, to v3-Confidentiality: what the sender says. The labels that readers are kept out by are trust's. */
const confidentialities: CodeTable = codeTable({ V: 'V', R: 'R', U: 'N' });

const securityLabel: Datatype<CodeableConcept> = (value, context) => {
  const concept = cwe('0272')(value, context);
  const known = confidentialities[value.text.trim().toUpperCase()];
  return concept && known ? withCoding(concept, { system: CONFIDENTIALITY, code: known }) : concept;
};

const originatedDay: Datatype<Extension> = (value, context) => {
  if (readDateTime(value, context)?.minute !== undefined) return undefined;
  const day = dateTime(value, context);
  return day === undefined ? undefined : { url: ORIGINATED, valueDateTime: day };
};

/** A file's name, with its path as it came (guide, ST[Identifier]). */
const fileName: Datatype<Identifier> = (value, context) => {
  const name = text(value, context);
  return name === undefined ? undefined : { value: name };
};

/** A long title repeats. */
const title: Convert = (field) => {
  const words = field.repetitions.map((repetition) => repetition.wholeText.trim());
  return words.join(' ').trim() || undefined;
};

/** TXA → DocumentReference (v2-to-FHIR guide, TXA[DocumentReference]). Identity, content and relations: messages/mdm.ts. */
export const txa: SegmentMap<DocumentReference> = {
  segment: 'TXA',
  resource: 'DocumentReference',
  rows: [
    { field: 2, to: 'type', as: first(cwe('0270')) },
    { field: 6, to: 'date', as: first(instant) },
    { field: 6, to: `extension[url=${ORIGINATED}]`, as: listOf(first(originatedDay)) },
    { field: 9, to: 'author@TXA-9', as: each(xcn) },
    { field: 10, to: 'authenticator', as: first(xcn) },
    { field: 12, to: 'masterIdentifier', as: first(ei()) },
    { field: 16, to: 'identifier@TXA-16', as: listOf(first(fileName)) },
    { field: 17, to: 'docStatus', as: first(code('0271', completion)) },
    { field: 18, to: 'securityLabel', as: listOf(first(securityLabel)) },
    { field: 19, to: 'status', as: first(code('0273', availability)) },
    { field: 19, to: '_status', as: otherAvailability },
    // Who has signed counts more than who was to.
    { field: 22, to: 'authenticator', as: first(xcn) },
    { field: 25, to: 'description', as: title },
  ],
  elsewhere: [1, 3, 4, 13, 14, 15],
};
