import { isKnownResourceType } from '../../fhir/index.ts';
import type { SearchParameter } from '../parameters.ts';
import type { Clause } from '../types.ts';
import { alternatives, conditionOf } from './condition.ts';
import { type Context, limits, refused } from './context.ts';
import { parameterFor } from './scope.ts';
import { SearchError } from './search-error.ts';

const HAS = /^_has:([A-Z][A-Za-z]*):([\w-]+):(.+)$/;
const LINK = /^([\w-]+)(?::([A-Za-z]+))?\.(.+)$/;
const PLAIN = /^([\w-]+)(?::([\w-]+))?$/;

/**
 * A parameter by its whole name: `name:exact`, `subject:Patient.name` (search.html#chaining), `_has:Observation:patient:code` (search.html#has), and
 * either inside the other.
 */
export function namedCondition(
  types: readonly string[],
  name: string,
  value: string,
  context: Context,
): Clause {
  const has = HAS.exec(name);
  if (has) return reverseChain(types, has, value, deeper(context));
  const link = LINK.exec(name);
  if (link) return chain(types, link, value, deeper(context));
  const [, code = '', modifier = ''] = PLAIN.exec(name) ?? [];
  if (code === '') throw refused(context, 'unknown', 'not the name of a search parameter');
  const parameter = parameterFor(types, code, context);
  return conditionOf({ types, parameter, modifier, raws: alternatives(value, context) }, context);
}

function deeper(context: Context): Context {
  if (context.depth >= limits.depth)
    throw refused(context, 'too-costly', `at most ${limits.depth} steps in a chain`);
  return { ...context, depth: context.depth + 1 };
}

function reverseChain(
  types: readonly string[],
  match: RegExpExecArray,
  value: string,
  context: Context,
): Clause {
  const [, type = '', code = '', rest = ''] = match;
  if (!isKnownResourceType(type)) throw refused(context, 'unknown', 'not a resource type');
  const { targets } = parameterFor([type], code, context);
  if (!targets.some((target) => types.includes(target)))
    throw refused(context, 'unknown', `${code} of ${type} does not lead to what is searched`);
  return { kind: 'has', type, param: code, where: namedCondition([type], rest, value, context) };
}

/** Without a type, every target that has the next parameter. */
function chain(types: readonly string[], match: RegExpExecArray, value: string, context: Context): Clause {
  const [, code = '', type, rest = ''] = match;
  const parameter = parameterFor(types, code, context);
  const at = (target: string): Clause => ({
    kind: 'chain',
    param: code,
    target,
    where: namedCondition([target], rest, value, context),
  });
  const [only, ...others] = chainTargets(parameter, type, { rest, context });
  if (only === undefined) throw refused(context, 'unknown', `no target of ${code} has what is asked of it`);
  if (others.length === 0) return at(only);
  const found = [only, ...others].flatMap((target) => ifKnown(() => at(target)));
  const [first] = found;
  if (!first) throw refused(context, 'unknown', `no target of ${code} has what is asked of it`);
  return found.length === 1 ? first : { kind: 'any', of: found.map((clause) => [clause]) };
}

function chainTargets(
  { code, targets }: SearchParameter,
  type: string | undefined,
  { rest, context }: { rest: string; context: Context },
): readonly string[] {
  if (targets.length === 0) throw refused(context, 'unknown', `${code} leads to no resource`);
  if (type !== undefined) {
    if (!targets.includes(type)) throw refused(context, 'unknown', `${code} does not lead to the type named`);
    return [type];
  }
  const next = /^[\w-]+/.exec(rest)?.[0] ?? '';
  const having = targets.filter((target) => next === '_has' || hasParameter(target, next, context));
  if (having.length > limits.chainTargets)
    throw refused(context, 'too-costly', `name the type that ${code} leads to, as in ${code}:${having[0]}.…`);
  return having;
}

const hasParameter = (type: string, code: string, context: Context): boolean =>
  ifKnown(() => parameterFor([type], code, context)).length > 0;

function ifKnown<T>(make: () => T): T[] {
  try {
    return [make()];
  } catch (error) {
    if (error instanceof SearchError && error.kind === 'unknown') return [];
    throw error;
  }
}
