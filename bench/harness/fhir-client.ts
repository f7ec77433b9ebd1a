import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: Buffer;
}

/**
 * One HTTP connection, one request at a time, with as little work as possible: the generator shares its machine with what it measures.
 * Answers have a Content-Length, as ours do.
 */
export class FhirClient {
  readonly #socket: Socket;
  readonly #head: string;
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  #received: Buffer[] = [];
  #needed = -1;

  private constructor(socket: Socket, token: string) {
    this.#socket = socket;
    this.#head = `Host: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#waiting?.reject(new Error('the server closed the connection')));
  }

  static async open(port: number, token: string): Promise<FhirClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new FhirClient(socket, token);
  }

  /** `path` from /fhir/R4 on, with its slash. */
  request(method: string, path: string, body?: string | Buffer, headers = ''): Promise<Answer> {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const content = bytes ? `Content-Type: application/fhir+json\r\nContent-Length: ${bytes.length}\r\n` : '';
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the server closed the connection'));
      this.#waiting = { resolve, reject };
      this.#socket.write(`${method} /fhir/R4${path} HTTP/1.1\r\n${this.#head}${content}${headers}\r\n`);
      if (bytes) this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #data(chunk: Buffer): void {
    this.#received.push(chunk);
    const all = this.#received.length === 1 ? chunk : Buffer.concat(this.#received);
    this.#received = [all];
    const end = this.#needed < 0 ? all.indexOf('\r\n\r\n') : 0;
    if (end < 0) return;
    if (this.#needed < 0) {
      const length = /\r\ncontent-length: (\d+)/i.exec(all.toString('latin1', 0, end + 2))?.[1] ?? '0';
      this.#needed = end + 4 + Number(length);
    }
    if (all.length < this.#needed) return;
    const headEnd = all.indexOf('\r\n\r\n');
    const headers = all.toString('latin1', 0, headEnd + 2);
    const answer = {
      status: Number(headers.slice(9, 12)),
      headers,
      body: all.subarray(headEnd + 4, this.#needed),
    };
    this.#received = [];
    this.#needed = -1;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }
}

/** Throws with the beginning of the answer when it is not of these. */
export function expectStatus({ status, body }: Answer, ...wanted: readonly number[]): void {
  if (!wanted.includes(status)) throw new Error(`answered ${status}: ${body.toString().slice(0, 600)}`);
}
