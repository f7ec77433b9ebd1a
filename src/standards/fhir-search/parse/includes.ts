import { isKnownResourceType } from '../../fhir/index.ts';
import type { Include } from '../types.ts';
import { type Context, refused } from './context.ts';
import { parameterFor } from './scope.ts';

const INCLUDE = /^([A-Z][A-Za-z]*):(\*|[\w-]+)(?::([A-Z][A-Za-z]*))?$/;
const FORM = 'Type:parameter, Type:parameter:Target or Type:*';

/** search.html#include. `_include=*` is every reference of the types searched; with :iterate the source may be what another include brings. */
export function includeOf(types: readonly string[], value: string, options: IncludeOptions): Include[] {
  const { iterate, context } = options;
  if (value === '*' || value === '*:*') return types.map((source) => ({ source, param: '*', iterate }));
  const include = read(value, options);
  if (!iterate && !types.includes(include.source))
    throw refused(context, 'unknown', 'the source is a type that is searched, or :iterate');
  return [include];
}

/** search.html#revinclude. `*` as the whole value is not answered: it would look through every resource there is. */
export function revincludeOf(types: readonly string[], value: string, options: IncludeOptions): Include[] {
  const { iterate, context } = options;
  if (value === '*' || value === '*:*') throw refused(context, 'too-costly', 'name the type, as in Type:*');
  const include = read(value, options);
  const { source, param, target } = include;
  if (param === '*' || iterate) return [include];
  const leadsTo = target === undefined ? parameterFor([source], param, context).targets : [target];
  if (!leadsTo.some((type) => types.includes(type)))
    throw refused(context, 'unknown', 'the parameter leads to a type that is searched, or :iterate');
  return [include];
}

export interface IncludeOptions {
  readonly iterate: boolean;
  readonly context: Context;
}

function read(value: string, { iterate, context }: IncludeOptions): Include {
  const match = INCLUDE.exec(value);
  if (!match) throw refused(context, 'invalid', FORM);
  const [, source = '', param = '', target] = match;
  if (!isKnownResourceType(source) || (target !== undefined && !isKnownResourceType(target)))
    throw refused(context, 'unknown', 'a resource type of R4');
  if (param !== '*') {
    const { targets } = parameterFor([source], param, context);
    if (targets.length === 0) throw refused(context, 'unknown', 'the parameter leads to no resource');
    if (target !== undefined && !targets.includes(target))
      throw refused(context, 'unknown', 'the parameter does not lead to the type named');
  }
  return { source, param, ...(target === undefined ? {} : { target }), iterate };
}
