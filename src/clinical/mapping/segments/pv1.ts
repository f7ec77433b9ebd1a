import type {
  Coding,
  Encounter,
  EncounterLocation,
  EncounterParticipant,
  Reference,
} from '@medplum/fhirtypes';
import { type Datatype, each, first, listOf } from '../convert.ts';
import { cwe, v2Table } from '../datatypes/cwe.ts';
import { cx, cxOfType } from '../datatypes/cx.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { pl } from '../datatypes/pl.ts';
import { xcn } from '../datatypes/xcn.ts';
import type { SegmentMap } from '../segment-map.ts';
import { patientClass } from '../tables.ts';

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

/** PV1-2 → class. A class of the site's own stays under table 0004 rather than being guessed. */
const encounterClass: Datatype<Coding> = (value) => {
  const sent = value.text.trim();
  if (sent === '') return undefined;
  const mapped = patientClass[sent.toUpperCase()];
  return mapped ? { system: ACT_CODE, code: mapped } : { system: v2Table('0004'), code: sent };
};

const participant =
  (role: string): Datatype<EncounterParticipant> =>
  (value, context) => {
    const individual = xcn(value, context) as Reference<never> | undefined;
    return individual && { type: [{ coding: [{ system: PARTICIPATION, code: role }] }], individual };
  };

const location =
  (status: EncounterLocation['status']): Datatype<EncounterLocation> =>
  (value, context) => {
    const place = pl(value, context) as Reference<never> | undefined;
    return place && ({ location: place, status } as EncounterLocation);
  };

/** PV1 → Encounter (v2-to-FHIR guide, PV1[Encounter]). The status follows from the event: messages/adt.ts. */
export const pv1: SegmentMap<Encounter> = {
  segment: 'PV1',
  resource: 'Encounter',
  rows: [
    { field: 2, to: 'class', as: first(encounterClass) },
    { field: 3, to: 'location@PV1-3', as: listOf(first(location('active'))) },
    { field: 4, to: 'type@PV1-4', as: listOf(first(cwe('0007'))) },
    { field: 5, to: 'hospitalization.preAdmissionIdentifier', as: first(cx) },
    { field: 6, to: 'location@PV1-6', as: listOf(first(location('completed'))) },
    { field: 7, to: 'participant@PV1-7', as: each(participant('ATND')) },
    { field: 8, to: 'participant@PV1-8', as: each(participant('REF')) },
    { field: 9, to: 'participant@PV1-9', as: each(participant('CON')) },
    { field: 10, to: 'serviceType', as: first(cwe('0069')) },
    { field: 13, to: 'hospitalization.reAdmission', as: first(cwe('0092')) },
    { field: 14, to: 'hospitalization.admitSource', as: first(cwe('0023')) },
    { field: 15, to: 'hospitalization.specialArrangement', as: each(cwe('0009')) },
    { field: 16, to: 'hospitalization.specialCourtesy', as: each(cwe('0099')) },
    { field: 17, to: 'participant@PV1-17', as: each(participant('ADM')) },
    { field: 19, to: 'identifier@PV1-19', as: listOf(first(cxOfType('VN'))) },
    { field: 36, to: 'hospitalization.dischargeDisposition', as: first(cwe('0112')) },
    { field: 38, to: 'hospitalization.dietPreference', as: each(cwe('0114')) },
    { field: 44, to: 'period.start', as: first(dateTime) },
    { field: 45, to: 'period.end', as: first(dateTime) },
    { field: 50, to: 'identifier@PV1-50', as: listOf(first(cxOfType('VN'))) },
    { field: 52, to: 'participant@PV1-52', as: each(participant('PART')) },
  ],
  elsewhere: [1],
};
