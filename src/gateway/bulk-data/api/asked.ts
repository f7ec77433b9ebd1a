import { parseResource } from '../../../standards/fhir/index.ts';
import { type FhirRequest, invalid } from '../../fhir/index.ts';

/** A parameter of a kick-off, wherever it stood. */
export interface Asked {
  readonly name: string;
  readonly value: string;
  /** Of a Parameters resource, where a reference is not a text. */
  readonly isReference: boolean;
}

interface Parameter {
  readonly name?: unknown;
  readonly [element: string]: unknown;
}

/** Parameters of the address, and of the Parameters resource of a POST. Throws INVALID_REQUEST, FhirError. */
export function askedOf({ parameters, body }: Pick<FhirRequest, 'parameters' | 'body'>): Asked[] {
  const asked = parameters.map(([name, value]) => ({ name, value, isReference: false }));
  if (body.length === 0) return asked;
  const resource = parseResource(body);
  if (resource.resourceType !== 'Parameters') throw invalid('body', 'a Parameters resource');
  const list = Array.isArray(resource.parameter) ? (resource.parameter as Parameter[]) : [];
  return [...asked, ...list.map(askedValue)];
}

function askedValue(parameter: Parameter, index: number): Asked {
  const { name } = parameter;
  const place = `Parameters.parameter[${index}]`;
  const [key, ...others] = Object.keys(parameter).filter((one) => one.startsWith('value'));
  if (typeof name !== 'string' || key === undefined || others.length > 0)
    throw invalid(place, 'a name and one value');
  const value = parameter[key];
  if (key === 'valueReference') {
    const { reference } = (value ?? {}) as { reference?: unknown };
    if (typeof reference !== 'string') throw invalid(place, 'a reference');
    return { name, value: reference, isReference: true };
  }
  if (typeof value === 'string') return { name, value, isReference: false };
  if (typeof value === 'boolean') return { name, value: String(value), isReference: false };
  throw invalid(place, 'a text, a code, an instant or a reference');
}
