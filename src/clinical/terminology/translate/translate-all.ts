import { withCodings, withoutCodings, withoutUnit, withUnit } from './added.ts';
import { type Asked, askedOf, askedOfUnit, codingsOf, type Lookup } from './lookups.ts';
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
interface Missing {
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
  /** What `seenIn` wants, found. */
  readonly found: ReadonlyMap<string, Found>;
  readonly seen?: Seen;
  /** Which of the concepts are looked at; default all. */
  readonly chosen?: (lookups: readonly Lookup[]) => boolean;
}

/** A concept or quantity with codes to be found. */
interface SeenAt {
  readonly place: Place;
  /** As its sender said it: what was added under the translation's name before is not there. */
  readonly original: Content;
  readonly asked: Asked;
}

/** What was seen of subjects. */
export interface Seen {
  /** The codes for which something has to be found, each once. */
  readonly lookups: readonly Lookup[];
  /** In which of the subjects there are any. */
  readonly busy: ReadonlySet<Subject<unknown>>;
  readonly at: ReadonlyMap<Content, SeenAt>;
}

export function seenIn(subjects: readonly Subject<unknown>[], rules: CompiledRules): Seen {
  const lookups = new Map<string, Lookup>();
  const busy = new Set<Subject<unknown>>();
  const at = new Map<Content, SeenAt>();
  for (const subject of subjects)
    subject.walk((content, place) => {
      const seen = look(content, place, { sender: subject.sender, rules });
      if (seen.asked.lookups.length === 0) return content;
      for (const lookup of seen.asked.lookups) lookups.set(lookup.key, lookup);
      busy.add(subject);
      at.set(content, seen);
      return content;
    });
  return { lookups: [...lookups.values()], busy, at };
}

interface Scope {
  readonly sender: string;
  readonly rules: CompiledRules;
}

function look(content: Content, place: Place, { sender, rules }: Scope): SeenAt {
  const { element, holds } = place;
  if (holds === 'quantity') {
    const original = withoutUnit(content, rules.name);
    return { place, original, asked: askedOfUnit(original, sender) };
  }
  const original = withoutCodings(content, rules.name);
  return { place, original, asked: askedOf(original, rules.wanted(element), sender) };
}

/**
 * Puts translations beside the codes. What was added under this name before is taken as if it had not been, so that the outcome hangs on what
 * the sender said and on what is loaded, and on nothing else.
 */
export function translated<T>({ sender, walk }: Subject<T>, translating: Translating): Translated<T> {
  const { rules, found, seen, chosen = () => true } = translating;
  const missing: Missing[] = [];
  const result = walk((content, place) => {
    const before = seen?.at.get(content);
    // One object may stand in two places of a resource.
    const looked = before?.place === place ? before : look(content, place, { sender, rules });
    const { lookups } = looked.asked;
    if (lookups.length === 0 || !chosen(lookups)) return content;
    return replaced(content, looked, { rules, found, missing });
  });
  return { result, missing };
}

interface Replacing extends Pick<Translating, 'rules' | 'found'> {
  readonly missing: Missing[];
}

function replaced(content: Content, looked: SeenAt, scope: Replacing): Content {
  const { rules, found, missing } = scope;
  const { place, original, asked } = looked;
  const added = addedTo(original, asked, found);
  if (added.length === 0 && !asked.isEnough)
    missing.push(...asked.lookups.map((lookup) => missingOf(lookup, place.element)));
  const [unit] = added;
  if (place.holds === 'quantity')
    return unit ? sameAs(content, original, withUnit(original, rules.name, unit)) : original;
  return sameAs(content, original, withCodings(original, rules.name, added));
}

/** Of each system that is not there yet, and each code once; nothing of a system in which the sender's codes come to be different things. */
function addedTo(
  original: Content,
  { lookups, present }: Asked,
  found: Translating['found'],
): Found['added'] {
  const each = lookups.map(({ key }) => found.get(key)?.added ?? []).filter(({ length }) => length > 0);
  const [first, ...others] = each;
  if (!first) return [];
  const taken = new Set(codingsOf(original).map(({ system, code }) => `${system}|${code}`));
  const agreed = others.length === 0 ? first : each.flat().filter(({ system }) => isAgreed(each, system));
  return agreed.filter(({ system, code }) => {
    const name = `${system}|${code}`;
    if (present.includes(system) || taken.has(name)) return false;
    taken.add(name);
    return true;
  });
}

const isAgreed = (each: readonly Found['added'][], system: string): boolean => {
  const said = each.map((added) =>
    added.flatMap((one) => (one.system === system ? [one.code] : [])).join(' '),
  );
  return new Set(said.filter((codes) => codes !== '')).size <= 1;
};

/** What says the same again is the same object. */
const sameAs = (before: Content, original: Content, after: Content): Content =>
  original !== before && JSON.stringify(after) === JSON.stringify(before) ? before : after;

const missingOf = ({ system, code, display }: Lookup, element: string): Missing => ({
  ...{ system, code, element },
  ...(display === undefined ? {} : { display }),
});
