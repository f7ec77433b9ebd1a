import type { Procedure, ProcedurePerformer, Reference } from '@medplum/fhirtypes';
import { cwe } from '../datatypes/cwe.ts';
import { ei } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xcnOf } from '../datatypes/person.ts';
import { plOf } from '../datatypes/pl.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import { type GroupPart, group, type SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { numbered } from './observed.ts';
import { type Role, rol } from './rol.ts';
import { procedureStands } from './standing.ts';

export interface ProcedureFacts {
  /** All of the visit, or of the patient: PR1 is a list that replaces the receiver's. */
  readonly procedures?: readonly Procedure[];
}

/** SNOMED CT's for who gave the anaesthesia and who operated. */
const ANESTHETIST = '88189002';
const SURGEON = '304292004';
const isOne = ({ function: role }: ProcedurePerformer, code: string): boolean =>
  (role?.coding ?? []).some((coding) => coding.code === code);

const performers =
  (field: string, fits: (performer: ProcedurePerformer) => boolean) =>
  ({ performer }: Procedure): Reference[] =>
    ofField(performer, field, fits).map(({ actor }) => actor);

const startOf = ({ performedPeriod, performedDateTime }: Procedure) =>
  performedPeriod?.start ?? performedDateTime;

function minutesOf({ performedPeriod: { start, end } = {} }: Procedure): number | undefined {
  if (start === undefined || end === undefined) return undefined;
  return Math.round((Date.parse(end) - Date.parse(start)) / 60_000);
}

/** PR1 from the Procedure (2.5.1, 6.5.4). */
export const pr1: Fields<Procedure> = {
  3: from('Procedure.code', ({ code }) => code, cwe),
  5: from('Procedure.performed[x]', startOf, dtm),
  6: from('Procedure.category', ({ category }) => category, cwe),
  7: from('Procedure.performedPeriod in minutes', minutesOf, (minutes) => minutes),
  8: fromEach(
    'Procedure.performer, the anaesthetist',
    performers('PR1-8', (one) => isOne(one, ANESTHETIST)),
    xcnOf,
  ),
  11: fromEach(
    'Procedure.performer, the surgeon',
    performers('PR1-11', (one) => isOne(one, SURGEON)),
    xcnOf,
  ),
  12: fromEach(
    'Procedure.performer of other functions',
    performers('PR1-12', (one) => !isOne(one, ANESTHETIST) && !isOne(one, SURGEON)),
    xcnOf,
  ),
  15: fromEach('Procedure.reasonCode', ({ reasonCode }) => reasonCode, cwe),
  19: from('Procedure.identifier from PR1-19', ({ identifier }) => ofField(identifier, 'PR1-19')[0], ei),
  23: from('Procedure.location', ({ location }) => location, plOf),
};

type Performed = {
  readonly PR1: SegmentPart<Procedure, Procedure>;
  readonly ROL: SegmentPart<Procedure, Role>;
};

/** PR1 from each Procedure that stands, and ROL for who had a part in it that PR1 has no field for. */
export const procedures = <F extends ProcedureFacts>(): GroupPart<F, Procedure, Performed> =>
  group((facts: F) => (facts.procedures ?? []).filter(procedureStands), {
    PR1: each<Procedure, Procedure>('PR1', (procedure) => [procedure], { ...pr1, 1: numbered }),
    ROL: each<Procedure, Role>(
      'ROL',
      ({ performer }) =>
        ofField(performer, 'ROL-4').map(({ actor, function: code }) => ({
          party: actor,
          code,
          period: undefined,
        })),
      rol,
    ),
  });
