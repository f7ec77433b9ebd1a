import type {
  Coding,
  Encounter,
  EncounterLocation,
  EncounterParticipant,
  Location,
  Reference,
} from '@medplum/fhirtypes';
import { type Datatype, each, first, firstOf, listOf } from '../convert.ts';
import { codeSystemUri, cwe, v2Table } from '../datatypes/cwe.ts';
import { cx, cxOfType } from '../datatypes/cx.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { pl } from '../datatypes/pl.ts';
import { xcn } from '../datatypes/xcn.ts';
import { mention } from '../mention.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { patientClass } from '../tables.ts';

const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

/** Of table 0004 without a code of FHIR: commercial account, not applicable, unknown. */
const OTHER_CLASSES: ReadonlySet<string> = new Set(['C', 'N', 'U']);

/** PV1-2 → class. A class of the site's own stays under table 0004 rather than being guessed, and is found. */
const encounterClass: Datatype<Coding> = (value, context) => {
  const sent = value.text.trim();
  if (sent === '') return undefined;
  const mapped = patientClass[sent.toUpperCase()];
  if (!mapped && !OTHER_CLASSES.has(sent.toUpperCase()))
    context.findings.push({ place: context.at.place, rule: 'a code of table 0004 is needed' });
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

/** A bed of who is expected is planned, of who has gone it is behind them (guide: by PV1-2; a discharge also says so). */
const assigned: Convert = (field, context, { segment }) => {
  const left = context.message.header.triggerEvent === 'A03' || segment.field(45).state === 'valued';
  const expected = segment.field(2).text.trim().toUpperCase() === 'P';
  const place = firstOf(field, location(left ? 'completed' : expected ? 'planned' : 'active'), context);
  return place && [place];
};

const CLASSIFICATION = 'http://hl7.org/fhir/StructureDefinition/subject-locationClassification';
const SUBJECT_LOCATION = 'http://terminology.hl7.org/CodeSystem/subject-location';

const temporary =
  (status: EncounterLocation['status']): Datatype<EncounterLocation> =>
  (value, context) => {
    const place = location(status)(value, context);
    const valueCodeableConcept = { coding: [{ system: SUBJECT_LOCATION, code: 'temporary' }] };
    return place && { extension: [{ url: CLASSIFICATION, valueCodeableConcept }], ...place };
  };

/** DLD → Location (v2-to-FHIR guide, DLD[Location-Discharge]): DLD-1, a CWE of subcomponents, is its type, and what it is known by. */
const dischargedTo: Datatype<Reference<Location>> = (value, context) => {
  const [code, display] = [value.component(1, 1).trim(), value.component(1, 2).trim()];
  const name = display || code;
  if (name === '') return undefined;
  const system = codeSystemUri(value.component(1, 3), context) ?? v2Table('0113');
  const authority = `urn:isthmus:discharge-locations:${encodeURIComponent(context.system)}`;
  const coding = { system, code: code || name, ...(display === '' ? {} : { display }) };
  return mention(context, {
    type: 'Location',
    display: name,
    number: { authority, value: code || name },
    set: {
      identifier: [{ system: authority, value: code || name }],
      name,
      mode: 'instance',
      type: [code === '' ? { text: name } : { coding: [coding] }],
    },
  }) as Reference<Location>;
};

/** PV1 → Encounter (v2-to-FHIR guide, PV1[Encounter]). The status follows from the event: messages/adt.ts. */
export const pv1: SegmentMap<Encounter> = {
  segment: 'PV1',
  resource: 'Encounter',
  rows: [
    { field: 2, to: 'class', as: first(encounterClass) },
    { field: 3, to: 'location@PV1-3', as: assigned, with: [2, 45] },
    { field: 4, to: 'type@PV1-4', as: listOf(first(cwe('0007'))) },
    { field: 5, to: 'hospitalization.preAdmissionIdentifier', as: first(cx) },
    { field: 6, to: 'location@PV1-6', as: listOf(first(location('completed'))) },
    { field: 7, to: 'participant@PV1-7', as: each(participant('ATND')) },
    { field: 8, to: 'participant@PV1-8', as: each(participant('REF')) },
    { field: 9, to: 'participant@PV1-9', as: each(participant('CON')) },
    { field: 10, to: 'serviceType', as: first(cwe('0069')) },
    { field: 11, to: 'location@PV1-11', as: listOf(first(temporary('active'))) },
    { field: 13, to: 'hospitalization.reAdmission', as: first(cwe('0092')) },
    { field: 14, to: 'hospitalization.admitSource', as: first(cwe('0023')) },
    { field: 15, to: 'hospitalization.specialArrangement', as: each(cwe('0009')) },
    { field: 16, to: 'hospitalization.specialCourtesy', as: each(cwe('0099')) },
    { field: 17, to: 'participant@PV1-17', as: each(participant('ADM')) },
    { field: 18, to: 'type@PV1-18', as: listOf(first(cwe('0018'))) },
    { field: 19, to: 'identifier@PV1-19', as: listOf(first(cxOfType('VN'))) },
    { field: 36, to: 'hospitalization.dischargeDisposition', as: first(cwe('0112')) },
    { field: 37, to: 'hospitalization.destination', as: first(dischargedTo) },
    { field: 38, to: 'hospitalization.dietPreference', as: each(cwe('0114')) },
    { field: 42, to: 'location@PV1-42', as: listOf(first(location('planned'))) },
    { field: 43, to: 'location@PV1-43', as: listOf(first(temporary('completed'))) },
    { field: 44, to: 'period.start', as: first(dateTime) },
    { field: 45, to: 'period.end', as: first(dateTime) },
    { field: 50, to: 'identifier@PV1-50', as: each(cxOfType('VN')) },
    { field: 52, to: 'participant@PV1-52', as: each(participant('PART')) },
  ],
  // PV1-53 and 54 are the episode of care: messages/encounter.ts.
  elsewhere: [1, 53, 54],
};
