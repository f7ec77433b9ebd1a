import type { Immunization, ImmunizationPerformer } from '@medplum/fhirtypes';
import { type Datatype, first, listOf } from '../convert.ts';
import { v2Table } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei, eip } from '../datatypes/ei.ts';
import { xcnRole } from '../datatypes/practitioner-role.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';

/** What ORC-3 holds where nothing was given: a refusal has no number (CDC immunization guide 1.5, ORC-3). */
export const NO_NUMBER = '9999';

const filler: Convert = (field, context, at) =>
  field.component(1).trim() === NO_NUMBER ? undefined : listOf(first(ei('FILL')))(field, context, at);

const orderedBy: Datatype<ImmunizationPerformer> = (value, context) => {
  const actor = xcnRole()(value, context);
  return actor && { function: { coding: [{ system: v2Table('0443'), code: 'OP' }] }, actor };
};

/** ORC → Immunization (v2-to-FHIR guide, ORC[Immunization]). */
export const orcImmunization: SegmentMap<Immunization> = {
  segment: 'ORC',
  resource: 'Immunization',
  rows: [
    { field: 2, to: 'identifier@ORC-2', as: listOf(first(ei('PLAC'))) },
    { field: 3, to: 'identifier@ORC-3', as: filler },
    { field: 4, to: 'identifier@ORC-4', as: first(eip({ placer: 'PGN', filler: 'FGN' })) },
    { field: 9, to: 'recorded', as: first(dateTime) },
    { field: 12, to: 'performer@ORC-12', as: listOf(first(orderedBy)) },
  ],
  elsewhere: [1],
};
