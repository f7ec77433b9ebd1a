import { FhirError } from '../../errors.ts';
import type { Json } from '../../json/parse.ts';
import { isNode, type MutableNode } from '../nodes.ts';
import type { PatchLimits } from '../operations.ts';
import { removeEmpty, withOwned } from '../owned.ts';
import { checkFree, insertItem, moveItem, putElement, removeElement, replaceElement } from './edit.ts';
import { type Element, elementsAt, type Place, placeOf, placeOfResource } from './elements.ts';
import { type PathOperation, readPathOperations } from './operations.ts';
import type { Step } from './path.ts';

/**
 * The resource after a FHIRPath Patch (R4 fhirpatch.html); the one given is left as it is. All operations apply or none. Throws FhirError as `applyJsonPatch` does. To delete what is not there
 * is no error; every other operation needs its element.
 */
export function applyFhirPathPatch(resource: Json, parameters: unknown, limits: PatchLimits = {}): Json {
  const document = structuredClone(resource) as MutableNode;
  const root = placeOfResource(document);
  if (!root) throw new FhirError('PATCH_FAILED', { rule: 'the type is one of R4 4.0.1' });
  readPathOperations(parameters, resource.resourceType, limits).forEach((operation, index) => {
    const place = `operation ${index}`;
    try {
      apply(root, operation);
    } catch (error) {
      throw error instanceof FhirError ? new FhirError(error.code, { place, rule: error.rule }) : error;
    }
    checkOwned(document, resource, place);
    removeEmpty(document);
  });
  return withOwned(document, resource);
}

/** What the server owns cannot be set to anything else; what was taken away of it comes back at the end. */
function checkOwned(document: MutableNode, original: Json, place: string): void {
  const meta = isNode(document.meta) ? document.meta : {};
  const owned = isNode(original.meta) ? original.meta : {};
  const isKept =
    document.id === original.id &&
    document.resourceType === original.resourceType &&
    ['versionId', 'lastUpdated'].every((name) => meta[name] === undefined || meta[name] === owned[name]);
  if (!isKept)
    throw new FhirError('PATCH_FORBIDDEN', {
      place,
      rule: 'a patch leaves type, id, version and time alone',
    });
}

function apply(root: Place, operation: PathOperation): void {
  switch (operation.type) {
    case 'add': {
      const place = onlyPlace(root, operation.path);
      checkFree(place, operation.name);
      putElement(place, operation.name, operation.value);
      return;
    }
    case 'insert': {
      const { place, name } = listAt(root, operation.path);
      insertItem(place, name, operation);
      return;
    }
    case 'delete': {
      const found = elementsAt(root, operation.path);
      if (found.length > 1) throw failed('a delete takes one element');
      for (const element of found) removeElement(element);
      return;
    }
    case 'replace':
      replaceElement(onlyElement(root, operation.path), operation.value);
      return;
    case 'move': {
      const { place, name } = listAt(root, operation.path);
      moveItem(place, name, operation);
    }
  }
}

function onlyElement(root: Place, path: readonly Step[]): Element {
  const [element, ...others] = elementsAt(root, path);
  if (!element || others.length > 0) throw failed('the path leads to one element');
  return element;
}

function onlyPlace(root: Place, path: readonly Step[]): Place {
  if (path.length === 0) return root;
  const place = placeOf(onlyElement(root, path));
  if (!place) throw failed('the element has elements of its own');
  return place;
}

/** The list itself is no element: it is told by its owner and its name. */
function listAt(root: Place, path: readonly Step[]): { place: Place; name: string } {
  const last = path.at(-1);
  if (last?.kind !== 'child') throw failed('the path leads to a list');
  return { place: onlyPlace(root, path.slice(0, -1)), name: last.name };
}

const failed = (rule: string): FhirError => new FhirError('PATCH_FAILED', { rule });
