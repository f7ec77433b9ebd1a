import type { Reference } from '@medplum/fhirtypes';
import { authorityScope, type Elements, type RecordWrite, resourceId } from '../record/index.ts';
import type { MapContext } from './context.ts';

/** Resources that fields name in passing: who ordered, where, for which organization. */
export type MentionedType =
  | 'Practitioner'
  | 'PractitionerRole'
  | 'Organization'
  | 'Location'
  | 'Device'
  | 'HealthcareService';

export interface Mentioned {
  readonly type: MentionedType;
  /** Its number and who gave it; without one it is known by name within one patient. */
  readonly number?: { readonly authority: string; readonly value: string };
  /** For people, and what tells apart those without a number. Never empty. */
  readonly display: string;
  readonly set: Elements;
}

/**
 * A reference to a resource that the field only names. The resource itself is written beside the message's own as a copy (record R7): it
 * completes what is known and replaces nothing that its owner stated. By authority and number it is the same whoever mentions it; without a
 * number it is one per patient and name, so that namesakes are never taken for each other.
 */
export function mention(context: MapContext, { type, number, display, set }: Mentioned): Reference {
  const { mentions, system } = context;
  const key = number ? `number|${number.value}` : `named|${mentions.about}|${display}`;
  const scope = number ? authorityScope(number.authority || system) : system;
  const id = resourceId(type, scope, key);
  const known = mentions.writes.get(`${type}/${id}`);
  mentions.writes.set(`${type}/${id}`, {
    type,
    id,
    key,
    origin: originOf(context),
    set: { ...set, ...known?.set },
    copy: true,
  });
  return { reference: `${type}/${id}`, display };
}

function originOf({ system, eventTime, options: { messageId } }: MapContext): RecordWrite['origin'] {
  return { system, eventTime, ...(messageId === undefined ? {} : { messageId }) };
}
