import { structureFromDefinition } from '../../src/standards/fhir/definitions/from-definition.ts';
import type { ElementRule, Structure } from '../../src/standards/fhir/definitions/types.ts';
import { type Element, elementTree } from '../../src/standards/fhir-validation/profiles/tree.ts';
import { encodeProfile } from '../../src/standards/fhir-validation/published/encoding.ts';
import { type Generated, type Published, readDefinitions } from './source.ts';

/** Profiles that belong to R4 itself: vital signs and their like, and the definitions of HL7's extensions. */
export function profiles(): Generated {
  const published = [
    ...readDefinitions('profiles-others.json'),
    ...readDefinitions('extension-definitions.json'),
  ];
  const encoded = published
    .filter(isProfileOfR4)
    .flatMap((definition) => structureFromDefinition(definition) ?? [])
    .map((structure) => [structure.url, JSON.stringify(encodeProfile(withoutRepetition(structure)))] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return { 'src/standards/fhir-validation/published/r4-profiles.json': Object.fromEntries(encoded) };
}

const isProfileOfR4 = ({ resourceType, fhirVersion, derivation, kind }: Published): boolean =>
  resourceType === 'StructureDefinition' &&
  fhirVersion === '4.0.1' &&
  derivation === 'constraint' &&
  kind !== 'logical';

/** The elements of which the profile says more than R4 does, and those on the way to them. */
function withoutRepetition(structure: Structure): Structure {
  const tree = elementTree(structure);
  const kept = new Set<ElementRule>();
  if (tree) keep(tree, kept);
  return {
    ...structure,
    elements: structure.elements
      .filter((rule, index) => index === 0 || kept.has(rule))
      .map((rule) => withoutKnownParts(rule, structure)),
  };
}

function keep(element: Element, kept: Set<ElementRule>): boolean {
  const below = [...element.children, ...element.slices].map((one) => keep(one, kept));
  const wanted = below.includes(true) || asks(element);
  if (wanted) kept.add(element.rule);
  return wanted;
}

function asks(element: Element): boolean {
  const { rule, base } = element;
  if (!base || rule.sliceName !== undefined || element.slices.length > 0 || rule.fixed || rule.pattern)
    return true;
  if (rule.min > base.min || rule.max < base.max) return true;
  if (rule.binding?.strength === 'required' && rule.binding.valueSet !== base.binding?.valueSet) return true;
  if (JSON.stringify(rule.types) !== JSON.stringify(base.types)) return true;
  return rule.maxLength !== undefined || newInvariants(rule, base.invariants).length > 0;
}

/** The invariants of R4's own elements are checked anyway, and no binding is that is not required. */
function withoutKnownParts({ binding, ...rule }: ElementRule, { type }: Structure): ElementRule {
  const invariants = newInvariants(rule, []).filter(({ source }) => !source?.endsWith(`/${type}`));
  const required = binding?.strength === 'required' || binding?.maxValueSet !== undefined;
  return { ...rule, invariants, ...(binding && required ? { binding } : {}) };
}

const newInvariants = (
  { invariants }: ElementRule,
  known: ElementRule['invariants'],
): ElementRule['invariants'] =>
  invariants.filter(
    ({ key, expression, bestPractice }) =>
      expression !== undefined &&
      !bestPractice &&
      !/^(?:ele|ext|dom)-/.test(key) &&
      !known.some((other) => other.key === key && other.expression === expression),
  );
