import { isNode, listOf, type Node, textOf, textsOf } from './node.ts';
import type { ElementBinding, ElementType, FixedValue } from './types.ts';

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type';
const REGEX = 'http://hl7.org/fhir/StructureDefinition/regex';
const MAX_VALUE_SET = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet';
const SYSTEM_TYPE = 'http://hl7.org/fhirpath/';
const STRENGTHS = ['required', 'extensible', 'preferred', 'example'] as const;
const AGGREGATIONS = ['contained', 'referenced', 'bundled'] as const;

/** The element's types, and for the value of a primitive type the form of its text. */
export function typesOf(element: Node, path: string): { types: ElementType[]; regex?: string } {
  const types = listOf(element, 'type');
  const regex = types.flatMap((type) => extensionText(type, REGEX))[0];
  return { types: types.map((type) => typeOf(type, element, path)), ...(regex ? { regex } : {}) };
}

function typeOf(type: Node, element: Node, path: string): ElementType {
  const profiles = textsOf(type, 'profile');
  const targetProfiles = textsOf(type, 'targetProfile');
  const aggregation = AGGREGATIONS.filter((kind) => textsOf(type, 'aggregation').includes(kind));
  return {
    code: typeCode(type, element, path),
    ...(profiles.length > 0 ? { profiles } : {}),
    ...(targetProfiles.length > 0 ? { targetProfiles } : {}),
    ...(aggregation.length > 0 ? { aggregation } : {}),
  };
}

/**
 * R4 publishes a resource's id as a `string` (structuredefinition-fhir-type), while its definition says `id` (R4 resource.html): the definition is what is meant. A
 * profile may leave the extension out.
 */
function typeCode(type: Node, element: Node, path: string): string {
  const code = textOf(type, 'code') ?? '';
  if (!code.startsWith(SYSTEM_TYPE)) return code;
  const base = textOf(isNode(element.base) ? element.base : undefined, 'path') ?? path;
  if (base === 'Resource.id') return 'id';
  if (base.endsWith('.value') && /^[a-z]/.test(base)) return code.slice(SYSTEM_TYPE.length);
  if (base === 'Extension.url') return 'uri';
  if (base === 'Element.id') return 'string';
  return extensionText(type, FHIR_TYPE)[0] ?? 'string';
}

/** The `value[x]` texts of the extensions with this url. */
function extensionText(of: Node, url: string): string[] {
  return listOf(of, 'extension')
    .filter((extension) => extension.url === url)
    .flatMap((extension) => Object.entries(extension))
    .flatMap(([name, value]) => (name.startsWith('value') && typeof value === 'string' ? [value] : []));
}

export function bindingOf(element: Node): ElementBinding | undefined {
  const { binding } = element;
  if (!isNode(binding)) return undefined;
  const strength = STRENGTHS.find((known) => known === binding.strength);
  const valueSet = textOf(binding, 'valueSet');
  const maxValueSet = extensionText(binding, MAX_VALUE_SET)[0];
  if (!strength || !valueSet) return undefined;
  return { strength, valueSet, ...(maxValueSet ? { maxValueSet } : {}) };
}

/** `fixedUri: 'x'` as `{ type: 'uri', value: 'x' }`. A type's first letter is lost in the name: primitives have small ones. */
export function fixedOf(
  element: Node,
  prefix: 'fixed' | 'pattern' | 'minValue' | 'maxValue',
): FixedValue | undefined {
  for (const [name, value] of Object.entries(element)) {
    const suffix = name.slice(prefix.length);
    if (name.startsWith(prefix) && /^[A-Z]/.test(suffix))
      return { type: isNode(value) ? suffix : `${suffix[0]?.toLowerCase()}${suffix.slice(1)}`, value };
  }
  return undefined;
}
