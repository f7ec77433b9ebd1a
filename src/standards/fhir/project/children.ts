import type { ElementRule, Structure } from '../definitions/types.ts';

/** An element as its JSON name finds it: `valueQuantity` is `value[x]` with the type Quantity. */
export interface Child {
  readonly rule: ElementRule;
  /** Its type's code; empty where it takes over another element's children. */
  readonly type: string;
}

type ByPath = ReadonlyMap<string, ReadonlyMap<string, Child>>;

const known = new WeakMap<Structure, ByPath>();

/** The elements right below a path of the structure, by JSON name; undefined where it has none. */
export function childrenAt(structure: Structure, path: string): ReadonlyMap<string, Child> | undefined {
  const present = known.get(structure) ?? childrenByPath(structure);
  known.set(structure, present);
  return present.get(path);
}

function childrenByPath({ elements }: Structure): ByPath {
  const byPath = new Map<string, Map<string, Child>>();
  for (const rule of elements) {
    const end = rule.path.lastIndexOf('.');
    if (end === -1) continue;
    const parent = rule.path.slice(0, end);
    const siblings = byPath.get(parent) ?? new Map<string, Child>();
    byPath.set(parent, siblings);
    if (!rule.choice) siblings.set(rule.name, { rule, type: rule.types[0]?.code ?? '' });
    else
      for (const { code } of rule.types)
        siblings.set(`${rule.name}${code.charAt(0).toUpperCase()}${code.slice(1)}`, { rule, type: code });
  }
  return byPath;
}
