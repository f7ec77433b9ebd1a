import type { Organization, PatientContact, Reference } from '@medplum/fhirtypes';
import { allOf, type Datatype, each, first, firstOf, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { code } from '../datatypes/text.ts';
import { xad } from '../datatypes/xad.ts';
import { organization } from '../datatypes/xon.ts';
import { xpn } from '../datatypes/xpn.ts';
import { xtn } from '../datatypes/xtn.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { administrativeSex } from '../tables.ts';
import { relationship } from './relationship.ts';

/** NK1-13 with who speaks for it: NK1-30 name, NK1-31 telephone, NK1-32 address. */
const employer: Convert = (field, context, { segment, place }): Reference<Organization> | undefined => {
  const [address] = allOf(segment.field(32), xad, { context, place });
  const telecom = allOf(segment.field(31), xtn('work'), { context, place });
  const name = firstOf(segment.field(30), xpn, context);
  const contact = {
    ...(name ? { name } : {}),
    ...(telecom.length > 0 ? { telecom } : {}),
    ...(address ? { address } : {}),
  };
  const named: Datatype<Reference<Organization>> = (value) =>
    organization(value, context, Object.keys(contact).length > 0 ? { contact: [contact] } : {});
  return firstOf(field, named, context);
};

/** NK1 → Patient.contact (v2-to-FHIR guide, NK1[Patient]). */
export const nk1Contact: SegmentMap<PatientContact> = {
  segment: 'NK1',
  resource: 'Patient',
  rows: [
    { field: 2, to: 'name', as: first(xpn) },
    { field: 3, to: 'relationship@NK1-3', as: listOf(first(relationship)) },
    { field: 4, to: 'address', as: first(xad) },
    { field: 5, to: 'telecom@NK1-5', as: each(xtn('home')) },
    { field: 6, to: 'telecom@NK1-6', as: each(xtn('work')) },
    { field: 7, to: 'relationship@NK1-7', as: listOf(first(cwe('0131'))) },
    { field: 8, to: 'period.start', as: first(dateTime) },
    { field: 9, to: 'period.end', as: first(dateTime) },
    { field: 13, to: 'organization', as: employer, with: [30, 31, 32] },
    { field: 15, to: 'gender', as: first(code('0001', administrativeSex)) },
    { field: 40, to: 'telecom@NK1-40', as: each(xtn(undefined)) },
    { field: 41, to: 'telecom@NK1-41', as: each(xtn(undefined)) },
  ],
  elsewhere: [1],
};
