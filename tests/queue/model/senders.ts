import type { MessageDraft, QueueEngine } from '../../../src/exchange/queue/index.ts';
import type { History, Logical, Offer } from './history.ts';
import type { MessageScript } from './script.ts';

/** The senders of a script: offer messages, once or again, and note the answers. */
export class Senders {
  readonly #history: History;
  readonly #open = new Set<Promise<void>>();
  #count = 0;

  constructor(history: History) {
    this.#history = history;
  }

  /** Offers all at once; nobody answers any more after the death of the process. `pinsOf` says what is configured for a channel. */
  offer(
    burst: readonly MessageScript[],
    engine: QueueEngine,
    more: { death: Promise<void>; pinsOf: (channel: Logical['channel']) => readonly string[] },
  ): void {
    for (const script of burst) {
      const message = this.#messageOf(script);
      const offer: Offer = {
        message: message.id,
        at: this.#history.tick(),
        pins: more.pinsOf(message.channel),
        answeredAt: Number.POSITIVE_INFINITY,
        result: { kind: 'unknown' },
      };
      this.#history.offers.push(offer);
      const answer = (result: Offer['result']) => {
        offer.answeredAt = this.#history.tick();
        offer.result = result;
      };
      const accepting = engine
        .intake(message.channel)
        .accept(draftOf(message))
        .then(
          (accepted) => answer({ kind: 'accepted', accepted }),
          ({ code }: { code: string }) =>
            answer({ kind: code === 'QUEUE_CONTROL_ID_REUSED' ? 'refused' : 'unknown', code }),
        );
      const done = Promise.race([accepting, more.death]).then(() => {
        this.#open.delete(done);
      });
      this.#open.add(done);
    }
  }

  /** Every sender has its answer, or its engine died. */
  async answered(): Promise<void> {
    await Promise.all(this.#open);
  }

  #messageOf(script: MessageScript): Logical {
    const { identity, channel } = script;
    const known = [...this.#history.messages.values()].filter(
      (item) => item.channel === channel && item.controlId !== undefined,
    );
    const earlier = 'of' in identity ? known[identity.of % (known.length || 1)] : undefined;
    if (identity.kind === 'again' && earlier) return earlier;
    this.#count += 1;
    const id = `m${this.#count}`;
    const isAnonymous = identity.kind === 'anonymous';
    const message: Logical = {
      id,
      channel,
      controlId: isAnonymous ? undefined : (earlier?.controlId ?? `C${this.#count}`),
      // Without a control id the same content is another message each time.
      body: isAnonymous ? 'anonymous' : `body of ${id}`,
      keys: script.keys,
      reuse: identity.kind === 'reused' ? identity.reuse : 'refuse',
      script,
    };
    this.#history.messages.set(id, message);
    return message;
  }
}

function draftOf(message: Logical): MessageDraft {
  return {
    body: Buffer.from(message.body),
    contentType: 'text/plain',
    type: 'TEST',
    sender: 'sender',
    ...(message.controlId === undefined ? {} : { controlId: message.controlId }),
    keys: message.keys,
    correlationId: message.id,
    reuse: message.reuse,
  };
}
