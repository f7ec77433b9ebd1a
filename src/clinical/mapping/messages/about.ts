import type { Field } from '../../../standards/hl7v2/index.ts';
import { patientReference, type RecordWrite, type ResourceType, resourceId } from '../../record/index.ts';
import type { SourcePatient } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import type { Patch } from '../segment-map.ts';
import { writeOf } from '../write.ts';

/** Whom, and which visit, the segments of a group are about. */
export interface About {
  readonly patient: SourcePatient;
  /** `Encounter/id`, when the visit is known. */
  readonly encounter: string | undefined;
  /** The event is about the person: what it lists is not of one visit. */
  readonly personOnly: boolean;
}

/** The scope of business keys: the visit, or else the patient. */
export const scopeOf = ({ patient, encounter }: About): string => encounter ?? patientScope(patient);

export const patientScope = ({ authority, identifier }: SourcePatient): string =>
  `${authority}|${identifier}`;

/** CWE: its code and system, or else its words, in small letters; empty when it says nothing. */
export function codeKeyOf(field: Field): string {
  const code = field.component(1).trim();
  if (code !== '') return `${code}^${field.component(3).trim()}`;
  return field.component(2).trim().toLowerCase();
}

/** XPN: family and given names, in small letters. */
export const nameKeyOf = (field: Field): string =>
  [field.component(1, 1), field.component(2), field.component(3)]
    .map((part) => part.trim().toLowerCase())
    .join(' ')
    .trim();

/** A resource of the sender's, known by its key within the patient or visit, which refers to the patient through `subject`. */
export function ownWrite(
  context: MapContext,
  parts: {
    readonly type: ResourceType;
    readonly key: string;
    readonly patient: SourcePatient;
    readonly patch: Patch;
    readonly subject: 'subject' | 'patient' | 'beneficiary';
    readonly initial?: RecordWrite['set'];
  },
): RecordWrite {
  const { type, key, patient, patch, subject, initial } = parts;
  patch.set[subject] = { reference: patientReference(patient) };
  return writeOf(context, {
    type,
    id: resourceId(type, context.system, key),
    key,
    patient,
    patch,
    ...(initial ? { initial } : {}),
  });
}
