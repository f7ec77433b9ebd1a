import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** An MLLP receiver that acknowledges at once and tells when each control id came. */
export class Sink {
  received = 0;
  onMessage: (controlId: string) => void = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #waiters: { count: number; resolve: () => void }[] = [];

  constructor() {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when so many messages were received since the start. */
  count(count: number): Promise<void> {
    if (this.received >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    let rest: Buffer | undefined;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      let data = rest ? Buffer.concat([rest, chunk]) : chunk;
      for (let end = data.indexOf(0x1c); end >= 0; end = data.indexOf(0x1c)) {
        socket.write(this.#answer(data.subarray(1, end)));
        data = data.subarray(end + 2);
      }
      rest = data.length > 0 ? data : undefined;
    });
  }

  #answer(body: Buffer): string {
    const controlId = body.subarray(0, body.indexOf(0x0d)).toString('latin1').split('|')[9] ?? '';
    this.received += 1;
    this.onMessage(controlId);
    const due = this.#waiters.filter((waiter) => this.received >= waiter.count);
    if (due.length > 0) {
      this.#waiters = this.#waiters.filter((waiter) => this.received < waiter.count);
      for (const waiter of due) waiter.resolve();
    }
    return `\u000bMSH|^~\\&|SINK|BENCH|ISTHMUS|SOUTH|20260102030405||ACK|A${controlId}|P|2.5.1\rMSA|AA|${controlId}\r\u001c\r`;
  }
}
