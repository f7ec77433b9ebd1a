import type { Field, Repetition } from '../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from './context.ts';
import type { Convert } from './segment-map.ts';

/** A datatype: one repetition of a field to one FHIR value; undefined when it holds nothing of use. */
export type Datatype<T> = (value: Repetition, context: MapContext) => T | undefined;

/** The first repetition. */
export const first =
  <T>(datatype: Datatype<T>): Convert =>
  (field, context) =>
    firstOf(field, datatype, context);

/** Every repetition, as a list that replaces the list. One that can't be read is a finding, and the others are taken. */
export const each =
  <T>(datatype: Datatype<T>): Convert =>
  (field, context, { place }) => {
    const values = allOf(field, datatype, { context, place });
    return values.length > 0 ? values : undefined;
  };

export function firstOf<T>(field: Field, datatype: Datatype<T>, context: MapContext): T | undefined {
  const [value] = field.repetitions;
  return value && datatype(value, context);
}

export function allOf<T>(
  field: Field,
  datatype: Datatype<T>,
  where: { context: MapContext; place: string },
): T[] {
  return field.repetitions.flatMap((repetition) => {
    const value = attempt(where.context, where.place, () => datatype(repetition, where.context));
    return value === undefined ? [] : [value];
  });
}

/** The same value wrapped: `choice('DateTime', first(dateTime))` for a slot `effective[x]`. */
export const choice =
  (type: string, convert: Convert): Convert =>
  (field, context, at) => {
    const value = convert(field, context, at);
    return value === undefined ? undefined : { [type]: value };
  };

/** The value in a list of one. */
export const listOf =
  (convert: Convert): Convert =>
  (field, context, at) => {
    const value = convert(field, context, at);
    return value === undefined ? undefined : [value];
  };

/** An object without the members that are undefined; undefined when nothing is left. */
export function present<T extends object>(parts: { [K in keyof T]?: T[K] | undefined }): T | undefined {
  let kept: Record<string, unknown> | undefined;
  for (const name in parts) {
    if (parts[name] === undefined) continue;
    kept ??= {};
    kept[name] = parts[name];
  }
  return kept as T | undefined;
}

/** An empty text is no value. */
export const orNothing = (text: string): string | undefined => (text === '' ? undefined : text);
