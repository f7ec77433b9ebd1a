import { readFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import type {
  Acceptance,
  ConnectionStatus,
  ConnectorContext,
  Delivery,
  Received,
} from '../../src/exchange/connectors/index.ts';
import { type Clock, systemClock } from '../../src/foundation/clock/index.ts';
import type { Logger } from '../../src/foundation/logging/index.ts';
import { frameMllp, MllpDecoder } from '../../src/standards/hl7v2/index.ts';

/** A context that remembers every status and every log line. */
export interface TestContext extends ConnectorContext {
  readonly statuses: ConnectionStatus[];
  readonly lines: { level: string; fields: object; message: string }[];
}

export function testContext(clock: Clock = systemClock): TestContext {
  const statuses: ConnectionStatus[] = [];
  const lines: TestContext['lines'] = [];
  const logger = recordingLogger(lines);
  return { name: 'test', clock, logger, onStatus: (status) => void statuses.push(status), statuses, lines };
}

function recordingLogger(lines: TestContext['lines']): Logger {
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  const logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  } as Logger;
  return logger;
}

export function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Some turns of the event loop, for showing that something does not happen; never for waiting until something does. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

export const receivedAt = new Date('2026-03-04T05:06:07Z');

export function committed(
  messageId: number,
  more: Partial<Extract<Acceptance, { outcome: 'committed' }>> = {},
): Acceptance {
  return { outcome: 'committed', messageId, receivedAt, duplicate: false, ...more };
}

/** Commits everything, and keeps what it was given. */
export function keepingAccept() {
  const received: Received[] = [];
  const accept = async (one: Received): Promise<Acceptance> => {
    received.push(one);
    return committed(received.length);
  };
  return { received, accept };
}

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
export const bytes = (value: string): Buffer => Buffer.from(value, 'latin1');

/** A synthetic ADT^A08. `msh` replaces fields by their number. */
export function adt(controlId: string, msh: Record<number, string> = {}): string {
  const fields = [
    'MSH',
    '^~\\&',
    'EHR',
    'GENERAL',
    'ISTHMUS',
    'HUB',
    '20260304050607',
    '',
    'ADT^A08^ADT_A01',
    controlId,
    'P',
    '2.5.1',
  ];
  for (const [number, value] of Object.entries(msh)) fields[Number(number) - 1] = value;
  const header = Array.from(fields, (field) => field ?? '').join('|');
  return `${header}\rEVN|A08|20260304050607\rPID|1||SYN-1^^^GENERAL^MR||Specimen^Sam\r`;
}

export function delivery(content: string, more: Partial<Delivery> = {}): Delivery {
  return {
    idempotencyKey: 'k.1.1',
    content: bytes(content),
    contentType: 'application/hl7-v2',
    type: 'ADT^A08',
    attempt: 1,
    correlationId: 'c-1',
    label: undefined,
    ...more,
  };
}

export const never = new AbortController().signal;

export const frame = (message: string): Buffer => Buffer.from(frameMllp(bytes(message)));

/** A sender or receiver on a plain socket, which reads frames as they come. */
export class MllpPeer {
  readonly socket: Socket;
  readonly frames: string[] = [];
  readonly closed: Promise<void>;
  readonly #decoder = new MllpDecoder({ maxFrameBytes: 100 * 1_048_576 });
  #waiting: { count: number; resolve: () => void }[] = [];
  isClosed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      for (const event of this.#decoder.push(chunk))
        if (event.kind === 'frame') this.frames.push(text(event.body));
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  static connect(port: number): Promise<MllpPeer> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ port, host: '127.0.0.1' }, () => resolve(new MllpPeer(socket)));
      socket.once('error', reject);
    });
  }

  write(data: string | Uint8Array): void {
    this.socket.write(typeof data === 'string' ? bytes(data) : data);
  }

  send(message: string): void {
    this.socket.write(frame(message));
  }

  /** Resolves with the first `count` frames; rejects when the connection closes before. */
  async frameCount(count: number): Promise<string[]> {
    if (this.frames.length < count && !this.isClosed)
      await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
    if (this.frames.length < count)
      throw new Error(`connection closed after ${this.frames.length} of ${count} frames`);
    return this.frames.slice(0, count);
  }

  async ask(message: string): Promise<string> {
    const before = this.frames.length;
    this.send(message);
    return (await this.frameCount(before + 1))[before] ?? '';
  }

  #wake(): void {
    const ready = this.#waiting.filter(({ count }) => this.frames.length >= count || this.isClosed);
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const { resolve } of ready) resolve();
  }
}

/** The field of a segment in an acknowledgment, e.g. `fieldOf(ack, 'MSA', 2)`. */
export function fieldOf(message: string, segment: string, field: number): string {
  const line = message.split('\r').find((one) => one.startsWith(segment)) ?? '';
  return line.split('|')[segment === 'MSH' ? field - 1 : field] ?? '';
}

export function portOf(status: ConnectionStatus): number {
  return Number(new URL(status.address.replace(/^mllps?:/, 'http:')).port);
}

const certificate = (name: string) =>
  readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
export const tlsFiles = {
  ca: certificate('ca.crt'),
  server: { cert: certificate('server.crt'), key: certificate('server.key') },
  client: { cert: certificate('client.crt'), key: certificate('client.key') },
  stranger: { cert: certificate('stranger.crt'), key: certificate('stranger.key') },
};
