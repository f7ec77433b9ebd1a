import type { RelatedPerson } from '@medplum/fhirtypes';
import { each, first, listOf } from '../convert.ts';
import { cx, ssn } from '../datatypes/cx.ts';
import { date } from '../datatypes/dtm.ts';
import { code } from '../datatypes/text.ts';
import { xad } from '../datatypes/xad.ts';
import { names } from '../datatypes/xpn.ts';
import { xtn } from '../datatypes/xtn.ts';
import type { SegmentMap } from '../segment-map.ts';
import { administrativeSex } from '../tables.ts';
import { relationship } from './relationship.ts';

/** IN1 → RelatedPerson, the insured (v2-to-FHIR guide, IN1[Coverage], subscriber), when it is not the patient. */
export const in1Subscriber: SegmentMap<RelatedPerson> = {
  segment: 'IN1',
  resource: 'RelatedPerson',
  rows: [
    { field: 16, to: 'name', as: names },
    { field: 17, to: 'relationship', as: listOf(first(relationship)) },
    { field: 18, to: 'birthDate', as: first(date) },
    { field: 19, to: 'address', as: each(xad) },
    { field: 43, to: 'gender', as: first(code('0001', administrativeSex)) },
    { field: 49, to: 'identifier@IN1-49', as: each(cx) },
  ],
  elsewhere: [],
};

/** IN2 → the same person: employee's and social security number, and telephone. */
export const in2Subscriber: SegmentMap<RelatedPerson> = {
  segment: 'IN2',
  resource: 'RelatedPerson',
  rows: [
    { field: 1, to: 'identifier@IN2-1', as: each(cx) },
    { field: 2, to: 'identifier@IN2-2', as: listOf(first(ssn)) },
    { field: 63, to: 'telecom@IN2-63', as: each(xtn('home')) },
  ],
  elsewhere: [],
};
