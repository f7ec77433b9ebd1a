import { flag, listOf, type Node, textOf, textsOf } from './node.ts';
import type { ValueSetCodes } from './types.ts';

/** Where the expansion of a value set finds what it is composed of. All are asked by canonical, perhaps with `|version`. */
export interface TerminologySource {
  /** The CodeSystem resource. */
  codeSystem(canonical: string): unknown;
  /** The ValueSet resource. */
  valueSet(canonical: string): unknown;
  /** All codes of a system whose CodeSystem is not at hand. */
  codes?(canonical: string): ReadonlySet<string> | undefined;
  /** The codes of a value set whose ValueSet is not at hand. */
  expanded?(canonical: string): ValueSetCodes | undefined;
}

type Codes = ReadonlySet<string> | 'all';
type Systems = Map<string, Codes>;

/** Value sets import one another, by mistake perhaps in a circle. */
const MAX_DEPTH = 8;

/**
 * The codes of a ValueSet (R4 valueset.html#compositions): lists, whole code systems, `is-a` and `descendent-of` over code systems that are at hand, imports
 * and exclusions. What needs knowledge that is not at hand makes the code system `all`, or the whole set open: a code is then never wrongly refused.
 */
export function expandValueSet(valueSet: unknown, source: TerminologySource): ValueSetCodes {
  const version = textOf(valueSet, 'version');
  const systems = systemsOf(valueSet, source, 0);
  return {
    url: textOf(valueSet, 'url') ?? '',
    ...(version ? { version } : {}),
    ...(systems ? { systems } : {}),
  };
}

function systemsOf(valueSet: unknown, source: TerminologySource, depth: number): Systems | undefined {
  const compose = (valueSet as Node | undefined)?.compose;
  const includes = listOf(compose, 'include');
  if (includes.length === 0) return expansionOf(valueSet);
  const systems: Systems = new Map();
  for (const include of includes) {
    const part = partOf(include, source, depth);
    if (!part) return expansionOf(valueSet);
    for (const [system, codes] of part) systems.set(system, union(systems.get(system), codes));
  }
  for (const exclude of listOf(compose, 'exclude')) {
    const part = partOf(exclude, source, depth);
    if (!part || !subtract(systems, part)) return expansionOf(valueSet);
  }
  return systems;
}

/** One include or exclude: the intersection of its code system's part and of every value set it imports. */
function partOf(include: Node, source: TerminologySource, depth: number): Systems | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const parts: Systems[] = [];
  const system = textOf(include, 'system');
  if (system) parts.push(new Map([[system, codesOf(system, include, source)]]));
  for (const canonical of textsOf(include, 'valueSet')) {
    const part = importedSystems(canonical, source, depth);
    if (!part) return undefined;
    parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.reduce(intersection);
}

function importedSystems(canonical: string, source: TerminologySource, depth: number): Systems | undefined {
  const valueSet = source.valueSet(canonical);
  if (valueSet !== undefined) return systemsOf(valueSet, source, depth + 1);
  const known = source.expanded?.(canonical)?.systems;
  return known && new Map(known);
}

function codesOf(system: string, include: Node, source: TerminologySource): Codes {
  const listed = listOf(include, 'concept').flatMap((concept) => textOf(concept, 'code') ?? []);
  if (listed.length > 0) return new Set(listed);
  const version = textOf(include, 'version');
  const canonical = version ? `${system}|${version}` : system;
  const codeSystem = source.codeSystem(canonical);
  const filters = listOf(include, 'filter');
  if (codeSystem === undefined && filters.length === 0) return source.codes?.(canonical) ?? 'all';
  if (textOf(codeSystem, 'content') !== 'complete') return 'all';
  const children = childrenOf(codeSystem);
  let codes: Set<string> | undefined;
  for (const filter of filters) {
    const matching = filtered(filter, children);
    if (!matching) return 'all';
    codes = codes ? new Set([...codes].filter((code) => matching.has(code))) : matching;
  }
  return codes ?? new Set(children.keys());
}

function filtered(filter: Node, children: ReadonlyMap<string, readonly string[]>): Set<string> | undefined {
  const op = textOf(filter, 'op');
  const root = textOf(filter, 'value');
  if (textOf(filter, 'property') !== 'concept' || root === undefined) return undefined;
  if (op !== 'is-a' && op !== 'descendent-of') return undefined;
  const found = new Set<string>([root]);
  for (const code of found) for (const child of children.get(code) ?? []) found.add(child);
  if (op === 'descendent-of') found.delete(root);
  return found;
}

/** Code → the codes right below it, by nesting and by the property `child`. */
function childrenOf(codeSystem: unknown): Map<string, string[]> {
  const children = new Map<string, string[]>();
  const open = [...listOf(codeSystem, 'concept')];
  for (let concept = open.pop(); concept; concept = open.pop()) {
    const code = textOf(concept, 'code');
    const nested = listOf(concept, 'concept');
    open.push(...nested);
    if (code === undefined) continue;
    const more = listOf(concept, 'property').filter((property) => textOf(property, 'code') === 'child');
    children.set(code, [
      ...(children.get(code) ?? []),
      ...nested.flatMap((inner) => textOf(inner, 'code') ?? []),
      ...more.flatMap((property) => textOf(property, 'valueCode') ?? []),
    ]);
  }
  return children;
}

/** The codes somebody else has listed; a part of a list is none. */
function expansionOf(valueSet: unknown): Systems | undefined {
  const expansion = (valueSet as Node | undefined)?.expansion;
  const open = [...listOf(expansion, 'contains')];
  const total = (expansion as Node | undefined)?.total;
  if (open.length === 0 || listOf(expansion, 'parameter').some(isIncomplete)) return undefined;
  const systems: Systems = new Map();
  let count = 0;
  for (let entry = open.pop(); entry; entry = open.pop()) {
    open.push(...listOf(entry, 'contains'));
    const code = textOf(entry, 'code');
    if (code === undefined) continue;
    count += 1;
    if (!flag(entry, 'abstract'))
      systems.set(
        textOf(entry, 'system') ?? '',
        union(systems.get(textOf(entry, 'system') ?? ''), new Set([code])),
      );
  }
  return typeof total === 'number' && total > count ? undefined : systems;
}

const isIncomplete = (parameter: Node): boolean =>
  ['limitedExpansion', 'too-costly', 'offset'].includes(textOf(parameter, 'name') ?? '');

function union(one: Codes | undefined, other: Codes): Codes {
  if (one === 'all' || other === 'all') return 'all';
  return one ? new Set([...one, ...other]) : other;
}

function intersection(one: Systems, other: Systems): Systems {
  const both: Systems = new Map();
  for (const [system, codes] of one) {
    const others = other.get(system);
    if (others === undefined) continue;
    if (codes === 'all') both.set(system, others);
    else both.set(system, others === 'all' ? codes : new Set([...codes].filter((code) => others.has(code))));
  }
  return both;
}

/** False when it is not known what has to go. */
function subtract(systems: Systems, excluded: Systems): boolean {
  for (const [system, codes] of excluded) {
    const from = systems.get(system);
    if (from === undefined || from === 'all') continue;
    if (codes === 'all') return false;
    systems.set(system, new Set([...from].filter((code) => !codes.has(code))));
  }
  return true;
}
