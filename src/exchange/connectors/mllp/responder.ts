import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { Logger } from '../../../foundation/logging/index.ts';
import {
  frameCommitBlock,
  frameMllp,
  type MessageHeader,
  type MllpEvent,
  peekHeader,
  readCommitBlock,
  unreadableHeader,
} from '../../../standards/hl7v2/index.ts';
import { Answers } from '../hl7/answers.ts';
import { fromHl7, headerForAnswer, inspect } from '../hl7/inspect.ts';
import { errorName } from '../shared/net-errors.ts';
import type { Accept, Acceptance } from '../types.ts';
import type { MllpSourceOptions } from './options.ts';

/** What goes back on the connection for one frame, ready to be written; nothing when no acknowledgment was asked for. */
export interface Answer {
  readonly frames?: readonly Uint8Array[];
  readonly close?: true;
}

export type Disturbance = Exclude<MllpEvent, { kind: 'frame' }>;

export interface ResponderDeps {
  readonly options: MllpSourceOptions;
  readonly accept: Accept;
  readonly logger: Logger;
  readonly now: () => Date;
}

const nothing: Answer = {};

/** Frame in, answer out: looks at the message, has it accepted, and words the acknowledgment. Knows nothing of sockets. */
export class Responder {
  readonly #deps: ResponderDeps;
  readonly #answers: Answers;

  constructor(deps: ResponderDeps) {
    this.#deps = deps;
    this.#answers = new Answers({ answerAs: deps.options.answerAs, now: deps.now });
  }

  /** Rejects only for a defect of our own; the connection is then closed without a word. */
  respond(body: Uint8Array, peer: string): Promise<Answer> {
    try {
      return this.#respond(body, peer);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #respond(body: Uint8Array, peer: string): Promise<Answer> {
    // In release 2 the peer acknowledges our answers, too; that needs no answer.
    if (this.#deps.options.release === 2 && readCommitBlock(body)) return Promise.resolve(nothing);
    let header: MessageHeader;
    try {
      header = peekHeader(body);
    } catch (error) {
      return Promise.resolve(this.#unreadable(fromHl7(error), peer));
    }
    try {
      inspect(body, header, this.#deps.options);
    } catch (error) {
      return Promise.resolve(this.#refuse(header, fromHl7(error), { retry: false, peer }));
    }
    return this.#deps
      .accept({ body, contentType: 'application/hl7-v2', peer })
      .then((acceptance) => this.#answer(header, acceptance, peer));
  }

  /** For bytes that made no frame. Only a frame that was too large is answered: its sender waits. */
  disturbed(event: Disturbance, peer: string): Answer | undefined {
    if (event.kind === 'too-large') {
      const rule = `at most ${this.#deps.options.maxFrameBytes} bytes`;
      const error = new IsthmusError('MLLP_TOO_LARGE', { rule });
      return this.#refuse(headerForAnswer(event.head), error, { retry: false, peer });
    }
    const code = event.kind === 'torn' ? 'MLLP_TORN_FRAME' : 'MLLP_NOISE';
    this.#deps.logger.warn({ peer, code, bytes: event.bytes }, 'bytes outside MLLP frames thrown away');
    return undefined;
  }

  #answer(header: MessageHeader, acceptance: Acceptance, peer: string): Answer {
    if (acceptance.outcome === 'refused') {
      return this.#refuse(header, acceptance.error, { retry: acceptance.retry, peer });
    }
    const { reply, ...withoutReply } = acceptance;
    try {
      return this.#framed(this.#answers.committed(header, acceptance), 'ACK');
    } catch (error) {
      if (!reply) throw error;
      // The message is committed; a reply that can't be framed must not make its sender repeat it.
      this.#deps.logger.error({ peer, error: errorName(error) }, 'synchronous reply can not be framed');
      return this.#framed(this.#answers.committed(header, withoutReply), 'ACK');
    }
  }

  #unreadable(error: IsthmusError, peer: string): Answer {
    if (this.#deps.options.unparsable === 'reject')
      return this.#refuse(unreadableHeader, error, { retry: false, peer });
    this.#deps.logger.warn(
      { peer, code: error.code },
      'MLLP frame without a readable MSH: connection closed',
    );
    return { close: true };
  }

  #refuse(header: MessageHeader, error: IsthmusError, how: { retry: boolean; peer: string }): Answer {
    const { code, place, rule } = error;
    this.#deps.logger.warn({ peer: how.peer, code, place, rule, retry: how.retry }, 'MLLP message refused');
    return this.#framed(this.#answers.refused(header, error, how.retry), 'NAK');
  }

  #framed(answers: readonly Uint8Array[], block: 'ACK' | 'NAK'): Answer {
    const frames = answers.map(frameMllp);
    if (this.#deps.options.release === 2) frames.unshift(frameCommitBlock(block));
    return frames.length === 0 ? nothing : { frames };
  }
}
