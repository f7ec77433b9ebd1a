import type { ElementRule, ElementType, Invariant, Structure } from './types.ts';

/**
 * How the definitions of R4 are kept in the repository: a structure is one text, parsed when its type is first asked for, so that a
 * start pays for none. What many elements share (types, invariants) stands once, in the list that the element points into.
 */
export interface SharedParts {
  readonly types: readonly (readonly ElementType[])[];
  readonly invariants: readonly (readonly Invariant[])[];
}

export type EncodedStructure = readonly [
  head: Omit<Structure, 'elements'>,
  elements: readonly EncodedElement[],
];

/** The path is without the type's name, `max` is -1 for `*`, and `rest` holds what few elements have. */
export type EncodedElement = readonly [
  path: string,
  min: number,
  max: number,
  types: number,
  invariants: number,
  flags: number,
  rest?: ElementRest,
];

export type ElementRest = Omit<
  ElementRule,
  | 'id'
  | 'path'
  | 'name'
  | 'choice'
  | 'min'
  | 'max'
  | 'array'
  | 'types'
  | 'invariants'
  | 'summary'
  | 'modifier'
  | 'mustSupport'
>;

export const FLAGS = { summary: 1, modifier: 2, mustSupport: 4, array: 8 } as const;

export function decodeStructure([head, elements]: EncodedStructure, shared: SharedParts): Structure {
  return { ...head, elements: elements.map((element) => decodeElement(element, head.type, shared)) };
}

function decodeElement(element: EncodedElement, type: string, shared: SharedParts): ElementRule {
  const [tail, min, max, types, invariants, flags, rest] = element;
  const path = tail === '' ? type : `${type}.${tail}`;
  const choice = path.endsWith('[x]');
  const last = path.slice(path.lastIndexOf('.') + 1);
  return {
    id: path,
    path,
    name: choice ? last.slice(0, -'[x]'.length) : last,
    choice,
    min,
    max: max === -1 ? Number.POSITIVE_INFINITY : max,
    array: (flags & FLAGS.array) !== 0,
    types: shared.types[types] ?? [],
    invariants: shared.invariants[invariants] ?? [],
    summary: (flags & FLAGS.summary) !== 0,
    modifier: (flags & FLAGS.modifier) !== 0,
    mustSupport: (flags & FLAGS.mustSupport) !== 0,
    ...rest,
  };
}
