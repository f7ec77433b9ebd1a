import { stringifyExact } from '../../../standards/fhir/index.ts';

type Item = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const plainText = (value: unknown): string =>
  (Array.isArray(value) ? value : [value])
    .filter((one) => typeof one === 'string')
    .join(' ')
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();

const joined = (item: Item, names: readonly string[]): string =>
  names.map((name) => plainText(item[name])).join('|');

const PHONES = new Set(['phone', 'fax', 'sms', 'pager']);

/** What makes two items of these lists the same item; of other lists they are the same when they say the same. */
const keys: Readonly<Record<string, (item: Item) => string>> = {
  identifier: (item) => `${String(item.system ?? '')}|${String(item.value ?? '')}`,
  name: (item) => joined(item, ['family', 'given', 'prefix', 'suffix', 'text']),
  telecom: (item) =>
    `${plainText(item.system)}|${PHONES.has(String(item.system)) ? String(item.value ?? '').replace(/[^\d+x]/gi, '') : plainText(item.value)}`,
  address: (item) => joined(item, ['line', 'city', 'district', 'state', 'postalCode', 'country', 'text']),
};

/** Two items of a list with the same key are told once. */
export const itemKey = (list: string, item: unknown): string =>
  isObject(item) && keys[list] ? keys[list](item) : canonical(withoutId(item));

/** Without the element id, which names the field of a message that one source's item came from. */
export function withoutId(item: unknown): unknown {
  if (!isObject(item)) return item;
  const { id: _id, ...rest } = item;
  return rest;
}

/** A text that is equal for equal values, whatever the order of their elements. */
export const canonical = (value: unknown): string =>
  value === undefined ? '' : stringifyExact(sorted(value));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  );
}

export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** The element that a key of the JSON belongs to: a choice of types is one, and a primitive with its extensions. */
export function groupOf(key: string): string {
  const name = key.startsWith('_') ? key.slice(1) : key;
  if (name.startsWith('deceased')) return 'deceased[x]';
  return name.startsWith('multipleBirth') ? 'multipleBirth[x]' : name;
}

/** Elements of Patient that repeat. */
const REPEATING: ReadonlySet<string> = new Set([
  'identifier',
  'name',
  'telecom',
  'address',
  'contact',
  'communication',
  'generalPractitioner',
  'photo',
  'link',
  'contained',
  'extension',
  'modifierExtension',
]);
export const isList = (name: string): boolean => REPEATING.has(name);
