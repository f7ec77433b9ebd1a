import type { Encounter } from '@medplum/fhirtypes';
import { first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import type { SegmentMap } from '../segment-map.ts';

/** PV2 → Encounter: why the patient comes. */
export const pv2: SegmentMap<Encounter> = {
  segment: 'PV2',
  resource: 'Encounter',
  rows: [{ field: 3, to: 'reasonCode@PV2-3', as: listOf(first(cwe())) }],
  elsewhere: [],
};
