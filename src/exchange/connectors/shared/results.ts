import type { ErrorCode } from '../../../foundation/errors/index.ts';
import type { DeliveryResult, FailureClass } from '../../queue/index.ts';
import type { StatusBoard } from './status.ts';

export type Failure = Exclude<DeliveryResult, { outcome: 'delivered' }>;
type Extras = Partial<Pick<Failure, 'acknowledgment' | 'response' | 'retryAfterMs'>>;

const failure =
  (outcome: FailureClass, scope: Failure['scope']) =>
  (code: ErrorCode, detail: string, extras: Extras = {}): Failure => ({
    outcome,
    scope,
    code,
    detail,
    ...extras,
  });

/** Nothing gets through at present; nothing of this entry was sent, or the peer said that it did not take it. */
export const destinationFails = failure('transient', 'destination');
/** The peer did not take this entry now; it may later. The queue tries a bounded number of times. */
export const entryFails = failure('transient', 'entry');
/** Sent, or partly sent, and nobody knows what became of it. */
export const outcomeUnknown = failure('ambiguous', 'destination');
/** This entry will never be taken as it is. */
export const entryRefused = failure('permanent', 'entry');

/** What a result says of the connection as a whole: an answer about one entry shows that the peer is there. */
export function reflect(board: StatusBoard, result: DeliveryResult): DeliveryResult {
  if (board.state === 'stopped') return result;
  if (result.outcome === 'delivered' || result.scope === 'entry') board.set('up');
  else board.set('down', result.code);
  return result;
}
