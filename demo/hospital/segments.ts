import { formatDateTime, repeat, type SegmentSpec, segment } from '../../src/standards/hl7v2/index.ts';
import {
  authority,
  type Clinician,
  type HospitalEvent,
  type Moment,
  type Patient,
} from '../population/index.ts';

/** The hospital's own time zone, without summer time, so that a day is the same whenever it is run. */
const zone = '-0500';

export function instantOf(moment: Moment): Date {
  return new Date(Date.parse(`${moment.date}T00:00:00-05:00`) + moment.secondOfDay * 1000);
}

export const stamp = (moment: Moment): string => formatDateTime(instantOf(moment), { zone });

const hospital = ['GENERAL', authority, 'ISO'] as const;
const npiAuthority = ['NPI', '2.16.840.1.113883.4.6', 'ISO'] as const;

/** XCN: a clinician by NPI. */
export const clinicianField = ({ npi, family, given }: Clinician) => [
  npi,
  family,
  given,
  ...['', '', '', '', ''],
  npiAuthority,
  'L',
  ...['', ''],
  'NPI',
];

/** EI: a number that the hospital gave. */
export const numberField = (value: string) => [value, ...hospital];

/** CE with a code of the hospital's own. */
export const localCode = (code: string, text: string) => [code, text, 'L'];

export function eventSegment(event: HospitalEvent, trigger: string): SegmentSpec {
  return segment('EVN', { 1: trigger, 2: stamp(event.at) });
}

export function patientSegment(patient: Patient): SegmentSpec {
  const { mrn, family, given, middle, street, city, zip, areaCode, phone, email } = patient;
  return segment('PID', {
    1: 1,
    3: [mrn, '', '', hospital, 'MR'],
    5: [family, given, middle, '', '', '', 'L'],
    7: patient.birthDate.replaceAll('-', ''),
    8: patient.sex,
    11: [street, '', city, 'ME', zip, 'USA', 'H'],
    13: repeat(['', 'PRN', 'PH', '', 1, areaCode, phone], ['', 'NET', 'Internet', email]),
  });
}

export function staySegment(event: HospitalEvent): SegmentSpec {
  const { stay } = event;
  return segment('PV1', {
    1: 1,
    2: stay.patientClass,
    3: [stay.unit, stay.room, stay.bed, 'GENERAL'],
    7: clinicianField(stay.attending),
    19: [stay.visitNumber, '', '', hospital, 'VN'],
    36: event.kind === 'discharged' ? '01' : undefined,
    44: stamp(stay.startedAt),
    45: event.kind === 'discharged' ? stamp(event.at) : undefined,
  });
}

/** Codes only; DG1-6 A: the reason for the admission. */
export function diagnosisSegment(event: HospitalEvent): SegmentSpec {
  return segment('DG1', { 1: 1, 3: [event.stay.diagnosis, '', 'I10C'], 5: stamp(event.at), 6: 'A' });
}
