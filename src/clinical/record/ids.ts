import { createHash, randomBytes } from 'node:crypto';
import type { SourcePatient } from '../identity/index.ts';
import type { ResourceType } from './types.ts';

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

/** The id of a source patient, and of the person it founds. */
export const patientId = (patient: SourcePatient): string =>
  uuidOf('Patient', authorityScope(patient.authority), patient.identifier);

/** `Patient/{id}` of a source patient. */
export const patientReference = (patient: SourcePatient): string => `Patient/${patientId(patient)}`;

function uuidOf(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  const hex = hash.digest('hex');
  const variant = (8 + (Number.parseInt(hex[16] ?? '0', 16) % 4)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The id of a resource that has no business key. A UUID of version 7 (RFC 9562, 5.7): what is made after another comes after it in the
 * index, so that a big import writes at one end.
 */
export function newResourceId(now: Date = new Date()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Whether an id looks like one of `newResourceId`. */
export const isMadeId = (id: string | undefined): boolean => id !== undefined && MADE.test(id);
const MADE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
