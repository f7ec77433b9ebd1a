import type { Extension, Patient } from '@medplum/fhirtypes';
import { type Datatype, each, first, listOf } from '../convert.ts';
import { xcn } from '../datatypes/xcn.ts';
import { xon } from '../datatypes/xon.ts';
import type { SegmentMap } from '../segment-map.ts';
import { conceptExtension } from './pid-extensions.ts';

const DISABILITY = 'http://hl7.org/fhir/StructureDefinition/patient-disability';
const CONGREGATION = 'http://hl7.org/fhir/StructureDefinition/patient-congregation';

const congregation: Datatype<Extension> = (value) => {
  const name = value.component(1) || value.component(10) || value.component(3);
  return name === '' ? undefined : { url: CONGREGATION, valueString: name };
};

/** PD1 → Patient (v2-to-FHIR guide, PD1[Patient]): who looks after the patient, and what goes with them. */
export const pd1: SegmentMap<Patient> = {
  segment: 'PD1',
  resource: 'Patient',
  rows: [
    { field: 3, to: 'generalPractitioner@PD1-3', as: each(xon) },
    { field: 4, to: 'generalPractitioner@PD1-4', as: each(xcn) },
    { field: 6, to: `extension[url=${DISABILITY}]`, as: listOf(first(conceptExtension(DISABILITY, '0295'))) },
    { field: 14, to: `extension[url=${CONGREGATION}]`, as: each(congregation) },
  ],
  elsewhere: [],
};
