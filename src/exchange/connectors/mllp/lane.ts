import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, Timer } from '../../../foundation/clock/index.ts';
import type { Logger } from '../../../foundation/logging/index.ts';
import { MllpDecoder, type MllpEvent } from '../../../standards/hl7v2/index.ts';
import type { DeliveryResult } from '../../queue/index.ts';
import { connectCode, errorName } from '../shared/net-errors.ts';
import { destinationFails, type Failure, outcomeUnknown } from '../shared/results.ts';
import { toClientOptions } from '../shared/tls.ts';
import type { MllpDestinationOptions } from './options.ts';
import { type Expectation, judge } from './verdict.ts';

export interface LaneDeps {
  readonly options: MllpDestinationOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A connection came to stand, or could not. */
  readonly onConnection: (failure: Failure | undefined) => void;
}

interface Attempt {
  readonly frame: Uint8Array;
  readonly expectation: Expectation;
  readonly settle: (result: DeliveryResult) => void;
}

/** Some receivers end a block with a line end of their own. More than that is no stray byte. */
const strayBytes = 2;

/**
 * One lock-step connection: one message outstanding, and its answer or nothing. Whatever makes the pairing of answer and
 * message doubtful (time limit, foreign MSA-2, garbage, an answer nobody waits for) closes the socket, so that a late answer can
 * never be credited to the next message. One timer, re-armed lazily; it is not made anew for each message.
 */
