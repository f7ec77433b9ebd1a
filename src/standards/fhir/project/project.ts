import { structure } from '../definitions/structures.ts';
import type { Structure } from '../definitions/types.ts';
import type { Json } from '../json/parse.ts';
import { type Child, childrenAt } from './children.ts';

export type Projection =
  | { readonly summary: 'true' | 'text' | 'data' }
  /** Names of elements at the top, `value` for `valueQuantity`; what is unknown is passed over. */
  | { readonly elements: readonly string[] };

type Node = Readonly<Record<string, unknown>>;

const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

/**
 * A part of a resource, as `_summary` and `_elements` ask for it (R4 search.html#summary, #elements), tagged SUBSETTED so that nobody takes it for the whole. Mandatory and modifier elements stay,
 * so that what is left can be understood. `_summary=true` shortens datatypes and the resources of a bundle as well; `_elements` looks at the top only.
 */
export function project(resource: Json, how: Projection): Json {
  const definition = structure(resource.resourceType);
  if (!definition) return tagged(resource);
  return tagged({ ...topLevel(resource, definition, how), resourceType: resource.resourceType });
}

function topLevel(resource: Json, definition: Structure, how: Projection): Node {
  if ('elements' in how) {
    const asked = new Set(how.elements.map((name) => name.replace('[x]', '')));
    return kept(resource, definition, ({ rule }, name) => asked.has(rule.name) || asked.has(name));
  }
  if (how.summary === 'text') return kept(resource, definition, ({ rule }) => rule.name === 'text');
  if (how.summary === 'true') return summarized(resource, definition, definition.type);
  const { text: _, ...data } = resource;
  return data;
}

const ALWAYS: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta']);

function kept(resource: Json, definition: Structure, wanted: (child: Child, name: string) => boolean): Node {
  const children = childrenAt(definition, definition.type);
  const part: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(resource)) {
    const child = children?.get(plainName(name));
    if (ALWAYS.has(name) || (child && (isNeeded(child) || wanted(child, plainName(name)))))
      part[name] = value;
  }
  return part;
}

/** `_birthDate` carries the id and the extensions of `birthDate`, and goes with it. */
const plainName = (name: string): string => (name.startsWith('_') ? name.slice(1) : name);

const isNeeded = ({ rule }: Child): boolean => rule.min > 0 || rule.modifier;

/** The elements at this path that belong to a summary, and of these their own. */
function summarized(node: Node, definition: Structure, path: string): Node {
  const children = childrenAt(definition, path);
  if (!children) return node;
  const part: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(node)) {
    const child = children.get(plainName(name));
    if (name === 'resourceType') part[name] = value;
    else if (child && (child.rule.summary || isNeeded(child)))
      part[name] = name.startsWith('_') ? value : summarizedValue(value, child, definition);
  }
  // Of an element that says all it has in an extension, as why a value is missing, nothing would be left.
  return Object.keys(part).length > 0 ? part : node;
}

function summarizedValue(value: unknown, child: Child, definition: Structure): unknown {
  if (Array.isArray(value)) return value.map((item) => summarizedValue(item, child, definition));
  // An extension that modifies is nothing without its value, which R4 does not mark.
  if (!isNode(value) || child.type === 'Extension') return value;
  const { path, contentReference } = child.rule;
  const own = contentReference ?? path;
  if (childrenAt(definition, own)) return summarized(value, definition, own);
  const type = child.type === 'Resource' ? String(value.resourceType) : child.type;
  const other = structure(type);
  return other ? summarized(value, other, other.type) : value;
}

function tagged(resource: Json): Json {
  const { resourceType, id, meta, ...rest } = resource;
  const old = isNode(meta) ? meta : {};
  const tags: readonly unknown[] = Array.isArray(old.tag) ? old.tag : [];
  const isTagged = tags.some(
    (tag) => isNode(tag) && tag.system === SUBSETTED.system && tag.code === SUBSETTED.code,
  );
  const tag = isTagged ? tags : [...tags, SUBSETTED];
  return { resourceType, ...(id === undefined ? {} : { id }), meta: { ...old, tag }, ...rest };
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
