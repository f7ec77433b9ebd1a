import { type FieldValue, repeat } from '../../../standards/hl7v2/index.ts';
import type { WriteContext, Writer } from './context.ts';

type Compute<Item> = (item: Item, context: WriteContext) => FieldValue;

/** A field that says where it comes from, for people and for `describeProfile`. */
export interface Sourced<Item> {
  /** The FHIR element: `Patient.birthDate`. */
  readonly from: string;
  readonly write: Compute<Item>;
  /** Without it the message can't be written. */
  readonly needed?: boolean;
}

export type FieldRule<Item> = string | number | Compute<Item> | Sourced<Item>;

/** Fields by the standard's number. */
export type Fields<Item> = Readonly<Record<number, FieldRule<Item>>>;

/** A field from one element: its path for people, how to get it, its datatype. */
export const from = <Item, T>(
  path: string,
  get: (item: Item, context: WriteContext) => T | undefined,
  writer: Writer<T>,
): Sourced<Item> => ({
  from: path,
  write: (item, context) => {
    const value = get(item, context);
    return value === undefined ? undefined : writer(value, context);
  },
});

/** A field with a repetition for each value of a list; those that say nothing are left out. */
export const fromEach = <Item, T>(
  path: string,
  get: (item: Item, context: WriteContext) => readonly T[] | undefined,
  writer: Writer<T>,
): Sourced<Item> => ({
  from: path,
  write: (item, context) => {
    const values = (get(item, context) ?? []).map((value) => writer(value, context));
    const kept = values.filter((value) => value !== undefined && value !== '');
    return kept.length === 0 ? undefined : repeat(...kept);
  },
});

/** Without it the message is refused, naming the place. */
export const needed = <Item>(field: Sourced<Item>): Sourced<Item> => ({ ...field, needed: true });
