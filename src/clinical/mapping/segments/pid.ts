import type { CodeableConcept, Extension, Identifier, Patient } from '@medplum/fhirtypes';
import { allOf, choice, type Datatype, each, first, listOf } from '../convert.ts';
import { cwe, withCoding } from '../datatypes/cwe.ts';
import { cx, ssn } from '../datatypes/cx.ts';
import { date, dateTime, readDateTime } from '../datatypes/dtm.ts';
import { code } from '../datatypes/text.ts';
import { names, xpn } from '../datatypes/xpn.ts';
import { xtn } from '../datatypes/xtn.ts';
import { type Convert, REMOVE, type SegmentMap } from '../segment-map.ts';
import { administrativeSex, maritalStatus, yesNo } from '../tables.ts';
import { primaryLanguage } from './language.ts';
import {
  ANIMAL,
  addresses,
  animal,
  CITIZENSHIP,
  conceptPart,
  countyAlone,
  driversLicense,
  NATIONALITY,
  TRIBE,
} from './pid-extensions.ts';
import { RELIGION, religion } from './religion.ts';
import { ETHNICITY, ethnicity, RACE, race } from './us-core-person.ts';

const MAIDEN_NAME = 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName';
const BIRTH_TIME = 'http://hl7.org/fhir/StructureDefinition/patient-birthTime';
const BIRTH_PLACE = 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace';

const maidenName: Datatype<Extension> = (value, context) => {
  const family = xpn(value, context)?.family;
  return family === undefined ? undefined : { url: MAIDEN_NAME, valueString: family };
};

/** The time of birth, where PID-7 has one; a birth date without it takes an earlier one away. */
const birthTime: Convert = (field, context) => {
  const value = field.repetition(1);
  const parsed = readDateTime(value, context);
  if (parsed?.minute === undefined) return REMOVE;
  return { extension: [{ url: BIRTH_TIME, valueDateTime: dateTime(value, context) }] };
};

const married: Datatype<CodeableConcept> = (value, context) => {
  const concept = cwe('0002')(value, context);
  const mapped = maritalStatus[value.text.trim().toUpperCase()];
  if (!concept || !mapped) return concept;
  return withCoding(concept, {
    system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus',
    code: mapped,
  });
};

/** PID-30 is a word, PID-29 a time: the time says more. A `Y` without a time stands alone. */
const deceased: Convert = (field, _context, { segment }) => {
  const indicator = yesNo[field.text.toUpperCase()];
  if (indicator === undefined || segment.field(29).state === 'valued') return undefined;
  return { Boolean: indicator };
};

/** PID-25, the order, says more than PID-24, that it was a multiple birth. */
const multipleBirth: Convert = (field, _context, { segment }) => {
  const indicator = yesNo[field.text.toUpperCase()];
  if (indicator === undefined || segment.field(25).state === 'valued') return undefined;
  return { Boolean: indicator };
};

const birthOrder: Datatype<number> = (value) =>
  /^\d{1,2}$/.test(value.text) ? Number(value.text) : undefined;

/** PID-5, and PID-9, the aliases of before 2.4. */
const allNames: Convert = (field, context, at) => {
  const own = names(field, context, at);
  const aliases = allOf(at.segment.field(9), xpn, { context, place: at.place });
  const all = [...(Array.isArray(own) ? own : []), ...aliases];
  return all.length > 0 ? all : undefined;
};

/** PID-2 and PID-4, of before 2.4, as far as they are not in PID-3 again. */
const furtherNumbers: Convert = (field, context, at) => {
  const numbers = new Set(
    at.segment.field(3).repetitions.map((repetition) => repetition.component(1).trim()),
  );
  const further: Datatype<Identifier> = (value) =>
    numbers.has(value.component(1).trim()) ? undefined : cx(value, context);
  return each(further)(field, context, at);
};

/** PID → Patient (v2-to-FHIR guide, PID[Patient]; race and ethnicity after US Core 6.1). */
export const pid: SegmentMap<Patient> = {
  segment: 'PID',
  resource: 'Patient',
  rows: [
    { field: 2, to: 'identifier@PID-2', as: furtherNumbers },
    { field: 3, to: 'identifier@PID-3', as: each(cx) },
    { field: 4, to: 'identifier@PID-4', as: furtherNumbers },
    { field: 5, to: 'name', as: allNames, with: [9] },
    { field: 6, to: `extension[url=${MAIDEN_NAME}]`, as: listOf(first(maidenName)) },
    { field: 7, to: 'birthDate', as: first(date) },
    { field: 7, to: '_birthDate', as: birthTime },
    { field: 8, to: 'gender', as: first(code('0001', administrativeSex)) },
    { field: 10, to: `extension[url=${RACE}]`, as: listOf(race) },
    { field: 11, to: 'address', as: addresses, with: [12] },
    { field: 12, to: 'address', as: countyAlone, with: [11] },
    { field: 13, to: 'telecom@PID-13', as: each(xtn('home')) },
    { field: 14, to: 'telecom@PID-14', as: each(xtn('work')) },
    { field: 15, to: 'communication', as: first(primaryLanguage) },
    { field: 16, to: 'maritalStatus', as: first(married) },
    { field: 17, to: `extension[url=${RELIGION}]`, as: listOf(first(religion)) },
    { field: 19, to: 'identifier@PID-19', as: listOf(first(ssn)) },
    { field: 20, to: 'identifier@PID-20', as: listOf(first(driversLicense)) },
    { field: 22, to: `extension[url=${ETHNICITY}]`, as: listOf(ethnicity) },
    { field: 23, to: `extension[url=${BIRTH_PLACE}]`, as: birthPlace },
    { field: 24, to: 'multipleBirth[x]', as: multipleBirth, with: [25] },
    { field: 25, to: 'multipleBirth[x]', as: choice('Integer', first(birthOrder)) },
    { field: 26, to: `extension[url=${CITIZENSHIP}]`, as: each(conceptPart(CITIZENSHIP, 'code', '0171')) },
    {
      field: 28,
      to: `extension[url=${NATIONALITY}]`,
      as: listOf(first(conceptPart(NATIONALITY, 'code', '0212'))),
    },
    { field: 29, to: 'deceased[x]', as: choice('DateTime', first(dateTime)) },
    { field: 30, to: 'deceased[x]', as: deceased, with: [29] },
    { field: 35, to: `extension[url=${ANIMAL}]`, as: animal, with: [36] },
    { field: 39, to: `extension[url=${TRIBE}]`, as: each(conceptPart(TRIBE, 'tribalAffiliation', '0171')) },
    { field: 40, to: 'telecom@PID-40', as: each(xtn(undefined)) },
  ],
  // PID-1 counts; PID-18 is the account and the visit, PID-21 the mother.
  elsewhere: [1, 18, 21],
};

function birthPlace(field: Parameters<Convert>[0]): unknown {
  const text = field.text.trim();
  return text === '' ? undefined : [{ url: BIRTH_PLACE, valueAddress: { text } }];
}
