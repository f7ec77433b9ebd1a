import { type ElementRule, type Structure, structure } from '../../fhir/index.ts';

/** An element of a profile with what hangs below it. The list of a snapshot as the tree it stands for. */
export interface Element {
  readonly rule: ElementRule;
  /** What R4 itself says about the element; the walk of the base rules has checked that already. */
  readonly base: ElementRule | undefined;
  readonly children: Element[];
  readonly slices: Element[];
}

/** The snapshot as a tree: children below their parent, slices beside the element that they slice. Needs paths in the snapshot's order, no ids. */
export function elementTree(profile: Structure): Element | undefined {
  const [first, ...others] = profile.elements;
  if (!first) return undefined;
  const root: Element = { rule: first, base: undefined, children: [], slices: [] };
  const bases = new Map<Element, BaseParent | undefined>([
    [root, parentAt(structure(profile.type), first.path)],
  ]);
  const open: Element[] = [root];
  for (const rule of others) {
    const depth = rule.path.split('.').length - 1;
    const parent = open[depth - 1];
    if (!parent) continue;
    const sliced = rule.sliceName === undefined ? undefined : slicedElement(parent, rule);
    const base = sliced ? sliced.base : baseRule(bases.get(parent), rule);
    const element: Element = { rule, base, children: [], slices: [] };
    bases.set(element, baseParent(bases.get(parent), base, rule));
    (sliced ? sliced.slices : parent.children).push(element);
    open.length = depth;
    open.push(element);
  }
  return root;
}

/** The element that `rule` is a slice of; a reslice `a/b` belongs to the slice `a`. */
function slicedElement(parent: Element, rule: ElementRule): Element | undefined {
  const whole = parent.children.findLast(
    ({ rule: other }) => other.path === rule.path || (other.choice && rule.name.startsWith(other.name)),
  );
  const slash = rule.sliceName?.lastIndexOf('/') ?? -1;
  const outer = rule.sliceName?.slice(0, Math.max(slash, 0));
  return whole?.slices.find((slice) => slice.rule.sliceName === outer) ?? whole;
}

/** Where in the definitions of R4 the children of an element are found. */
interface BaseParent {
  readonly structure: Structure;
  readonly path: string;
}

const parentAt = (found: Structure | undefined, path: string): BaseParent | undefined =>
  found && { structure: found, path };

function baseRule(parent: BaseParent | undefined, { name, path }: ElementRule): ElementRule | undefined {
  if (!parent) return undefined;
  const last = path.slice(path.lastIndexOf('.') + 1);
  const below = parent.structure.elements.filter((rule) => rule.path.startsWith(`${parent.path}.`));
  return (
    below.find((rule) => rule.path === `${parent.path}.${last}`) ??
    below.find(
      (rule) => rule.choice && name.startsWith(rule.name) && rule.path === `${parent.path}.${rule.name}[x]`,
    )
  );
}

function baseParent(
  parent: BaseParent | undefined,
  base: ElementRule | undefined,
  rule: ElementRule,
): BaseParent | undefined {
  if (!parent || !base) return undefined;
  const path = base.contentReference ?? base.path;
  if (parent.structure.elements.some((other) => other.path.startsWith(`${path}.`)))
    return { structure: parent.structure, path };
  const [type] = rule.types;
  const found = type && structure(type.code);
  return found && parentAt(found, found.type);
}
