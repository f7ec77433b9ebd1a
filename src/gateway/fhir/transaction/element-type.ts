import { type ElementRule, type Structure, structure } from '../../../standards/fhir/index.ts';

interface Spot {
  readonly within: Structure;
  readonly path: string;
  readonly type: string;
}

/**
 * The FHIR type of an element of a resource, by its path in the JSON: `uri` of `['url']` in a ValueSet. Undefined when the path leads where
 * no element is.
 */
export function elementTypeOf(
  resource: Readonly<Record<string, unknown>>,
  path: readonly (string | number)[],
): string | undefined {
  let spot = startOf(resource);
  let value: unknown = resource;
  for (const step of path) {
    value = (value as Record<string | number, unknown> | undefined)?.[step];
    if (typeof step === 'number') continue;
    spot = spot && next(spot, step, value);
  }
  return spot?.type;
}

function startOf(value: unknown): Spot | undefined {
  const type = (value as { resourceType?: unknown } | undefined)?.resourceType;
  const within = typeof type === 'string' ? structure(type) : undefined;
  return within && { within, path: within.type, type: within.type };
}

function next(spot: Spot, step: string, value: unknown): Spot | undefined {
  const rule = ruleAt(spot, step);
  if (!rule) return undefined;
  if (rule.contentReference !== undefined)
    return { within: spot.within, path: rule.contentReference, type: 'BackboneElement' };
  const type = rule.choice ? step.slice(rule.name.length) : rule.types[0]?.code;
  if (type === undefined) return undefined;
  if (type === 'Resource' || type === 'DomainResource')
    return startOf(Array.isArray(value) ? value[0] : value);
  if (type === 'BackboneElement' || type === 'Element') return { within: spot.within, path: rule.path, type };
  const within = structure(type) ?? structure(lowerFirst(type));
  return within && { within, path: within.type, type: within.type };
}

const ruleAt = ({ within, path }: Spot, step: string): ElementRule | undefined =>
  within.elements.find(
    (rule) =>
      rule.path === `${path}.${step}` ||
      (rule.choice &&
        rule.path === `${path}.${rule.name}[x]` &&
        step.length > rule.name.length &&
        step.startsWith(rule.name) &&
        rule.types.some(({ code }) => upperFirst(code) === step.slice(rule.name.length))),
  );

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
