import { familyNames, givenNames, streets, towns } from './names.ts';
import { randomFor } from './random.ts';

/** The hospital's assigning authority: an OID that HL7 keeps for examples. */
export const authority = '2.16.840.1.113883.19.5';

export interface Patient {
  /** Medical record number under `authority`. Carries the seed, so that two seeds never share a patient. */
  readonly mrn: string;
  readonly family: string;
  readonly given: string;
  readonly middle: string;
  readonly birthDate: CalendarDate;
  readonly sex: 'F' | 'M';
  readonly street: string;
  readonly city: string;
  readonly zip: string;
  readonly areaCode: string;
  /** 555-0100 to 555-0199: kept free for fiction in every North American area code. */
  readonly phone: string;
  readonly email: string;
}

/** `YYYY-MM-DD`. */
export type CalendarDate = string;

const areaCodes = ['207', '603', '617', '802'] as const;

export function createPatients(seed: number, count: number): Patient[] {
  return Array.from({ length: count }, (_, index) => createPatient(seed, index + 1));
}

function createPatient(seed: number, number: number): Patient {
  const random = randomFor(seed, 'patient', number);
  const sex = random.chance(0.5) ? 'F' : 'M';
  const year = random.between(1931, 2019);
  const month = String(random.between(1, 12)).padStart(2, '0');
  const day = String(random.between(1, 28)).padStart(2, '0');
  const mrn = `S${seed}-${String(number).padStart(4, '0')}`;
  return {
    mrn,
    family: random.pick(familyNames),
    given: random.pick(givenNames[sex]),
    middle: random.chance(0.4) ? random.pick(givenNames[sex]) : '',
    birthDate: `${year}-${month}-${day}`,
    sex,
    ...createAddress(random),
    areaCode: random.pick(areaCodes),
    phone: createPhone(random),
    email: `${mrn.toLowerCase()}@patients.example.com`,
  };
}

/** What a patient tells the desk: a new address and a new number. */
export function moveHouse(patient: Patient, random: ReturnType<typeof randomFor>): Patient {
  return { ...patient, ...createAddress(random), phone: createPhone(random) };
}

function createAddress(random: ReturnType<typeof randomFor>): Pick<Patient, 'street' | 'city' | 'zip'> {
  return {
    street: `${random.between(1, 980)} ${random.pick(streets)}`,
    city: random.pick(towns),
    zip: `0199${random.between(0, 9)}`,
  };
}

function createPhone(random: ReturnType<typeof randomFor>): string {
  return `55501${String(random.between(0, 99)).padStart(2, '0')}`;
}
