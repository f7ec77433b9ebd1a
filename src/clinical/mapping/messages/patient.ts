import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { RecordWrite } from '../../record/index.ts';
import { type SourcePatient, sourcePatientOfPid } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import { mapSegment, type Patch, placeOf } from '../segment-map.ts';
import { pid as pidMap } from '../segments/pid.ts';
import { patientWrite } from '../write.ts';

/** Whom a PID is about. Without an id nothing can be filed, which is a finding; the message itself is kept by the queue. */
export function patientOf(pid: Segment | undefined, context: MapContext): SourcePatient | undefined {
  const patient = pid && sourcePatientOfPid(pid, context.message, context.authorities);
  if (!patient)
    context.findings.push({ place: pid ? placeOf(pid, 3) : 'PID', rule: 'a patient identifier is needed' });
  const about = patient ?? (pid && ofThisMessage(pid, context));
  if (about) context.mentions.about = `${about.authority}|${about.identifier}`;
  return about;
}

/** See MapOptions.unidentified. */
function ofThisMessage(pid: Segment, { options, system, message }: MapContext): SourcePatient | undefined {
  if (options.unidentified !== 'message') return undefined;
  return {
    authority: `message of ${system}`,
    identifier: `${message.header.controlId}.${pid.occurrence}`,
  };
}

/** PID as Patient. `copy` when the message is about something else and names the patient in passing; `more` is what other segments say. */
export function patientWriteOf(
  pid: Segment,
  context: MapContext,
  { patient, copy, more }: { patient: SourcePatient; copy: boolean; more?: Patch },
): RecordWrite {
  return patientWrite(context, { patient, patch: mapSegment(pidMap, pid, context, more), copy });
}
