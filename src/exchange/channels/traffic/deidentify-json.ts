import { parseJson } from '../message/json.ts';
import type { Pseudonyms } from './pseudonyms.ts';

/**
 * A JSON body without what identifies a person. Only what is known to be safe stays: structure, booleans, small numbers, and the strings under
 * names that hold codes. Identifiers and references become stand-ins, dates are shifted, every other string is replaced.
 */
export function deidentifyJson(body: Uint8Array, pseudonyms: Pseudonyms): Buffer {
  return Buffer.from(JSON.stringify(clean(parseJson(body), '', pseudonyms)));
}

/** Names whose strings are codes or words of a format, not of a person (FHIR R4 and what platforms commonly send). */
const codeNames = new Set(
  'resourceType type code system status use unit intent kind class category priority mode method verificationStatus clinicalStatus criticality language gender currency placeOfService version event eventType profile'.split(
    ' ',
  ),
);
const nameNames = /^(family|given|first_?name|last_?name|name|patient_?name|full_?name|display_?name)$/i;
const phoneNames = /(phone|fax|mobile|telecom)/i;
const idNames = /(^id$|_?id$|identifier|mrn|number|reference|value|npi|key)$/i;
/** A part of an identifier; the type in front of a reference (`Patient/`) is none. */
const anyId = /[A-Za-z0-9-]+/g;
/** Names whose numbers say where somebody is or how to reach them. */
const numberNames = /(zip|postal|ssn|phone|fax|account|latitude|longitude)|^(lat|lon|lng)$/i;

function clean(value: unknown, name: string, pseudonyms: Pseudonyms): unknown {
  if (Array.isArray(value)) return value.map((part: unknown) => clean(part, name, pseudonyms));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([inner, part]) => [safeName(inner), clean(part, inner, pseudonyms)]),
    );
  }
  if (typeof value === 'number') return cleanNumber(value, name, pseudonyms);
  return typeof value === 'string' ? cleanString(value, name, pseudonyms) : value;
}

/** A property name is structure, unless somebody used data for one. */
const safeName = (name: string) => (/^[A-Za-z_$][\w$:.-]{0,63}$/.test(name) ? name : 'removed');

/** A long whole number may be an identifier or a telephone number; measurements are neither. */
function cleanNumber(value: number, name: string, pseudonyms: Pseudonyms): number {
  const isLong = Number.isInteger(value) && Math.abs(value) >= 100_000;
  const mayIdentify = isLong || numberNames.test(name) || (idNames.test(name) && name !== 'value');
  return mayIdentify ? Number(pseudonyms.id(String(Math.abs(Math.trunc(value)))).slice(0, 15)) : value;
}

function cleanString(value: string, name: string, pseudonyms: Pseudonyms): string {
  if (value === '') return '';
  const date = pseudonyms.isoDate(value);
  if (date !== undefined) return date;
  if (codeNames.has(name) && /^[\w.:/+#|-]{1,128}$/.test(value)) return value;
  if (nameNames.test(name)) return pseudonyms.name(value);
  if (phoneNames.test(name)) return pseudonyms.phone(value);
  if (!idNames.test(name)) return '[text]';
  // `Patient/123` stays a reference of its type; every other part of an identifier is replaced.
  const [, type = '', rest = value] = /^([A-Z][A-Za-z]+\/)(.+)$/.exec(value) ?? [];
  return type + rest.replace(anyId, (part) => pseudonyms.id(part));
}
