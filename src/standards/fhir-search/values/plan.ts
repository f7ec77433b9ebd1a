import type { EncodedParameter } from '../definitions/encoding.ts';
import { rowsOf } from '../definitions/rows.ts';
import type { SearchParameterType } from '../types.ts';
import { type Reader, readerOf } from './readers.ts';
import { refersTo } from './reference.ts';
import { isElements } from './shapes.ts';

/** Values of one element for the parameters that read it alike. */
interface Leaf {
  readonly read: Reader;
  readonly params: string[];
}

/** Pairs of one element: the components are read below it. */
interface Pairs {
  readonly param: string;
  readonly components: readonly PlanNode[];
}

/** The paths of a type's parameters as one tree, so that every element is visited once. */
export interface PlanNode {
  readonly children: PlanChild[];
  readonly leaves: Leaf[];
  readonly pairs: Pairs[];
}

interface PlanChild {
  /** The step as it is written, which tells children apart. */
  readonly step: string;
  readonly name: string;
  readonly accepts?: (value: unknown) => boolean;
  readonly index?: number;
  readonly node: PlanNode;
}

/** A parameter that says whether one of these elements of the resource is there and not false. */
interface Presence {
  readonly param: string;
  readonly names: readonly string[];
}

interface Plan {
  readonly root: PlanNode;
  readonly presences: readonly Presence[];
}

const plans = new Map<string, Plan>();

/** How values are read from resources of the type; made once. */
export function planOf(type: string): Plan {
  const known = plans.get(type);
  if (known) return known;
  const plan = compile(rowsOf(type));
  plans.set(type, plan);
  return plan;
}

function compile(rows: ReadonlyMap<string, EncodedParameter>): Plan {
  const root = emptyNode();
  const presences: Presence[] = [];
  const leaves = new Map<string, Leaf>();
  for (const [param, row] of rows) {
    for (const alternative of row.a ?? []) {
      const { path, type } = readAlternative(alternative);
      if (type === 'present-not-false') presences.push({ param, names: path.split(',') });
      else addLeaf(descend(root, path), { param, row, alternative, known: leaves });
    }
    for (const { b, k } of row.n ?? []) {
      const components = k.map((alternatives, at) =>
        componentPlan(rows.get(row.c?.[at] ?? ''), alternatives),
      );
      descend(root, b).pairs.push({ param, components });
    }
  }
  return { root, presences };
}

interface LeafOf {
  readonly param: string;
  readonly row: EncodedParameter;
  readonly alternative: string;
  readonly known: Map<string, Leaf>;
}

/** Parameters that read the same element in the same way share the leaf, so that the element is read once. */
function addLeaf(node: PlanNode, { param, row, alternative, known }: LeafOf): void {
  const { type, systems } = readAlternative(alternative);
  const key = `${row.t} ${alternative} ${type === 'Resource' ? param : ''}`;
  const leaf = known.get(key);
  if (leaf) {
    leaf.params.push(param);
    return;
  }
  const read = readerOf(row.t as SearchParameterType, type, { systems, targets: row.g ?? [] });
  const made: Leaf = { read, params: [param] };
  known.set(key, made);
  node.leaves.push(made);
}

function componentPlan(row: EncodedParameter | undefined, alternatives: readonly string[]): PlanNode {
  const root = emptyNode();
  if (!row) throw new TypeError('search definitions: a component is no parameter of its type');
  const known = new Map<string, Leaf>();
  for (const alternative of alternatives)
    addLeaf(descend(root, readAlternative(alternative).path), { param: '', row, alternative, known });
  return root;
}

const emptyNode = (): PlanNode => ({ children: [], leaves: [], pairs: [] });

/** `path:type|system|system` (definitions/encoding.ts). */
function readAlternative(text: string): { path: string; type: string; systems: string[] } {
  const [place = '', ...systems] = text.split('|');
  const colon = place.lastIndexOf(':');
  return { path: place.slice(0, colon), type: place.slice(colon + 1), systems };
}

/** Between steps; the dots in a filter are its value's. */
const BETWEEN_STEPS = /\.(?![^[]*\])/;

function descend(from: PlanNode, path: string): PlanNode {
  let node = from;
  for (const step of path.split(BETWEEN_STEPS)) {
    let child = node.children.find((one) => one.step === step);
    if (!child) {
      child = childOf(step);
      node.children.push(child);
    }
    node = child.node;
  }
  return node;
}

const STEP = /^(\w+)(?:\[(\d+)\]|\[(\w+)=([^\]]+)\]|<(\w+)>)?$/;

function childOf(step: string): PlanChild {
  const match = STEP.exec(step);
  if (!match) throw new TypeError('search definitions: a step is not of a known form');
  const [, name = '', index, element, value, type] = match;
  const child = { step, name, node: emptyNode() };
  if (index !== undefined) return { ...child, index: Number(index) };
  if (element !== undefined)
    return { ...child, accepts: (found) => isElements(found) && found[element] === value };
  return type === undefined ? child : { ...child, accepts: refersTo(type) };
}
