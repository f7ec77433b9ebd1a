import { type Elements, isElements, textOf } from './shapes.ts';

export interface FoundReference {
  /** As it stands there: `Patient/1`, `urn:uuid:…`, `#contained`, `Patient?identifier=…`. */
  readonly reference: string;
  /** Where `Reference.reference` stands in the JSON: names and positions from the resource. */
  readonly place: readonly (string | number)[];
}

/** Deeper than any resource that was read strictly. */
const MAX_DEPTH = 100;

/** Every literal reference of a resource, those of contained resources too. */
export function referencesOf(resource: Elements): FoundReference[] {
  const found: FoundReference[] = [];
  collect(resource, [], found);
  return found;
}

/** No element of R4 but Reference.reference is a text with this name. */
function collect(value: unknown, place: readonly (string | number)[], found: FoundReference[]): void {
  if (place.length > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries())
      if (typeof item === 'object') collect(item, [...place, at], found);
    return;
  }
  if (!isElements(value)) return;
  for (const [name, item] of Object.entries(value)) {
    const text = name === 'reference' ? textOf(item) : undefined;
    if (text !== undefined) found.push({ reference: text, place: [...place, name] });
    else if (typeof item === 'object') collect(item, [...place, name], found);
  }
}
