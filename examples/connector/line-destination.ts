import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import {
  type ConnectorContext,
  type Delivery,
  type Destination,
  type DestinationKind,
  destinationFails,
  entryRefused,
  outcomeUnknown,
  reflect,
  StatusBoard,
} from '../../src/exchange/connectors/index.ts';

type Result = Awaited<ReturnType<Destination['deliver']>>;

const options = z.strictObject({
  port: z.int().min(1).max(65_535),
  timeoutMs: z.int().min(1).default(10_000),
});
type LineDestinationOptions = z.infer<typeof options>;

class LineDestination implements Destination {
  /** 1. How many deliveries the queue may run at once. In strict order it runs one, whatever stands here. */
  readonly lanes = 4;
  readonly #options: LineDestinationOptions;
  readonly #context: ConnectorContext;
  readonly #board: StatusBoard;
  #isStarted = false;

  constructor(given: LineDestinationOptions, context: ConnectorContext) {
    this.#options = given;
    this.#context = context;
    this.#board = new StatusBoard(context, `line://127.0.0.1:${given.port}`, () =>
      this.#board.state === 'up' ? 1 : 0,
    );
  }

  /** 2. A receiver that is down is no reason to fail here: the queue waits for it, and `deliver` says so. */
  async start(): Promise<void> {
    this.#isStarted = true;
    this.#board.set('starting');
  }

  /** 3. Never throws. When and how often to repeat is the queue's business; here it is said what is known. */
  async deliver(delivery: Delivery, signal: AbortSignal): Promise<Result> {
    if (!this.#isStarted) return destinationFails('CONNECT_REFUSED', 'the destination is stopped');
    if (signal.aborted) return destinationFails('CONNECT_LOST', 'stopped before anything was sent');
    if (delivery.content.includes(10)) return entryRefused('INVALID_REQUEST', 'a message is one line');
    return reflect(this.#board, await this.#exchange(delivery, signal));
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    this.#board.set('stopped');
  }

  status() {
    return this.#board.current();
  }

  #exchange(delivery: Delivery, signal: AbortSignal): Promise<Result> {
    return new Promise((resolve) => {
      let isSent = false;
      let answer = '';
      const socket: Socket = connect({ port: this.#options.port, host: '127.0.0.1' });
      const settle = (result: Result) => {
        timer.cancel();
        signal.removeEventListener('abort', giveUp);
        // 4. Whatever was decided, this connection is over: a late answer must never meet the next message.
        socket.destroy();
        resolve(result);
      };
      // 5. Before the first byte: nothing happened (transient). After it, without an answer: nobody knows (ambiguous).
      const broken = () =>
        (isSent ? outcomeUnknown : destinationFails)(
          isSent ? 'CONNECT_LOST' : 'CONNECT_REFUSED',
          'connection ended',
        );
      const giveUp = () => settle(broken());
      const timer = this.#context.clock.after(this.#options.timeoutMs, () =>
        settle(
          isSent
            ? outcomeUnknown('ANSWER_TIMEOUT', 'no answer')
            : destinationFails('CONNECT_TIMEOUT', 'no connection'),
        ),
      );
      signal.addEventListener('abort', giveUp, { once: true });
      socket.on('connect', () => {
        isSent = true;
        // 6. The key goes along, so that the receiver can tell a repeat from a new message.
        socket.write(
          Buffer.concat([Buffer.from(`${delivery.idempotencyKey} `), delivery.content, Buffer.from('\n')]),
        );
      });
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
        if (answer.includes('\n') || answer.length > 1_000) settle(verdict(answer.trimEnd()));
      });
      socket.on('error', () => settle(broken()));
      socket.on('close', () => settle(broken()));
    });
  }
}

/** 7. Delivered only on the one answer that says so. What is not understood is ambiguous, never a success. */
function verdict(answer: string): Result {
  if (/^OK( |$)/.test(answer)) return { outcome: 'delivered', acknowledgment: 'OK' };
  if (/^NO( |$)/.test(answer)) return entryRefused('ANSWER_REJECT', 'NO', { acknowledgment: 'NO' });
  if (/^AGAIN( |$)/.test(answer))
    return destinationFails('ANSWER_ERROR', 'AGAIN', { acknowledgment: 'AGAIN' });
  return outcomeUnknown('ANSWER_MALFORMED', 'neither OK, NO nor AGAIN');
}

export const lineDestination: DestinationKind<LineDestinationOptions> = {
  kind: 'line',
  options,
  create: (given, context) => new LineDestination(given, context),
};
