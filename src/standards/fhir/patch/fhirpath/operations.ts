import { FhirError } from '../../errors.ts';
import { isNode, type MutableNode } from '../nodes.ts';
import type { PatchLimits } from '../operations.ts';
import { readPath, type Step } from './path.ts';

/** What is put into a resource: a value with its type as in `valueCode`, or, of an element without a type of its own, its elements. */
export type PatchValue =
  | { readonly kind: 'value'; readonly type: string; readonly value: unknown; readonly more?: unknown }
  | { readonly kind: 'resource'; readonly resource: MutableNode }
  | {
      readonly kind: 'parts';
      readonly parts: readonly { readonly name: string; readonly value: PatchValue }[];
    };

export type PathOperation =
  | {
      readonly type: 'add';
      readonly path: readonly Step[];
      readonly name: string;
      readonly value: PatchValue;
    }
  | {
      readonly type: 'insert';
      readonly path: readonly Step[];
      readonly index: number;
      readonly value: PatchValue;
    }
  | { readonly type: 'delete'; readonly path: readonly Step[] }
  | { readonly type: 'replace'; readonly path: readonly Step[]; readonly value: PatchValue }
  | {
      readonly type: 'move';
      readonly path: readonly Step[];
      readonly source: number;
      readonly destination: number;
    };

const DEFAULT_MAX_OPERATIONS = 1000;
const MAX_DEPTH = 32;

/** The operations in a Parameters resource (R4 fhirpatch.html). Throws BAD_PATCH. */
export function readPathOperations(
  parameters: unknown,
  resourceType: string,
  { maxOperations = DEFAULT_MAX_OPERATIONS }: PatchLimits,
): PathOperation[] {
  if (!isNode(parameters) || parameters.resourceType !== 'Parameters')
    throw new FhirError('BAD_PATCH', {
      rule: 'a FHIRPath Patch is a Parameters resource (R4 fhirpatch.html)',
    });
  const list = Array.isArray(parameters.parameter) ? parameters.parameter : [];
  if (list.length > maxOperations)
    throw new FhirError('BAD_PATCH', { rule: `at most ${maxOperations} operations` });
  return list.map((parameter, index) => readOperation(parameter, resourceType, `operation ${index}`));
}

function readOperation(parameter: unknown, resourceType: string, place: string): PathOperation {
  const parts = partsOf(parameter);
  if (!isNode(parameter) || parameter.name !== 'operation') throw bad(place, 'the name is operation');
  const text = textIn(parts, 'path');
  const path = text === undefined ? undefined : readPath(text, resourceType);
  if (!path) throw bad(place, 'path is simple FHIRPath that begins with the type of the resource');
  const type = textIn(parts, 'type');
  switch (type) {
    case 'add': {
      const name = textIn(parts, 'name');
      if (name === undefined) throw bad(place, 'add has a name');
      return { type, path, name, value: valueIn(parts, place) };
    }
    case 'insert':
      return { type, path, index: indexIn(parts, 'index', place), value: valueIn(parts, place) };
    case 'delete':
      return { type, path };
    case 'replace':
      return { type, path, value: valueIn(parts, place) };
    case 'move': {
      const [source, destination] = ['source', 'destination'].map((name) => indexIn(parts, name, place));
      return { type, path, source: source ?? 0, destination: destination ?? 0 };
    }
    default:
      throw bad(place, 'type is add, insert, delete, replace or move');
  }
}

const partsOf = (parameter: unknown): readonly MutableNode[] =>
  isNode(parameter) && Array.isArray(parameter.part) ? parameter.part.filter(isNode) : [];

const partNamed = (parts: readonly MutableNode[], name: string): MutableNode | undefined =>
  parts.find((part) => part.name === name);

function textIn(parts: readonly MutableNode[], name: string): string | undefined {
  const part = partNamed(parts, name);
  const value = part?.valueString ?? part?.valueCode;
  return typeof value === 'string' ? value : undefined;
}

function indexIn(parts: readonly MutableNode[], name: string, place: string): number {
  const value = partNamed(parts, name)?.valueInteger;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw bad(place, `${name} is a valueInteger from 0`);
  return value;
}

function valueIn(parts: readonly MutableNode[], place: string): PatchValue {
  const part = partNamed(parts, 'value');
  if (!part) throw bad(place, 'there is a value');
  return patchValue(part, place, MAX_DEPTH);
}

function patchValue(part: MutableNode, place: string, depth: number): PatchValue {
  if (depth === 0) throw bad(place, `at most ${MAX_DEPTH} parts within each other`);
  if (isNode(part.resource)) return { kind: 'resource', resource: part.resource };
  for (const key of Object.keys(part)) {
    const type = /^_?value([A-Z]\w*)$/.exec(key)?.[1];
    if (type === undefined) continue;
    const more = part[`_value${type}`];
    return { kind: 'value', type, value: part[`value${type}`], ...(more === undefined ? {} : { more }) };
  }
  const inner = partsOf(part);
  if (inner.length === 0) throw bad(place, 'the value has a value, a resource or parts');
  return {
    kind: 'parts',
    parts: inner.map((one) => ({ name: String(one.name), value: patchValue(one, place, depth - 1) })),
  };
}

const bad = (place: string, rule: string): FhirError => new FhirError('BAD_PATCH', { place, rule });
