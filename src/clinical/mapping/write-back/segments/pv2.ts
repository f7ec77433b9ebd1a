import type { Encounter } from '@medplum/fhirtypes';
import { cwe, cweOfTable } from '../datatypes/cwe.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xcnOf } from '../datatypes/person.ts';
import { plOf } from '../datatypes/pl.ts';
import { nm } from '../datatypes/quantity.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import type { VisitOfFacts } from './pv1.ts';

const FHIR = 'http://hl7.org/fhir';
const PRIORITY = 'http://terminology.hl7.org/CodeSystem/v3-ActPriority';
const extensionOf = ({ extension = [] }: Encounter, path: string) =>
  extension.find(({ url }) => url === `${FHIR}/${path}`);
const planned = (end: 'Start' | 'End') => (encounter: Encounter) =>
  extensionOf(encounter, `5.0/StructureDefinition/extension-Encounter.planned${end}Date`)?.valueDateTime;
const arrival = (encounter: Encounter) => {
  const coding = extensionOf(encounter, 'StructureDefinition/encounter-modeOfArrival')?.valueCoding;
  return coding && { coding: [coding] };
};

const fields: Fields<Encounter> = {
  1: from('Encounter.location from PV2-1', ({ location }) => ofField(location, 'PV2-1')[0]?.location, plOf),
  3: from('Encounter.reasonCode', ({ reasonCode }) => ofField(reasonCode, 'PV2-3', () => true)[0], cwe),
  8: from('Encounter.extension(plannedStartDate)', planned('Start'), dtm),
  9: from('Encounter.extension(plannedEndDate)', planned('End'), dtm),
  11: from(
    'Encounter.length in days',
    ({ length }) => (length?.code === 'd' ? length.value : undefined),
    (value) => nm(value),
  ),
  13: fromEach(
    'Encounter.participant from PV2-13',
    ({ participant }) => ofField(participant, 'PV2-13').flatMap(({ individual }) => individual ?? []),
    xcnOf,
  ),
  25: from(
    'Encounter.priority',
    ({ priority }) => priority,
    cweOfTable('0217', { [PRIORITY]: { EM: '1', UR: '2', EL: '3' } }),
  ),
  38: from('Encounter.extension(encounter-modeOfArrival)', arrival, cwe),
};

const isSaid = (encounter: Encounter): boolean =>
  encounter.reasonCode !== undefined ||
  encounter.priority !== undefined ||
  encounter.length !== undefined ||
  encounter.extension !== undefined ||
  ofField(encounter.location, 'PV2-1').length > 0 ||
  ofField(encounter.participant, 'PV2-13').length > 0;

/** PV2 from the Encounter; no segment when it would be empty. */
export const pv2 = <F extends VisitOfFacts>(): SegmentPart<F, Encounter> =>
  each<F, Encounter>('PV2', ({ encounter }) => (encounter && isSaid(encounter) ? [encounter] : []), fields);
