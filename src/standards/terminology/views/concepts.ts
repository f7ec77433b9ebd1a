import { choiceOf, nodeOf, nodesOf, textOf } from '../node.ts';
import type { Concept, ConceptProperty, Definition, Designation } from '../types.ts';

const PROPERTIES = 'http://hl7.org/fhir/concept-properties#';

/** What a property means whatever the code system calls it (R4 codesystem-concept-properties.html). */
type Role = 'inactive' | 'status' | 'notSelectable' | 'parent' | 'child';
const ROLES: readonly Role[] = ['inactive', 'status', 'notSelectable', 'parent', 'child'];
/** A deprecated concept may still be used. */
const ENDED: ReadonlySet<string> = new Set(['inactive', 'retired', 'withdrawn']);

export type Roles = ReadonlyMap<string, Role>;

/** By the code of the property; a property that is not declared means what its code says. */
export function rolesOf(properties: readonly { readonly code: string; readonly uri?: string }[]): Roles {
  const roles = new Map<string, Role>(ROLES.map((role) => [role, role]));
  for (const { code, uri } of properties) {
    const role = ROLES.find((one) => uri === `${PROPERTIES}${one}`);
    if (role) roles.set(code, role);
  }
  return roles;
}

/** The concepts of a CodeSystem in the order of definition, depth first; one that is there twice counts once, with the parents of both. */
export function conceptsOf(definition: Definition, roles: Roles): readonly Concept[] {
  const parents = new Map<string, Set<string>>();
  const found = new Map<string, Definition>();
  const below = (code: string, parent: string) => {
    const known = parents.get(code);
    if (known) known.add(parent);
    else parents.set(code, new Set([parent]));
  };
  const open: { readonly node: Definition; readonly parent?: string }[] = pushed(definition);
  for (let next = open.pop(); next; next = open.pop()) {
    const code = textOf(next.node, 'code');
    if (code === undefined) continue;
    if (!found.has(code)) found.set(code, next.node);
    if (next.parent !== undefined) below(code, next.parent);
    for (const { code: name, value } of propertiesOf(next.node)) {
      if (roles.get(name) === 'parent') below(code, value);
      if (roles.get(name) === 'child') below(value, code);
    }
    open.push(...pushed(next.node, code));
  }
  return [...found].map(([code, node]) => conceptOf(code, node, { roles, parents: parents.get(code) }));
}

/** The last is taken first. */
const pushed = (of: Definition, parent?: string) =>
  nodesOf(of, 'concept')
    .map((node) => ({ node, ...(parent === undefined ? {} : { parent }) }))
    .reverse();

function conceptOf(
  code: string,
  node: Definition,
  { roles, parents }: { readonly roles: Roles; readonly parents: ReadonlySet<string> | undefined },
): Concept {
  const [display, definition] = [textOf(node, 'display'), textOf(node, 'definition')];
  const properties = propertiesOf(node);
  const says = (role: Role, isSo: (value: string) => boolean) =>
    properties.some((one) => roles.get(one.code) === role && isSo(one.value));
  return {
    code,
    ...(display ? { display } : {}),
    ...(definition ? { definition } : {}),
    isActive: !says('inactive', (value) => value === 'true') && !says('status', (value) => ENDED.has(value)),
    isAbstract: says('notSelectable', (value) => value === 'true'),
    designations: designationsOf(node),
    properties,
    parents: [...(parents ?? [])],
  };
}

export function designationsOf(of: Definition): readonly Designation[] {
  return nodesOf(of, 'designation').flatMap((one) => {
    const [value, language] = [textOf(one, 'value'), textOf(one, 'language')];
    const use = nodeOf(one, 'use');
    const code = use && textOf(use, 'code');
    if (value === undefined) return [];
    const [system, display] = use ? [textOf(use, 'system'), textOf(use, 'display')] : [];
    return [
      {
        ...(language ? { language } : {}),
        ...(code ? { use: { ...(system ? { system } : {}), code, ...(display ? { display } : {}) } } : {}),
        value,
      },
    ];
  });
}

const TYPES: Readonly<Record<string, ConceptProperty['type']>> = {
  ...({ Code: 'code', Coding: 'Coding', String: 'string', Integer: 'integer' } as const),
  ...({ Boolean: 'boolean', DateTime: 'dateTime', Decimal: 'decimal' } as const),
};

export function propertiesOf(of: Definition): readonly ConceptProperty[] {
  return nodesOf(of, 'property').flatMap((one) => {
    const code = textOf(one, 'code');
    const [name, value] = choiceOf(one) ?? [];
    const type = TYPES[name ?? ''];
    return code !== undefined && type && value !== undefined ? [{ code, type, value: asText(value) }] : [];
  });
}

/** A Coding as `system|code`; a decimal that keeps its digits as it is marked (standards/fhir, parseExact). */
function asText(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return `${textOf(value as Definition, 'system') ?? ''}|${textOf(value as Definition, 'code') ?? ''}`;
  return String(value);
}