export class Lane {
  readonly #deps: LaneDeps;
  #socket: Socket | undefined;
  #connected = false;
  #decoder: MllpDecoder;
  #attempt: Attempt | undefined;
  #signal: AbortSignal | undefined;
  #timer: Timer | undefined;
  #timerDueMs = 0;
  #deadlineMs = 0;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
    this.#decoder = this.#newDecoder();
  }

  get isBusy(): boolean {
    return this.#attempt !== undefined;
  }

  get isOpen(): boolean {
    return this.#connected;
  }

  /** Opens the connection ahead of the first message. */
  warm(): void {
    if (!this.#socket) this.#connect();
  }

  /** Sends one framed message and settles on its answer. Never rejects. */
  send(frame: Uint8Array, expectation: Expectation, signal: AbortSignal): Promise<DeliveryResult> {
    return new Promise((settle) => {
      this.#attempt = { frame, expectation, settle };
      if (signal.aborted)
        return this.#settle(destinationFails('CONNECT_LOST', 'stopped before anything was sent'));
      this.#listenTo(signal);
      if (this.#connected) this.#write();
      else if (!this.#socket) this.#connect();
    });
  }

  close(): void {
    this.#abandon('stopped');
    this.#listenTo(undefined);
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #newDecoder(): MllpDecoder {
    return new MllpDecoder({
      maxFrameBytes: this.#deps.options.maxAnswerBytes,
      maxNoiseBytes: strayBytes + 1,
    });
  }

  #connect(): void {
    const { host, port, tls, connectTimeoutMs } = this.#deps.options;
    let socket: Socket;
    try {
      socket = tls ? connectTls({ host, port, ...toClientOptions(tls, host) }) : connectTcp({ host, port });
    } catch (error) {
      this.#connectionFailed(destinationFails('CONNECT_TLS', errorName(error)));
      return;
    }
    this.#socket = socket;
    this.#decoder = this.#newDecoder();
    this.#expectWithin(connectTimeoutMs);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.once(tls ? 'secureConnect' : 'connect', () => this.#opened(socket));
    socket.on('data', (chunk: Uint8Array) => this.#read(socket, chunk));
    socket.on('end', () => this.#lost(socket, undefined));
    socket.on('error', (error) => this.#lost(socket, error));
    socket.on('close', () => this.#lost(socket, undefined));
  }

  #opened(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#connected = true;
    this.#deps.onConnection(undefined);
    if (this.#attempt) this.#write();
  }

  #write(): void {
    const attempt = this.#attempt;
    const socket = this.#socket;
    if (!attempt || !socket) return;
    this.#expectWithin(this.#deps.options.answerTimeoutMs);
    if (attempt.expectation.awaits !== 'nothing') {
      socket.write(attempt.frame);
      return;
    }
    socket.write(attempt.frame, (error) => {
      if (!error && attempt === this.#attempt)
        this.#settle({ outcome: 'delivered', acknowledgment: 'none asked' });
    });
  }

  #read(socket: Socket, chunk: Uint8Array): void {
    if (socket !== this.#socket) return;
    for (const event of this.#decoder.push(chunk)) {
      this.#received(event);
      if (socket !== this.#socket) return;
    }
  }

  #received(event: MllpEvent): void {
    if (event.kind === 'noise' && event.bytes <= strayBytes) return;
    const attempt = this.#attempt;
    if (!attempt || !this.#connected) {
      this.#drop('MLLP answer that nobody waits for');
      return;
    }
    if (event.kind !== 'frame') {
      this.#settle(outcomeUnknown('ANSWER_MALFORMED', `${event.kind} instead of an acknowledgment`));
      this.#drop('MLLP answer is not framed');
      return;
    }
    const verdict = judge(event.body, attempt.expectation);
    if (verdict.kind === 'wait') {
      this.#expectWithin(this.#deps.options.answerTimeoutMs);
      return;
    }
    this.#settle(verdict.result);
    if (verdict.kind === 'doubtful') this.#drop('MLLP answer does not fit the message');
  }

  #settle(result: DeliveryResult): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    attempt?.settle(result);
  }

  /** The connection ended, at whichever side. */
  #lost(socket: Socket, error: Error | undefined): void {
    if (socket !== this.#socket) return;
    const wasConnected = this.#connected;
    this.#forget();
    const detail = error ? errorName(error) : 'closed by the peer';
    if (!wasConnected) {
      this.#connectionFailed(destinationFails(connectCode(error), detail));
      return;
    }
    this.#settle(outcomeUnknown('CONNECT_LOST', detail));
  }

  #connectionFailed(failure: Failure): void {
    this.#deps.onConnection(failure);
    this.#settle(failure);
  }

  #drop(why: string): void {
    this.#deps.logger.warn({ code: 'ANSWER_FOREIGN' }, `${why}: connection closed`);
    this.#forget();
  }

  /** Lets go of the socket; nothing that still arrives on it can reach an attempt. */
  #forget(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#connected = false;
    socket?.destroy();
  }

  /** Ends the attempt from our side. It is ambiguous as soon as a byte may have left. */
  #abandon(why: string): void {
    const sent = this.#connected;
    this.#forget();
    if (!this.#attempt) return;
    this.#settle(sent ? outcomeUnknown('CONNECT_LOST', why) : destinationFails('CONNECT_LOST', why));
  }

  #expectWithin(ms: number): void {
    this.#deadlineMs = this.#deps.clock.monotonicMs() + ms;
    if (this.#timer && this.#timerDueMs <= this.#deadlineMs) return;
    this.#arm(ms);
  }

  #arm(ms: number): void {
    this.#timer?.cancel();
    this.#timerDueMs = this.#deadlineMs;
    this.#timer = this.#deps.clock.after(ms, () => this.#timeIsUp());
  }

  #timeIsUp(): void {
    this.#timer = undefined;
    const connecting = this.#socket !== undefined && !this.#connected;
    if (!this.#attempt && !connecting) return;
    const leftMs = this.#deadlineMs - this.#deps.clock.monotonicMs();
    if (leftMs > 0) {
      this.#arm(Math.ceil(leftMs));
      return;
    }
    const { connectTimeoutMs, answerTimeoutMs } = this.#deps.options;
    this.#forget();
    if (connecting)
      this.#connectionFailed(
        destinationFails('CONNECT_TIMEOUT', `no connection within ${connectTimeoutMs} ms`),
      );
    else this.#settle(outcomeUnknown('ANSWER_TIMEOUT', `no answer within ${answerTimeoutMs} ms`));
  }

  /** One listener on a signal that many deliveries share. */
  #listenTo(signal: AbortSignal | undefined): void {
    if (signal === this.#signal) return;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#abandon('stopped before the answer');
}
