import type { ResolvedChannel } from '../lifecycle/resolve.ts';
import { atPointer } from '../message/json.ts';
import type { Message } from '../message/message.ts';

/** Where a key function stands. */
export interface KeyScope {
  readonly channel: string;
  readonly system: string | undefined;
  /** For identifiers without an assigning authority. */
  readonly authority: string | undefined;
}

/**
 * The source patients a message is about, as ordering keys: one, or two for a merge (A40). Empty when it is about none.
 * Injected, because what a patient is belongs to the clinical side.
 */
export type KeysOf = (message: Message, scope: KeyScope) => readonly string[];

const maxKeyLength = 200;

/** A message's ordering keys: by the channel's rule, else by its sender, so that there is always one. */
export function orderingKeys(
  message: Message,
  channel: ResolvedChannel,
  context: KeyContext,
): readonly string[] {
  const { keyRule } = channel;
  const bySender = [`sender:${context.sender}`.slice(0, maxKeyLength)];
  if (keyRule === 'sender') return bySender;
  if (keyRule === 'none') return [`message:${context.correlationId}`];
  if (keyRule === 'patient') {
    const keys = context.keysOf(message, {
      channel: channel.name,
      system: channel.source.system,
      authority: channel.authority,
    });
    return keys.length > 0 ? keys : bySender;
  }
  const values = keyRule.by.map((place) => valueAt(message, place));
  return values.every((value) => value === '') ? bySender : [`by:${values.join('|')}`.slice(0, maxKeyLength)];
}

export interface KeyContext {
  readonly keysOf: KeysOf;
  readonly sender: string;
  readonly correlationId: string;
}

function valueAt(message: Message, place: string): string {
  if (!place.startsWith('/')) return message.isHl7 ? message.text(place) : '';
  if (message.isHl7) return '';
  const value = atPointer(message.json(), place);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
