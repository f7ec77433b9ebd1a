import type { IsthmusError } from '../../../foundation/errors/index.ts';
import { peekHeader } from '../../../standards/hl7v2/index.ts';
import { Answers } from '../hl7/answers.ts';
import { fromHl7, headerForAnswer, inspect } from '../hl7/inspect.ts';
import type { Acceptance, HttpOutgoing } from '../types.ts';
import type { HttpSourceOptions } from './options.ts';

/** HL7 v2 over HTTP: a message in, its acknowledgment back as the body of the response. */
export class Hl7OverHttp {
  readonly #options: HttpSourceOptions;
  readonly #answers: Answers;

  constructor(options: HttpSourceOptions, now: () => Date) {
    this.#options = options;
    this.#answers = new Answers({ answerAs: options.answerAs, now });
  }

  /** Throws what makes the message unacceptable. */
  check(body: Uint8Array): void {
    try {
      inspect(body, peekHeader(body), this.#options);
    } catch (error) {
      throw fromHl7(error);
    }
  }

  committed(body: Uint8Array, acceptance: Extract<Acceptance, { outcome: 'committed' }>): HttpOutgoing {
    return response(this.#answers.committed(headerForAnswer(body), acceptance));
  }

  refused(body: Uint8Array, refusal: { error: IsthmusError; retry: boolean }): HttpOutgoing {
    return response(this.#answers.refused(headerForAnswer(body), refusal.error, refusal.retry));
  }
}

/** One response has one body: where both were asked for, the application acknowledgment says all that the accept one does. */
function response(answers: readonly Uint8Array[]): HttpOutgoing {
  const body = answers.at(-1);
  return body === undefined
    ? { status: 204 }
    : { status: 200, headers: { 'content-type': 'application/hl7-v2' }, body };
}
