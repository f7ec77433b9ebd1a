import { isObject } from '../json.ts';
import {
  childrenNamed,
  childrenOf,
  descendantsOf,
  EMPTY,
  Extended,
  equal,
  type Items,
  numberOf,
  plainOf,
} from './items.ts';
import { compileRegex } from './regex.ts';

/** A part of an expression, applied to a focus. */
export type Evaluate = (focus: Items, environment: Evaluation) => Items;

export interface Evaluation {
  readonly resource: unknown;
  readonly rootResource: unknown;
  /** The element that the invariant is about; set anew for each evaluation. */
  context: unknown;
  /** Type of the context, where it is known. */
  type: string | undefined;
  /** The resource that a reference leads to within the root or its Bundle. */
  readonly resolve: (reference: string) => unknown;
  /** How many items may still be looked at. */
  readonly budget: { left: number };
}

/** Some invariants compare all with all, and who sends a resource chooses how many there are. */
export class TooCostly extends Error {}

/** Counts items that are looked at. */
export function spend({ budget }: Evaluation, items: number): void {
  budget.left -= items;
  if (budget.left < 0) throw new TooCostly();
}

/** The truth of a collection: undefined for the empty one, true for a single thing that is no boolean. More than one has none. */
export function truth(items: Items): boolean | undefined {
  if (items.length === 0) return undefined;
  if (items.length > 1) throw new Undecidable();
  const value = plainOf(items[0]);
  return typeof value === 'boolean' ? value : true;
}

/** Many where FHIRPath wants one, or a type that nobody told. */
export class Undecidable extends Error {}

const TRUE: Items = [true];
const FALSE: Items = [false];
export const asItems = (value: boolean | undefined): Items =>
  value === undefined ? EMPTY : value ? TRUE : FALSE;

interface Call {
  readonly items: Items;
  /** Where the call stands: what its value arguments are applied to. */
  readonly focus: Items;
  readonly args: readonly Evaluate[];
  readonly environment: Evaluation;
}

const holds = (args: readonly Evaluate[], item: unknown, environment: Evaluation): boolean =>
  args[0] === undefined || truth(args[0]([item], environment)) === true;

const textArg = ({ args, focus, environment }: Call): string | undefined => {
  const value = plainOf(args[0]?.(focus, environment)[0]);
  return typeof value === 'string' ? value : undefined;
};

/** A function of one text; empty for an empty collection. */
const onText =
  (test: (text: string, argument: string) => boolean): ((call: Call) => Items) =>
  (call) => {
    const value = single(call.items);
    const argument = textArg(call);
    return typeof value === 'string' && argument !== undefined ? asItems(test(value, argument)) : EMPTY;
  };

function single(items: Items): unknown {
  if (items.length > 1) throw new Undecidable();
  return plainOf(items[0]);
}

export function distinct(items: Items, environment: Evaluation): Items {
  const kept: unknown[] = [];
  const primitives = new Set<unknown>();
  for (const item of items) {
    const value = plainOf(item);
    if (typeof value === 'string' && numberOf(value) === undefined) {
      if (primitives.has(value)) continue;
      primitives.add(value);
    } else {
      spend(environment, kept.length);
      if (kept.some((other) => equal(item, other))) continue;
    }
    kept.push(item);
  }
  return kept;
}

const bool = (test: (items: Items, environment: Evaluation) => boolean) => (call: Call) =>
  asItems(test(call.items, call.environment));

