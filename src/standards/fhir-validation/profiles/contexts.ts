import { type ExtensionContext, isKnownResourceType, structure } from '../../fhir/index.ts';
import type { Host, ResourceScope } from '../base/run.ts';
import type { Report } from '../report.ts';

/** Quantity in disguise. */
const QUANTITIES: readonly string[] = [
  'Age',
  'Count',
  'Distance',
  'Duration',
  'MoneyQuantity',
  'SimpleQuantity',
];

/**
 * Whether an extension may stand on its host (R4 defining-extensions.html#context). A context that can't be judged here, by FHIRPath or by another
 * extension, admits every place.
 */
export function admits(
  contexts: readonly ExtensionContext[],
  host: Host,
  at: { readonly scope: ResourceScope; readonly report: Report },
): boolean {
  return (
    contexts.length === 0 ||
    contexts.some(({ type, expression }) => type !== 'element' || isElement(expression, host, at))
  );
}

function isElement(
  expression: string,
  host: Host,
  { scope, report }: { readonly scope: ResourceScope; readonly report: Report },
): boolean {
  const wanted = expression.replaceAll('[x]', '');
  const [head = '', ...rest] = wanted.split('.');
  if (wanted === host.path || wanted === host.type || wanted === 'Element' || !structure(head)) return true;
  if (wanted === 'Resource' || wanted === 'DomainResource') return isKnownResourceType(host.type);
  if (wanted === 'BackboneElement') return host.type.includes('.');
  if (wanted === 'Quantity') return QUANTITIES.includes(host.type);
  if (rest.length === 0 || scope.resource.resourceType !== head) return false;
  const place = placeOf(report);
  return (
    place === wanted || ['resource', 'contained'].some((name) => place.endsWith(`.${name}.${rest.join('.')}`))
  );
}

/** The host's place, of element names only; the report stands at the extension. */
const placeOf = ({ path }: Report): string =>
  path
    .filter((part) => typeof part === 'string')
    .slice(0, -1)
    .map((part) => part.replace(/\.ofType\(\w+\)$/, ''))
    .join('.');
