import { type ErrorCode, errorRegistry, type IsthmusError } from '../../../foundation/errors/index.ts';
import {
  type AckError,
  type AckSpec,
  acknowledge,
  ackPlan,
  isAckWanted,
  type MessageHeader,
} from '../../../standards/hl7v2/index.ts';
import type { Acceptance } from '../types.ts';

type Committed = Extract<Acceptance, { outcome: 'committed' }>;
type Sender = { readonly application: string; readonly facility: string };

/** What is wrong with MSH itself, so that the sender must change its settings before it tries again: AR or CR. Everything else is AE or CE. */
const rejections: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'HL7_NO_MSH',
  'HL7_BAD_DELIMITERS',
  'HL7_UNKNOWN_CHARSET',
  'HL7_UNSUPPORTED_CHARSET',
  'HL7_UNSUPPORTED_MESSAGE',
  'HL7_UNSUPPORTED_VERSION',
  'HL7_PROCESSING_ID',
  'MLLP_TOO_LARGE',
]);

/** HL7 table 0357 (2.5.1 section 2.15.5.3); what has no code of its own there is 207, application internal error. */
const conditions: Partial<Record<ErrorCode, AckError['code']>> = {
  HL7_NO_MSH: '100',
  HL7_BAD_SEGMENT: '100',
  HL7_MISSING_FIELD: '101',
  HL7_BAD_DELIMITERS: '102',
  HL7_UNDECODABLE: '102',
  HL7_UNSUPPORTED_CHARSET: '102',
  HL7_BAD_TIMESTAMP: '102',
  HL7_BAD_NUMBER: '102',
  HL7_UNKNOWN_CHARSET: '103',
  HL7_BAD_TABLE_VALUE: '103',
  HL7_UNSUPPORTED_MESSAGE: '200',
  HL7_PROCESSING_ID: '202',
  HL7_UNSUPPORTED_VERSION: '203',
  QUEUE_CONTROL_ID_REUSED: '205',
};

/**
 * The acknowledgments of one message, in the mode its sender asked for (MSH-15, MSH-16). What a committed message gets depends on nothing
 * but the message and its acceptance, so a duplicate gets the same bytes again.
 */
export class Answers {
  readonly #sender: Sender | undefined;
  readonly #now: () => Date;
  #refusals = 0;

  constructor(options: { answerAs?: Sender | undefined; now: () => Date }) {
    this.#sender = options.answerAs;
    this.#now = options.now;
  }

  /** After the commit. A reply of the channel takes the place of the application acknowledgment. */
  committed(header: MessageHeader, acceptance: Committed): Uint8Array[] {
    const plan = ackPlan(header);
    const answers: Uint8Array[] = [];
    const positive = (code: 'AA' | 'CA') =>
      this.#acknowledge(header, {
        code,
        controlId: `${code}${acceptance.messageId}`,
        now: acceptance.receivedAt,
      });
    if (isAckWanted(plan.accept, true)) answers.push(positive('CA'));
    if (acceptance.reply && plan.application !== 'NE') answers.push(acceptance.reply);
    else if (isAckWanted(plan.application, true)) answers.push(positive('AA'));
    return answers;
  }

  /**
   * Nothing was committed. In enhanced mode the accept acknowledgment says so; the application acknowledgment only where
   * no other answer is asked for.
   */
  refused(header: MessageHeader, error: IsthmusError, retry: boolean): Uint8Array[] {
    const plan = ackPlan(header);
    const severity = !retry && rejections.has(error.code) ? 'R' : 'E';
    if (isAckWanted(plan.accept, false)) return [this.#negative(header, error, `C${severity}`)];
    if (isAckWanted(plan.application, false)) return [this.#negative(header, error, `A${severity}`)];
    return [];
  }

  #negative(header: MessageHeader, error: IsthmusError, code: AckSpec['code']): Uint8Array {
    const now = this.#now();
    this.#refusals += 1;
    const location = locationOf(error.place);
    const text =
      error.rule === undefined
        ? errorRegistry[error.code].text
        : `${errorRegistry[error.code].text} (${error.rule})`;
    const described: AckError = {
      code: conditions[error.code] ?? '207',
      applicationCode: error.code,
      text,
      ...(location === undefined ? {} : { location }),
    };
    const controlId = `R${now.getTime().toString(36)}${(this.#refusals % 46_656).toString(36).padStart(3, '0')}`;
    return this.#acknowledge(header, { code, controlId, now, text, errors: [described] });
  }

  #acknowledge(header: MessageHeader, spec: AckSpec): Uint8Array {
    return acknowledge(header, this.#sender === undefined ? spec : { ...spec, sender: this.#sender });
  }
}

/** `PID-3[2].4.2` as people write it becomes the ERL `PID^1^3^2^4^2`; an ERL stays as it is; other places have none. */
function locationOf(place: string | undefined): string | undefined {
  if (place === undefined) return undefined;
  if (/^[A-Z][A-Z0-9]{2}(\^\d+){0,5}$/.test(place)) return place;
  const parts = /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?$/.exec(place);
  if (!parts) return undefined;
  const [, segment = '', occurrence = '1', field = '', repetition, component, subcomponent] = parts;
  const erl = [segment, occurrence, field];
  if (repetition !== undefined || component !== undefined) erl.push(repetition ?? '1');
  if (component !== undefined) erl.push(component);
  if (subcomponent !== undefined) erl.push(subcomponent);
  return erl.join('^');
}
