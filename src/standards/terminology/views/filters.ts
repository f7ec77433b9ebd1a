import { TerminologyError } from '../errors.ts';
import { type Matcher, matcherOf } from '../regex/matcher.ts';
import type { Concept, Filter } from '../types.ts';
import type { Roles } from './concepts.ts';
import type { Hierarchy } from './hierarchy.ts';

export interface Filterable {
  readonly url: string;
  readonly roles: Roles;
  readonly hierarchy: Hierarchy;
  /** The code as the system writes it. */
  readonly codeOf: (code: string) => string | undefined;
  /** Whether the code system declares a property or gives one to any concept. */
  readonly hasProperty: (code: string) => boolean;
}

type Predicate = (concept: Concept) => boolean;

interface Filtering {
  readonly meets: Predicate;
  /** To be awaited between concepts: lets others have their turn when looking at them takes long. */
  readonly rest: () => Promise<void> | undefined;
}

/**
 * Filters of a value set's include (R4 valueset-filter-operator) as one predicate. Throws TerminologyError for a property or an operation that the
 * code system does not have: a filter that is not understood neither lets everything nor nothing through.
 */
export function predicateOf(filters: readonly Filter[], of: Filterable): Filtering {
  const matchers: Matcher[] = [];
  const all = filters.map((filter) => onePredicate(filter, of, matchers));
  return {
    meets: (concept) => all.every((meets) => meets(concept)),
    rest: () => {
      for (const matcher of matchers) {
        const resting = matcher.rest();
        if (resting) return resting;
      }
      return undefined;
    },
  };
}

/** Adds the matcher of a regular expression to `matchers`. */
function onePredicate(filter: Filter, of: Filterable, matchers: Matcher[]): Predicate {
  const { property, op, value } = filter;
  if (op === 'is-a' || op === 'descendent-of' || op === 'is-not-a' || op === 'generalizes')
    return hierarchical(filter, of);
  const valuesOf = reader(filter, of);
  switch (op) {
    case '=':
      return (concept) => valuesOf(concept).some((one) => isSame(one, value));
    case 'in':
    case 'not-in': {
      const listed = value.split(',').map((one) => one.trim());
      const isIn = (concept: Concept) =>
        valuesOf(concept).some((one) => listed.some((other) => isSame(one, other)));
      return op === 'in' ? isIn : (concept) => !isIn(concept);
    }
    case 'exists': {
      if (value !== 'true' && value !== 'false')
        throw new TerminologyError('invalid', `The filter exists of ${property} is true or false`);
      return (concept) => valuesOf(concept).length > 0 === (value === 'true');
    }
    case 'regex': {
      const matcher = matcherOf(value);
      matchers.push(matcher);
      return (concept) => valuesOf(concept).some(matcher.matches);
    }
    default:
      throw unsupported(filter, of);
  }
}

/** A Coding is `system|code`; it may be named by its code alone. */
const isSame = (one: string, asked: string): boolean =>
  one === asked || (!asked.includes('|') && one.endsWith(`|${asked}`));

function hierarchical(filter: Filter, of: Filterable): Predicate {
  const { property, op, value } = filter;
  if (property !== 'concept' && property !== 'code') throw unsupported(filter, of);
  const root = of.codeOf(value);
  if (root === undefined)
    throw new TerminologyError('not-found', `The filter ${op} names ${value}, which ${of.url} does not have`);
  const { hierarchy } = of;
  if (op === 'generalizes') {
    const above = hierarchy.ancestors(root);
    return ({ code }) => code === root || above.has(code);
  }
  const below = hierarchy.descendants(root);
  if (op === 'descendent-of') return ({ code }) => below.has(code);
  if (op === 'is-a') return ({ code }) => code === root || below.has(code);
  return ({ code }) => code !== root && !below.has(code);
}

/** What of a concept a filter looks at. */
function reader(filter: Filter, of: Filterable): (concept: Concept) => readonly string[] {
  const { property } = filter;
  if (property === 'concept' || property === 'code') return ({ code }) => [code];
  if (property === 'display') return ({ display }) => (display === undefined ? [] : [display]);
  if (property === 'definition' && !of.hasProperty(property))
    return ({ definition }) => (definition === undefined ? [] : [definition]);
  if (property === 'designation') return ({ designations }) => designations.map(({ value }) => value);
  switch (of.roles.get(property)) {
    case 'parent':
      return ({ code }) => of.hierarchy.parents(code);
    case 'child':
      return ({ code }) => of.hierarchy.children(code);
    case 'inactive':
      return ({ isActive }) => [String(!isActive)];
    case 'notSelectable':
      return ({ isAbstract }) => [String(isAbstract)];
    default:
  }
  if (!of.hasProperty(property)) throw unsupported(filter, of);
  return ({ properties }) => properties.flatMap(({ code, value }) => (code === property ? [value] : []));
}

const unsupported = ({ property, op }: Filter, { url }: Filterable): TerminologyError =>
  new TerminologyError('not-supported', `${url} has no filter ${op} on ${property}`);
