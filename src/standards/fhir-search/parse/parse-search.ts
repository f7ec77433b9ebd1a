import type { Clause, Include, SearchQuery, SortKey } from '../types.ts';
import { type Context, limits, refused } from './context.ts';
import type { Expansions } from './expanded.ts';
import { includeOf, revincludeOf } from './includes.ts';
import { namedCondition } from './named.ts';
import { countOf, elementsOf, type SearchForm, sortOf, summaryOf, totalOf } from './result.ts';
import { placeOf, SearchError } from './search-error.ts';

export interface SearchOptions {
  /** http.html#prefer: strict refuses a parameter that is not answered, lenient leaves it out and names it. */
  readonly handling: 'strict' | 'lenient';
  /** For `ap` on dates. */
  readonly now: Date;
  readonly defaultCount: number;
  /** A larger `_count` is taken down to it. */
  readonly maxCount: number;
  /** When `_total` says nothing; `none` otherwise. */
  readonly defaultTotal?: SearchQuery['total'];
  /** Addresses under which this server is known, without the type: an absolute reference below one of them is `Type/id`. */
  readonly baseUrls?: readonly string[];
  /** What terminology said to `expansionsAsked`; without it `:in`, `:not-in` and a token's `:above` and `:below` are refused. */
  readonly expansions?: Expansions;
}

export type SearchInput = readonly (readonly [name: string, value: string])[];

export interface IgnoredParameter {
  readonly name: string;
  readonly reason: string;
}

export interface ParsedSearch {
  readonly query: SearchQuery;
  /** As given, but `_count` as it is used: for the self link (search.html#conformance). */
  readonly used: SearchInput;
  /** Only in lenient handling. */
  readonly ignored: readonly IgnoredParameter[];
  readonly form: Readonly<SearchForm>;
}

interface Gathered {
  readonly where: Clause[];
  readonly include: Include[];
  readonly revinclude: Include[];
  sort: readonly SortKey[];
  count: number;
  total: SearchQuery['total'] | undefined;
  readonly form: SearchForm;
}

interface Search {
  readonly types: readonly string[];
  readonly options: SearchOptions;
  readonly gathered: Gathered;
}

/** Understands one parameter; gives back its value where another is used than was given. */
type Handler = (value: string, search: Search, context: Context) => string | undefined;

/** Parameters of the result, each to be given once. */
const ONCE: Readonly<Record<string, Handler>> = {
  _count(value, { options, gathered }, context) {
    gathered.count = countOf(value, options.maxCount, context);
    return String(gathered.count);
  },
  _sort(value, { types, gathered }, context) {
    gathered.sort = sortOf(types, value, context);
    return undefined;
  },
  _total(value, { gathered }, context) {
    gathered.total = totalOf(value, context);
    return undefined;
  },
  _summary(value, { gathered }, context) {
    gathered.form.summary = summaryOf(value, context);
    return undefined;
  },
  _elements(value, { gathered }, context) {
    gathered.form.elements = elementsOf(value, context);
    return undefined;
  },
  _format(value, { gathered }) {
    gathered.form.format = value;
    return undefined;
  },
  _pretty(value, { gathered }, context) {
    if (value !== 'true' && value !== 'false') throw refused(context, 'invalid', 'true or false');
    gathered.form.pretty = value === 'true';
    return undefined;
  },
  _contained(value, _search, context) {
    if (value !== 'false')
      throw refused(context, 'unknown', 'contained resources are not found on their own');
    return undefined;
  },
};

const INCLUDING = /^_(rev)?include(?::(iterate))?$/;

/**
 * What the parameters of a search ask for (R4 search.html). `types` is the type searched, or all that a search of the whole system may
 * find, narrowed by `_type`. Throws SearchError, naming parameter and rule but never a value: in strict handling for everything that is not
 * answered, in both for a value that is none of its kind, a modifier that is not answered, or more than the limits.
 */
export function parseSearch(
  types: string | readonly string[],
  parameters: SearchInput,
  options: SearchOptions,
): ParsedSearch {
  if (parameters.length > limits.parameters)
    throw new SearchError('too-costly', 'query', `at most ${limits.parameters} parameters`);
  const spent = { values: 0, conditions: 0 };
  const contextOf = (name: string): Context => ({
    ...{ place: placeOf(name), now: options.now, baseUrls: options.baseUrls ?? [], depth: 0, spent },
    ...(options.expansions ? { expansions: options.expansions } : {}),
  });
  const gathered: Gathered = {
    ...{
      where: [],
      include: [],
      revinclude: [],
      sort: [],
      count: options.defaultCount,
      total: undefined,
      form: {},
    },
  };
  const search = { types: typesOf(types, parameters, contextOf('_type')), options, gathered };
  const used: [string, string][] = [];
  const ignored: IgnoredParameter[] = [];
  for (const [name, value] of parameters) {
    const context = contextOf(name);
    try {
      if (typeof types !== 'string' && name === '_type') used.push([name, value]);
      else used.push([name, understand([name, value], search, { context, used }) ?? value]);
    } catch (error) {
      if (options.handling === 'strict' || !(error instanceof SearchError) || error.kind !== 'unknown')
        throw error;
      ignored.push({ name: context.place, reason: error.rule });
    }
  }
  return { query: queryOf(search), used, ignored, form: gathered.form };
}

function understand(
  [name, value]: readonly [string, string],
  search: Search,
  { context, used }: { context: Context; used: SearchInput },
): string | undefined {
  if (name.length > limits.nameCharacters || value.length > limits.valueCharacters)
    throw refused(context, 'too-costly', `a value of at most ${limits.valueCharacters} characters`);
  if (value === '') throw refused(context, 'unknown', 'a value');
  if (value.includes('\0')) throw refused(context, 'invalid', 'a value without NUL');
  const once = Object.hasOwn(ONCE, name) ? ONCE[name] : undefined;
  if (once) {
    if (used.some(([other]) => other === name)) throw refused(context, 'invalid', 'given once');
    return once(value, search, context);
  }
  const including = INCLUDING.exec(name);
  if (including) addInclude(including, value, { search, context });
  else search.gathered.where.push(namedCondition(search.types, name, value, context));
  return undefined;
}

function addInclude(
  [, reverse, iterate]: RegExpExecArray,
  value: string,
  { search: { types, gathered }, context }: { search: Search; context: Context },
): void {
  const options = { iterate: iterate !== undefined, context };
  if (reverse === undefined) gathered.include.push(...includeOf(types, value, options));
  else gathered.revinclude.push(...revincludeOf(types, value, options));
  if (gathered.include.length + gathered.revinclude.length > limits.includes)
    throw refused(context, 'too-costly', `at most ${limits.includes} includes`);
}

/** search.html#all: the types that a search of the whole system names. */
function typesOf(
  types: string | readonly string[],
  parameters: SearchInput,
  context: Context,
): readonly string[] {
  if (typeof types === 'string') return [types];
  const asked = parameters.filter(([name]) => name === '_type').flatMap(([, value]) => value.split(','));
  if (asked.length === 0) return types;
  if (asked.some((type) => !types.includes(type)))
    throw refused(context, 'invalid', 'resource types that are served');
  return [...new Set(asked)];
}

function queryOf({ types, options, gathered }: Search): SearchQuery {
  const { where, sort, include, revinclude, count, form } = gathered;
  const alone = count === 0 || form.summary === 'count';
  const total = gathered.total ?? options.defaultTotal ?? 'none';
  return {
    ...{ types, where, sort, include, revinclude },
    count: alone ? 0 : count,
    total: alone && total === 'none' ? 'accurate' : total,
  };
}
