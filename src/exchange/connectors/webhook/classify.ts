import type { Clock } from '../../../foundation/clock/index.ts';
import type { DeliveryResult } from '../../queue/index.ts';
import { destinationFails, entryRefused } from '../shared/results.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: Uint8Array | undefined;
}

/** What the endpoint as a whole says with these: it moved, wants other credentials, does not know the path, is gone. */
const ofTheEndpoint = new Set([401, 402, 403, 404, 405, 407, 410, 421, 426, 451, 511]);
const tryAgain = new Set([408, 425, 429]);

/** Retry-After in milliseconds, as seconds or as a date (RFC 9110 10.2.3); undefined when absent or not understood. */
function retryAfterMs(value: string | undefined, now: Date, limitMs: number): number | undefined {
  if (value === undefined) return undefined;
  const wanted = /^\d{1,10}$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - now.getTime();
  return Number.isNaN(wanted) ? undefined : Math.min(Math.max(wanted, 0), limitMs);
}

/**
 * The result that a status means (docs/design/connectors.md, rules C50-C56). Only 2xx is delivered. What is wrong with the endpoint
 * as a whole is transient and of the destination: parking every entry one by one because a token expired would help nobody.
 */
export function classify(
  answer: HttpAnswer,
  options: { clock: Clock; maxRetryAfterMs: number },
): DeliveryResult {
  const { status } = answer;
  const acknowledgment = `HTTP ${status}`;
  const response = answer.body === undefined ? {} : { response: answer.body };
  if (status >= 200 && status < 300) return { outcome: 'delivered', acknowledgment, ...response };
  const waitMs = retryAfterMs(answer.retryAfter, options.clock.now(), options.maxRetryAfterMs);
  const extras = { acknowledgment, ...response, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) };
  if (status < 200 || status >= 600) return destinationFails('ANSWER_MALFORMED', acknowledgment, extras);
  if (status < 400)
    return destinationFails('ANSWER_REJECT', `${acknowledgment}: redirects are not followed`, extras);
  if (status >= 500 || tryAgain.has(status)) return destinationFails('ANSWER_ERROR', acknowledgment, extras);
  if (ofTheEndpoint.has(status)) return destinationFails('ANSWER_REJECT', acknowledgment, extras);
  return entryRefused('ANSWER_REJECT', acknowledgment, extras);
}
