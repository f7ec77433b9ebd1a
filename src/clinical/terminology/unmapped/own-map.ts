import type { Json } from '../../record/index.ts';
import { ownMapOf } from '../translate/rules.ts';

/** The concept map (R4 ConceptMap) that holds what was decided for a translation: one group for each pair of systems. */

export const ownMapId = (translation: string): string => `translation-${translation}`;

interface CodeOf {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface Entry {
  readonly from: CodeOf;
  readonly to: CodeOf;
  readonly equivalence: string;
  readonly comment: string;
}

type Parts = Readonly<Record<string, unknown>>;

/** The map with one more entry, in place of what it said of the code in the target's system; the next version. */
export function withEntry(map: Json | undefined, translation: string, entry: Entry, at: Date): Json {
  const { from, to, equivalence, comment } = entry;
  const groups = groupsOf(map);
  const isItsGroup = (group: Parts) => group.source === from.system && group.target === to.system;
  const group = groups.find(isItsGroup) ?? { source: from.system, target: to.system };
  const others = elementsOf(group).filter(({ code }) => code !== from.code);
  const target = { code: to.code, ...named(to), equivalence, comment };
  const element = [...others, { code: from.code, ...named(from), target: [target] }].sort(byCode);
  const changed = { ...group, element };
  const next = groups.some(isItsGroup)
    ? groups.map((one) => (isItsGroup(one) ? changed : one))
    : [...groups, changed];
  return nextVersion(map, translation, next, at);
}

/** The map without what it said of the code; the same object where it said nothing. */
export function withoutEntries(map: Json, translation: string, from: CodeOf, at: Date): Json {
  const groups = groupsOf(map);
  const left = groups.flatMap((group) => {
    if (group.source !== from.system) return [group];
    const element = elementsOf(group).filter(({ code }) => code !== from.code);
    return element.length === 0 && group.unmapped === undefined ? [] : [{ ...group, element }];
  });
  const isSame =
    left.length === groups.length &&
    left.every((group, index) => elementsOf(group).length === elementsOf(groups[index]).length);
  return isSame ? map : nextVersion(map, translation, left, at);
}

/** What others put beside (a title, a publisher) stays. */
function nextVersion(map: Json | undefined, translation: string, groups: readonly Parts[], at: Date): Json {
  const { group: _group, ...rest }: Parts = map ?? {};
  return {
    ...rest,
    resourceType: 'ConceptMap',
    id: ownMapId(translation),
    url: ownMapOf(translation),
    version: String(versionOf(map) + 1),
    name: translation,
    status: 'active',
    date: at.toISOString(),
    // A group has an element at least (R4 ConceptMap.group.element 1..*), and so has the map a group or none.
    ...(groups.length > 0 ? { group: groups } : {}),
  };
}

const versionOf = (map: Json | undefined): number => {
  const version = Number(map?.version ?? 0);
  return Number.isSafeInteger(version) && version >= 0 ? version : 0;
};

const groupsOf = (map: Json | undefined): readonly Parts[] =>
  Array.isArray(map?.group) ? map.group.filter(isObject) : [];

const elementsOf = (group: Parts | undefined): readonly Parts[] =>
  Array.isArray(group?.element) ? group.element.filter(isObject) : [];

const named = ({ display }: CodeOf) => (display === undefined ? {} : { display });

const byCode = (one: Parts, other: Parts): number => {
  const [left, right] = [String(one.code), String(other.code)];
  return left < right ? -1 : Number(left > right);
};

const isObject = (value: unknown): value is Parts => typeof value === 'object' && value !== null;
