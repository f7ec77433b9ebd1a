import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identifier, Patient } from '@medplum/fhirtypes';
import { corporaFolder } from '../../corpora.ts';
import { csvRecords } from './csv.ts';

/** The labelled collections, each row as the FHIR Patient that a source would have sent. */

export interface Labelled {
  readonly id: string;
  /** Rows of one person have one. */
  readonly person: string;
  readonly patient: Patient;
}

const at = (...path: string[]): string => join(corporaFolder(), ...path);
const read = (...path: string[]): string => readFileSync(at(...path), 'utf8');
/** Collections are divided into dev and holdout; whatever is there is read. */
const splits = ['dev', 'holdout'] as const;
const readSplits = (collection: string, file: string): string[] =>
  splits
    .filter((split) => existsSync(at(collection, split, file)))
    .map((split) => read(collection, split, file));

/** Whether any split of the collection has the file. */
export const isThere = (collection: string, file: string): boolean => readSplits(collection, file).length > 0;
const given = (value: string | undefined): string[] => (value ? [value] : []);
const present = <T>(value: T | undefined | ''): T[] => (value === undefined || value === '' ? [] : [value]);
const dashed = (date: string): string =>
  /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date;
const typed = (code: string, system: string, value: string): Identifier => ({
  system,
  value,
  type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] },
});

/** FEBRL rows; the person is the number in `rec-<n>-...`. */
export function febrl(file: string, { ssn }: { ssn: boolean }): Labelled[] {
  return readSplits('mpi-febrl', file)
    .flatMap(csvRecords)
    .map((row) => ({
      id: row.rec_id!,
      person: row.rec_id!.split('-')[1]!,
      patient: {
        resourceType: 'Patient',
        name: [{ family: row.surname!, given: given(row.given_name) }],
        ...(row.date_of_birth && { birthDate: dashed(row.date_of_birth) }),
        ...(ssn && row.soc_sec_id && { identifier: [typed('SS', 'urn:febrl:soc_sec_id', row.soc_sec_id)] }),
        address: [
          {
            line: [`${row.street_number} ${row.address_1}`.trim(), ...present(row.address_2)],
            city: row.suburb!,
            state: row.state!,
            postalCode: row.postcode!,
          },
        ],
      },
    }));
}

/** The client registry of Uganda; rows of one person carry one number, as the list of true links has it. */
export function uganda(): Labelled[] {
  return readSplits('mpi-client-registry-uganda', 'patients.csv')
    .flatMap(csvRecords)
    .map((row) => ({
      id: row.rec_id!,
      person: row.rec_id!.split('-')[1]!,
      patient: {
        resourceType: 'Patient',
        name: [{ family: row.surname!, given: given(row.given_name) }],
        ...(row.date_of_birth && { birthDate: dashed(row.date_of_birth) }),
        ...((row.sex === 'f' || row.sex === 'm') && { gender: row.sex === 'f' ? 'female' : 'male' }),
        telecom: present(row.phone_number).map((value) => ({ system: 'phone', value })),
        identifier: [
          ...present(row.uganda_nin).map((value) =>
            typed('NI', 'http://clientregistry.org/nationalid', value),
          ),
          ...present(row.art_number).map((value) => ({
            system: 'http://clientregistry.org/artnumber',
            value,
          })),
        ],
      },
    }));
}

export function splink(): Labelled[] {
  return readSplits('mpi-splink', 'fake_1000.csv')
    .flatMap(csvRecords)
    .map((row) => ({
      id: row.unique_id!,
      person: row.cluster!,
      patient: {
        resourceType: 'Patient',
        name: [{ family: row.surname!, given: given(row.first_name) }],
        ...(row.dob && { birthDate: row.dob }),
        address: row.city ? [{ city: row.city }] : [],
        telecom: present(row.email).map((value) => ({ system: 'email', value })),
      },
    }));
}

export interface LabelledPair {
  readonly id: string;
  readonly expected: 'Match' | 'Possible Match' | 'Not a Match' | 'Not Sure';
  readonly a: Patient;
  readonly b: Patient;
  /** Same birth date and surname as they stand. */
  readonly alike: boolean;
}

/** Pairs of the Michigan immunization registry. */
export function miis(file: string): LabelledPair[] {
  const text = readSplits('mpi-immregistries-pairs', file).join('\n\n');
  return [...text.matchAll(/TEST: (.*)\nEXPECT: (.*)\nPATIENT A: (.*)\nPATIENT B: (.*)/g)].map(
    ([, id, expected, a, b]) => {
      const [one, other] = [values(a!), values(b!)];
      return {
        id: id!,
        expected: expected!.trim() as LabelledPair['expected'],
        a: miisPatient(one),
        b: miisPatient(other),
        alike:
          one.birthDate === other.birthDate && one.nameLast?.toLowerCase() === other.nameLast?.toLowerCase(),
      };
    },
  );
}

