import { hash } from 'node:crypto';
import { randomId } from '../../foundation/crypto/index.ts';
import { authorityNamed, MAX_NUMBER_LENGTH, type SourcePatient } from '../source-patients/index.ts';
import type { PatientNumber, ResourceType } from './types.ts';

/**
 * The id of a resource, from who speaks and what they call it: the same business key gives the same id on every node and every
 * repeat. A UUID of version 8 (RFC 9562, 5.8) over SHA-256; parts are length-prefixed, so that no two keys can be told as one.
 */
export const resourceId = (type: ResourceType, system: string, key: string): string =>
  uuidOf(type, system, key);

/**
 * The scope of a number that an assigning authority gives, in place of a system: who mentions it does not matter, so that a result's
 * patient and visit are those of the registration.
 */
export const authorityScope = (authority: string): string => `authority ${authority}`;

/** What the authority of those patients begins with whose ids a system hands in as resources: numbers that nobody else knows. */
export const SYSTEM_AUTHORITY = 'urn:isthmus:system:';

/** The id of a source patient, and of the person it founds. */
export const patientId = (patient: SourcePatient): string =>
  uuidOf('Patient', authorityScope(patient.authority), patient.identifier);

/** The id of a source patient by its row: that of its number, or the one that a client made up. */
export const sourcePatientId = (patient: SourcePatient): string =>
  patient.authority.startsWith(SYSTEM_AUTHORITY) ? patient.identifier : patientId(patient);

/** The source patient whose number this is as an authority gives it; undefined where the system is none of an authority, or it can be no number. */
export function numberedPatient({ system, value }: PatientNumber): SourcePatient | undefined {
  const authority = authorityNamed(system);
  const identifier = value.replaceAll('\0', '').trim();
  if (authority === undefined || authority === '' || authority.startsWith(SYSTEM_AUTHORITY)) return undefined;
  const isTooLong = authority.length > MAX_NUMBER_LENGTH || identifier.length > MAX_NUMBER_LENGTH;
  return isTooLong || identifier === '' || identifier !== value ? undefined : { authority, identifier };
}

/** `Patient/{id}` of a source patient. */
export const patientReference = (patient: SourcePatient): string => `Patient/${patientId(patient)}`;

function uuidOf(...parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  const hex = hash('sha256', text, 'hex');
  const variant = (8 + (Number.parseInt(hex[16] ?? '0', 16) % 4)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The id of a resource that has no business key. */
export const newResourceId = (now: Date = new Date()): string => randomId(now.getTime());

/** Whether an id looks like one of `newResourceId`. */
export const isMadeId = (id: string | undefined): boolean => id !== undefined && MADE.test(id);
const MADE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
