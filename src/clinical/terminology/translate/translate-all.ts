import { withCodings, withoutCodings, withoutUnit, withUnit } from './added.ts';
import { askedOf, codingsOf, type Lookup, unitLookup } from './lookups.ts';
import type { Found } from './memory.ts';
import type { Place } from './places.ts';
import type { CompiledRules } from './rules.ts';
import type { Content, Visit } from './walk.ts';

/** Something with codes in it: the elements of a write, or a resource. `walk` may be called several times. */
export interface Subject<T> {
  /** The system that said it. */
  readonly sender: string;
  walk(visit: Visit): T;
}

/** A code that nothing translates, once for each place in which it stands. */
export interface Missing {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  readonly element: string;
}

export interface Translated<T> {
  readonly result: T;
  readonly missing: readonly Missing[];
}

/** Finds codes, all at once; each of them is in the answer. */
export type Find = (lookups: readonly Lookup[]) => Promise<ReadonlyMap<string, Found>>;

export interface Translating {
  readonly rules: CompiledRules;
  /** What `lookupsIn` gave, found. */
  readonly found: ReadonlyMap<string, Found>;
  /** Which of the concepts are looked at; default all. */
  readonly chosen?: (lookups: readonly Lookup[]) => boolean;
}

/** The codes for which something has to be found, each once. */
export function lookupsIn(subjects: readonly Subject<unknown>[], rules: CompiledRules): readonly Lookup[] {
  const wanted = new Map<string, Lookup>();
  for (const { sender, walk } of subjects)
    walk((content, place) => {
      for (const lookup of lookupsAt(content, place, { sender, rules })) wanted.set(lookup.key, lookup);
      return content;
    });
  return [...wanted.values()];
}

/**
 * Puts translations beside the codes. What was added under this name before is taken as if it had not been, so that the outcome hangs on what
 * the sender said and on what is loaded, and on nothing else.
 */
export function translated<T>({ sender, walk }: Subject<T>, translating: Translating): Translated<T> {
  const { chosen = () => true, ...rest } = translating;
  const missing: Missing[] = [];
  const result = walk((content, place) => replaced(content, place, { sender, ...rest, chosen, missing }));
  return { result, missing };
}

interface Scope {
  readonly sender: string;
  readonly rules: CompiledRules;
}

function lookupsAt(content: Content, { element, holds }: Place, scope: Scope): readonly Lookup[] {
  const { name } = scope.rules;
  if (holds === 'quantity') {
    const lookup = unitLookup(withoutUnit(content, name), scope.sender);
    return lookup ? [lookup] : [];
  }
  return askedOf(withoutCodings(content, name), scope.rules.wanted(element), scope).lookups;
}

interface Replacing extends Scope {
  readonly found: ReadonlyMap<string, Found>;
  readonly chosen: NonNullable<Translating['chosen']>;
  readonly missing: Missing[];
}

const replaced = (content: Content, place: Place, scope: Replacing): Content =>
  place.holds === 'quantity' ? replacedUnit(content, place, scope) : replacedConcept(content, place, scope);

function replacedConcept(content: Content, { element }: Place, scope: Replacing): Content {
  const { rules, found, chosen, missing } = scope;
  const original = withoutCodings(content, rules.name);
  const { lookups, present, isEnough } = askedOf(original, rules.wanted(element), scope);
  if (lookups.length === 0 || !chosen(lookups)) return content;
  const taken = new Set(codingsOf(original).map(({ system, code }) => `${system}|${code}`));
  const added = lookups
    .flatMap(({ key }) => found.get(key)?.added ?? [])
    .filter(({ system, code }) => {
      const name = `${system}|${code}`;
      if (present.has(system) || taken.has(name)) return false;
      taken.add(name);
      return true;
    });
  if (added.length === 0 && !isEnough) missing.push(...lookups.map((lookup) => missingOf(lookup, element)));
  return sameAs(content, original, withCodings(original, rules.name, added));
}

function replacedUnit(content: Content, { element }: Place, scope: Replacing): Content {
  const { rules, sender, found, chosen, missing } = scope;
  const original = withoutUnit(content, rules.name);
  const lookup = unitLookup(original, sender);
  if (!lookup || !chosen([lookup])) return content;
  const [added] = found.get(lookup.key)?.added ?? [];
  if (added) return sameAs(content, original, withUnit(original, rules.name, added));
  missing.push(missingOf(lookup, element));
  return original;
}

/** What says the same again is the same object. */
const sameAs = (before: Content, original: Content, after: Content): Content =>
  original !== before && JSON.stringify(after) === JSON.stringify(before) ? before : after;

const missingOf = ({ system, code, display }: Lookup, element: string): Missing => ({
  ...{ system, code, element },
  ...(display === undefined ? {} : { display }),
});
