import type { SearchParameter } from '../parameters.ts';
import type { Clause, CompositeValue } from '../types.ts';
import type { Asked, ConditionOf } from './asked.ts';
import { type Context, refused } from './context.ts';
import { splitEscaped } from './escapes.ts';
import { referenceValue } from './reference-value.ts';
import { parameterFor } from './scope.ts';
import { dateValue, numberValue, quantityValue, textValue, tokenValue } from './values.ts';

/**
 * A parameter that is the union of others (`combo-code`): one of them must hold; what must not be (`:not`, `:not-in`, `:missing=true`) must not be in
 * any of them.
 */
export function aliasCondition(asked: Asked, context: Context, conditionOf: ConditionOf): Clause {
  const clauses = (asked.parameter.anyOf ?? []).map((code) =>
    conditionOf({ ...asked, parameter: parameterFor(asked.types, code, context) }, context),
  );
  const isNone = asked.modifier === 'not' || asked.modifier === 'not-in';
  const none = isNone || (asked.modifier === 'missing' && asked.raws[0] === 'true');
  return { kind: 'any', of: none ? [clauses] : clauses.map((clause) => [clause]) };
}

/**
 * search.html#composite. A composite of the resource itself is its components, all to hold; one of elements inside is looked up pair by
 * pair; `combo-…` is either.
 */
export function compositeCondition(asked: Asked, context: Context, conditionOf: ConditionOf): Clause {
  const { types, parameter, raws } = asked;
  const values = raws.map((raw) => partsOf(raw, parameter, context));
  if (!parameter.allOf) return pairCondition(asked, values, context);
  const component = (code: string, raw: string) => {
    const asComponent = { types, parameter: parameterFor(types, code, context), modifier: '', raws: [raw] };
    return conditionOf(asComponent, context);
  };
  const conditions = parameter.allOf.flatMap((codes) =>
    values.map((parts) => codes.map((code, at) => component(code, parts[at] ?? ''))),
  );
  const pairs = (parameter.anyOf ?? []).map((code) => [
    conditionOf({ ...asked, parameter: parameterFor(types, code, context) }, context),
  ]);
  return { kind: 'any', of: [...conditions, ...pairs] };
}

function partsOf(raw: string, { components = [] }: SearchParameter, context: Context): string[] {
  const parts = splitEscaped(raw, '$');
  if (parts.length !== components.length || parts.some((part) => part === ''))
    throw refused(context, 'invalid', components.join('$'));
  return parts;
}

function pairCondition(
  { types, parameter }: Asked,
  values: readonly (readonly string[])[],
  context: Context,
): Clause {
  const second = parameterFor(types, parameter.components?.[1] ?? '', context);
  const anyOf = values.map(([token = '', other = '']) => ({
    token: tokenValue(token, context),
    other: otherValue(second, other, context),
  }));
  return { kind: 'composite', param: parameter.code, anyOf };
}

function otherValue(parameter: SearchParameter, raw: string, context: Context): CompositeValue['other'] {
  switch (parameter.type) {
    case 'token':
      return { kind: 'token', value: tokenValue(raw, context) };
    case 'quantity':
      return { kind: 'quantity', value: quantityValue(raw, context) };
    case 'number':
      return { kind: 'quantity', value: numberValue(raw, context) };
    case 'date':
      return { kind: 'date', value: dateValue(raw, context) };
    case 'reference':
      return { kind: 'reference', value: referenceValue(raw, { parameter }, context) };
    case 'string':
      return { kind: 'string', value: textValue(raw, context) };
    default:
      throw refused(context, 'unknown', 'not supported');
  }
}
