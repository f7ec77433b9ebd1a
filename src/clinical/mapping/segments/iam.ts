import type { AllergyIntolerance, CodeableConcept } from '@medplum/fhirtypes';
import { choice, type Datatype, first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei } from '../datatypes/ei.ts';
import { text } from '../datatypes/text.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { codeTable } from '../tables.ts';
import {
  allergyType,
  category,
  criticality,
  originalCategory,
  originalCriticality,
  reactionOf,
} from './allergen.ts';

const VERIFICATION = 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification';
/** 0438 Allergy clinical status, which in FHIR is how sure one is. D, doubt raised, and S, suspect, are not confirmed. */
const verifications = codeTable({
  U: 'unconfirmed',
  P: 'unconfirmed',
  S: 'unconfirmed',
  D: 'unconfirmed',
  C: 'confirmed',
  I: 'confirmed',
  E: 'entered-in-error',
});

const verification: Datatype<CodeableConcept> = (value) => {
  const code = verifications[value.text.trim().toUpperCase()];
  return code === undefined ? undefined : { coding: [{ system: VERIFICATION, code }] };
};

const manifestation: Datatype<CodeableConcept> = (value, context) => cwe()(value, context);

/** IAM-12 is words for what IAM-11 would be a date of. */
const onsetText: Convert = (field, context, { segment }) => {
  const [value] = field.repetitions;
  if (segment.field(11).state === 'valued' || !value) return undefined;
  return text(value, context);
};

/** IAM → AllergyIntolerance (v2-to-FHIR guide, IAM[AllergyIntolerance]). IAM-6, the action: messages/adt-allergies.ts. */
export const iam: SegmentMap<AllergyIntolerance> = {
  segment: 'IAM',
  resource: 'AllergyIntolerance',
  rows: [
    { field: 2, to: 'category', as: listOf(first(category)) },
    { field: 2, to: '_category', as: originalCategory },
    { field: 2, to: 'type', as: first(allergyType) },
    { field: 3, to: 'code', as: first(cwe()) },
    { field: 4, to: 'criticality', as: criticality },
    { field: 4, to: '_criticality', as: originalCriticality },
    { field: 5, to: 'reaction', as: reactionOf(manifestation), with: [4] },
    { field: 7, to: 'identifier@IAM-7', as: listOf(first(ei())) },
    { field: 11, to: 'onset[x]', as: choice('DateTime', first(dateTime)) },
    { field: 12, to: 'onset[x]', as: choice('String', onsetText), with: [11] },
    { field: 13, to: 'recordedDate', as: first(dateTime) },
    { field: 17, to: 'verificationStatus', as: first(verification) },
  ],
  // IAM-6 acts; IAM-14 and 15 are who reported it.
  elsewhere: [1, 6],
};
