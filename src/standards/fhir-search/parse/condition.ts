import type { Clause } from '../types.ts';
import type { Asked } from './asked.ts';
import { aliasCondition, compositeCondition } from './composite.ts';
import { type Context, limits, refused, spend } from './context.ts';
import { splitEscaped } from './escapes.ts';
import { expandedCondition, isCodeModifier } from './expansions.ts';
import { referenceValue } from './reference-value.ts';
import { dateValue, numberValue, quantityValue, textValue, tokenValue, typedIdentifier } from './values.ts';

/** search.html#combining: the ORed values of a parameter. */
export function alternatives(value: string, context: Context): string[] {
  const raws = splitEscaped(value, ',');
  if (raws.some((raw) => raw === '')) throw refused(context, 'invalid', 'a value on each side of a comma');
  if (raws.length > limits.alternatives)
    throw refused(context, 'too-costly', `at most ${limits.alternatives} values`);
  return raws;
}

/** What a parameter asks for. Throws SearchError for a modifier that it does not have, or a value that is none of its kind. */
export function conditionOf(asked: Asked, context: Context): Clause {
  const { parameter, modifier, raws } = asked;
  checkModifier(asked, context);
  spend(context, 'conditions', 1);
  spend(context, 'values', raws.length);
  if (parameter.anyOf && parameter.type !== 'composite') return aliasCondition(asked, context, conditionOf);
  if (modifier === 'missing') return missing(asked, context);
  switch (parameter.type) {
    case 'token':
      return tokenCondition(asked, context);
    case 'string':
      return {
        kind: 'string',
        param: parameter.code,
        match: modifier === 'exact' ? 'exact' : modifier === 'contains' ? 'contains' : 'starts',
        anyOf: raws.map((raw) => textValue(raw, context)),
      };
    case 'uri':
      return {
        kind: 'uri',
        param: parameter.code,
        match: modifier === 'below' ? 'below' : modifier === 'above' ? 'above' : 'exact',
        anyOf: raws.map((raw) => textValue(raw, context)),
      };
    case 'date':
      return dateCondition(asked, context);
    case 'number':
      return { kind: 'quantity', param: parameter.code, anyOf: raws.map((raw) => numberValue(raw, context)) };
    case 'quantity':
      return {
        kind: 'quantity',
        param: parameter.code,
        anyOf: raws.map((raw) => quantityValue(raw, context)),
      };
    case 'reference':
      return referenceCondition(asked, context);
    case 'composite':
      return compositeCondition(asked, context, conditionOf);
    case 'special':
      throw refused(context, 'unknown', 'not supported');
  }
}

/** search.html#modifiers: a modifier that a server does not support is never left out, because something else would be found. */
function checkModifier({ parameter, modifier }: Asked, context: Context): void {
  if (modifier === '' || parameter.modifiers.includes(modifier)) return;
  if (parameter.modifiers.includes('[type]') && parameter.targets.includes(modifier)) return;
  const names = parameter.modifiers.map((one) => (one === '[type]' ? ':Type of a target' : `:${one}`));
  throw refused(
    context,
    'not-supported',
    names.length === 0 ? 'no modifier' : `no modifier but ${names.join(', ')}`,
  );
}

function missing({ parameter, raws }: Asked, context: Context): Clause {
  const [value] = raws;
  if (raws.length !== 1 || (value !== 'true' && value !== 'false'))
    throw refused(context, 'invalid', 'true or false');
  return { kind: 'missing', param: parameter.code, missing: value === 'true' };
}

function tokenCondition({ types, parameter, modifier, raws }: Asked, context: Context): Clause {
  const { code: param } = parameter;
  if (param === '_id') return { kind: 'id', anyOf: raws.map((raw) => textValue(raw, context)) };
  if (modifier === 'text') return { kind: 'text', param, anyOf: raws.map((raw) => textValue(raw, context)) };
  if (modifier === 'of-type')
    return { kind: 'of-type', param, anyOf: raws.map((raw) => typedIdentifier(raw, context)) };
  if (isCodeModifier(modifier)) return expandedCondition({ types, parameter, modifier, raws }, context);
  const anyOf = raws.map((raw) => tokenValue(raw, context));
  return { kind: 'token', param, anyOf, ...(modifier === 'not' ? { not: true } : {}) };
}

function dateCondition({ parameter: { code: param }, raws }: Asked, context: Context): Clause {
  const anyOf = raws.map((raw) => dateValue(raw, context));
  return param === '_lastUpdated' ? { kind: 'last-updated', anyOf } : { kind: 'date', param, anyOf };
}

function referenceCondition({ parameter, modifier, raws }: Asked, context: Context): Clause {
  const param = parameter.code;
  if (modifier === 'identifier')
    return { kind: 'reference-identifier', param, anyOf: raws.map((raw) => tokenValue(raw, context)) };
  const of = { parameter, ...(modifier === '' ? {} : { type: modifier }) };
  return { kind: 'reference', param, anyOf: raws.map((raw) => referenceValue(raw, of, context)) };
}
