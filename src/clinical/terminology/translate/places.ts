import { type ElementRule, structure } from '../../../standards/fhir/index.ts';

/** Where in a type of R4 codes and units stand: a tree by the names that the elements have in JSON. */
export interface Place {
  /** `Observation.component.value[x]`. */
  readonly element: string;
  readonly holds?: 'concept' | 'quantity';
  readonly children: ReadonlyMap<string, Place>;
}

/** Datatypes in which there are codes of their own; in an Identifier or a Reference they say nothing about the patient. */
const ENTERED: ReadonlySet<string> = new Set(['Dosage', 'Timing', 'Range', 'Ratio']);
const QUANTITIES: ReadonlySet<string> = new Set([
  'Quantity',
  'SimpleQuantity',
  'Age',
  'Duration',
  'Count',
  'Distance',
]);

const trees = new Map<string, Place | undefined>();

/** The places of a resource type; undefined for what R4 does not have. Made once a type. */
export function placesOf(type: string): Place | undefined {
  if (trees.has(type)) return trees.get(type);
  const made = structure(type) && treeOf(type, type);
  trees.set(type, made);
  return made;
}

/** Branches that lead to no code are left out. A choice stands under each of its names: `valueQuantity`. */
function treeOf(type: string, element: string): Place {
  const { elements = [] } = structure(type) ?? {};
  return { element, children: childrenOf({ type, elements, path: type, element }) };
}

interface Branch {
  readonly type: string;
  readonly elements: readonly ElementRule[];
  /** Within the type's own definition. */
  readonly path: string;
  readonly element: string;
}

function childrenOf({ type, elements, path, element }: Branch): Map<string, Place> {
  const children = new Map<string, Place>();
  for (const rule of elements) {
    if (!isChild(rule.path, path)) continue;
    const suffix = rule.choice ? '[x]' : '';
    const own = `${element}.${rule.name}${suffix}`;
    for (const { code } of rule.types) {
      const place = placeOf(code, own, rule, { type, elements, path: rule.path, element: own });
      const name = rule.choice ? `${rule.name}${code.charAt(0).toUpperCase()}${code.slice(1)}` : rule.name;
      if (place) children.set(name, place);
    }
  }
  return children;
}

const isChild = (path: string, parent: string): boolean =>
  path.startsWith(`${parent}.`) && !path.slice(parent.length + 1).includes('.');

function placeOf(code: string, element: string, rule: ElementRule, within: Branch): Place | undefined {
  if (code === 'CodeableConcept')
    return rule.binding?.strength === 'required'
      ? undefined
      : { element, holds: 'concept', children: new Map() };
  if (QUANTITIES.has(code)) return { element, holds: 'quantity', children: new Map() };
  if (ENTERED.has(code)) return notEmpty(treeOf(code, element));
  if (code === 'BackboneElement' || code === 'Element')
    return notEmpty({ element, children: childrenOf(within) });
  return undefined;
}

const notEmpty = (place: Place): Place | undefined => (place.children.size > 0 ? place : undefined);
