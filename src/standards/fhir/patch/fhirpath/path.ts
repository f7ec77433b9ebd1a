import { FORBIDDEN_KEYS } from '../../json/forbidden-keys.ts';

/** A step from elements to elements. */
export type Step =
  | { readonly kind: 'child'; readonly name: string }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'type'; readonly name: string }
  | { readonly kind: 'where'; readonly conditions: readonly Condition[] };

/** What lies at these names, below the element or the element itself where there are none, has this value. */
export interface Condition {
  readonly names: readonly string[];
  readonly value: string | boolean | number;
}

const MAX_LENGTH = 1000;
const NAME = /(?:([A-Za-z][A-Za-z0-9]*)|`([A-Za-z][A-Za-z0-9]*)`)/y;
const INDEX = /\[\s*(\d{1,9})\s*\]/y;
const DOT = /\s*\.\s*/y;
const CALL =
  /(first|last)\(\s*\)|(ofType|as)\(\s*(?:FHIR\.)?([A-Za-z]+)\s*\)|extension\(\s*('(?:[^'\\]|\\.)*')\s*\)/y;
const WHERE = /where\(/y;
const CONDITION =
  /\s*(\$this|[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z][A-Za-z0-9]*)*)\s*=\s*('(?:[^'\\]|\\.)*'|true|false|-?\d+(?:\.\d+)?)\s*/y;
const AND = /and\b/y;

/**
 * The steps of a path of FHIRPath Patch (R4 fhirpatch.html): names, `[n]`, `first()`, `last()`, `where(name = 'value' and …)`, `extension('url')`, `ofType(Type)`; the
 * resource's type stands first. That is what tells one element; other FHIRPath is refused. Undefined where it is anything else.
 */
export function readPath(text: string, resourceType: string): readonly Step[] | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const reader = new Reader(text.trim());
  if (reader.name() !== resourceType) return undefined;
  const steps: Step[] = [];
  while (!reader.atEnd) {
    const index = reader.take(INDEX)?.[1];
    const more = index !== undefined ? [{ kind: 'index', at: Number(index) } as const] : dotted(reader);
    if (!more) return undefined;
    steps.push(...more);
  }
  return steps;
}

function dotted(reader: Reader): Step[] | undefined {
  if (!reader.take(DOT)) return undefined;
  if (reader.take(WHERE)) {
    const conditions = conditionsIn(reader);
    return conditions && [{ kind: 'where', conditions }];
  }
  const call = reader.take(CALL);
  if (call) return callSteps(call);
  const name = reader.name();
  return name === undefined || FORBIDDEN_KEYS.has(name) ? undefined : [{ kind: 'child', name }];
}

function callSteps([, end, , type, url]: RegExpExecArray): Step[] {
  if (end !== undefined) return [end === 'first' ? { kind: 'index', at: 0 } : { kind: 'last' }];
  if (type !== undefined) return [{ kind: 'type', name: type }];
  return [
    { kind: 'child', name: 'extension' },
    { kind: 'where', conditions: [{ names: ['url'], value: textOf(url ?? "''") }] },
  ];
}

function conditionsIn(reader: Reader): Condition[] | undefined {
  const conditions: Condition[] = [];
  do {
    const [, names = '', literal = ''] = reader.take(CONDITION) ?? [];
    if (names === '') return undefined;
    conditions.push({ names: names === '$this' ? [] : names.split('.'), value: literalOf(literal) });
  } while (reader.take(AND));
  return reader.take(/\)/y) ? conditions : undefined;
}

function literalOf(literal: string): Condition['value'] {
  if (literal.startsWith("'")) return textOf(literal);
  return literal === 'true' || literal === 'false' ? literal === 'true' : Number(literal);
}

const textOf = (literal: string): string => literal.slice(1, -1).replace(/\\(.)/g, '$1');

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  name(): string | undefined {
    const [, plain, quoted] = this.take(NAME) ?? [];
    return plain ?? quoted;
  }
}
