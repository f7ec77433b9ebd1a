import type { Patient } from '@medplum/fhirtypes';
import { first, listOf } from '../convert.ts';
import type { SegmentMap } from '../segment-map.ts';
import { conceptExtension } from './pid-extensions.ts';

const IMPORTANCE = 'http://hl7.org/fhir/StructureDefinition/patient-importance';

/** PV1 → Patient (v2-to-FHIR guide, PV1[Patient]): PV1-16 says how somebody is to be treated, whichever visit it is. */
export const pv1Patient: SegmentMap<Patient> = {
  segment: 'PV1',
  resource: 'Patient',
  rows: [
    {
      field: 16,
      to: `extension[url=${IMPORTANCE}]`,
      as: listOf(first(conceptExtension(IMPORTANCE, '0099'))),
    },
  ],
  elsewhere: [],
};
