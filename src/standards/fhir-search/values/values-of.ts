import type { IndexedValue, SearchValue } from '../types.ts';
import { type PlanNode, planOf } from './plan.ts';
import { type Elements, isElements } from './shapes.ts';

/**
 * What a resource has for each search parameter of its type, as the expressions of R4's and US Core's SearchParameters find it, without `_id` and
 * `_lastUpdated`, which the record knows itself. Not in it are parameters that are asked of others instead (`combo-code`,
 * `code-value-quantity`). What is not of its element's shape is skipped; it never throws.
 */
export function valuesOf(resource: Elements): IndexedValue[] {
  const out: IndexedValue[] = [];
  const plan = planOf(typeof resource.resourceType === 'string' ? resource.resourceType : '');
  read(resource, plan.root, out);
  for (const { param, names } of plan.presences) {
    const present = names.some(
      (name) => resource[name] !== undefined && resource[name] !== null && resource[name] !== false,
    );
    out.push({ param, value: { kind: 'token', code: String(present) } });
  }
  return out;
}

function read(element: Elements, node: PlanNode, out: IndexedValue[]): void {
  for (const { name, index, accepts, node: below } of node.children) {
    const value = element[name];
    if (value === undefined || value === null) continue;
    if (!Array.isArray(value)) {
      if (!index && (!accepts || accepts(value))) visit(value, below, out);
    } else if (index !== undefined) visit(value[index], below, out);
    else for (const item of value) if (!accepts || accepts(item)) visit(item, below, out);
  }
}

function visit(value: unknown, node: PlanNode, out: IndexedValue[]): void {
  for (const { read: values, params } of node.leaves)
    for (const found of values(value)) for (const param of params) out.push({ param, value: found });
  if (!isElements(value)) return;
  if (node.children.length > 0) read(value, node, out);
  for (const { param, components } of node.pairs) {
    const parts = components.map((component) => componentValues(value, component));
    if (parts.every((part) => part.length > 0))
      out.push({ param, value: { kind: 'composite', components: parts } });
  }
}

function componentValues(element: Elements, component: PlanNode): SearchValue[] {
  const found: IndexedValue[] = [];
  read(element, component, found);
  return found.map(({ value }) => value);
}
