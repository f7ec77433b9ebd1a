import type { AllergyIntolerance, CodeableConcept } from '@medplum/fhirtypes';
import { choice, type Datatype, first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { text } from '../datatypes/text.ts';
import type { SegmentMap } from '../segment-map.ts';
import {
  allergyType,
  category,
  criticality,
  originalCategory,
  originalCriticality,
  reactionOf,
} from './allergen.ts';

/** AL1-5 is a ST. */
const manifestation: Datatype<CodeableConcept> = (value, context) => {
  const words = text(value, context);
  return words === undefined ? undefined : { text: words };
};

/** AL1 → AllergyIntolerance (v2-to-FHIR guide, AL1[AllergyIntolerance]). */
export const al1: SegmentMap<AllergyIntolerance> = {
  segment: 'AL1',
  resource: 'AllergyIntolerance',
  rows: [
    { field: 2, to: 'category', as: listOf(first(category)) },
    { field: 2, to: '_category', as: originalCategory },
    { field: 2, to: 'type', as: first(allergyType) },
    { field: 3, to: 'code', as: first(cwe()) },
    { field: 4, to: 'criticality', as: criticality },
    { field: 4, to: '_criticality', as: originalCriticality },
    { field: 5, to: 'reaction', as: reactionOf(manifestation), with: [4] },
    { field: 6, to: 'onset[x]', as: choice('DateTime', first(dateTime)) },
  ],
  elsewhere: [1],
};
