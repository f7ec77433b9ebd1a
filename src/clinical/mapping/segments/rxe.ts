import type { CodeableConcept, Identifier, MedicationRequest } from '@medplum/fhirtypes';
import { type Datatype, each, first, listOf } from '../convert.ts';
import { cwe, cweNote, withCoding } from '../datatypes/cwe.ts';
import { cweOrganization } from '../datatypes/cwe-named.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { quantityOf, unitsOf } from '../datatypes/nm.ts';
import { text } from '../datatypes/text.ts';
import { xcn } from '../datatypes/xcn.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { type CodeTable, codeTable } from '../tables.ts';

const SUBSTITUTION = 'http://terminology.hl7.org/CodeSystem/v3-substanceAdminSubstitution';
/** 0161 and 0167: may something else be dispensed. Others of 0167 say what was, or why not. */
const substitutions: CodeTable = codeTable({ G: 'G', N: 'N', T: 'TE', '0': 'N', '1': 'N' });

const substitution =
  (table: string): Datatype<CodeableConcept> =>
  (value, context) => {
    const concept = cwe(table)(value, context);
    const code = substitutions[value.text.trim().toUpperCase()];
    return concept && code ? withCoding(concept, { system: SUBSTITUTION, code }) : concept;
  };

/** An amount whose unit stands in a field of its own. */
const amount =
  (units: number): Convert =>
  (field, context, { segment }) =>
    quantityOf(field.text.trim(), unitsOf(segment, units, context));

const count: Convert = (field) => {
  const digits = field.text.trim();
  return /^\d{1,9}$/.test(digits) ? Number(digits) : undefined;
};

const initialFill: Convert = (field, context, at) => {
  const quantity = amount(11)(field, context, at);
  return quantity === undefined ? undefined : { quantity };
};

const prescription: Datatype<Identifier> = (value, context) => {
  const number = text(value, context);
  return number === undefined
    ? undefined
    : {
        type: { text: 'Prescription number' },
        system: `urn:isthmus:prescriptions:${encodeURIComponent(context.system)}`,
        value: number,
      };
};

/**
 * RXO → MedicationRequest (v2-to-FHIR guide, RXO[MedicationRequest]): what was asked for. The drug: segments/medication.ts; how to take it:
 * messages/rde-dosage.ts.
 */
export const rxo: SegmentMap<MedicationRequest> = {
  segment: 'RXO',
  resource: 'MedicationRequest',
  rows: [
    { field: 6, to: 'note@RXO-6', as: each(cweNote) },
    { field: 9, to: 'substitution.allowedCodeableConcept', as: first(substitution('0161')) },
    { field: 11, to: 'dispenseRequest.quantity', as: amount(12), with: [12] },
    { field: 13, to: 'dispenseRequest.numberOfRepeatsAllowed', as: count },
    { field: 14, to: 'requester', as: first(xcn) },
    { field: 20, to: 'reasonCode', as: each(cwe()) },
    { field: 32, to: 'dispenseRequest.performer', as: first(cweOrganization) },
  ],
  elsewhere: [1, 2, 3, 4, 5, 7, 18, 19, 21, 22, 23, 25, 26],
};

/** RXE → MedicationRequest. The guide has no table for it; this one follows RXO's, field for field. */
export const rxe: SegmentMap<MedicationRequest> = {
  segment: 'RXE',
  resource: 'MedicationRequest',
  rows: [
    { field: 9, to: 'substitution.allowedCodeableConcept', as: first(substitution('0167')) },
    { field: 10, to: 'dispenseRequest.quantity', as: amount(11), with: [11] },
    { field: 12, to: 'dispenseRequest.numberOfRepeatsAllowed', as: count },
    { field: 13, to: 'requester', as: first(xcn) },
    { field: 15, to: 'identifier@RXE-15', as: listOf(first(prescription)) },
    { field: 21, to: 'note@RXE-21', as: each(cweNote) },
    { field: 27, to: 'reasonCode', as: each(cwe()) },
    { field: 32, to: 'authoredOn', as: first(dateTime) },
    { field: 39, to: 'dispenseRequest.initialFill', as: initialFill, with: [11] },
    { field: 40, to: 'dispenseRequest.performer', as: first(cweOrganization) },
  ],
  elsewhere: [1, 2, 3, 4, 5, 6, 7, 19, 23, 24, 25, 26, 33, 34],
};
