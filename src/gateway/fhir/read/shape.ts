import { parseExact, project, stringifyExact } from '../../../standards/fhir/index.ts';
import type { Json, StoredResource } from '../../../trust/access/index.ts';
import { invalid } from '../failure.ts';
import type { Parameter } from '../interaction.ts';

/** The JSON of a resource as the caller wants to see it. What is only included is not shortened by `_elements`. */
export type Shape = (resource: StoredResource, role?: 'match' | 'include') => string;

const SUMMARIES = ['true', 'text', 'data'] as const;
type Summary = (typeof SUMMARIES)[number];

const whole: Shape = ({ json }) => json;

/** `_summary` and `_elements` (search.html#summary); `_elements` counts more. Throws INVALID_REQUEST for a value that is none. */
export function shapeOf(parameters: readonly Parameter[]): Shape {
  const elements = parameters
    .filter(([name]) => name === '_elements')
    .flatMap(([, value]) => value.split(','));
  const asked = elements.map((one) => one.trim()).filter((one) => one !== '');
  if (asked.length > 0) return withElements(asked);
  const summary = summaryOf(parameters);
  if (summary === undefined || summary === 'count') return whole;
  return ({ json }) => stringifyExact(project(parseExact(json) as Json, { summary }));
}

/** `count` asks for a total alone; `false`, for nothing, is undefined. */
function summaryOf(parameters: readonly Parameter[]): Summary | 'count' | undefined {
  const value = parameters.findLast(([name]) => name === '_summary')?.[1];
  if (value === undefined || value === 'false') return undefined;
  if (value === 'count') return value;
  const known = SUMMARIES.find((one) => one === value);
  if (!known) throw invalid('_summary', 'true, text, data, count or false');
  return known;
}

/** `status` counts for every type, `Patient.name` for that one. */
function withElements(asked: readonly string[]): Shape {
  const byType = new Map<string, readonly string[]>();
  const elementsOf = (type: string): readonly string[] => {
    const known = byType.get(type);
    if (known) return known;
    const own = asked.flatMap((one) => {
      if (!one.includes('.')) return [one];
      return one.startsWith(`${type}.`) ? [one.slice(type.length + 1)] : [];
    });
    byType.set(type, own);
    return own;
  };
  return ({ type, json }, role = 'match') => {
    const elements = role === 'match' ? elementsOf(type) : [];
    if (elements.length === 0) return json;
    return stringifyExact(project(parseExact(json) as Json, { elements }));
  };
}
