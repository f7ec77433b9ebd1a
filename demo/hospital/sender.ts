import { type Clock, pause } from '../../src/foundation/clock/index.ts';
import { type Acknowledgment, parseAcknowledgment } from '../../src/standards/hl7v2/index.ts';
import { backoffMs, type Report } from '../process/index.ts';
import { type Address, connectLockStep, type LockStep } from './connection.ts';

export interface OutgoingMessage {
  readonly body: Uint8Array;
  /** `ADT^A04` */
  readonly type: string;
  /** MSH-10 */
  readonly controlId: string;
}

export type SendOutcome =
  | { readonly outcome: 'accepted'; readonly attempts: number; readonly ackMs: number }
  /** It would be rejected each time. */
  | { readonly outcome: 'rejected'; readonly attempts: number }
  /** Told to stop before it was acknowledged: it is sent again, as it is, at the next start. */
  | { readonly outcome: 'stopped' };

interface SenderOptions {
  readonly engine: Address;
  readonly clock: Clock;
  readonly report: Report;
  readonly ackLimitMs: number;
  /** The longest pause between two tries. */
  readonly mostRetryMs: number;
}

const firstRetryMs = 250;
/** How long a message in flight may still wait for its acknowledgment when told to stop. */
const stopGraceMs = 4_000;

type Attempt = 'accepted' | 'rejected' | { readonly again: string };

/**
 * Sends messages one after the other and does not leave one before it is acknowledged: the same bytes, the same MSH-10, over
 * a new connection after silence, a lost connection or an answer that belongs to another message; over the same one after
 * AE. Patient after patient waits behind it, as in a hospital: better late than out of order.
 */
export class Sender {
  readonly #options: SenderOptions;
  #connection: LockStep | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  async send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    const { clock, report, mostRetryMs } = this.#options;
    for (let attempts = 1; !signal.aborted; attempts += 1) {
      const startedMs = clock.monotonicMs();
      const attempt = await this.#attempt(message, signal);
      const ackMs = Math.round((clock.monotonicMs() - startedMs) * 100) / 100;
      if (attempt === 'accepted') return { outcome: 'accepted', attempts, ackMs };
      if (attempt === 'rejected') return { outcome: 'rejected', attempts };
      const retryInMs = backoffMs(attempts, { firstMs: firstRetryMs, mostMs: mostRetryMs });
      report('waiting', { controlId: message.controlId, reason: attempt.again, attempts, retryInMs });
      await pause(clock, retryInMs, signal);
    }
    return { outcome: 'stopped' };
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #attempt(message: OutgoingMessage, signal: AbortSignal): Promise<Attempt> {
    try {
      const connection = await this.#connected();
      const grace = closeAfterStop(connection, this.#options.clock, signal);
      try {
        const answer = await connection.exchange(message.body, this.#options.ackLimitMs);
        return this.#judge(answer, message);
      } finally {
        grace.end();
      }
    } catch (thrown) {
      this.close();
      return { again: reasonOf(thrown) };
    }
  }

  async #connected(): Promise<LockStep> {
    if (this.#connection?.isOpen()) return this.#connection;
    const { engine, clock, report } = this.#options;
    this.#connection = await connectLockStep(engine, clock);
    report('connected', { engine: `${engine.host}:${engine.port}` });
    return this.#connection;
  }

  #judge(answer: Uint8Array, message: OutgoingMessage): Attempt {
    const acknowledgment = parseAcknowledgment(answer);
    if (acknowledgment.messageControlId !== message.controlId) {
      this.close();
      return { again: 'the answer belongs to another message' };
    }
    if (acknowledgment.isPositive) return 'accepted';
    return isFinal(acknowledgment) ? 'rejected' : { again: `answered ${acknowledgment.code}` };
  }
}

/** Table 0357: type, event, processing id or version not taken, or the control id used for another message. */
const finalErrors = new Set(['200', '201', '202', '203', '205']);

/** Would the same message get the same answer each time? A reject that says why, and says something else, may pass. */
function isFinal({ code, errors }: Acknowledgment): boolean {
  if (errors.some((error) => finalErrors.has(error.code))) return true;
  return (code === 'AR' || code === 'CR') && errors.length === 0;
}

/** After the signal, an exchange in flight has a little time left; then the connection is closed under it. */
function closeAfterStop(connection: LockStep, clock: Clock, signal: AbortSignal): { end(): void } {
  let timer: { cancel(): void } | undefined;
  const stop = (): void => {
    timer = clock.after(stopGraceMs, () => connection.close());
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return {
    end() {
      timer?.cancel();
      signal.removeEventListener('abort', stop);
    },
  };
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'failed';
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.message;
}
