import { type ElementRule, type Structure, structure } from '../../../standards/fhir/index.ts';

/** What stands at a slot (clinical/record slot.ts) of a resource. */
export interface SlotElement {
  /** Types that a value may have there; for a backbone element its path. */
  readonly types: readonly string[];
  /** A list in JSON. */
  readonly array: boolean;
  /** `value[x]`: the value's type is said with it. */
  readonly choice: boolean;
  /** Extensions carry this URL. */
  readonly url?: string;
}

const SLOT =
  /^_?([A-Za-z][A-Za-z0-9]*)(?:(\[x\])|\.([A-Za-z][A-Za-z0-9]*)|@[A-Z][A-Z0-9]{2}-\d{1,2}|\[([A-Za-z.]+)=([^\]]+)\])?$/;

/** Undefined when the resource has no such element, or the slot is none. */
export function elementAt(resource: string, slot: string): SlotElement | undefined {
  const [, name = '', choice, child, key, value] = SLOT.exec(slot) ?? [];
  const described = structure(resource);
  const element = described && childOf(described, resource, name);
  if (!element || slot.startsWith('_')) return undefined;
  if (child !== undefined) return element.array ? undefined : below(described, element, child);
  if (element.choice !== (choice !== undefined)) return undefined;
  const isList = key !== undefined || slot.includes('@');
  if (isList && !element.array) return undefined;
  const found = shapeOf(element);
  return name === 'extension' && key === 'url' && value !== undefined ? { ...found, url: value } : found;
}

function below(resource: Structure, parent: ElementRule, name: string): SlotElement | undefined {
  const nested = childOf(resource, parent.path, name);
  const [type] = parent.types;
  const datatype = nested || !type ? undefined : structure(type.code);
  const element = nested ?? (datatype && type && childOf(datatype, type.code, name));
  return element && !element.choice ? shapeOf(element) : undefined;
}

const childOf = (within: Structure, parent: string, name: string): ElementRule | undefined =>
  within.elements.find(
    ({ path, name: own }) => own === name && path.replace(/\[x\]$/, '') === `${parent}.${name}`,
  );

const shapeOf = ({ types, array, choice, path }: ElementRule): SlotElement => ({
  types: types.map(({ code }) => (code === 'BackboneElement' ? path : code)),
  array,
  choice,
});
