import { connect, type Socket } from 'node:net';
import type { Template } from './message.ts';

/** A lock-step MLLP sender: the next message goes when the one before is acknowledged. Throws at the first answer that is not AA or CA. */
export class Sender {
  readonly #socket: Socket;
  #waiting: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #answer: Buffer[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('close', () => this.#waiting?.reject(new Error('the engine closed the connection')));
  }

  static async open(port: number): Promise<Sender> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => socket.destroy());
    return new Sender(socket);
  }

  send(frame: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(frame);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    this.#answer.push(chunk);
    if (chunk.at(-1) !== 0x0d || !chunk.includes(0x1c)) return;
    const answer = this.#answer.length === 1 ? chunk : Buffer.concat(this.#answer);
    this.#answer = [];
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (answer.includes('MSA|AA|') || answer.includes('MSA|CA|')) waiting?.resolve();
    else
      waiting?.reject(
        new Error(`not acknowledged: ${answer.toString('latin1').replaceAll('\r', ' ').trim()}`),
      );
  }
}

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly messages: number;
  readonly template: Template;
  /** First control id, so that runs on one engine do not repeat ids. */
  readonly firstControl: number;
  readonly patients?: number;
  readonly firstPatient?: number;
}

/** Sends all as fast as the acknowledgments come; returns messages per second. */
export async function sendAll(load: Load): Promise<number> {
  const senders = await Promise.all(Array.from({ length: load.connections }, () => Sender.open(load.port)));
  let next = 0;
  const started = performance.now();
  await Promise.all(
    senders.map(async (sender) => {
      while (next < load.messages) {
        const n = next++;
        await sender.send(
          load.template.frame(
            load.firstControl + n,
            (load.firstPatient ?? 0) + (n % (load.patients ?? 1_000)),
          ),
        );
      }
    }),
  );
  const seconds = (performance.now() - started) / 1_000;
  for (const sender of senders) sender.close();
  return load.messages / seconds;
}
