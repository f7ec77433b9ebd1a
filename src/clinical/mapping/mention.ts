import type { Identifier, Reference } from '@medplum/fhirtypes';
import { authorityScope, type Elements, type RecordWrite, resourceId } from '../record/index.ts';
import type { MapContext } from './context.ts';
import type { Datatype } from './convert.ts';

/** Resources that fields name in passing: who ordered, where, for which organization. */
type MentionedType =
  | 'Practitioner'
  | 'PractitionerRole'
  | 'Organization'
  | 'Location'
  | 'Device'
  | 'HealthcareService'
  | 'EpisodeOfCare';

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
  const id = idOf(type, scope, key);
  const known = mentions.writes.get(`${type}/${id}`);
  mentions.writes.set(`${type}/${id}`, {
    type,
    id,
    key,
    origin: originOf(context),
    set: known ? completed(known.set, set) : set,
    copy: true,
  });
  return { reference: `${type}/${id}`, display };
}

/** What was said first stays; numbers add up, because one authority may be called by several names. */
function completed(before: Elements, now: Elements): Elements {
  const known = listIn(before.identifier);
  const isNew = ({ system, value }: Identifier) =>
    !known.some((one) => one.system === system && one.value === value);
  const further = listIn(now.identifier).filter(isNew);
  return {
    ...now,
    ...before,
    ...(further.length > 0 ? { identifier: [...known, ...further] } : {}),
  };
}

const listIn = (value: unknown): Identifier[] => (Array.isArray(value) ? value : []);

/** Ids found so far: the same wards, authorities and doctors are named in message after message. */
const ids = new Map<string, string>();
const MAX_IDS = 10_000;

function idOf(type: MentionedType, scope: string, key: string): string {
  const cached = `${type} ${scope.length} ${scope} ${key}`;
  const known = ids.get(cached);
  if (known !== undefined) return known;
  const id = resourceId(type, scope, key);
  if (ids.size >= MAX_IDS) ids.clear();
  ids.set(cached, id);
  return id;
}

/** A datatype that names resources, read once for each value of a message and patient: every result names the same laboratory. */
export const once =
  <T extends Reference>(datatype: Datatype<T>): Datatype<T> =>
  (value, context) => {
    const { seen, about } = context.mentions;
    const byValue = seen.get(datatype) ?? new Map<string, Reference | undefined>();
    seen.set(datatype, byValue);
    const { bytes } = value;
    // Who has no number is known within one patient only.
    const text = `${about}\n${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')}`;
    if (byValue.has(text)) return byValue.get(text) as T | undefined;
    const reference = datatype(value, context);
    byValue.set(text, reference);
    return reference;
  };

function originOf({ system, eventTime, options: { messageId } }: MapContext): RecordWrite['origin'] {
  return { system, eventTime, ...(messageId === undefined ? {} : { messageId }) };
}
