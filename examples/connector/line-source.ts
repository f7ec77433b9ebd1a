import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { z } from 'zod';
import {
  type Accept,
  type Acceptance,
  type ConnectorContext,
  type Source,
  type SourceKind,
  StatusBoard,
} from '../../src/exchange/connectors/index.ts';

/** 1. The options, as a schema: `isthmus check` shows every mistake at once. Everything that waits or grows has a limit here. */
const options = z.strictObject({
  port: z.int().min(0).max(65_535),
  maxLineBytes: z.int().min(1).default(1_048_576),
  drainTimeoutMs: z.int().min(0).default(10_000),
});
type LineSourceOptions = z.infer<typeof options>;

class LineSource implements Source {
  readonly #options: LineSourceOptions;
  readonly #context: ConnectorContext;
  readonly #board: StatusBoard;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #isPaused = false;
  #inHand = new Set<Promise<void>>();

  constructor(given: LineSourceOptions, context: ConnectorContext) {
    this.#options = given;
    this.#context = context;
    this.#board = new StatusBoard(context, `line://127.0.0.1:${given.port}`, () => this.#sockets.size);
  }

  /** 2. Resolves when messages can arrive; throws when they never will (the port is taken). */
  async start(accept: Accept): Promise<void> {
    this.#board.set('starting');
    const server = createServer((socket) => this.#serve(socket, accept));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#options.port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#board.setAddress(`line://127.0.0.1:${(server.address() as AddressInfo).port}`);
    this.#board.set('up');
  }

  /** 3. Paused: not reading is enough. TCP makes the sender wait, and nothing that has not been read needs an answer. */
  pause(): void {
    this.#isPaused = true;
    for (const socket of this.#sockets) socket.pause();
    this.#board.set('paused');
  }

  resume(): void {
    this.#isPaused = false;
    for (const socket of this.#sockets) socket.resume();
    this.#board.set('up');
  }

  /** 4. Nothing new is taken; what `accept` has is answered first. Even this wait has a limit. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.pause();
    server.close();
    await this.#answered();
    for (const socket of this.#sockets) socket.destroySoon();
    this.#board.set('stopped');
  }

  status() {
    return this.#board.current();
  }

  #serve(socket: Socket, accept: Accept): void {
    this.#sockets.add(socket);
    if (this.#isPaused) socket.pause();
    socket.on('close', () => void this.#sockets.delete(socket));
    socket.on('error', () =>
      this.#context.logger.info({ peer: socket.remoteAddress }, 'line connection failed'),
    );
    let held = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      // 5. Work on bytes. A chunk may hold half a message or several.
      held = Buffer.concat([held, chunk]);
      const lines: Buffer[] = [];
      for (let end = held.indexOf(10); end >= 0; end = held.indexOf(10)) {
        lines.push(held.subarray(0, end));
        held = held.subarray(end + 1);
      }
      if (held.length > this.#options.maxLineBytes) socket.destroy();
      else if (lines.length > 0) this.#keep(this.#takeAll(socket, lines, accept));
    });
  }

  /** 6. One after the other, reading nothing meanwhile: answers leave in the order of the messages, and memory has a bound. */
  async #takeAll(socket: Socket, lines: readonly Buffer[], accept: Accept): Promise<void> {
    socket.pause();
    for (const body of lines) {
      // 7. The one thing that matters: no answer before `accept` has settled. It never throws.
      const acceptance = await accept({
        body,
        contentType: 'text/plain',
        peer: socket.remoteAddress ?? 'unknown',
      });
      socket.write(`${answerTo(acceptance)}\n`);
    }
    if (!this.#isPaused && this.#server) socket.resume();
  }

  #keep(work: Promise<void>): void {
    this.#inHand.add(work);
    void work.finally(() => this.#inHand.delete(work));
  }

  async #answered(): Promise<void> {
    const limit = new Promise<void>((resolve) => {
      const timer = this.#context.clock.after(this.#options.drainTimeoutMs, resolve);
      void Promise.all(this.#inHand).finally(() => {
        timer.cancel();
        resolve();
      });
    });
    await limit;
  }
}

/** 8. The answer names a code, never contents. `retry` decides whether the sender should send the same again. */
function answerTo(acceptance: Acceptance): string {
  if (acceptance.outcome === 'committed') return `OK ${acceptance.messageId}`;
  return `${acceptance.retry ? 'AGAIN' : 'NO'} ${acceptance.error.code}`;
}

export const lineSource: SourceKind<LineSourceOptions> = {
  kind: 'line',
  options,
  create: (given, context) => new LineSource(given, context),
};
