import { randomUUID } from 'node:crypto';
import { type ErrorCode, type IsthmusError, toIsthmusError } from '../../../foundation/errors/index.ts';
import type { Accept, Acceptance, Received } from '../../connectors/index.ts';
import type { AcceptedMessage, MessageDraft } from '../../queue/index.ts';
import type { ResolvedChannel } from '../lifecycle/resolve.ts';
import { registered } from '../message/errors.ts';
import { Message } from '../message/message.ts';
import { describe } from './describe.ts';
import { type KeysOf, orderingKeys } from './keys.ts';

export interface AcceptTools {
  readonly keysOf: KeysOf;
  /** The channel's intake queue; resolves after the commit. */
  intake(draft: MessageDraft): Promise<AcceptedMessage>;
  /** Why nothing is taken at present, e.g. CHANNEL_PAUSED. */
  refusal(): IsthmusError | undefined;
  /** Waits for a destination's answer; set when the channel replies synchronously. Called before the message is accepted. */
  readonly reply?: (correlationId: string) => ReplyWait;
  /** Told of every message committed, e.g. to record traffic. Must not throw. */
  readonly onAccepted?: (draft: MessageDraft, accepted: AcceptedMessage) => void;
}

export interface ReplyWait {
  /** The answer, or undefined when it did not come in time. */
  answer(): Promise<Uint8Array | undefined>;
  cancel(): void;
}

/** From what a source received to a committed message. Never throws: what fails is refused, with nothing committed. */
export function createAccept(channel: ResolvedChannel, tools: AcceptTools): Accept {
  return async (received) => {
    try {
      const refusal = tools.refusal();
      if (refusal) return refused(refusal);
      return await commit(toDraft(received, channel, tools.keysOf), tools);
    } catch (thrown) {
      return refused(toIsthmusError(registered(thrown)));
    }
  };
}

async function commit(draft: MessageDraft, tools: AcceptTools): Promise<Acceptance> {
  const wait = tools.reply?.(draft.correlationId);
  let accepted: AcceptedMessage;
  try {
    accepted = await tools.intake(draft);
  } catch (thrown) {
    wait?.cancel();
    throw thrown;
  }
  tools.onAccepted?.(draft, accepted);
  const { messageId, receivedAt, duplicate } = accepted;
  const committed = { outcome: 'committed', messageId, receivedAt, duplicate } as const;
  if (!wait) return committed;
  if (duplicate) {
    wait.cancel();
    return committed;
  }
  const reply = await wait.answer();
  return reply === undefined ? committed : { ...committed, reply };
}

/** Throws what makes the message unacceptable: no usable header, a character set that is not known, a type not taken here. */
export function toDraft(received: Received, channel: ResolvedChannel, keysOf: KeysOf): MessageDraft {
  const { body, contentType } = received;
  const { type, sender, controlId } = describe(received, channel);
  const correlationId = randomUUID();
  const { defaultCharset } = channel.source;
  const parts = { content: body, contentType, type, touched: false };
  const message = new Message(defaultCharset === undefined ? parts : { ...parts, defaultCharset });
  // Lines that are no segments and character sets that nobody knows are refused before anything is committed.
  if (message.isHl7) message.segments('MSH');
  const keys = orderingKeys(message, channel, { keysOf, sender, correlationId });
  return {
    body,
    contentType,
    type,
    sender,
    keys,
    correlationId,
    reuse: channel.reuse,
    ...(controlId === undefined ? {} : { controlId }),
  };
}

/** Failures that pass by themselves: the sender should send the same again. Everything else is about the message. */
const passing: ReadonlySet<ErrorCode> = new Set([
  'DATABASE_UNAVAILABLE',
  'DATABASE_FULL',
  'QUEUE_FULL',
  'QUEUE_FENCED',
  'QUEUE_PARK_LIMIT',
  'CHANNEL_PAUSED',
  'INTERNAL',
]);

const refused = (error: IsthmusError): Acceptance => ({
  outcome: 'refused',
  error,
  retry: passing.has(error.code),
});