export const functions: Readonly<Record<string, (call: Call) => Items>> = {
  empty: bool((items) => items.length === 0),
  exists: ({ items, args, environment }) => asItems(items.some((item) => holds(args, item, environment))),
  all: ({ items, args, environment }) => asItems(items.every((item) => holds(args, item, environment))),
  where: ({ items, args, environment }) => items.filter((item) => holds(args, item, environment)),
  select: ({ items, args, environment }) => items.flatMap((item) => args[0]?.([item], environment) ?? EMPTY),
  not: ({ items }) => {
    const value = truth(items);
    return asItems(value === undefined ? undefined : !value);
  },
  count: ({ items }) => [items.length],
  first: ({ items }) => items.slice(0, 1),
  last: ({ items }) => items.slice(-1),
  tail: ({ items }) => items.slice(1),
  distinct: ({ items, environment }) => distinct(items, environment),
  isDistinct: bool((items, environment) => distinct(items, environment).length === items.length),
  allTrue: bool((items) => items.every((item) => plainOf(item) === true)),
  allFalse: bool((items) => items.every((item) => plainOf(item) === false)),
  anyTrue: bool((items) => items.some((item) => plainOf(item) === true)),
  hasValue: bool((items) => items.length === 1 && isPrimitiveValue(plainOf(items[0]))),
  trace: ({ items }) => items,
  /** txt-1 and txt-2 are checked where the narrative is. */
  htmlChecks: () => TRUE,
  children: ({ items, environment }) => counted(childrenOf(items), environment),
  descendants: ({ items, environment }) => counted(descendantsOf(items), environment),
  repeat: ({ items, args, environment }) => {
    const found: unknown[] = [];
    for (let next = items; next.length > 0; ) {
      next = next.flatMap((item) => args[0]?.([item], environment) ?? EMPTY);
      spend(environment, next.length);
      for (const item of next) found.push(item);
    }
    return found;
  },
  combine: ({ items, args, focus, environment }) => [...items, ...(args[0]?.(focus, environment) ?? EMPTY)],
  union: ({ items, args, focus, environment }) =>
    distinct([...items, ...(args[0]?.(focus, environment) ?? EMPTY)], environment),
  intersect: ({ items, args, focus, environment }) => {
    const others = args[0]?.(focus, environment) ?? EMPTY;
    spend(environment, items.length * others.length);
    return distinct(
      items.filter((item) => others.some((other) => equal(item, other))),
      environment,
    );
  },
  iif: ({ items, args, environment }) => {
    const [condition, yes, no] = args;
    return (
      (condition && truth(condition(items, environment)) === true ? yes : no)?.(items, environment) ?? EMPTY
    );
  },
  startsWith: onText((text, start) => text.startsWith(start)),
  endsWith: onText((text, end) => text.endsWith(end)),
  contains: onText((text, part) => text.includes(part)),
  matches: onText((text, form) => compileRegex(form).test(text)),
  substring: ({ items, args, focus, environment }) => {
    const value = single(items);
    const [start, length] = args.map((arg) => numberOf(plainOf(arg(focus, environment)[0])));
    if (typeof value !== 'string' || start === undefined || start >= value.length) return EMPTY;
    return [value.slice(start, length === undefined ? undefined : start + length)];
  },
  toString: ({ items }: Call) => {
    const value = single(items);
    const number = numberOf(value);
    if (number !== undefined) return [typeof value === 'string' ? value.slice(2) : String(number)];
    return typeof value === 'string' || typeof value === 'boolean' ? [String(value)] : EMPTY;
  },
  replaceMatches: ({ items, args, focus, environment }) => {
    const value = single(items);
    const [form, substitute] = args.map((arg) => plainOf(arg(focus, environment)[0]));
    if (typeof value !== 'string' || typeof form !== 'string' || typeof substitute !== 'string') return EMPTY;
    return [value.replace(compileRegex(form, 'gs'), substitute)];
  },
  length: ({ items }) => {
    const value = single(items);
    return typeof value === 'string' ? [[...value].length] : EMPTY;
  },
  toInteger: ({ items }) => {
    const value = single(items);
    if (typeof value === 'number' && Number.isInteger(value)) return [value];
    return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? [Number(value)] : EMPTY;
  },
  extension: (call) => {
    const url = textArg(call);
    return childrenNamed(call.items, 'extension').filter((item) => isObject(item) && item.url === url);
  },
  resolve: ({ items, environment }) =>
    items.flatMap((item) => {
      const literal = isObject(item) ? item.reference : plainOf(item);
      const found = typeof literal === 'string' ? environment.resolve(literal) : undefined;
      return found === undefined ? [] : [found];
    }),
};

function counted(items: Items, environment: Evaluation): Items {
  spend(environment, items.length);
  return items;
}

const isPrimitiveValue = (value: unknown): boolean =>
  value !== undefined && value !== null && typeof value !== 'object' && !(value instanceof Extended);
