import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Clock } from '../../src/foundation/clock/index.ts';
import { frameMllp, MllpDecoder } from '../../src/standards/hl7v2/index.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One MLLP connection in lock-step: a message out, an answer in, and nothing more until then. */
export interface LockStep {
  /** Sends a message and resolves with the answer. Rejects on a lost connection, on noise and at the time limit; then it is closed. */
  exchange(message: Uint8Array, limitMs: number): Promise<Uint8Array>;
  isOpen(): boolean;
  close(): void;
}

const connectLimitMs = 5_000;
const mostAnswerBytes = 1024 * 1024;

/** Connects, or rejects with the reason. */
export async function connectLockStep(address: Address, clock: Clock): Promise<LockStep> {
  const socket = connect({ ...address, noDelay: true, keepAlive: true });
  const timer = clock.after(connectLimitMs, () =>
    socket.destroy(new Error('no connection within the limit')),
  );
  try {
    await once(socket, 'connect');
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    timer.cancel();
  }
  return overSocket(socket, clock);
}

interface Pending {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (reason: Error) => void;
}

function overSocket(socket: Socket, clock: Clock): LockStep {
  const decoder = new MllpDecoder({ maxFrameBytes: mostAnswerBytes });
  let pending: Pending | undefined;
  const settle = (result: Uint8Array | Error): void => {
    const waiting = pending;
    pending = undefined;
    if (result instanceof Error) {
      socket.destroy();
      waiting?.reject(result);
    } else if (waiting) waiting.resolve(result);
    // An answer to nothing would be taken for the answer to the next message.
    else socket.destroy();
  };
  socket.on('data', (chunk: Buffer) => {
    for (const event of decoder.push(chunk)) {
      settle(event.kind === 'frame' ? event.body : new Error('the answer is not a well-formed MLLP frame'));
    }
  });
  socket.on('error', settle);
  socket.on('close', () => settle(new Error('the connection was lost')));
  return {
    async exchange(message, limitMs) {
      const timer = clock.after(limitMs, () => settle(new Error('no answer within the limit')));
      try {
        return await new Promise<Uint8Array>((resolve, reject) => {
          if (socket.destroyed) return reject(new Error('the connection was lost'));
          pending = { resolve, reject };
          socket.write(frameMllp(message));
        });
      } finally {
        timer.cancel();
      }
    },
    isOpen: () => !socket.destroyed && socket.writable,
    close: () => socket.destroy(),
  };
}
