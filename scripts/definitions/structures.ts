import {
  type ElementRest,
  type EncodedElement,
  type EncodedStructure,
  FLAGS,
} from '../../src/standards/fhir/definitions/encoding.ts';
import { structureFromDefinition } from '../../src/standards/fhir/definitions/from-definition.ts';
import type { ElementRule, Structure } from '../../src/standards/fhir/definitions/types.ts';
import { corrected } from './corrections.ts';
import { type Generated, readDefinitions } from './source.ts';

/** R4's types as structures: what was published later (SubscriptionStatus is of R4B) and logical models are none of them. */
export function publishedStructures(): Structure[] {
  const published = [
    ...readDefinitions('profiles-types.json'),
    ...readDefinitions('profiles-resources.json'),
  ];
  return published
    .filter(
      ({ resourceType, fhirVersion }) => resourceType === 'StructureDefinition' && fhirVersion === '4.0.1',
    )
    .flatMap((definition) => structureFromDefinition(corrected(definition)) ?? [])
    .filter(({ kind }) => kind !== 'logical')
    .map(withoutOptionalBindings)
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

export function structures(): Generated {
  const types = new Interned();
  const invariants = new Interned();
  const all = publishedStructures();
  const resources = all.filter(({ kind, abstract }) => kind === 'resource' && !abstract);
  const encoded = all.map((structure) => [
    nameOf(structure),
    JSON.stringify(encode(structure, types, invariants)),
  ]);
  return {
    'src/standards/fhir/definitions/r4/structures.json': {
      resources: resources.map(({ type }) => type).join(' '),
      shared: JSON.stringify({ types: types.values, invariants: invariants.values }),
      structures: Object.fromEntries(encoded),
    },
  };
}

/** SimpleQuantity constrains Quantity; its name is in its url only. */
const nameOf = ({ url }: Structure): string => url.slice(url.lastIndexOf('/') + 1);

/** Nothing is decided by a preferred or an example binding, nor, without the licensed code systems, by an extensible one. */
function withoutOptionalBindings(structure: Structure): Structure {
  const elements = structure.elements.map(({ binding, ...element }) =>
    binding && (binding.strength === 'required' || binding.maxValueSet) ? { ...element, binding } : element,
  );
  return { ...structure, elements };
}

function encode({ elements, ...head }: Structure, types: Interned, invariants: Interned): EncodedStructure {
  return [head, elements.map((element) => encodeElement(element, head.type, types, invariants))];
}

function encodeElement(
  element: ElementRule,
  type: string,
  allTypes: Interned,
  allInvariants: Interned,
): EncodedElement {
  const {
    id,
    path,
    name,
    choice,
    min,
    max,
    array,
    types,
    invariants,
    summary,
    modifier,
    mustSupport,
    ...rest
  } = element;
  if (
    id !== path ||
    !`${path}.`.startsWith(`${type}.`) ||
    (choice ? `${name}[x]` : name) !== path.split('.').pop()
  )
    throw new Error(`${id} can't be told from its path`);
  const flags =
    (summary ? FLAGS.summary : 0) |
    (modifier ? FLAGS.modifier : 0) |
    (mustSupport ? FLAGS.mustSupport : 0) |
    (array ? FLAGS.array : 0);
  const tail = path.slice(type.length + 1);
  const limit = max === Number.POSITIVE_INFINITY ? -1 : max;
  const fixed = [
    tail,
    min,
    limit,
    allTypes.indexOf(types),
    allInvariants.indexOf(invariants),
    flags,
  ] as const;
  return hasMembers(rest) ? [...fixed, rest] : fixed;
}

const hasMembers = (rest: ElementRest): boolean => Object.keys(rest).length > 0;

/** Values that are written once and pointed to. */
class Interned {
  readonly values: unknown[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(value: unknown): number {
    const key = JSON.stringify(value);
    const present = this.#indexes.get(key);
    if (present !== undefined) return present;
    this.#indexes.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}
