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
import { primaryLanguage } from './language.ts';
import { relationship } from './relationship.ts';

/** GT1 → RelatedPerson, the guarantor. The guide has no map of GT1; Account.guarantor is what FHIR has for it. */
export const gt1: SegmentMap<RelatedPerson> = {
  segment: 'GT1',
  resource: 'RelatedPerson',
  rows: [
    { field: 2, to: 'identifier@GT1-2', as: each(cx) },
    { field: 3, to: 'name', as: names },
    { field: 5, to: 'address', as: each(xad) },
    { field: 6, to: 'telecom@GT1-6', as: each(xtn('home')) },
    { field: 7, to: 'telecom@GT1-7', as: each(xtn('work')) },
    { field: 8, to: 'birthDate', as: first(date) },
    { field: 9, to: 'gender', as: first(code('0001', administrativeSex)) },
    { field: 11, to: 'relationship', as: listOf(first(relationship)) },
    { field: 12, to: 'identifier@GT1-12', as: listOf(first(ssn)) },
    { field: 19, to: 'identifier@GT1-19', as: each(cx) },
    { field: 36, to: 'communication', as: first(primaryLanguage) },
  ],
  // GT1-13 and 14 are the guarantee's period, GT1-21 an organization as guarantor.
  elsewhere: [1, 13, 14, 21],
};
