import type { ElementRule, ElementType, Invariant, Structure } from '../../fhir/index.ts';
import { structure } from '../../fhir/index.ts';
import { type Format, formatOf } from '../formats.ts';
import { type CompiledInvariant, compileInvariant } from '../invariants/invariants.ts';
import { lazily } from '../lazily.ts';
import { type CodeCheck, requiredCodes } from './codes.ts';
import type { Host } from './run.ts';

/** What the JSON object of a type, or of a backbone element, must look like. Compiled once from the snapshot. */
export interface TypeRules {
  /** `Observation`, `Observation.component`, `HumanName`. */
  readonly name: string;
  readonly kind: Structure['kind'];
  /** By JSON name: a choice has one property for each of its types. */
  readonly properties: ReadonlyMap<string, Property>;
  readonly required: readonly RequiredElement[];
  readonly invariants: () => readonly CompiledInvariant[];
}

interface RequiredElement {
  readonly element: string;
  /** The JSON names that fulfil it, with those of primitives' extensions. */
  readonly names: readonly string[];
}

export interface Property {
  /** Name in JSON: `valueQuantity`. */
  readonly name: string;
  /** Name of the element: `value`. */
  readonly element: string;
  /** Name in a FHIRPath place: `value.ofType(Quantity)`. */
  readonly place: string;
  readonly choice: boolean;
  readonly array: boolean;
  readonly max: number;
  readonly type: string;
  readonly host: Host;
  /** There for primitive types, and for them only. */
  readonly format?: Format;
  readonly maxLength?: number;
  /** A URI that means nothing unless it is absolute. */
  readonly absolute: boolean;
  /** Holds a resource of a type that the resource itself names. */
  readonly resource: boolean;
  /** Types that a reference may point to; undefined for any. */
  readonly targets?: ReadonlySet<string>;
  /** What the required binding admits; undefined where there is none, or an open one. */
  readonly codes: () => CodeCheck | undefined;
  /** Rules for its content; undefined for primitives and resources. */
  readonly rules: () => TypeRules | undefined;
  readonly invariants: () => readonly CompiledInvariant[];
}

const compiled = new Map<string, TypeRules | undefined>();

/** The rules of a resource type or complex datatype of R4; undefined when R4 has no such type. */
export function rulesOf(type: string): TypeRules | undefined {
  if (!compiled.has(type)) {
    const found = structure(type);
    compiled.set(type, found && compileStructure(found));
  }
  return compiled.get(type);
}

/** Checked by the walk itself, faster and with a better place than their expressions could. */
const NATIVE = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1', 'txt-1', 'txt-2']);

const expressible = (invariants: readonly Invariant[]): Invariant[] =>
  invariants
    .filter(
      ({ key, severity, bestPractice, expression }) =>
        severity === 'error' && !bestPractice && expression !== undefined && !NATIVE.has(key),
    )
    .map((invariant) => ({ ...invariant, ...CORRECTED[invariant.key] }));

/** Expressions of 4.0.1 that say something else than the sentence they stand for, as later versions put them right. */
const CORRECTED: Readonly<Record<string, { expression: string }>> = {
  'que-12': { expression: 'enableWhen.count() > 1 implies enableBehavior.exists()' },
};

function compileStructure(found: Structure): TypeRules | undefined {
  const [root] = found.elements;
  if (!root) return undefined;
  const children = new Map<string, ElementRule[]>();
  for (const rule of found.elements.slice(1)) {
    const parent = rule.path.slice(0, rule.path.lastIndexOf('.'));
    children.set(parent, [...(children.get(parent) ?? []), rule]);
  }
  const groups = new Map<string, TypeRules>();
  const group = (path: string): TypeRules | undefined => groups.get(path);
  const own = (path: string): readonly Invariant[] =>
    expressible(found.elements.find((rule) => rule.path === path)?.invariants ?? []);
  for (const [path, rules] of children) {
    const properties = rules.flatMap((rule) => propertiesOf(rule, children.has(rule.path), group));
    groups.set(path, {
      name: path,
      kind: path === root.path ? found.kind : 'complex-type',
      properties: new Map(properties.map((property) => [property.name, property])),
      required: rules.filter(({ min }) => min > 0).map((rule) => requiredElement(rule, properties)),
      invariants: lazily(() => own(path).map((invariant) => compileInvariant(invariant, path))),
    });
  }
  return group(root.path);
}

function requiredElement({ name }: ElementRule, properties: readonly Property[]): RequiredElement {
  const names = properties
    .filter(({ element }) => element === name)
    .flatMap((property) => (property.format ? [property.name, `_${property.name}`] : [property.name]));
  return { element: name, names };
}

function propertiesOf(
  rule: ElementRule,
  backbone: boolean,
  group: (path: string) => TypeRules | undefined,
): Property[] {
  const shared = rule.contentReference ?? (backbone ? rule.path : undefined);
  const types = rule.types.length > 0 ? rule.types : [{ code: 'BackboneElement' }];
  return types.map((type) => ({
    ...namesOf(rule, type.code),
    array: rule.array,
    max: rule.max,
    type: type.code,
    host: { type: shared ?? type.code, path: rule.path.replace('[x]', '') },
    ...(isPrimitive(type.code) ? { format: formatOf(type.code) } : {}),
    ...(rule.maxLength === undefined ? {} : { maxLength: rule.maxLength }),
    absolute: isAbsolute(rule.path, type.code),
    resource: type.code === 'Resource' || type.code === 'DomainResource',
    ...targetsOf(type),
    codes: lazily(() =>
      rule.binding?.strength === 'required' ? requiredCodes(rule.binding.valueSet) : undefined,
    ),
    rules: lazily(() => (shared ? group(shared) : isPrimitive(type.code) ? undefined : rulesOf(type.code))),
    invariants: lazily(() =>
      shared
        ? []
        : [...expressible(rule.invariants), ...profileInvariants(type)].map((invariant) =>
            compileInvariant(invariant, rule.path),
          ),
    ),
  }));
}

/** R4 datatypes.html#Coding and #Identifier, canonicalresource.html#url. */
const isAbsolute = (path: string, type: string): boolean =>
  type === 'uri' &&
  (/^(?:Coding|Identifier|ValueSet\.compose\.include)\.system$/.test(path) || CANONICAL.test(path));

/** The url of a resource that others refer to by it; not of those where `url` is any address. */
const CANONICAL = /^(?!Subscription|NamingSystem|Extension)[A-Z][A-Za-z]+\.url$/;

const isPrimitive = (type: string): boolean => /^[a-z]/.test(type);

function namesOf(
  { name, choice }: ElementRule,
  type: string,
): Pick<Property, 'name' | 'element' | 'place' | 'choice'> {
  if (!choice) return { name, element: name, place: name, choice };
  const suffix = `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
  return { name: `${name}${suffix}`, element: name, place: `${name}.ofType(${type})`, choice };
}

/** A datatype narrowed by R4 itself: SimpleQuantity has no comparator, MoneyQuantity a currency. */
const profileInvariants = ({ code, profiles }: ElementType): readonly Invariant[] =>
  (profiles ?? []).flatMap((url) => {
    const narrowed = structure(lastSegment(url));
    return narrowed?.type === code ? expressible(narrowed.elements[0]?.invariants ?? []) : [];
  });

function targetsOf({ code, targetProfiles }: ElementType): { targets?: ReadonlySet<string> } {
  if (code !== 'Reference' || !targetProfiles) return {};
  const names = targetProfiles.map(lastSegment);
  return names.includes('Resource') ? {} : { targets: new Set(names) };
}

const lastSegment = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
