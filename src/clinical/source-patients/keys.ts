import type { Hl7Message } from '../../standards/hl7v2/index.ts';
import type { AuthorityRules } from './authority.ts';
import {
  allOfField,
  MAX_LENGTH,
  type SourcePatient,
  sourcePatientOfField,
  withSender,
} from './source-patient.ts';

/** The ordering key of a source patient, the same for every format a message may come in. */
export const patientKey = (patient: SourcePatient): string =>
  `patient:${patient.authority}|${patient.identifier}`;

/**
 * The ordering keys of a message (DESIGN 5), at least one, without repeats:
 * - each PID gives its source patient. Several PIDs (A17 swap, A24 link, A37 unlink, several results in one message) give several.
 * - with an MRG (A18, A30, A34-A36, A39-A47, A50, A51) every id of PID-3, MRG-1 and MRG-4 counts, so that what was known under
 *   the old id and what is known under the new one both wait for the merge and never overtake it. The event is not looked at:
 *   the segment is what makes a message one about two patients.
 * - without a patient: the visit (PV1-19), the order (ORC or OBR 3, 2), the appointment (SCH-2, SCH-1), or else the sender.
 */
export function keysOf(message: Hl7Message, rules: AuthorityRules = {}): string[] {
  const effective = withSender(message, rules);
  const keys = new Set<string>();
  const merges = message.segments('MRG');
  for (const pid of message.segments('PID')) {
    const chosen = sourcePatientOfField(pid.field(3), effective);
    if (chosen) keys.add(patientKey(chosen));
    if (merges.length > 0)
      for (const patient of allOfField(pid.field(3), effective)) keys.add(patientKey(patient));
  }
  for (const merge of merges) {
    for (const field of [1, 4]) {
      for (const patient of allOfField(merge.field(field), effective)) keys.add(patientKey(patient));
    }
  }
  return keys.size > 0 ? [...keys] : [fallbackKey(message)];
}

/** Where a message without a patient is put in order, first that is filled. */
const FALLBACKS = [
  { segment: 'PV1', field: 19, kind: 'visit' },
  { segment: 'ORC', field: 3, kind: 'order' },
  { segment: 'OBR', field: 3, kind: 'order' },
  { segment: 'ORC', field: 2, kind: 'order' },
  { segment: 'OBR', field: 2, kind: 'order' },
  { segment: 'SCH', field: 2, kind: 'appointment' },
  { segment: 'SCH', field: 1, kind: 'appointment' },
] as const;

function fallbackKey(message: Hl7Message): string {
  const { sendingApplication, sendingFacility } = message.header;
  const sender = `${sendingApplication}|${sendingFacility}`;
  for (const { segment, field, kind } of FALLBACKS) {
    const id = message.segment(segment)?.field(field).component(1).replaceAll('\0', '').trim() ?? '';
    if (id !== '' && id.length <= MAX_LENGTH) return `${kind}:${sender}|${id}`;
  }
  return `sender:${sender}`;
}
