import type { Appointment } from '@medplum/fhirtypes';
import { first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { ei } from '../datatypes/ei.ts';
import { code } from '../datatypes/text.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { codeTable, fillerStatus } from '../tables.ts';

/** Minutes to the unit names that senders use (SCH-10, AIS-8: CNE of UCUM or plain words). */
const MINUTES = codeTable({
  '': 1,
  M: 1,
  MIN: 1,
  MINS: 1,
  MINUTE: 1,
  MINUTES: 1,
  H: 60,
  HR: 60,
  HRS: 60,
  HOUR: 60,
  HOURS: 60,
  S: 1 / 60,
  SEC: 1 / 60,
});

/** A duration in whole minutes; undefined when number or unit is not understood. */
export function minutesOf(amount: string, unit: string): number | undefined {
  const perUnit = MINUTES[unit.trim().toUpperCase()];
  if (!/^\d+(\.\d+)?$/.test(amount) || perUnit === undefined) return undefined;
  const minutes = Math.round(Number(amount) * perUnit);
  return minutes > 0 ? minutes : undefined;
}

const duration: Convert = (field, _context, { segment }) => minutesOf(field.text, segment.field(10).text);

/** SCH → Appointment (v2-to-FHIR guide, SCH[Appointment]). When and with whom: messages/siu.ts. */
export const sch: SegmentMap<Appointment> = {
  segment: 'SCH',
  resource: 'Appointment',
  rows: [
    { field: 1, to: 'identifier@SCH-1', as: listOf(first(ei('PLAC'))) },
    { field: 2, to: 'identifier@SCH-2', as: listOf(first(ei('FILL'))) },
    { field: 7, to: 'reasonCode@SCH-7', as: listOf(first(cwe('0276'))) },
    { field: 8, to: 'appointmentType', as: first(cwe('0277')) },
    { field: 9, to: 'minutesDuration', as: duration, with: [10] },
    { field: 25, to: 'status', as: first(code('0278', fillerStatus)) },
  ],
  // SCH-6 says why, when it is cancelled; SCH-11 when.
  elsewhere: [6, 11],
};
