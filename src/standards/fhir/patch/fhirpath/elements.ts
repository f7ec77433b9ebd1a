import { structure } from '../../definitions/structures.ts';
import type { Structure } from '../../definitions/types.ts';
import { type Child, childrenAt } from '../../project/children.ts';
import { equalJson, isNode, type MutableNode } from '../nodes.ts';
import type { Condition, Step } from './path.ts';

/** An object of the resource, and where its elements are described. */
export interface Place {
  readonly node: MutableNode;
  readonly structure: Structure;
  readonly path: string;
}

/** One occurrence of an element: a member of its owner, or an item of one. */
export interface Element {
  readonly owner: Place;
  readonly key: string;
  readonly child: Child;
  readonly index?: number;
}

export function placeOfResource(node: MutableNode): Place | undefined {
  const described = typeof node.resourceType === 'string' ? structure(node.resourceType) : undefined;
  return described && { node, structure: described, path: described.type };
}

function contentAt({ owner, key, index }: Element): unknown {
  const member = owner.node[key];
  return index !== undefined && Array.isArray(member) ? member[index] : member;
}

/** The element's own elements; undefined for a primitive. */
export function placeOf(element: Element): Place | undefined {
  const node = contentAt(element);
  if (!isNode(node)) return undefined;
  if (element.child.type === 'Resource') return placeOfResource(node);
  const described = descriptionOf(element);
  return described && { node, ...described };
}

/** Where an element's own elements are described: with the owner's, at another element, or by its type. */
export function descriptionOf({ owner, child }: Element): Omit<Place, 'node'> | undefined {
  const own = child.rule.contentReference ?? child.rule.path;
  if (childrenAt(owner.structure, own)) return { structure: owner.structure, path: own };
  const type = structure(child.type);
  return type && { structure: type, path: type.type };
}

/** The JSON names of an element: `deceased` is `deceasedBoolean` or `deceasedDateTime`. */
export function keysOf({ structure: described, path }: Place, name: string): [key: string, child: Child][] {
  const children = childrenAt(described, path);
  const exact = children?.get(name);
  if (exact) return [[name, exact]];
  return [...(children ?? [])].filter(([, { rule }]) => rule.choice && rule.name === name);
}

/** The elements that a path leads to, from the resource on; the path has a step at least. */
export function elementsAt(root: Place, [first, ...steps]: readonly Step[]): Element[] {
  let elements = first?.kind === 'child' ? childrenNamed(root, first.name) : [];
  for (const step of steps) elements = next(elements, step);
  return elements;
}

function next(elements: readonly Element[], step: Step): Element[] {
  switch (step.kind) {
    case 'child':
      return elements.flatMap((element) => {
        const place = placeOf(element);
        return place ? childrenNamed(place, step.name) : [];
      });
    case 'index':
      return elements.slice(step.at, step.at + 1);
    case 'last':
      return elements.slice(-1);
    case 'type':
      return elements.filter((element) => isOfType(element, step.name));
    case 'where':
      return elements.filter((element) => step.conditions.every((one) => holds(element, one)));
  }
}

function childrenNamed(owner: Place, name: string): Element[] {
  return keysOf(owner, name).flatMap(([key, child]) => {
    const [value, more] = [owner.node[key], owner.node[`_${key}`]];
    if (value === undefined && more === undefined) return [];
    if (!child.rule.array) return [{ owner, key, child }];
    const length = Math.max(lengthOf(value), lengthOf(more));
    return Array.from({ length }, (_, index) => ({ owner, key, child, index }));
  });
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

function isOfType(element: Element, type: string): boolean {
  const value = contentAt(element);
  return element.child.type === 'Resource'
    ? isNode(value) && value.resourceType === type
    : element.child.type === type;
}

function holds(element: Element, { names, value }: Condition): boolean {
  let found = [element];
  for (const name of names) found = next(found, { kind: 'child', name });
  return found.some((one) => equalJson(contentAt(one), value));
}
