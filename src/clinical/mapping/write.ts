import { type Elements, patientId, type RecordWrite, type ResourceType } from '../record/index.ts';
import type { SourcePatient } from '../source-patients/index.ts';
import type { MapContext } from './context.ts';
import type { Patch } from './segment-map.ts';

export interface WriteParts {
  readonly type: ResourceType;
  readonly id: string;
  readonly key: string;
  readonly patient: SourcePatient;
  readonly patch: Patch;
  readonly initial?: Elements;
  readonly copy?: boolean;
}

/** A write of the record with the message as its origin. */
export function writeOf(context: MapContext, parts: WriteParts): RecordWrite {
  const { type, id, key, patient, patch, initial, copy } = parts;
  const { messageId } = context.options;
  return {
    type,
    id,
    key,
    origin: {
      system: context.system,
      patient,
      eventTime: context.eventTime,
      ...(messageId === undefined ? {} : { messageId }),
    },
    set: patch.set,
    ...(patch.remove.length > 0 ? { remove: patch.remove } : {}),
    ...(initial ? { initial } : {}),
    ...(copy ? { copy } : {}),
  };
}

export const patientWrite = (
  context: MapContext,
  parts: { patient: SourcePatient; patch: Patch; copy: boolean },
): RecordWrite => {
  const { patient } = parts;
  return writeOf(context, {
    type: 'Patient',
    id: patientId(patient),
    key: `${patient.authority}|${patient.identifier}`,
    ...parts,
  });
};
