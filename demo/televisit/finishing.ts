import type { Appointment, Patient } from '@medplum/fhirtypes';
import { type Clinician, clinicians, randomFor } from '../population/index.ts';
import { minutesOf } from './board.ts';
import { identifierOf, npiOf } from './reading.ts';

interface FinishOptions {
  readonly appointment: Appointment;
  readonly patient: Patient;
  /** The assigning authority under which the hospital knows the patient. */
  readonly authority: string;
}

/** Codes only: whoever wants their texts loads them under a licence of their own. */
const encounters = [
  {
    diagnoses: ['J06.9'],
    code: '99213',
    note: 'Sore throat and cough for three days, no fever. Rest, fluids; to call again if breathless.',
  },
  {
    diagnoses: ['I10'],
    code: '99213',
    note: 'Home readings reviewed together, mostly in range. Medication unchanged, readings again in four weeks.',
  },
  {
    diagnoses: ['E11.9', 'I10'],
    code: '99214',
    note: 'Glucose diary and recent results discussed. Dose adjusted, next laboratory check in three months.',
  },
  {
    diagnoses: ['M54.50'],
    code: '99212',
    note: 'Low back pain after lifting, no warning signs. Exercises shown on screen, sheet sent.',
  },
  {
    diagnoses: ['R51.9'],
    code: '99213',
    note: 'Headache diary reviewed; pattern unchanged. Warning signs explained – to be seen in person if they appear.',
  },
] as const;

/**
 * The finished visit as the platform reports it, or undefined when the patient has no number under the authority. The same
 * appointment always gives the same visit.
 */
export function finishVisit(options: FinishOptions): object | undefined {
  const { appointment, patient, authority } = options;
  const identifier = identifierOf(patient, authority);
  const startsAt = Date.parse(appointment.start ?? '');
  if (identifier === undefined || Number.isNaN(startsAt)) return undefined;
  const random = randomFor('visit', appointment.id ?? '');
  const encounter = random.pick(encounters);
  const clinician = clinicianOf(appointment, random.pick(clinicians));
  return {
    type: 'VisitReport',
    patient: { identifier, authority },
    appointment: `Appointment/${appointment.id}`,
    start: new Date(startsAt).toISOString(),
    end: new Date(startsAt + minutesOf(appointment) * 60_000).toISOString(),
    placeOfService: random.chance(0.8) ? '10' : '02',
    performer: { npi: clinician.npi, family: clinician.family, given: clinician.given },
    note: { text: encounter.note },
    diagnoses: encounter.diagnoses.map((code) => ({ code })),
    procedures: [{ code: encounter.code, modifiers: ['95'], units: 1 }],
  };
}

const clinicianOf = (appointment: Appointment, otherwise: Clinician): Clinician => {
  const npi = npiOf(appointment);
  return clinicians.find((clinician) => clinician.npi === npi) ?? otherwise;
};
