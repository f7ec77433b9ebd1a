import { buildMessage, type SegmentSpec, segment } from '../../src/standards/hl7v2/index.ts';
import type { HospitalEvent } from '../population/index.ts';
import {
  clinicianField,
  diagnosisSegment,
  eventSegment,
  instantOf,
  localCode,
  numberField,
  patientSegment,
  stamp,
  staySegment,
} from './segments.ts';
import type { OutgoingMessage } from './sender.ts';

type Of<Kind extends HospitalEvent['kind']> = Extract<HospitalEvent, { kind: Kind }>;

/**
 * The event as an HL7 v2.5.1 message. The same event and control id always give the same bytes, so that a repeat after a
 * restart is the same message to the receiver.
 */
export function renderEvent(event: HospitalEvent, controlId: string): OutgoingMessage {
  const { type, segments } = contentOf(event);
  const body = buildMessage({
    type,
    controlId,
    segments,
    dateTime: instantOf(event.at),
    zone: '-0500',
    sender: { application: 'GENERAL-EHR', facility: 'GENERAL' },
    receiver: { application: 'ISTHMUS', facility: 'ISTHMUS' },
  });
  return { body, type, controlId };
}

interface Content {
  readonly type: string;
  readonly segments: readonly SegmentSpec[];
}

function contentOf(event: HospitalEvent): Content {
  switch (event.kind) {
    case 'registered':
      return { type: 'ADT^A04', segments: admission(event, 'A04') };
    case 'admitted':
      return { type: 'ADT^A01', segments: [...admission(event, 'A01'), diagnosisSegment(event)] };
    case 'updated':
      return { type: 'ADT^A08', segments: admission(event, 'A08') };
    case 'discharged':
      return { type: 'ADT^A03', segments: admission(event, 'A03') };
    case 'resulted':
      return { type: 'ORU^R01', segments: result(event) };
    case 'booked':
      return { type: 'SIU^S12', segments: booking(event) };
  }
}

/** ADT_A01 and ADT_A03 (2.5.1, 3.3): EVN, PID, PV1. */
function admission(event: HospitalEvent, trigger: string): SegmentSpec[] {
  return [eventSegment(event, trigger), patientSegment(event.patient), staySegment(event)];
}

/** ORU_R01 (2.5.1, 7.3.1): a corrected report repeats every value, with OBR-25 and OBX-11 `C`. */
function result(event: Of<'resulted'>): SegmentSpec[] {
  const { panel, measurements, orderNumber, fillerNumber, collectedAt, status, at } = event;
  const numbers = { placer: numberField(orderNumber), filler: numberField(fillerNumber) };
  return [
    patientSegment(event.patient),
    staySegment(event),
    segment('ORC', {
      1: 'RE',
      2: numbers.placer,
      3: numbers.filler,
      12: clinicianField(event.stay.attending),
    }),
    segment('OBR', {
      1: 1,
      2: numbers.placer,
      3: numbers.filler,
      4: [panel.code, panel.text, 'LN'],
      7: stamp(collectedAt),
      16: clinicianField(event.stay.attending),
      22: stamp(at),
      24: 'LAB',
      25: status,
    }),
    ...measurements.map(({ code, text, value, unit, range, flag }, index) =>
      segment('OBX', {
        1: index + 1,
        2: 'NM',
        3: [code, text, 'LN'],
        5: value,
        6: [unit, '', 'UCUM'],
        7: range,
        8: flag,
        11: status,
        14: stamp(collectedAt),
        19: stamp(at),
      }),
    ),
  ];
}

/** SIU_S12 (2.5.1, 10.3): a virtual visit with one clinician. */
function booking(event: Of<'booked'>): SegmentSpec[] {
  const { appointmentNumber, clinician, startsAt, durationMinutes, patient } = event;
  const endsAt = { ...startsAt, secondOfDay: startsAt.secondOfDay + durationMinutes * 60 };
  const desk = ['FD01', 'Desk', 'Front'];
  const minutes = ['min', 'minute', 'UCUM'];
  return [
    segment('SCH', {
      1: numberField(appointmentNumber),
      2: numberField(appointmentNumber),
      6: localCode('PATIENT', 'Asked for by the patient'),
      8: localCode('VIRTUAL', 'Virtual visit'),
      9: durationMinutes,
      10: minutes,
      11: ['', '', `M${durationMinutes}`, stamp(startsAt), stamp(endsAt)],
      16: desk,
      20: desk,
      25: ['Booked', '', 'HL70278'],
    }),
    patientSegment(patient),
    staySegment(event),
    segment('RGS', { 1: 1, 2: 'A' }),
    segment('AIS', {
      1: 1,
      2: 'A',
      3: localCode('VIRTUAL', 'Virtual visit'),
      4: stamp(startsAt),
      7: durationMinutes,
      8: minutes,
      10: ['Booked', '', 'HL70278'],
    }),
    segment('AIP', {
      1: 1,
      2: 'A',
      3: clinicianField(clinician),
      4: localCode('D', 'Clinician'),
      6: stamp(startsAt),
      9: durationMinutes,
      10: minutes,
      12: ['Booked', '', 'HL70278'],
    }),
  ];
}
