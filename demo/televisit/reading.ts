import type { Appointment, HumanName, Observation, Patient, Reference } from '@medplum/fhirtypes';
import { stringifyExact } from '../../src/standards/fhir/index.ts';

/** What the platform reads out of a resource. Whatever is missing stays an empty text: the page shows a dash. */

export function nameOf(patient: Patient): string {
  const name = patient.name?.find((candidate) => candidate.use === 'official') ?? patient.name?.[0];
  return name ? nameText(name) : '';
}

function nameText(name: HumanName): string {
  const parts = [...(name.given ?? []), name.family ?? ''].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' ') : (name.text ?? '');
}

/** The patient's number under an assigning authority (an OID, or the URI a local authority goes by). */
export function identifierOf(patient: Patient, authority: string): string | undefined {
  const systems = new Set([authority, `urn:oid:${authority}`]);
  return patient.identifier?.find((identifier) => systems.has(identifier.system ?? ''))?.value;
}

/** `Patient/12` out of a relative or an absolute reference. */
export function referenceTo(
  type: string,
  references: readonly (Reference | undefined)[],
): string | undefined {
  for (const reference of references) {
    const match = /(?:^|\/)([A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(
      reference?.reference ?? '',
    );
    if (match?.[1]?.startsWith(`${type}/`)) return match[1];
  }
  return undefined;
}

const actors = (appointment: Appointment): (Reference | undefined)[] =>
  (appointment.participant ?? []).map((participant) => participant.actor);

export const patientOf = (appointment: Appointment): string | undefined =>
  referenceTo('Patient', actors(appointment));

const npiSystem = 'http://hl7.org/fhir/sid/us-npi';
const npiOid = 'urn:oid:2.16.840.1.113883.4.6';

/** The clinician's NPI where the appointment carries it. */
export function npiOf(appointment: Appointment): string | undefined {
  const identifiers = actors(appointment).map((actor) => actor?.identifier);
  return identifiers.find((identifier) => identifier?.system === npiSystem || identifier?.system === npiOid)
    ?.value;
}

export interface ReadResult {
  readonly test: string;
  readonly value: string;
  readonly range: string;
  /** HL7 v3 ObservationInterpretation: `N`, `H`, `LL` … Empty when not said. */
  readonly flag: string;
  readonly corrected: boolean;
  readonly at: string;
}

export function readResult(observation: Observation): ReadResult {
  const quantity = observation.valueQuantity;
  const range = observation.referenceRange?.[0];
  const coded = observation.valueCodeableConcept;
  const value = quantity
    ? `${quantity.comparator ?? ''}${decimal(quantity.value)} ${quantity.unit ?? quantity.code ?? ''}`
    : (observation.valueString ?? coded?.text ?? coded?.coding?.[0]?.display ?? '');
  const spelled = [range?.low?.value, range?.high?.value]
    .map(decimal)
    .filter((bound) => bound !== '')
    .join('–');
  return {
    test:
      observation.code?.text ??
      observation.code?.coding?.[0]?.display ??
      observation.code?.coding?.[0]?.code ??
      '',
    value: value.trim(),
    range: range?.text ?? spelled,
    flag: observation.interpretation?.[0]?.coding?.[0]?.code ?? '',
    corrected: observation.status === 'corrected' || observation.status === 'amended',
    at: observation.issued ?? observation.effectiveDateTime ?? '',
  };
}

/** As the laboratory wrote it: 7.0 is not 7 (R4, decimal). */
const decimal = (value: number | undefined): string => (value === undefined ? '' : stringifyExact(value));
