import type { SearchValue, TokenValue } from '../types.ts';
import { type Elements, isElements, listOf, textOf } from './shapes.ts';

const NONE: readonly SearchValue[] = [];

type Token = Extract<SearchValue, { kind: 'token' }>;

function token(system: unknown, code: unknown, ...texts: unknown[]): Token | undefined {
  const value = { system: textOf(system), code: textOf(code) };
  const shown = texts.map(textOf).filter((text) => text !== undefined);
  if (value.system === undefined && value.code === undefined && shown.length === 0) return undefined;
  return {
    kind: 'token',
    ...(value.system === undefined ? {} : { system: value.system }),
    ...(value.code === undefined ? {} : { code: value.code }),
    ...(shown.length === 0 ? {} : { texts: shown }),
  };
}

const only = (value: SearchValue | undefined): readonly SearchValue[] => (value ? [value] : NONE);

export const coding = (value: unknown): readonly SearchValue[] =>
  isElements(value) ? only(token(value.system, value.code, value.display)) : NONE;

/** Every coding; the text goes with the first, or stands alone. */
export function codeableConcept(value: unknown): readonly SearchValue[] {
  if (!isElements(value)) return NONE;
  const found: SearchValue[] = [];
  for (const one of listOf(value.coding)) {
    if (!isElements(one)) continue;
    const text = found.length === 0 ? value.text : undefined;
    const made = token(one.system, one.code, one.display, text === one.display ? undefined : text);
    if (made) found.push(made);
  }
  return found.length > 0 ? found : only(token(undefined, undefined, value.text));
}

/** The value in its namespace, and once for each coding of its type (`:of-type`). */
export function identifier(value: unknown): readonly SearchValue[] {
  if (!isElements(value)) return NONE;
  const type: Elements = isElements(value.type) ? value.type : {};
  const codings = listOf(type.coding).filter(isElements);
  const plain = token(value.system, value.value, type.text, ...codings.map(({ display }) => display));
  const text = textOf(value.value);
  if (text === undefined) return only(plain);
  const found: SearchValue[] = plain ? [plain] : [];
  for (const { system, code } of codings) {
    const [typeSystem, typeCode] = [textOf(system), textOf(code)];
    if (typeCode === undefined) continue;
    found.push({
      kind: 'typed-identifier',
      ...(typeSystem === undefined ? {} : { system: typeSystem }),
      code: typeCode,
      value: text,
    });
  }
  return found;
}

/** Identifier as the value of `:identifier`. */
export function identifierToken(value: unknown): TokenValue | undefined {
  if (!isElements(value)) return undefined;
  const [system, code] = [textOf(value.system), textOf(value.value)];
  if (code === undefined) return undefined;
  return system === undefined ? { code } : { system, code };
}

export const contactPoint = (value: unknown): readonly SearchValue[] =>
  isElements(value) ? only(token(undefined, value.value)) : NONE;

/** A `code`: its system is the one that the required binding takes codes from. */
export function codeOf(systems: readonly string[]): (value: unknown) => readonly SearchValue[] {
  return (value) => {
    const code = textOf(value);
    if (code === undefined) return NONE;
    if (systems.length === 0) return [{ kind: 'token', code }];
    return systems.map((system) => ({ kind: 'token', system, code }));
  };
}

/** string, id, uri as token. */
export function plainCode(value: unknown): readonly SearchValue[] {
  const code = textOf(value);
  return code === undefined ? NONE : [{ kind: 'token', code }];
}

export const truth = (value: unknown): readonly SearchValue[] =>
  typeof value === 'boolean' ? [{ kind: 'token', code: String(value) }] : NONE;
