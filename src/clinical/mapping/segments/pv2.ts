import type {
  CodeableConcept,
  Duration,
  Encounter,
  EncounterParticipant,
  Extension,
} from '@medplum/fhirtypes';
import { type Datatype, each, first, listOf } from '../convert.ts';
import { coding, cwe, withCoding } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { quantityOf } from '../datatypes/nm.ts';
import { pl } from '../datatypes/pl.ts';
import { xcn } from '../datatypes/xcn.ts';
import type { SegmentMap } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

/** Elements of R5 in R4, as the guide has them. */
const PLANNED_START = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate';
const PLANNED_END = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate';
const ARRIVAL = 'http://hl7.org/fhir/StructureDefinition/encounter-modeOfArrival';
const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const PRIORITY = 'http://terminology.hl7.org/CodeSystem/v3-ActPriority';

const when =
  (url: string): Datatype<Extension> =>
  (value, context) => {
    const at = dateTime(value, context);
    return at === undefined ? undefined : { url, valueDateTime: at };
  };

const arrival: Datatype<Extension> = (value, context) => {
  const valueCoding = coding('0430')(value, context);
  return valueCoding && { url: ARRIVAL, valueCoding };
};

/** 0217 Visit priority. */
const priorities = codeTable({ '1': 'EM', '2': 'UR', '3': 'EL' });
const priority: Datatype<CodeableConcept> = (value, context) => {
  const concept = cwe('0217')(value, context);
  const mapped = priorities[value.text.trim()];
  return concept && mapped ? withCoding(concept, { system: PRIORITY, code: mapped }) : concept;
};

/** Whole days (2.5.1 3.4.4.11). */
const days: Datatype<Duration> = (value) =>
  quantityOf(value.text, { unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' }) as
    | Duration
    | undefined;

const prior: Datatype<object> = (value, context) => {
  const location = pl(value, context);
  return location && { location, status: 'planned' };
};

const referrer: Datatype<EncounterParticipant> = (value, context) => {
  const individual = xcn(value, context);
  return individual && { type: [{ coding: [{ system: PARTICIPATION, code: 'REF' }] }], individual };
};

/** PV2 → Encounter (v2-to-FHIR guide, PV2[Encounter]): why the patient comes, when, and how. */
export const pv2: SegmentMap<Encounter> = {
  segment: 'PV2',
  resource: 'Encounter',
  rows: [
    { field: 1, to: 'location@PV2-1', as: listOf(first(prior)) },
    { field: 3, to: 'reasonCode@PV2-3', as: listOf(first(cwe())) },
    { field: 8, to: `extension[url=${PLANNED_START}]`, as: listOf(first(when(PLANNED_START))) },
    { field: 9, to: `extension[url=${PLANNED_END}]`, as: listOf(first(when(PLANNED_END))) },
    { field: 11, to: 'length', as: first(days) },
    { field: 13, to: 'participant@PV2-13', as: each(referrer) },
    { field: 25, to: 'priority', as: first(priority) },
    { field: 38, to: `extension[url=${ARRIVAL}]`, as: listOf(first(arrival)) },
  ],
  elsewhere: [],
};
