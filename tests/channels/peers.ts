import { connect, createServer, type Server, type Socket } from 'node:net';
import {
  acknowledge,
  frameMllp,
  MllpDecoder,
  parseAcknowledgment,
  peekHeader,
} from '../../src/standards/hl7v2/index.ts';

/** A hospital's end of an MLLP connection: one message at a time, as they come. */
export interface Sender {
  readonly socket: Socket;
  readonly isOpen: boolean;
  send(body: Uint8Array): Promise<{ code: string; raw: Buffer }>;
  close(): void;
}

export async function sender(port: number): Promise<Sender> {
  const socket = connect({ port, host: '127.0.0.1' });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const decoder = new MllpDecoder({ maxFrameBytes: 1_000_000 });
  const waiting: ((body: Buffer) => void)[] = [];
  let isOpen = true;
  socket.on('data', (chunk) => {
    for (const event of decoder.push(chunk))
      if (event.kind === 'frame') waiting.shift()?.(Buffer.from(event.body));
  });
  socket.on('close', () => {
    isOpen = false;
  });
  return {
    socket,
    get isOpen() {
      return isOpen;
    },
    async send(body) {
      const answer = new Promise<Buffer>((resolve) => waiting.push(resolve));
      socket.write(frameMllp(body));
      const raw = await answer;
      return { code: parseAcknowledgment(raw).code, raw };
    },
    close: () => void socket.destroy(),
  };
}

/** The receiving end: keeps what came, and who is connected. */
export interface Receiver {
  readonly port: number;
  readonly bodies: Buffer[];
  readonly connections: Socket[];
  /** What it answers; default AA. */
  code: 'AA' | 'AR';
  close(): Promise<void>;
}

export async function receiver(): Promise<Receiver> {
  const bodies: Buffer[] = [];
  const connections: Socket[] = [];
  const server: Server = createServer((socket) => {
    connections.push(socket);
    const decoder = new MllpDecoder({ maxFrameBytes: 1_000_000 });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const event of decoder.push(chunk)) {
        if (event.kind !== 'frame') continue;
        bodies.push(Buffer.from(event.body));
        const spec = {
          code: self.code,
          controlId: `R${bodies.length}`,
          now: new Date(0),
          text: 'from the destination',
        };
        socket.write(frameMllp(acknowledge(peekHeader(event.body), spec)));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const self: Receiver = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    bodies,
    connections,
    code: 'AA',
    close: () =>
      new Promise((resolve) => {
        for (const socket of connections) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return self;
}
