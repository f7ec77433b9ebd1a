import type { Address, CodeableConcept, HumanName, Identifier, Practitioner } from '@medplum/fhirtypes';
import { type ComponentValue, formatDateTime, type RepetitionValue } from '../../../standards/hl7v2/index.ts';
import { codeSystems } from '../tables.ts';

/** FHIR's datatypes as HL7 v2 writes them: the inverse of ../datatypes/. */

const NPI_SYSTEM = 'http://hl7.org/fhir/sid/us-npi';
const NPI_AUTHORITY: readonly string[] = ['NPI', '2.16.840.1.113883.4.6', 'ISO'];
const LOCAL = 'urn:isthmus:authority:';

/** Identifier.system → HD. */
export function hd(system: string | undefined): ComponentValue {
  if (system === undefined) return undefined;
  if (system === NPI_SYSTEM) return NPI_AUTHORITY;
  if (system.startsWith('urn:oid:')) return ['', system.slice('urn:oid:'.length), 'ISO'];
  if (system.startsWith('urn:uuid:')) return ['', system.slice('urn:uuid:'.length), 'UUID'];
  if (system.startsWith(LOCAL)) return [decodeURIComponent(system.slice(LOCAL.length))];
  return ['', system, 'URI'];
}

/** Identifier → CX; its type where it has one. */
export const cx = (identifier: Identifier | undefined, type?: string): RepetitionValue =>
  identifier && [identifier.value, '', '', hd(identifier.system), identifier.type?.coding?.[0]?.code ?? type];

/** A name that nobody gave is said to be unknown (table 0200 U), because PID-5 is required. */
export function xpn(name: HumanName | undefined): RepetitionValue {
  if (!name) return ['', '', '', '', '', '', 'U'];
  const [first, ...others] = name.given ?? [];
  return [name.family, first, others.join(' '), name.suffix?.join(' '), name.prefix?.join(' '), '', 'L'];
}

export const xad = (address: Address | undefined): RepetitionValue =>
  address && [
    address.line?.[0],
    address.line?.slice(1).join(', '),
    address.city,
    address.state,
    address.postalCode,
    address.country,
    address.use === 'home' ? 'H' : undefined,
  ];

/** Practitioner → XCN, with the NPI where it is known. */
export function xcn(practitioner: Practitioner): RepetitionValue {
  const identifier = practitioner.identifier?.[0];
  const name = practitioner.name?.[0];
  const isNpi = identifier?.system === NPI_SYSTEM;
  const [family, given, prefix] = [name?.family, name?.given?.[0], name?.prefix?.[0]];
  return [
    identifier?.value,
    family,
    given,
    '',
    '',
    prefix,
    '',
    '',
    hd(identifier?.system),
    'L',
    '',
    '',
    isNpi ? 'NPI' : undefined,
  ];
}

/** URIs to the names that receivers know (table 0396); the first name of each in `codeSystems`. */
const systemNames: ReadonlyMap<string, string> = new Map(
  Object.entries(codeSystems)
    .map(([name, uri]) => [uri, name])
    .reverse() as [string, string][],
);

/** The first coding of a concept → CWE. */
export function cwe(concept: CodeableConcept | undefined): RepetitionValue {
  const coding = concept?.coding?.[0];
  if (!coding) return concept?.text === undefined ? undefined : ['', concept.text];
  return [coding.code, coding.display, coding.system && (systemNames.get(coding.system) ?? coding.system)];
}

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

/** A FHIR date, dateTime or instant → DTM: dates as exact as they are, moments in the receiver's clocks. */
export function dtm(text: string | undefined, zone: string): string | undefined {
  if (text === undefined) return undefined;
  const date = DATE.exec(text);
  if (date) return date.slice(1).join('');
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? undefined : formatDateTime(moment, { zone });
}

const SEXES: Readonly<Record<string, string>> = { female: 'F', male: 'M', other: 'O', unknown: 'U' };
export const sex = (gender: string | undefined): string | undefined =>
  gender === undefined ? undefined : SEXES[gender];
