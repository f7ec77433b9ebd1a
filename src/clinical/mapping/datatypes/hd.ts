import type { Repetition } from '../../../standards/hl7v2/index.ts';
import { authorityOf, authoritySystem } from '../../identity/index.ts';
import type { MapContext } from '../context.ts';

/** HD as a component: the assigning authority's `system`; what the configuration declares when it is empty. */
export function systemOfHd(value: Repetition, component: number, context: MapContext): string | undefined {
  const parts = { namespace: value.component(component, 1), universalId: value.component(component, 2) };
  const authority = authorityOf(parts, context.authorities);
  return authority === '' ? undefined : authoritySystem(authority);
}