const values = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(',').flatMap((part) => {
      const at = part.indexOf('=');
      const value = part.slice(at + 1).trim();
      return at > 0 && value !== '' ? [[part.slice(0, at).trim(), value]] : [];
    }),
  );

/** The registry numbers of the providers (`mrns`) come without saying which provider, so they have no authority. */
function miisPatient(row: Record<string, string>): Patient {
  const gender = { M: 'male', F: 'female' }[row.gender ?? ''] as Patient['gender'];
  const postal = row.addressZip ?? row.address2Zip;
  const order = Number(row.birthOrder ?? 0);
  const multiple = row.birthStatus === 'Y' || Number(row.birthType ?? 1) > 1;
  return {
    resourceType: 'Patient',
    name: [
      {
        use: 'official',
        given: [...given(row.nameFirst ?? (row.nameMiddle ? '' : undefined)), ...given(row.nameMiddle)],
        ...(row.nameLast && { family: row.nameLast }),
        ...(row.nameSuffix && { suffix: [row.nameSuffix] }),
      },
      ...present(row.nameLastHyph).map((family) => ({ use: 'old' as const, family })),
      ...present(row.nameAlias).map((name) => ({ use: 'nickname' as const, given: [name] })),
    ],
    ...(row.birthDate && { birthDate: dashed(row.birthDate) }),
    ...(gender && { gender }),
    ...(multiple && order > 0
      ? { multipleBirthInteger: order }
      : multiple
        ? { multipleBirthBoolean: true }
        : {}),
    ...(row.motherMaidenName && {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
          valueString: row.motherMaidenName,
        },
      ],
    }),
    ...((row.guardianNameFirst || row.guardianNameLast) && {
      contact: [
        {
          name: {
            given: given(row.guardianNameFirst),
            ...(row.guardianNameLast && { family: row.guardianNameLast }),
          },
        },
      ],
    }),
    identifier: [
      ...present(row.ssn).map((value) => typed('SS', 'http://hl7.org/fhir/sid/us-ssn', value)),
      ...present(row.medicaid).map((value) => typed('MA', 'urn:michigan:medicaid', value)),
      ...present(row.mrns).map((value) => typed('MR', '', value)),
    ],
    telecom: present(row.phone).map((value) => ({ system: 'phone', value })),
    address: [
      {
        line: [...present(row.addressStreet1), ...present(row.addressStreet2)],
        ...(row.addressCity && { city: row.addressCity }),
        ...(row.addressState && { state: row.addressState }),
        ...(postal && { postalCode: postal }),
      },
    ],
  };
}

export interface Probe extends Labelled {
  readonly expected: string;
}

/** The seed writes some dates as `10/16/48`; nobody in it was born after 2009. */
function isoDate(date: string): string {
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{2})$/.exec(date) ?? [];
  if (month === undefined || day === undefined || year === undefined) return date;
  return `${Number(year) > 9 ? '19' : '20'}${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

const nbs = (row: Record<string, string>): Patient => ({
  resourceType: 'Patient',
  name: [
    {
      use: 'official',
      family: row.LAST!,
      given: given(row.FIRST),
      ...(row.SUFFIX && { suffix: [row.SUFFIX] }),
    },
    ...present(row.MAIDEN).map((family) => ({ use: 'maiden' as const, family })),
  ],
  ...(row.BIRTHDATE && { birthDate: isoDate(row.BIRTHDATE) }),
  ...((row.GENDER === 'F' || row.GENDER === 'M') && { gender: row.GENDER === 'F' ? 'female' : 'male' }),
  identifier: present(row.SSN).map((value) => typed('SS', 'http://hl7.org/fhir/sid/us-ssn', value)),
  address: [
    {
      line: row.ADDRESS!.split(/\\n|,/).filter(Boolean),
      city: row.CITY!,
      state: row.STATE!,
      postalCode: row.ZIP!,
    },
  ],
});

/** CDC RecordLinker: the seeded population and the probes, without the record number, which would decide everything by itself. */
export function recordLinker(file: string): { seed: Labelled[]; probes: Probe[] } {
  const labelled = (row: Record<string, string>, at: number): Labelled => ({
    id: row['Test Case #'] ?? `seed-${at}`,
    person: row['Match Id']!,
    patient: nbs(row),
  });
  const seed = csvRecords(read('mpi-cdc-recordlinker', 'shared', 'algorithm', 'data', 'nbs_seed.csv')).map(
    labelled,
  );
  const probes = readSplits('mpi-cdc-recordlinker', file)
    .flatMap(csvRecords)
    .map((row, at) => ({
      ...labelled(row, at),
      expected: row['Expected Result']!,
    }));
  return { seed, probes };
}
