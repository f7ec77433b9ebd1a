import type { ElementRule } from '../../fhir/index.ts';
import { isObject } from '../json.ts';

/** One value of an element in a resource. */
export interface Occurrence {
  /** Undefined for a primitive that has nothing but extensions. */
  readonly value: unknown;
  /** Id and extensions of a primitive. */
  readonly sibling: unknown;
  /** The type, where a choice's name tells it. */
  readonly type: string | undefined;
  readonly place: string;
  readonly index: number | undefined;
}

const NONE: readonly Occurrence[] = [];

/** What holds the children of an occurrence: the object, or the id and extensions of a primitive. */
export const ownerOf = ({ value, sibling }: Pick<Occurrence, 'value' | 'sibling'>): unknown =>
  isObject(value) ? value : sibling;

/** The JSON names of an element, with the type that each of them tells. `types` are those of R4, not the narrower ones of a profile. */
export interface ElementNames {
  readonly names: readonly {
    readonly name: string;
    readonly type: string | undefined;
    readonly place: string;
  }[];
}

export function namesOf(rule: ElementRule, base: ElementRule | undefined): ElementNames {
  if (!rule.choice) {
    const chosen = base?.choice
      ? base.types.find(({ code }) => rule.name === `${base.name}${capital(code)}`)
      : undefined;
    const place = chosen && base ? `${base.name}.ofType(${chosen.code})` : rule.name;
    return { names: [{ name: rule.name, type: chosen?.code, place }] };
  }
  return {
    names: (base ?? rule).types.map(({ code }) => ({
      name: `${rule.name}${capital(code)}`,
      type: code,
      place: `${rule.name}.ofType(${code})`,
    })),
  };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** The values that `owner` has of the element. */
export function occurrencesIn(owner: unknown, { names }: ElementNames): readonly Occurrence[] {
  if (!isObject(owner)) return NONE;
  for (const { name, type, place } of names) {
    const value = owner[name];
    const sibling = owner[`_${name}`];
    if (value === undefined && sibling === undefined) continue;
    if (!Array.isArray(value) && !Array.isArray(sibling))
      return [{ value, sibling, type, place, index: undefined }];
    const values = Array.isArray(value) ? value : [];
    const siblings = Array.isArray(sibling) ? sibling : [];
    return Array.from({ length: Math.max(values.length, siblings.length) }, (_, index) => ({
      value: values[index] ?? undefined,
      sibling: siblings[index] ?? undefined,
      type,
      place,
      index,
    }));
  }
  return NONE;
}
