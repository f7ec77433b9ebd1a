import type { Identifier, Organization, Reference } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import { authorityOf, authoritySystem } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import { present } from '../convert.ts';
import { mention } from '../mention.ts';

const URI_SYSTEM = 'urn:ietf:rfc:3986';
const UNIVERSAL_ID_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0301';

/** HD: who gives numbers. */
export interface Hd {
  readonly namespace: string;
  readonly universalId: string;
  /** Table 0301: ISO, UUID, CLIA … */
  readonly type: string;
}

/** HD as a component, its parts as subcomponents. */
export const hdAt = (value: Repetition, component: number): Hd => ({
  namespace: value.component(component, 1),
  universalId: value.component(component, 2),
  type: value.component(component, 3),
});

/** HD (or EI from its second component on) as components of a field, the first of them at `from`. */
export const hdFrom = (value: Repetition, from: number): Hd => ({
  namespace: value.component(from),
  universalId: value.component(from + 1),
  type: value.component(from + 2),
});

/** The assigning authority's `system`; undefined when it is empty. */
export function systemOf(hd: Hd, context: MapContext): string | undefined {
  const authority = authorityOf(hd, context.authorities);
  return authority === '' ? undefined : authoritySystem(authority);
}

/**
 * HD → Organization (v2-to-FHIR guide, HD[Organization]), mentioned: the authority that gave a number, as `Identifier.assigner`. It is the
 * same one by whichever of its names it is called, where the site declares them.
 */
export function assignerOf(hd: Hd, context: MapContext): Reference<Organization> | undefined {
  const { namespace, universalId, type } = hd;
  if (namespace === '' && universalId === '') return undefined;
  const { authorities } = context.mentions;
  const key = `${namespace}&${universalId}&${type}`;
  const known = authorities.get(key) as Reference<Organization> | undefined;
  if (known) return known;
  const fresh = mention(context, {
    type: 'Organization',
    display: namespace || universalId,
    number: { authority: URI_SYSTEM, value: authorityOf(hd, context.authorities) },
    set: { identifier: identifiersOf(hd) },
  }) as Reference<Organization>;
  authorities.set(key, fresh);
  return fresh;
}

/** HD[Identifier]: the namespace, and the universal id with its type (0301). */
export function identifiersOf({ namespace, universalId, type }: Hd): Identifier[] {
  const identifiers: Identifier[] = [];
  if (namespace !== '') identifiers.push({ value: namespace });
  if (universalId !== '') {
    const prefix = URN_PREFIXES[type];
    identifiers.push({
      ...present<Identifier>({
        type: type === '' ? undefined : { coding: [{ system: UNIVERSAL_ID_TYPES, code: type }] },
        system: prefix === undefined ? undefined : URI_SYSTEM,
      }),
      value: `${prefix ?? ''}${universalId}`,
    });
  }
  return identifiers;
}

/** What makes a URI of a universal id, so that it may stand under urn:ietf:rfc:3986. */
const URN_PREFIXES: Readonly<Record<string, string>> = { ISO: 'urn:oid:', UUID: 'urn:uuid:', URI: '' };
