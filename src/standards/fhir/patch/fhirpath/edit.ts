import { FhirError } from '../../errors.ts';
import { FORBIDDEN_KEYS } from '../../json/forbidden-keys.ts';
import type { Child } from '../../project/children.ts';
import { depthOf, type MutableNode } from '../nodes.ts';
import { descriptionOf, type Element, keysOf, type Place } from './elements.ts';
import type { PatchValue } from './operations.ts';

const MAX_DEPTH = 64;

/** The value as it stands in JSON, and what stands beside it (`_birthDate`). */
interface Content {
  readonly value: unknown;
  readonly more: unknown;
}

/** An element that does not repeat is added once, of a choice only one. */
export function checkFree(place: Place, name: string): void {
  const taken = keysOf(place, choiceOf(place, name)).some(
    ([key, { rule }]) =>
      !rule.array && (place.node[key] !== undefined || place.node[`_${key}`] !== undefined),
  );
  if (taken) throw failed('an element that does not repeat is not there yet');
}

/** Sets an element, or appends to one that repeats. */
export function putElement(place: Place, name: string, value: PatchValue): void {
  const [key, child] = keyFor(place, name, value);
  const content = contentOf(value, { owner: place, key, child });
  if (child.rule.array) spliceList(place.node, key, { at: lengthOf(place.node, key), remove: 0, content });
  else setMember(place.node, key, content);
}

export function insertItem(
  place: Place,
  name: string,
  { index, value }: { readonly index: number; readonly value: PatchValue },
): void {
  const [key, child] = keyFor(place, name, value);
  if (!child.rule.array) throw failed('the element repeats');
  if (index > lengthOf(place.node, key)) throw failed('the index lies within or right after the list');
  spliceList(place.node, key, {
    at: index,
    remove: 0,
    content: contentOf(value, { owner: place, key, child }),
  });
}

export function moveItem(
  place: Place,
  name: string,
  { source, destination }: { readonly source: number; readonly destination: number },
): void {
  const [found] = keysOf(place, name);
  if (!found?.[1].rule.array) throw failed('the element repeats');
  const [key] = found;
  const length = lengthOf(place.node, key);
  if (source >= length || destination >= length) throw failed('both indexes lie within the list');
  const content = { value: itemAt(place.node[key], source), more: itemAt(place.node[`_${key}`], source) };
  spliceList(place.node, key, { at: source, remove: 1 });
  spliceList(place.node, key, { at: destination, remove: 0, content });
}

export function removeElement({ owner, key, index }: Element): void {
  if (index === undefined) setMember(owner.node, key, { value: undefined, more: undefined });
  else spliceList(owner.node, key, { at: index, remove: 1 });
}

/** In its place. A choice may become another type, and then has another name. */
export function replaceElement(element: Element, value: PatchValue): void {
  const { owner, key: oldKey, child: oldChild, index } = element;
  const [key, child] = oldChild.rule.choice ? keyFor(owner, oldChild.rule.name, value) : [oldKey, oldChild];
  const content = contentOf(value, { owner, key, child });
  if (index !== undefined) {
    spliceList(owner.node, key, { at: index, remove: 1, content });
    return;
  }
  if (key !== oldKey) removeElement(element);
  setMember(owner.node, key, content);
}

/** `deceasedBoolean` belongs to the choice `deceased`. */
function choiceOf(place: Place, name: string): string {
  const [found] = keysOf(place, name);
  return found?.[1].rule.choice ? found[1].rule.name : name;
}

function keyFor(place: Place, name: string, value: PatchValue): [string, Child] {
  const keys = FORBIDDEN_KEYS.has(name) ? [] : keysOf(place, name);
  const [first] = keys;
  if (!first) throw failed('the element is one of its type');
  if (!first[1].rule.choice || first[0] === name) return first;
  const wanted = value.kind === 'value' ? `${name}${value.type}` : undefined;
  const found = keys.find(([key]) => key === wanted);
  if (!found) throw failed('the value has a type of the choice');
  return found;
}

function contentOf(value: PatchValue, element: Element): Content {
  const content = rawContent(value, element);
  if (depthOf(content, MAX_DEPTH) > MAX_DEPTH)
    throw failed(`at most ${MAX_DEPTH} arrays and objects within each other`);
  return structuredClone(content);
}

function rawContent(value: PatchValue, element: Element): Content {
  if (value.kind === 'resource') return { value: value.resource, more: undefined };
  if (value.kind === 'value') return { value: value.value, more: value.more };
  const description = descriptionOf(element);
  if (!description) throw failed('the element has elements of its own');
  const place: Place = { node: {}, ...description };
  for (const part of value.parts) {
    checkFree(place, part.name);
    putElement(place, part.name, part.value);
  }
  return { value: place.node, more: undefined };
}

function setMember(node: MutableNode, key: string, { value, more }: Content): void {
  if (value === undefined) delete node[key];
  else node[key] = value;
  if (more === undefined) delete node[`_${key}`];
  else node[`_${key}`] = more;
}

interface Splice {
  readonly at: number;
  readonly remove: number;
  readonly content?: Content;
}

/** Values and what stands beside them are two lists of the same length, with null where there is nothing (R4 json.html#primitive). */
function spliceList(node: MutableNode, key: string, { at, remove, content }: Splice): void {
  const length = lengthOf(node, key);
  for (const [name, item] of [
    [key, content?.value],
    [`_${key}`, content?.more],
  ] as const) {
    const list = padded(node[name], length);
    list.splice(at, remove, ...(content ? [item ?? null] : []));
    if (list.every((one) => one === null)) delete node[name];
    else node[name] = list;
  }
}

function padded(list: unknown, length: number): unknown[] {
  const items: unknown[] = Array.isArray(list) ? [...list] : [];
  while (items.length < length) items.push(null);
  return items;
}

const lengthOf = (node: MutableNode, key: string): number =>
  Math.max(...[node[key], node[`_${key}`]].map((list) => (Array.isArray(list) ? list.length : 0)));

const itemAt = (list: unknown, index: number): unknown =>
  Array.isArray(list) ? (list[index] ?? undefined) : undefined;

const failed = (rule: string): FhirError => new FhirError('PATCH_FAILED', { rule });
