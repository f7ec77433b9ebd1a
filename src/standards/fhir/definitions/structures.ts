import { decodeStructure, type EncodedStructure, type SharedParts } from './encoding.ts';
import encoded from './r4/structures.json' with { type: 'json' };
import type { Structure } from './types.ts';

const texts = new Map<string, string>(Object.entries(encoded.structures));
const decoded = new Map<string, Structure>();
let shared: SharedParts | undefined;

/** The concrete resource types of R4 4.0.1, in alphabetical order. */
const concrete: readonly string[] = encoded.resources.split(' ');
const known: ReadonlySet<string> = new Set(concrete);

/** The resource types that can be stored: all of R4 but Parameters, which only carries an operation's arguments (R4 parameters.html). */
export const resourceTypes: readonly string[] = concrete.filter((type) => type !== 'Parameters');

/** Whether R4 4.0.1 has a concrete resource type of this name; Parameters is one. */
export const isKnownResourceType = (type: string): boolean => known.has(type);

/**
 * The definition of an R4 4.0.1 type by its name: a resource type (also `Resource` and `DomainResource`), a datatype, a primitive type, `SimpleQuantity`
 * or `MoneyQuantity`. The same object at every call; not to be changed.
 */
export function structure(name: string): Structure | undefined {
  const present = decoded.get(name);
  if (present) return present;
  const text = texts.get(name);
  if (text === undefined) return undefined;
  shared ??= JSON.parse(encoded.shared) as SharedParts;
  const made = decodeStructure(JSON.parse(text) as EncodedStructure, shared);
  decoded.set(name, made);
  return made;
}

/** The names `structure` knows. */
export const structureNames = (): Iterable<string> => texts.keys();
