import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../src/foundation/clock/index.ts';
import { frameMllp, MllpDecoder, type MllpEvent } from '../../src/standards/hl7v2/index.ts';

interface ReceiverOptions {
  readonly clock: Clock;
  /** The answer to a message, or undefined when it can't be answered: then the connection is closed. */
  readonly handle: (body: Uint8Array) => Promise<Uint8Array | undefined>;
  readonly onRefused: (reason: string) => void;
}

export interface Receiver {
  readonly server: Server;
  /** Takes no new connection, answers what is in hand, closes. */
  stop(): Promise<void>;
}

const mostFrameBytes = 16 * 1024 * 1024;
const mostConnections = 32;
const idleLimitMs = 3_600_000;

/** The hospital's MLLP server: one message of a connection at a time, answered in order. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const connections = new Map<Socket, () => Promise<void>>();
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    connections.set(socket, serve(socket, options));
    socket.once('close', () => connections.delete(socket));
  });
  server.maxConnections = mostConnections;
  return {
    server,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all(
        [...connections].map(([socket, idle]) => idle().then(() => socket.end(() => socket.destroy()))),
      );
      await closed;
    },
  };
}

/** Returns how to wait until what the connection has sent is answered. */
function serve(socket: Socket, options: ReceiverOptions): () => Promise<void> {
  const decoder = new MllpDecoder({ maxFrameBytes: mostFrameBytes });
  let work: Promise<void> = Promise.resolve();
  const process = async (events: readonly MllpEvent[]): Promise<void> => {
    for (const event of events) {
      if (socket.destroyed) return;
      if (event.kind !== 'frame') {
        options.onRefused(event.kind);
        continue;
      }
      const answer = await options.handle(event.body);
      if (answer) socket.write(frameMllp(answer));
      else socket.destroy();
    }
  };
  socket.setTimeout(idleLimitMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    // Nothing more is read until this is answered: a fast sender waits in its own buffers.
    socket.pause();
    work = work
      .then(() => process(decoder.push(chunk)))
      .catch(() => socket.destroy())
      .then(() => void socket.resume());
  });
  return () => work;
}
