import { bindingOf, fixedOf, typesOf } from './element-parts.ts';
import { child, flag, listOf, type Node, textOf } from './node.ts';
import type { ElementRule, ExtensionContext, Invariant, Slicing, Structure } from './types.ts';

const BEST_PRACTICE = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice';

/**
 * The compact form of a StructureDefinition (R4 structuredefinition.html), read from its snapshot. Whatever is not as R4 describes it is left out rather than
 * guessed; undefined when it is no StructureDefinition with a url, a type and a snapshot.
 */
export function structureFromDefinition(definition: unknown): Structure | undefined {
  const url = textOf(definition, 'url');
  const type = textOf(definition, 'type');
  const elements = listOf(child(definition, 'snapshot'), 'element');
  if (textOf(definition, 'resourceType') !== 'StructureDefinition' || !url || !type || elements.length === 0)
    return undefined;
  const version = textOf(definition, 'version');
  const base = textOf(definition, 'baseDefinition');
  const contexts = contextsOf(definition);
  return {
    url,
    ...(version ? { version } : {}),
    type,
    kind: kindOf(textOf(definition, 'kind')),
    abstract: flag(definition, 'abstract'),
    ...(base ? { base } : {}),
    derivation: textOf(definition, 'derivation') === 'constraint' ? 'constraint' : 'specialization',
    ...(contexts.length > 0 ? { contexts } : {}),
    elements: elements.map((element) => elementRule(element, url)),
  };
}

function kindOf(kind: string | undefined): Structure['kind'] {
  return kind === 'resource' || kind === 'primitive-type' || kind === 'logical' ? kind : 'complex-type';
}

function contextsOf(definition: unknown): ExtensionContext[] {
  return listOf(definition, 'context').flatMap((context) => {
    const type = textOf(context, 'type');
    const expression = textOf(context, 'expression');
    if (!expression || (type !== 'fhirpath' && type !== 'element' && type !== 'extension')) return [];
    return [{ type, expression }];
  });
}

function elementRule(element: Node, url: string): ElementRule {
  const path = textOf(element, 'path') ?? '';
  const last = path.slice(path.lastIndexOf('.') + 1);
  const choice = last.endsWith('[x]');
  const max = textOf(element, 'max');
  const { types, regex } = typesOf(element, path);
  return {
    id: textOf(element, 'id') ?? path,
    path,
    name: choice ? last.slice(0, -'[x]'.length) : last,
    choice,
    min: countOf(element, 'min') ?? 0,
    max: max === '*' || max === undefined ? Number.POSITIVE_INFINITY : Number(max),
    array: path.includes('.') && (textOf(child(element, 'base'), 'max') ?? max ?? '1') !== '1',
    types,
    invariants: listOf(element, 'constraint').map((constraint) => invariantOf(constraint, url)),
    summary: flag(element, 'isSummary'),
    modifier: flag(element, 'isModifier'),
    mustSupport: flag(element, 'mustSupport'),
    ...optionalParts(element),
    ...(regex ? { regex } : {}),
  };
}

function optionalParts(element: Node): Partial<ElementRule> {
  const contentReference = textOf(element, 'contentReference')?.replace(/^[^#]*#/, '');
  const sliceName = textOf(element, 'sliceName');
  const maxLength = countOf(element, 'maxLength');
  const binding = bindingOf(element);
  const slicing = slicingOf(child(element, 'slicing'));
  const fixed = fixedOf(element, 'fixed');
  const pattern = fixedOf(element, 'pattern');
  const minValue = fixedOf(element, 'minValue');
  const maxValue = fixedOf(element, 'maxValue');
  return {
    ...(contentReference ? { contentReference } : {}),
    ...(binding ? { binding } : {}),
    ...(fixed ? { fixed } : {}),
    ...(pattern ? { pattern } : {}),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(minValue ? { minValue } : {}),
    ...(maxValue ? { maxValue } : {}),
    ...(slicing ? { slicing } : {}),
    ...(sliceName ? { sliceName } : {}),
  };
}

function countOf(element: Node, name: string): number | undefined {
  const value = element[name];
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function invariantOf(constraint: Node, url: string): Invariant {
  const expression = textOf(constraint, 'expression');
  const source = textOf(constraint, 'source');
  return {
    key: textOf(constraint, 'key') ?? '',
    severity: textOf(constraint, 'severity') === 'warning' ? 'warning' : 'error',
    ...(expression ? { expression } : {}),
    ...(isBestPractice(constraint) ? { bestPractice: true } : {}),
    ...(source && source !== url ? { source } : {}),
  };
}

const isBestPractice = (constraint: Node): boolean =>
  listOf(constraint, 'extension').some(
    (extension) => textOf(extension, 'url') === BEST_PRACTICE && flag(extension, 'valueBoolean'),
  );

const DISCRIMINATORS = ['value', 'exists', 'pattern', 'type', 'profile'] as const;

function slicingOf(slicing: Node | undefined): Slicing | undefined {
  if (!slicing) return undefined;
  const rules = textOf(slicing, 'rules');
  return {
    discriminators: listOf(slicing, 'discriminator').flatMap((discriminator) => {
      const type = DISCRIMINATORS.find((known) => known === textOf(discriminator, 'type'));
      const path = textOf(discriminator, 'path');
      return type && path ? [{ type, path }] : [];
    }),
    ordered: flag(slicing, 'ordered'),
    rules: rules === 'closed' || rules === 'openAtEnd' ? rules : 'open',
  };
}
