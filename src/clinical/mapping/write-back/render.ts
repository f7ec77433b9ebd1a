import { createHash } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { buildMessage, type Party } from '../../../standards/hl7v2/index.ts';
import type { Finding } from '../context.ts';
import { knownOf } from './context.ts';
import { type Parts, type PartText, writeParts } from './parts.ts';
import type { Profile } from './profile.ts';

/** What facts may carry: resources that others of them refer to. */
export interface Related {
  readonly related?: readonly Resource[];
}

export interface Envelope {
  /** When what is reported became known here: MSH-7 and EVN-2. The same for every repeat. */
  readonly at: Date;
  /** The clocks that times are written in. Without them each time keeps the offset it has, and MSH-7 is UTC. */
  readonly zone?: string;
  /** The receiving system, by its name in the configuration. */
  readonly system?: string;
  readonly sender: Party;
  readonly receiver: Party;
  /** Stable over every repeat of the same event; MSH-10 follows from it. */
  readonly idempotencyKey: string;
  /** MSH-11. Default P. */
  readonly processingId?: string;
}

export interface RenderedMessage {
  readonly type: string;
  readonly controlId: string;
  readonly body: Uint8Array;
  /** What the facts say and the message does not, by place and rule. Never a value. */
  readonly findings: readonly Finding[];
}

/**
 * The message that a profile makes of the facts: the same facts and key give the same bytes. Throws Hl7Error that names the place for
 * what the receiver needs and the facts do not have, and for what can't be written.
 */
export function render<Facts extends Related>(
  profile: Profile<Facts>,
  facts: Facts,
  envelope: Envelope,
): RenderedMessage {
  const { at, zone, system, sender, receiver, processingId } = envelope;
  const { header, version, charset, codes = {}, codeSystems = {}, offsets = true } = profile;
  const type = typeof profile.message === 'string' ? profile.message : profile.message(facts);
  const controlId = controlIdOf(envelope.idempotencyKey, type);
  const findings: Finding[] = [];
  const known = knownOf(facts.related ?? []);
  const context = { at, zone, system, codeSystems, offsets, known, findings };
  const body = buildMessage({
    type,
    controlId,
    dateTime: at,
    sender,
    receiver,
    ...(zone === undefined ? {} : { zone }),
    ...(processingId === undefined ? {} : { processingId }),
    ...(header ? { header } : {}),
    ...(version === undefined ? {} : { version }),
    ...(charset === undefined ? {} : { charset }),
    segments: writeParts(profile.parts, facts, { context, codes, occurrences: new Map() }),
  });
  return { type, controlId, body, findings };
}

/** A profile as the integration engineer reads it: each segment's fields and where they come from. */
export const describeProfile = <Facts>({ parts }: { readonly parts: Parts<Facts> }): readonly PartText[] =>
  Object.values(parts).flatMap((part) => part.describe());

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** MSH-10 has 20 characters up to 2.6: 100 bits of the key and the type, without letters that people mistake. */
export function controlIdOf(idempotencyKey: string, type: string): string {
  const digest = createHash('sha256').update(`${type}\n${idempotencyKey}`).digest();
  return Array.from(digest.subarray(0, 20), (byte) => ALPHABET[byte % 32]).join('');
}
