import { parseResource } from '../../../standards/fhir/index.ts';
import type { Json } from '../../../trust/access/index.ts';
import { invalid } from '../failure.ts';
import type { FhirRequest } from '../interaction.ts';

/** A parameter of an operation, wherever it stood: a text as it would stand in an address, or a resource. */
export interface Asked {
  readonly name: string;
  readonly value: string;
  readonly isReference?: true;
  readonly resource?: Json;
}

/** Parameters of the address, and of the Parameters resource of a POST (operations.html#request). Throws INVALID_REQUEST, FhirError. */
export function askedOf({ parameters, body }: Pick<FhirRequest, 'parameters' | 'body'>): Asked[] {
  const asked = parameters.map(([name, value]) => ({ name, value }));
  if (body.length === 0) return asked;
  const resource = parseResource(body);
  if (resource.resourceType !== 'Parameters') throw invalid('body', 'a Parameters resource');
  return [...asked, ...askedIn(resource)];
}

/** The parameters in a Parameters resource; parts of parts are not asked for by any operation here. */
export function askedIn({ parameter }: Json): Asked[] {
  return Array.isArray(parameter) ? parameter.map(askedValue) : [];
}

function askedValue(parameter: unknown, index: number): Asked {
  const place = `Parameters.parameter[${index}]`;
  const { name, resource, ...rest } = (parameter ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string') throw invalid(place, 'a name');
  if (isJson(resource)) return { name, value: '', resource };
  const [[element, value] = ['', undefined], ...others] = Object.entries(rest).filter(([key]) =>
    key.startsWith('value'),
  );
  if (others.length > 0) throw invalid(place, 'one value');
  if (element === 'valueReference') {
    const { reference } = (value ?? {}) as { readonly reference?: unknown };
    if (typeof reference === 'string') return { name, value: reference, isReference: true };
  }
  const text = textOf(element, value);
  if (text === undefined)
    throw invalid(place, 'a text, a number, a date, a code, an identifier, a reference or a resource');
  return { name, value: text };
}

function textOf(element: string, value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (element === 'valueIdentifier') return numberOf(value);
  if (element === 'valueCoding') return tokenOf(value);
  if (element !== 'valueCodeableConcept') return undefined;
  const { coding } = (value ?? {}) as { readonly coding?: unknown };
  const tokens = Array.isArray(coding) ? coding.map(tokenOf) : [];
  return tokens.length === 0 || tokens.includes(undefined) ? undefined : tokens.join(',');
}

/** `system|value`. */
function numberOf(identifier: unknown): string | undefined {
  const { system, value } = (identifier ?? {}) as { readonly system?: unknown; readonly value?: unknown };
  return typeof system === 'string' && typeof value === 'string' ? `${system}|${value}` : undefined;
}

/** As a search would have it (search.html#token). */
function tokenOf(coding: unknown): string | undefined {
  const { system, code } = (coding ?? {}) as { readonly system?: unknown; readonly code?: unknown };
  if (typeof code !== 'string') return undefined;
  return typeof system === 'string' ? `${escaped(system)}|${escaped(code)}` : escaped(code);
}

const escaped = (text: string): string => text.replace(/[\\,|$]/g, '\\$&');

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && 'resourceType' in value;
