import type { Appointment, AppointmentParticipant } from '@medplum/fhirtypes';
import { allOf, type Datatype, first, listOf } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { ei } from '../datatypes/ei.ts';
import { code } from '../datatypes/text.ts';
import { xad } from '../datatypes/xad.ts';
import { practitioner } from '../datatypes/xcn.ts';
import { xtn } from '../datatypes/xtn.ts';
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

const PARTICIPATION = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

/**
 * Who is asked about the appointment, or entered it (guide, SCH-12, 16, 20), with the telephone and address that stand in fields of their
 * own: for information, they do not come to it.
 */
const contact =
  (code: string, at: { phone: number; address?: number }): Convert =>
  (field, context, { segment, place }) => {
    const telecom = allOf(segment.field(at.phone), xtn('work'), { context, place });
    const address = at.address === undefined ? [] : allOf(segment.field(at.address), xad, { context, place });
    const details = {
      ...(telecom.length > 0 ? { telecom } : {}),
      ...(address.length > 0 ? { address } : {}),
    };
    const type = [{ coding: [{ system: PARTICIPATION, code }] }];
    const asked: Datatype<AppointmentParticipant> = (value) => {
      const actor = practitioner(value, context, details);
      return actor && { type, actor, required: 'information-only', status: 'accepted' };
    };
    const found = allOf(field, asked, { context, place });
    return found.length > 0 ? found : undefined;
  };

/** SCH-7 and 8 are taken for each other; the code's table says which it is (guide, SCH-7). */
const isType = (text: string): boolean => text.trim().toUpperCase() === 'HL70277';
const reason: Convert = (field, context, at) =>
  isType(field.component(3)) ? undefined : listOf(first(cwe('0276')))(field, context, at);
const typeForReason: Convert = (field, context, { segment }) =>
  isType(field.component(3)) && segment.field(8).state !== 'valued'
    ? cwe('0277')(field.repetition(1), context)
    : undefined;

/** SCH → Appointment (v2-to-FHIR guide, SCH[Appointment]). When and with whom: messages/siu.ts. */
export const sch: SegmentMap<Appointment> = {
  segment: 'SCH',
  resource: 'Appointment',
  rows: [
    { field: 1, to: 'identifier@SCH-1', as: listOf(first(ei('PLAC'))) },
    { field: 2, to: 'identifier@SCH-2', as: listOf(first(ei('FILL'))) },
    { field: 7, to: 'reasonCode@SCH-7', as: reason },
    { field: 7, to: 'appointmentType', as: typeForReason, with: [8] },
    { field: 8, to: 'appointmentType', as: first(cwe('0277')) },
    { field: 9, to: 'minutesDuration', as: duration, with: [10] },
    {
      field: 12,
      to: 'participant@SCH-12',
      as: contact('CALLBCK', { phone: 13, address: 14 }),
      with: [13, 14],
    },
    {
      field: 16,
      to: 'participant@SCH-16',
      as: contact('CALLBCK', { phone: 17, address: 18 }),
      with: [17, 18],
    },
    { field: 20, to: 'participant@SCH-20', as: contact('ENT', { phone: 21 }), with: [21] },
    { field: 25, to: 'status', as: first(code('0278', fillerStatus)) },
  ],
  // SCH-6 says why, when it is cancelled; SCH-11 when; SCH-26 and 27 what it was ordered by.
  elsewhere: [6, 11, 26, 27],
};
