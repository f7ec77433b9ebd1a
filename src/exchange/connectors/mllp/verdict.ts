import {
  type Acknowledgment,
  ackPlan,
  Hl7Error,
  type MessageHeader,
  parseAcknowledgment,
} from '../../../standards/hl7v2/index.ts';
import type { DeliveryResult } from '../../queue/index.ts';
import { errorName } from '../shared/net-errors.ts';
import { entryFails, entryRefused, outcomeUnknown } from '../shared/results.ts';
import type { MllpDestinationOptions } from './options.ts';

/** What the answer to one message has to be. */
export interface Expectation {
  /** MSH-10 as it stands in the message; MSA-2 must be the same bytes. */
  readonly controlId: string;
  /**
   * `any`: the first positive acknowledgment settles it. `application`: CA is only the first half, AA settles it.
   * `nothing`: the message asks for no acknowledgment on success (MSH-15/16 NE and ER only), so that it is written is all that is known.
   */
  readonly awaits: 'any' | 'application' | 'nothing';
  readonly onError: MllpDestinationOptions['onError'];
}

export function expectationOf(header: MessageHeader, options: MllpDestinationOptions): Expectation {
  const plan = ackPlan(header);
  const comes = (condition: string) => condition === 'AL' || condition === 'SU';
  const base = { controlId: header.controlId, onError: options.onError };
  if (plan.mode === 'original') return { ...base, awaits: 'any' };
  if (comes(plan.application) && (options.awaitApplicationAck || !comes(plan.accept)))
    return { ...base, awaits: 'application' };
  return { ...base, awaits: comes(plan.accept) ? 'any' : 'nothing' };
}

/** `doubtful`: what the connection says next can't be trusted either, so it is closed. */
export type Verdict =
  | { readonly kind: 'settled' | 'doubtful'; readonly result: DeliveryResult }
  | { readonly kind: 'wait' };

/** Delivered only on a well-formed AA or CA whose MSA-2 is the MSH-10 that was sent (reliability I7). */
export function judge(answer: Uint8Array, expectation: Expectation): Verdict {
  let acknowledgment: Acknowledgment;
  try {
    acknowledgment = parseAcknowledgment(answer);
  } catch (error) {
    const detail = error instanceof Hl7Error ? error.message : errorName(error);
    return { kind: 'doubtful', result: outcomeUnknown('ANSWER_MALFORMED', detail) };
  }
  const { code } = acknowledgment;
  if (acknowledgment.messageControlId !== expectation.controlId) {
    return {
      kind: 'doubtful',
      result: outcomeUnknown('ANSWER_FOREIGN', 'MSA-2 is not the MSH-10 that was sent', {
        acknowledgment: code,
      }),
    };
  }
  const extras = { acknowledgment: code, response: answer };
  if (acknowledgment.isPositive) {
    if (code === 'CA' && expectation.awaits === 'application') return { kind: 'wait' };
    return { kind: 'settled', result: { outcome: 'delivered', ...extras } };
  }
  const detail = describe(acknowledgment);
  if (code === 'AR' || code === 'CR')
    return { kind: 'settled', result: entryRefused('ANSWER_REJECT', detail, extras) };
  const fails = expectation.onError === 'retry' ? entryFails : entryRefused;
  return { kind: 'settled', result: fails('ANSWER_ERROR', detail, extras) };
}

/** Code, error numbers and places. Texts of the receiver may quote the message and are left out. */
function describe({ code, errors }: Acknowledgment): string {
  const places = errors.slice(0, 5).map((error) => {
    const number = /^\d{1,5}$/.test(error.code) ? error.code : '';
    const place = /^[A-Z][A-Z0-9]{2}(\^\d{1,4}){0,5}$/.test(error.location) ? error.location : '';
    return [number, place].filter(Boolean).join(' at ');
  });
  return [code, ...places.filter(Boolean)].join(', ');
}
