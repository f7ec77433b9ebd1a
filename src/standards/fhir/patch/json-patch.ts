import { FhirError } from '../errors.ts';
import type { Json } from '../json/parse.ts';
import { depthOf, equalJson, type MutableNode, sizeOf } from './nodes.ts';
import { type Operation, type PatchLimits, readOperations } from './operations.ts';
import { removeEmpty, withOwned } from './owned.ts';
import { endsWithin, locate, type Pointer } from './pointer.ts';

/** What the server owns (R4 resource.html#Meta); `test` may look at it. */
const OWNED: readonly Pointer[] = [['resourceType'], ['id'], ['meta', 'versionId'], ['meta', 'lastUpdated']];
const MAX_DEPTH = 64;
/** `copy` can double a resource with every operation. */
const MAX_COPIED_NODES = 100_000;

/**
 * The resource after a JSON Patch (RFC 6902; R4 http.html#patch); the one given is left as it is. All operations apply or none. Throws FhirError: `BAD_PATCH` when it is no
 * patch document, `PATCH_TEST_FAILED`, `PATCH_FAILED` or `PATCH_FORBIDDEN` with the operation's number, from 0, as place.
 *
 * FHIR has no empty arrays and objects (R4 json.html): what the patch empties goes. Numbers are compared by value, 1.0 equals 1.00.
 */
export function applyJsonPatch(resource: Json, operations: unknown, limits: PatchLimits = {}): Json {
  const state: State = { document: structuredClone(resource) as MutableNode, copied: 0 };
  readOperations(operations, limits).forEach((operation, index) => {
    const place = `operation ${index}`;
    checkOwned(operation, place);
    apply(state, operation, place);
  });
  removeEmpty(state.document);
  return withOwned(state.document, resource);
}

interface State {
  readonly document: MutableNode;
  copied: number;
}

function checkOwned(operation: Operation, place: string): void {
  if (operation.op === 'test') return;
  const changed = operation.op === 'move' ? [operation.path, operation.from] : [operation.path];
  for (const pointer of changed)
    if (pointer.length === 0 || OWNED.some((owned) => endsWithin(pointer, owned)))
      throw new FhirError('PATCH_FORBIDDEN', {
        place,
        rule: 'a patch leaves type, id, version and time alone',
      });
}

function apply(state: State, operation: Operation, place: string): void {
  const { document } = state;
  switch (operation.op) {
    case 'test':
      if (!equalJson(valueAt(document, operation.path, place), operation.value))
        throw new FhirError('PATCH_TEST_FAILED', { place, rule: 'the value is the one tested for' });
      return;
    case 'add':
      insert(document, operation.path, operation.value, place);
      return;
    case 'replace':
      replace(document, operation.path, operation.value, place);
      return;
    case 'remove':
      remove(document, operation.path, place);
      return;
    case 'move': {
      if (operation.path.length > operation.from.length && endsWithin(operation.path, operation.from))
        throw failed(place, 'nothing is moved into itself (RFC 6902 section 4.4)');
      insert(document, operation.path, remove(document, operation.from, place), place);
      return;
    }
    case 'copy': {
      const value = valueAt(document, operation.from, place);
      state.copied += sizeOf(value, MAX_COPIED_NODES);
      if (state.copied > MAX_COPIED_NODES)
        throw failed(place, `at most ${MAX_COPIED_NODES} elements are copied`);
      insert(document, operation.path, value, place);
    }
  }
}

function valueAt(document: MutableNode, pointer: Pointer, place: string): unknown {
  const location = pointer.length === 0 ? undefined : locate(document, pointer);
  if (pointer.length === 0) return document;
  if (!location?.exists) throw failed(place, 'the target exists');
  return location.parent[location.key];
}

function remove(document: MutableNode, pointer: Pointer, place: string): unknown {
  const location = locate(document, pointer);
  if (!location?.exists) throw failed(place, 'the target exists');
  const value = location.parent[location.key];
  if (Array.isArray(location.parent)) location.parent.splice(Number(location.key), 1);
  else delete location.parent[location.key];
  return value;
}

function insert(document: MutableNode, pointer: Pointer, value: unknown, place: string): void {
  checkDepth(pointer, value, place);
  const location = locate(document, pointer);
  if (!location)
    throw failed(place, 'the target has its parent, and an index lies within or right after its array');
  const copy = structuredClone(value);
  if (Array.isArray(location.parent)) location.parent.splice(Number(location.key), 0, copy);
  else location.parent[location.key] = copy;
}

/** In its place, so that the order of the elements stays. */
function replace(document: MutableNode, pointer: Pointer, value: unknown, place: string): void {
  checkDepth(pointer, value, place);
  const location = locate(document, pointer);
  if (!location?.exists) throw failed(place, 'the target exists');
  location.parent[location.key] = structuredClone(value);
}

function checkDepth(pointer: Pointer, value: unknown, place: string): void {
  if (pointer.length + depthOf(value, MAX_DEPTH) > MAX_DEPTH)
    throw failed(place, `at most ${MAX_DEPTH} arrays and objects within each other`);
}

const failed = (place: string, rule: string): FhirError => new FhirError('PATCH_FAILED', { place, rule });
