import { structure, structureNames } from '../../fhir/index.ts';
import { isObject, type JsonObject } from '../json.ts';
import { lazily } from '../lazily.ts';

/** A FHIRPath collection: JSON values, and primitives that have extensions. */
export type Items = readonly unknown[];

export const EMPTY: Items = [];

/** A primitive with an id or extensions; its value is undefined when it has nothing else. */
export class Extended {
  readonly value: unknown;
  readonly element: unknown;
  constructor(value: unknown, element: unknown) {
    this.value = value;
    this.element = element;
  }
}

export const plainOf = (item: unknown): unknown => (item instanceof Extended ? item.value : item);

/** `Quantity`, `DateTime`: what can follow the name of a choice in JSON. */
const typeSuffixes = lazily(
  () =>
    new Set(
      [...structureNames()]
        .filter((name) => structure(name)?.kind !== 'resource')
        .map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`),
    ),
);

/** Every element of R4 that is a choice; held against the definitions by test. */
const choiceNames: ReadonlySet<string> = new Set(
  `abatement additive age allowed amount answer asNeeded author born bounds characteristic chargeItem code collected content created date deceased defaultValue
  definingSubstance definition detail diagnosis dose doseNumber due duration effective entity event example fastingStatus fixed identified indication instances item
  legallyBinding location manufacturer maxValue medication minValue minimumVolume module multipleBirth name occurred occurrence offset onset participantEffective
  pattern performed probability procedure product quantity rate reported scheduled seriesDoses serviced source start statusReason studyEffective subject substance
  target time timing topic used value when`.split(/\s+/),
);

/** The children of this name of every item; of a choice whatever type was chosen. */
export function childrenNamed(items: Items, name: string): Items {
  const found: unknown[] = [];
  for (const item of items) {
    const owner = item instanceof Extended ? item.element : item;
    if (isObject(owner)) addChild(found, owner, name);
  }
  return found;
}

function addChild(found: unknown[], owner: JsonObject, name: string): void {
  const value = owner[name];
  const sibling = owner[`_${name}`];
  if (value !== undefined || sibling !== undefined) addValues(found, value, sibling);
  else if (choiceNames.has(name)) addChosen(found, owner, name);
}

function addChosen(found: unknown[], owner: JsonObject, name: string): void {
  for (const key of Object.keys(owner)) {
    const plain = key.startsWith('_') ? key.slice(1) : key;
    const suffix = plain.startsWith(name) ? plain.slice(name.length) : '';
    if (!typeSuffixes().has(suffix)) continue;
    addValues(found, owner[plain], owner[`_${plain}`]);
    return;
  }
}

function addValues(found: unknown[], value: unknown, sibling: unknown): void {
  if (Array.isArray(value) || Array.isArray(sibling)) {
    const values = Array.isArray(value) ? value : [];
    const siblings = Array.isArray(sibling) ? sibling : [];
    for (let index = 0; index < Math.max(values.length, siblings.length); index++)
      addValue(found, values[index], siblings[index]);
  } else addValue(found, value, sibling);
}

function addValue(found: unknown[], value: unknown, sibling: unknown): void {
  if (sibling !== undefined && sibling !== null) found.push(new Extended(value ?? undefined, sibling));
  else if (value !== undefined && value !== null) found.push(value);
}

/** Every child of every item. */
export function childrenOf(items: Items): unknown[] {
  const found: unknown[] = [];
  for (const item of items) {
    const owner = item instanceof Extended ? item.element : item;
    if (!isObject(owner)) continue;
    for (const key of Object.keys(owner)) {
      if (key === 'resourceType' || (key.startsWith('_') && owner[key.slice(1)] !== undefined)) continue;
      const name = key.startsWith('_') ? key.slice(1) : key;
      addValues(found, owner[name], owner[`_${name}`]);
    }
  }
  return found;
}

export function descendantsOf(items: Items): Items {
  const found = childrenOf(items);
  for (let next: Items = found; next.length > 0; ) {
    next = childrenOf(next);
    for (const item of next) found.push(item);
  }
  return found;
}

const isMarked = (value: unknown): value is string => typeof value === 'string' && value.charCodeAt(0) === 0;

/** The number behind a JSON number or a decimal that keeps its digits. */
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : isMarked(value) ? Number(value.slice(2)) : undefined;

const TEMPORAL = /^\d{4}(?:-\d\d(?:-\d\d(?:T.*)?)?)?$/;

export function equal(one: unknown, other: unknown): boolean {
  const [a, b] = [plainOf(one), plainOf(other)];
  if (a === b) return true;
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined || y !== undefined) return x === y;
  if (typeof a === 'string' && typeof b === 'string')
    return a.includes('T') && TEMPORAL.test(a) && TEMPORAL.test(b) && compareTemporal(a, b) === 0;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => equal(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => equal(a[name], b[name]));
}

/** Below, equal, above; undefined when the two can't be compared. */
export function compare(one: unknown, other: unknown): number | undefined {
  const [a, b] = [plainOf(one), plainOf(other)];
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (typeof a === 'string' && typeof b === 'string')
    return TEMPORAL.test(a) && TEMPORAL.test(b) ? compareTemporal(a, b) : a < b ? -1 : a > b ? 1 : 0;
  if (!isObject(a) || !isObject(b)) return undefined;
  const sameUnit = a.system === b.system && (a.code ?? a.unit) === (b.code ?? b.unit);
  return sameUnit ? compare(a.value, b.value) : undefined;
}

/**
 * Of different precision they compare by what both of them say, in the time where they were written down; when that is the same, not at all (N1
 * comparison).
 */
function compareTemporal(a: string, b: string): number | undefined {
  if (!a.includes('T') || !b.includes('T')) {
    const shared = Math.min(10, a.length, b.length);
    const [one, other] = [a.slice(0, shared), b.slice(0, shared)];
    return one < other ? -1 : one > other ? 1 : a.length === b.length ? 0 : undefined;
  }
  const [one, other] = [Date.parse(a), Date.parse(b)];
  return Number.isNaN(one) || Number.isNaN(other) ? undefined : one - other;
}
