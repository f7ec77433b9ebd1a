import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type AckCode, acknowledge } from '../../src/standards/hl7v2/index.ts';
import { bytes, MllpPeer, text } from './support.ts';

export const ack = (message: string, code: AckCode = 'AA') =>
  text(acknowledge(bytes(message), { code, controlId: 'R1', now: new Date('2026-03-04T05:06:07Z') }));

/** A receiver whose answers are scripted: called for each message with the connection it came on. */
export class Receiver {
  readonly messages: string[] = [];
  readonly peers: MllpPeer[] = [];
  script: (message: string, peer: MllpPeer) => void = (message, peer) => peer.send(ack(message));
  port = 0;
  #server: Server | undefined;

  async listen(port = 0, tls?: object): Promise<void> {
    const connected = (socket: Socket) => {
      const peer = new MllpPeer(socket);
      this.peers.push(peer);
      let seen = 0;
      socket.on('data', () => {
        for (; seen < peer.frames.length; seen++) {
          const message = peer.frames[seen] ?? '';
          this.messages.push(message);
          this.script(message, peer);
        }
      });
    };
    const server = tls ? createTlsServer(tls, connected) : createServer(connected);
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const peer of this.peers) peer.socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }
}
