import type { Clause, TokenValue } from '../types.ts';
import type { Asked } from './asked.ts';
import { type Context, refused, spend } from './context.ts';
import { splitEscaped, unescaped } from './escapes.ts';
import { tokenValue } from './values.ts';

/** Modifiers of tokens that are answered by terminology (search.html#modifiers). */
export type CodeModifier = 'in' | 'not-in' | 'above' | 'below';

/** What has to be known before a search is parsed: the codes of a value set, or those above or below a code. */
export type ExpansionAsked =
  | { readonly key: string; readonly kind: 'value-set'; readonly canonical: string }
  | { readonly key: string; readonly kind: 'above' | 'below'; readonly token: TokenValue };

const CODES = /:(in|not-in|above|below)$/;
const MAX_ASKED = 20;

const keyOf = (modifier: string, raw: string): string =>
  `${modifier === 'above' || modifier === 'below' ? modifier : 'in'} ${raw}`;

export const isCodeModifier = (modifier: string): modifier is CodeModifier => CODES.test(`:${modifier}`);

/** What the parameters of a search ask of terminology; some of it is not needed, as uris have `above` and `below` too. At most 20 things are asked. */
export function expansionsAsked(
  parameters: readonly (readonly [name: string, value: string])[],
): readonly ExpansionAsked[] {
  const asked = new Map<string, ExpansionAsked>();
  for (const [name, value] of parameters) {
    const [, modifier] = CODES.exec(name) ?? [];
    if (modifier === undefined) continue;
    for (const raw of splitEscaped(value, ',').slice(0, MAX_ASKED)) {
      const key = keyOf(modifier, raw);
      if (asked.size < MAX_ASKED) asked.set(key, askedBy(modifier, raw, key));
    }
  }
  return [...asked.values()];
}

function askedBy(modifier: string, raw: string, key: string): ExpansionAsked {
  if (modifier !== 'above' && modifier !== 'below')
    return { key, kind: 'value-set', canonical: unescaped(raw) };
  const [system = '', code] = splitEscaped(raw, '|').map(unescaped);
  return { key, kind: modifier, token: code === undefined ? { code: system } : { system, code } };
}

/** The codes in place of the value set or the code that names them. */
export function expandedCondition(
  { parameter: { code: param }, modifier, raws }: Asked,
  context: Context,
): Clause {
  const { expansions } = context;
  if (!expansions) throw refused(context, 'not-supported', 'needs terminology, which is not asked here');
  const anyOf = raws.flatMap((raw) => {
    if (modifier === 'above' || modifier === 'below') tokenValue(raw, context);
    const found = expansions.get(keyOf(modifier, raw));
    if (found === undefined)
      throw refused(context, 'too-costly', `at most ${MAX_ASKED} value sets and codes`);
    if ('rule' in found) throw refused(context, found.kind, found.rule);
    return found;
  });
  spend(context, 'values', anyOf.length);
  return { kind: 'token', param, anyOf, ...(modifier === 'not-in' ? { not: true } : {}) };
}
