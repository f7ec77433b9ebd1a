import type { RelatedPerson } from '@medplum/fhirtypes';
import { each, first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { cx, ssn } from '../datatypes/cx.ts';
import { date, dateTime } from '../datatypes/dtm.ts';
import { code } from '../datatypes/text.ts';
import { xad } from '../datatypes/xad.ts';
import { names } from '../datatypes/xpn.ts';
import { xtn } from '../datatypes/xtn.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { administrativeSex } from '../tables.ts';
import { primaryLanguage } from './language.ts';
import { relationship } from './relationship.ts';

/** An NK1 without a name of its own is about who speaks for the organization. */
const whoSpeaks =
  (convert: Convert): Convert =>
  (field, context, at) =>
    at.segment.field(2).state === 'valued' ? undefined : convert(field, context, at);

/**
 * NK1 → RelatedPerson (v2-to-FHIR guide, NK1[RelatedPerson]). NK1-30 to 32, 41, name who speaks for an organization, so beside a person of
 * NK1-2 they belong to Patient.contact alone.
 */
export const nk1RelatedPerson: SegmentMap<RelatedPerson> = {
  segment: 'NK1',
  resource: 'RelatedPerson',
  rows: [
    { field: 2, to: 'name@NK1-2', as: names },
    { field: 3, to: 'relationship@NK1-3', as: listOf(first(relationship)) },
    { field: 4, to: 'address@NK1-4', as: each(xad) },
    { field: 5, to: 'telecom@NK1-5', as: each(xtn('home')) },
    { field: 6, to: 'telecom@NK1-6', as: each(xtn('work')) },
    { field: 7, to: 'relationship@NK1-7', as: listOf(first(cwe('0131'))) },
    { field: 8, to: 'period.start', as: first(dateTime) },
    { field: 9, to: 'period.end', as: first(dateTime) },
    { field: 12, to: 'identifier@NK1-12', as: each(cx) },
    { field: 15, to: 'gender', as: first(code('0001', administrativeSex)) },
    { field: 16, to: 'birthDate', as: first(date) },
    { field: 20, to: 'communication', as: first(primaryLanguage) },
    { field: 30, to: 'name@NK1-30', as: whoSpeaks(names), with: [2] },
    { field: 31, to: 'telecom@NK1-31', as: whoSpeaks(each(xtn('work'))), with: [2] },
    { field: 32, to: 'address@NK1-32', as: whoSpeaks(each(xad)), with: [2] },
    { field: 33, to: 'identifier@NK1-33', as: each(cx) },
    { field: 37, to: 'identifier@NK1-37', as: listOf(first(ssn)) },
    { field: 40, to: 'telecom@NK1-40', as: each(xtn(undefined)) },
  ],
  elsewhere: [1],
};
