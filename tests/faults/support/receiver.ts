import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Answered, History } from './history.ts';
import { answerTo, controlIdOf, Frames, frame, uidOf } from './messages.ts';
import type { Random } from './random.ts';

/** What a scripted peer does with one message. `bytes` goes out as it is; without it the peer stays silent. */
export interface Reaction {
  readonly bytes?: Uint8Array;
  /** How the history is to count it. Default: positive when it is the plain AA. */
  readonly counts?: Answered;
  readonly afterMs?: number;
  /** Ends the connection after the bytes, or instead of them. */
  readonly close?: boolean;
}

export type Script = (message: { uid: string; body: Buffer; nth: number }) => Reaction | Promise<Reaction>;

export const accept: Script = ({ body }) => ({ bytes: frame(answerTo(body, 'AA')), counts: 'positive' });

/** A peer with its moods: now and then it says no, says nothing sensible, or goes away; at the third time it takes the message. */
export const moody =
  (random: Random, probability: number): Script =>
  (message) => {
    if (message.nth > 2 || !random.chance(probability)) return accept(message);
    const { body } = message;
    return random.pick<Reaction>([
      { bytes: frame(answerTo(body, 'AE')), counts: 'negative' },
      { bytes: frame(answerTo(body, 'AA', 'another')), counts: 'other' },
      { close: true },
    ]);
  };

export interface Receiver {
  readonly port: number;
  readonly name: string;
  /** How many messages came in, repeats included. */
  readonly arrivals: number;
  script: Script;
  /** Calls back on every arrival; with the node that sent it, where the protocol can say so. */
  onArrival: ((uid: string, node: string) => void) | undefined;
  /** Ends every connection, as a peer that restarts. */
  cut(): void;
  stop(): Promise<void>;
}

/** An MLLP peer that writes down what it gets, and answers as the script says. */
export async function mllpReceiver(
  history: History,
  name: string,
  script: Script = accept,
): Promise<Receiver> {
  const sockets = new Set<Socket>();
  const attempts = new Map<string, number>();
  const server = createServer({ noDelay: true }, (socket) => {
    const frames = new Frames();
    const open = new Set<number>();
    sockets.add(socket);
    socket.on('data', (chunk: Buffer) => {
      for (const body of frames.push(chunk)) void react(socket, body, open);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      for (const arrival of open) history.gone(arrival);
      open.clear();
    });
  });
  const receiver = { name, port: 0, arrivals: 0, script, onArrival: undefined as Receiver['onArrival'] };
  async function react(socket: Socket, body: Buffer, open: Set<number>): Promise<void> {
    const uid = uidOf(body);
    const nth = (attempts.get(uid) ?? 0) + 1;
    attempts.set(uid, nth);
    receiver.arrivals += 1;
    const arrival = history.arrived({ destination: name, uid, identity: controlIdOf(body), body });
    open.add(arrival);
    receiver.onArrival?.(uid, '');
    const scripted = receiver.script({ uid, body, nth });
    const reaction = scripted instanceof Promise ? await scripted : scripted;
    if (reaction.afterMs) await new Promise((resolve) => setTimeout(resolve, reaction.afterMs));
    if (reaction.bytes && !socket.destroyed) {
      if (open.delete(arrival)) history.answered(arrival, reaction.counts ?? 'other');
      socket.write(reaction.bytes);
    }
    if (reaction.close) socket.destroy();
  }
  receiver.port = await listen(server);
  return Object.assign(receiver, {
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: () => stop(server, sockets),
  });
}

/** A webhook's receiver. Its repeats carry the queue's own idempotency key, as `webhook-id`. */
export async function webhookReceiver(history: History, name: string): Promise<Receiver> {
  const sockets = new Set<Socket>();
  const receiver = {
    name,
    port: 0,
    arrivals: 0,
    script: accept,
    onArrival: undefined as Receiver['onArrival'],
  };
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const uid = uidOf(body);
      receiver.arrivals += 1;
      const identity = String(request.headers['webhook-id']);
      const arrival = history.arrived({ destination: name, uid, identity, body });
      history.answered(arrival, 'positive');
      receiver.onArrival?.(uid, String(request.headers['x-node']));
      response.writeHead(204).end();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  receiver.port = await listen(server);
  return Object.assign(receiver, {
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: () => stop(server, sockets),
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}

function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}
