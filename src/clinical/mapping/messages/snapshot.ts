import type { Segment } from '../../../standards/hl7v2/index.ts';
import {
  type Elements,
  type Ending,
  patientReference,
  type RecordWrite,
  resourceId,
} from '../../record/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import { writeOf } from '../write.ts';

/**
 * Groups of segments that are sent as a whole (2.5.1 2.10.4.1, snapshot mode): what a newer message does not list has gone. The record keeps
 * each as a List, so that one can see as of when it is complete, and ends what fell out of it (record R28).
 */
export interface Snapshot {
  readonly group: keyof typeof kinds;
  readonly patient: SourcePatient;
  /** Of a visit; of the patient when there is none. */
  readonly encounter?: string | undefined;
  /** `Type/id` of what the message lists. */
  readonly members: readonly string[];
}

const CLINICAL = 'http://terminology.hl7.org/CodeSystem';
const INACTIVE_ALLERGY = `${CLINICAL}/allergyintolerance-clinical`;
const INACTIVE_CONDITION = `${CLINICAL}/condition-clinical`;

interface Kind {
  readonly title: string;
  readonly ends: Ending;
}

/**
 * What becomes of a member that is listed no more. An allergy or a diagnosis remains to be read as a past one; a procedure was either done
 * or not; relations and coverages are over.
 */
const kinds = {
  allergies: {
    title: 'Allergies (AL1)',
    ends: { set: { clinicalStatus: { coding: [{ system: INACTIVE_ALLERGY, code: 'inactive' }] } } },
  },
  diagnoses: {
    title: 'Diagnoses (DG1)',
    ends: { set: { clinicalStatus: { coding: [{ system: INACTIVE_CONDITION, code: 'inactive' }] } } },
  },
  procedures: { title: 'Procedures (PR1)', ends: { set: { status: 'entered-in-error' } } },
  'next of kin': { title: 'Next of kin (NK1)', ends: { set: { active: false } } },
  guarantors: { title: 'Guarantors (GT1)', ends: { set: { active: false } } },
  insurances: { title: 'Insurances (IN1)', ends: { set: { status: 'cancelled' } } },
} as const satisfies Record<string, Kind>;

export function snapshotOf(
  context: MapContext,
  { group, patient, encounter, members }: Snapshot,
): RecordWrite {
  const { title, ends } = kinds[group];
  const key = `snapshot|${group}|${encounter ?? `${patient.authority}|${patient.identifier}`}`;
  const unique = [...new Set(members)];
  const set: Elements = {
    status: 'current',
    mode: 'snapshot',
    title,
    subject: { reference: patientReference(patient) },
    ...(encounter === undefined ? {} : { encounter: { reference: encounter } }),
    ...(unique.length > 0 ? { entry: unique.map((reference) => ({ item: { reference } })) } : {}),
  };
  const write = writeOf(context, {
    type: 'List',
    id: resourceId('List', context.system, key),
    key,
    patient,
    patch: { set, remove: unique.length > 0 ? [] : ['entry'] },
  });
  return { ...write, ends };
}

export const referenceTo = ({ type, id }: RecordWrite): string => `${type}/${id}`;

/** The action code of a segment, in capitals. */
export const actionOf = (segment: Segment, field: number): string =>
  segment.field(field).text.trim().toUpperCase();

/** Segments of which one has an action code speak of single ones; others are the whole group (2.5.1 2.10.4). */
export const isSnapshot = (segments: readonly Segment[], field: number): boolean =>
  segments.every((segment) => actionOf(segment, field) === '');
