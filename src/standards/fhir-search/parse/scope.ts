import { refusalOf, type SearchParameter, searchParametersOf } from '../parameters.ts';
import { type Context, refused } from './context.ts';

/** `_list`, `_text` …: parameters of R4 for every type that are not answered, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  _list: 'searching by lists is not supported',
  _filter: 'filter expressions are not supported',
  _containedType: 'contained resources are not found on their own',
};

/**
 * The parameter that all the types have under this code; `unknown` when one of them has it not, or has it as another kind of parameter
 * (search.html#all: over several types, only what they share).
 */
export function parameterFor(types: readonly string[], code: string, context: Context): SearchParameter {
  const [first, ...others] = types.map((type) => searchParametersOf(type).get(code));
  if (!first || others.some((other) => !other || other.type !== first.type))
    throw refused(context, 'unknown', reasonOf(types, code));
  if (others.length === 0) return first;
  const all = [first, ...others.filter((other) => other !== undefined)];
  return {
    ...first,
    targets: [...new Set(all.flatMap(({ targets }) => targets))],
    modifiers: first.modifiers.filter((one) => all.every(({ modifiers }) => modifiers.includes(one))),
    sortable: all.every(({ sortable }) => sortable),
  };
}

function reasonOf(types: readonly string[], code: string): string {
  const reason = REFUSED[code] ?? types.map((type) => refusalOf(type, code)).find((one) => one !== undefined);
  if (reason !== undefined) return reason;
  return types.length === 1
    ? `not a search parameter of ${types[0]}`
    : 'not a search parameter that all the types searched share';
}
