import type { SearchValue } from '../types.ts';
import { isElements, textOf } from './shapes.ts';
import { identifierToken } from './token.ts';

const NONE: readonly SearchValue[] = [];
const RELATIVE = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const VERSION = /\/_history\/[A-Za-z0-9\-.]{1,64}$/;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const ENDS_IN_TYPE = /\/([A-Z][A-Za-z]{1,63})\/[A-Za-z0-9\-.]{1,64}$/;
const TYPES = 'http://hl7.org/fhir/StructureDefinition/';

type Target = { readonly local: string } | { readonly url: string };

/**
 * What a literal reference leads to, without its version: `Type/id`, or an address elsewhere (absolute, urn). Undefined for a contained
 * resource (`#x`) and for what is no reference (R4 references.html#literal).
 */
export function targetOf(reference: string): Target | undefined {
  const match = RELATIVE.exec(reference);
  if (match) return { local: `${match[1]}/${match[2]}` };
  return ABSOLUTE.test(reference) ? { url: reference.replace(VERSION, '') } : undefined;
}

/** Reference: where it leads, and the identifier beside or instead of it. */
export function reference(value: unknown): readonly SearchValue[] {
  if (!isElements(value)) return NONE;
  const text = textOf(value.reference);
  const target = text === undefined ? undefined : targetOf(text);
  const identifier = identifierToken(value.identifier);
  if (!target && !identifier) return NONE;
  return [{ kind: 'reference', ...target, ...(identifier ? { identifier } : {}) }];
}

/** canonical and uri: with its version (`|1.0`) and without. */
export function canonical(value: unknown): readonly SearchValue[] {
  const text = textOf(value);
  if (text === undefined) return NONE;
  const target = targetOf(text);
  if (!target || 'local' in target) return target ? [{ kind: 'reference', ...target }] : NONE;
  return withoutVersion(text).map((url) => ({ kind: 'reference', url }));
}

export const uri = (value: unknown): readonly SearchValue[] => {
  const text = textOf(value);
  return text === undefined ? NONE : [{ kind: 'uri', value: text }];
};

/** A canonical under a parameter of type uri (`_profile`): with its version and without. */
export const canonicalUri = (value: unknown): readonly SearchValue[] => {
  const text = textOf(value);
  return text === undefined ? NONE : withoutVersion(text).map((one) => ({ kind: 'uri', value: one }));
};

function withoutVersion(text: string): string[] {
  const at = text.indexOf('|');
  return at > 0 ? [text, text.slice(0, at)] : [text];
}

/** A resource that stands in the element itself, as in a Bundle, when it is of one of the types. */
export function resourceOf(types: readonly string[]): (value: unknown) => readonly SearchValue[] {
  return (value) => {
    if (!isElements(value)) return NONE;
    const [type, id] = [textOf(value.resourceType), textOf(value.id)];
    if (type === undefined || id === undefined || !types.includes(type)) return NONE;
    const target = targetOf(`${type}/${id}`);
    return target ? [{ kind: 'reference', ...target }] : NONE;
  };
}

/**
 * `resolve() is Patient`, told without looking: from the type in the reference, or else from Reference.type. A reference that does not say
 * is of no type.
 */
export function refersTo(type: string): (value: unknown) => boolean {
  return (value) => {
    if (!isElements(value)) return false;
    const text = textOf(value.reference);
    const said = text === undefined ? undefined : typeIn(text);
    return (said ?? textOf(value.type)?.replace(TYPES, '')) === type;
  };
}

const typeIn = (text: string): string | undefined =>
  RELATIVE.exec(text)?.[1] ?? ENDS_IN_TYPE.exec(text.replace(VERSION, ''))?.[1];
