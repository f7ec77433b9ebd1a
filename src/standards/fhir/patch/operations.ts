import { FhirError } from '../errors.ts';
import { FORBIDDEN_KEYS } from '../json/forbidden-keys.ts';
import { isNode } from './nodes.ts';
import { type Pointer, readPointer } from './pointer.ts';

export type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Pointer; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: Pointer }
  | { readonly op: 'move' | 'copy'; readonly path: Pointer; readonly from: Pointer };

export interface PatchLimits {
  /** Default: 1000. */
  readonly maxOperations?: number;
}

const DEFAULT_MAX_OPERATIONS = 1000;

/** The operations of a patch document (RFC 6902 section 3). Throws BAD_PATCH. */
export function readOperations(
  document: unknown,
  { maxOperations = DEFAULT_MAX_OPERATIONS }: PatchLimits,
): Operation[] {
  if (!Array.isArray(document))
    throw new FhirError('BAD_PATCH', { rule: 'a JSON Patch is an array of operations (RFC 6902 section 3)' });
  if (document.length > maxOperations)
    throw new FhirError('BAD_PATCH', { rule: `at most ${maxOperations} operations` });
  return document.map((operation, index) => readOperation(operation, `operation ${index}`));
}

function readOperation(operation: unknown, place: string): Operation {
  if (!isNode(operation)) throw bad(place, 'an operation is an object');
  const { op } = operation;
  const path = pointerOf(operation.path, place, 'path');
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      if (!Object.hasOwn(operation, 'value')) throw bad(place, `${op} has a value`);
      return { op, path, value: operation.value };
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, path, from: pointerOf(operation.from, place, 'from') };
    default:
      throw bad(place, 'op is add, remove, replace, move, copy or test');
  }
}

function pointerOf(text: unknown, place: string, name: string): Pointer {
  const pointer = typeof text === 'string' ? readPointer(text) : undefined;
  if (!pointer) throw bad(place, `${name} is a JSON Pointer (RFC 6901)`);
  if (pointer.some((token) => FORBIDDEN_KEYS.has(token)))
    throw bad(place, 'no element of FHIR has this name');
  return pointer;
}

const bad = (place: string, rule: string): FhirError => new FhirError('BAD_PATCH', { place, rule });
