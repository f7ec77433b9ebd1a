import { allOf, anyOf, FALSE, type Part, part } from '../../../foundation/database/index.ts';
import { isResourceId } from '../../../standards/fhir/index.ts';
import type { Clause, CompositeValue } from '../../../standards/fhir-search/index.ts';
import { askedForms, keyEntry } from '../entries.ts';
import type { Compiling } from './compiling.ts';
import { date, dateBeside, lastUpdated } from './date-conditions.ts';
import {
  missing,
  ofType,
  pair,
  reference,
  referenceIdentifier,
  text,
  token,
  tokensAsked,
} from './entry-conditions.ts';
import { chain, has } from './link-conditions.ts';
import type { Place } from './place.ts';
import { quantity } from './quantity-conditions.ts';
import { inCompartment } from './scope.ts';
import { source } from './source-condition.ts';
import { string, uri } from './string-conditions.ts';

/** The condition of one clause on the row of `place`. Links may be followed first, by statements of their own (link-conditions.ts). */
export async function conditionOf(clause: Clause, place: Place, compiling: Compiling): Promise<Part> {
  switch (clause.kind) {
    case 'token':
      return token(clause, place);
    case 'of-type':
      return ofType(clause, place);
    case 'text':
      return text(clause, place);
    case 'string':
      return string(clause, place);
    case 'uri':
      return clause.param === '_source' ? source(clause, place) : uri(clause, place);
    case 'date':
      return date(clause.param, clause.anyOf, place);
    case 'quantity':
      return quantity(clause.param, clause.anyOf, place);
    case 'reference':
      return reference(clause, place, compiling.sources);
    case 'reference-identifier':
      return referenceIdentifier(clause, place);
    case 'missing':
      return missing(clause, place);
    case 'id':
      return part`${place.row}.id = ANY(${clause.anyOf.filter(isResourceId)}::text[])`;
    case 'last-updated':
      return lastUpdated(clause.anyOf, place);
    case 'composite':
      return anyOf(clause.anyOf.map((value) => composite(clause.param, value, place)));
    case 'chain':
      return chain(clause, place, compiling);
    case 'has':
      return has(clause, place, compiling);
    case 'compartment':
      return inCompartment(place.row, part`${compiling.sources.get(clause.patient) ?? []}::text[]`);
    case 'any':
      return alternatives(clause.of, place, compiling);
  }
}

export async function conditionsOf(
  clauses: readonly Clause[],
  place: Place,
  compiling: Compiling,
): Promise<Part> {
  const parts: Part[] = [];
  for (const clause of clauses) parts.push(await conditionOf(clause, place, compiling));
  return allOf(parts);
}

/** Tokens of several parameters (combo-code) are one look into the index. */
async function alternatives(
  of: readonly (readonly Clause[])[],
  place: Place,
  compiling: Compiling,
): Promise<Part> {
  const tokens = of.flatMap((all) => {
    const [only] = all;
    return all.length === 1 && only?.kind === 'token' && !only.not ? [only] : [];
  });
  if (tokens.length === of.length && of.length > 0)
    return part`${place.row}.tokens && ${tokens.flatMap(tokensAsked)}::text[]`;
  const parts: Part[] = [];
  for (const all of of) parts.push(await conditionsOf(all, place, compiling));
  return anyOf(parts);
}

/** Both components hold in the same element (S47): what was stored together is looked for together. */
function composite(param: string, value: CompositeValue, place: Place): Part {
  const { other } = value;
  if (other.kind !== 'date' && other.kind !== 'quantity') return pair(place, param, value);
  const keys = askedForms(param, value.token).map(keyEntry);
  if (keys.length === 0) return FALSE;
  const beside = { row: place.row, types: place.types, keys };
  return other.kind === 'date'
    ? dateBeside(param, [other.value], beside)
    : quantity(param, [other.value], beside);
}
