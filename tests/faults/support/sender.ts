import { connect, type Socket } from 'node:net';
import type { History } from './history.ts';
import { Frames, frame, readAnswer, type TestMessage } from './messages.ts';

export interface SenderOptions {
  readonly history: History;
  readonly channel: string;
  /** Asked before every connection: the engine may have come back on another port. */
  readonly port: () => number;
  /** Where a message has to arrive when it is accepted now. */
  readonly destinations: () => readonly string[];
  /** How long it waits for an answer before it connects anew and repeats. */
  readonly answerMs?: number;
  readonly onAnswer?: (code: string) => void;
  /** Asked for every acknowledgment: whether the network loses it on the way, so that the sender has to repeat. */
  readonly losesAnswer?: () => boolean;
}

const reconnectMs = 20;

/**
 * A hospital's interface engine: one connection, one message outstanding, and the same message again until it is acknowledged. Whatever
 * happens to the connection, it goes on, so the order in which it offers the messages of a key is the order of their acceptance.
 */
export class LockstepSender {
  readonly #options: SenderOptions;
  #socket: Socket | undefined;
  #frames = new Frames();
  #answer: ((body: Buffer | undefined) => void) | undefined;
  #stopped = false;
  refusals = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Resolves when each was acknowledged, or when the sender was stopped. */
  async sendAll(messages: Iterable<TestMessage>): Promise<void> {
    for (const message of messages) {
      if (this.#stopped) return;
      await this.send(message);
    }
  }

  async send(message: TestMessage): Promise<void> {
    const { history, channel, destinations } = this.#options;
    history.offered({ ...message, channel, destinations: destinations() });
    while (!this.#stopped) {
      const answer = await this.#attempt(message);
      const { code, controlId } = answer ? readAnswer(answer) : { code: '', controlId: '' };
      this.#options.onAnswer?.(code);
      if (answer && (code === 'AA' || code === 'CA') && controlId === message.controlId) {
        history.acknowledged(message.uid, answer);
        if (!this.#options.losesAnswer?.()) return;
        this.#drop();
        continue;
      }
      if (answer) {
        this.refusals += 1;
        history.refused(message.uid, answer);
      }
      await this.#soon();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#drop();
  }

  async #attempt(message: TestMessage): Promise<Buffer | undefined> {
    const socket = this.#socket ?? (await this.#connect());
    if (!socket) return undefined;
    return new Promise((resolve) => {
      const limit = setTimeout(() => this.#drop(), this.#options.answerMs ?? 15_000);
      this.#answer = (body) => {
        clearTimeout(limit);
        this.#answer = undefined;
        resolve(body);
      };
      socket.write(frame(message.body));
    });
  }

  #connect(): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const socket = connect({ port: this.#options.port(), host: '127.0.0.1', noDelay: true });
      this.#frames = new Frames();
      socket.on('connect', () => {
        this.#socket = socket;
        resolve(socket);
      });
      socket.on('data', (chunk: Buffer) => {
        if (socket !== this.#socket) return;
        for (const body of this.#frames.push(chunk)) this.#answer?.(body);
      });
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        resolve(undefined);
        if (socket === this.#socket) this.#drop();
      });
    });
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    this.#answer?.(undefined);
  }

  #soon(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, reconnectMs));
  }
}
