import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { lineDestination } from '../../examples/connector/line-destination.ts';
import { lineSource } from '../../examples/connector/line-source.ts';
import { connectorKinds } from '../../src/exchange/connectors/index.ts';
import { destinationContract, sourceContract } from './contract.ts';
import { delivery } from './support.ts';

function ask(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\n`));
    socket.on('error', reject);
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString().trim());
    });
  });
}

sourceContract('the example', async () => ({
  create: (context) => lineSource.create(lineSource.options.parse({ port: 0 }), context),
  message: (number) => `message ${number} of Specimen`,
  async send(source, message) {
    for (;;) {
      const answer = await ask(Number(source.status().address.split(':').at(-1)), message);
      if (answer.startsWith('OK')) return 'taken';
      if (answer.startsWith('NO')) return 'refused';
    }
  },
  cleanup: async () => undefined,
}));

destinationContract('the example', async () => {
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let answer: string | undefined = 'OK';
  let port = 0;
  const up = async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      createInterface(socket).on('line', (line) => {
        lines.push(line);
        if (answer !== undefined) socket.write(`${answer}\n`);
        if (answer === 'NO') answer = 'OK';
      });
    });
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  const down = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => (server?.listening ? server.close(resolve) : resolve(undefined)));
  };
  await up();
  return {
    create: (context) => lineDestination.create(lineDestination.options.parse({ port }), context),
    delivery: (number) => delivery(`message ${number} of Specimen`, { idempotencyKey: `k.${number}` }),
    peer: {
      received: () =>
        lines.map((line) => ({ key: line.split(' ')[0], body: line.slice(line.indexOf(' ') + 1) })),
      down,
      up,
      refuse() {
        answer = 'NO';
      },
      silence() {
        answer = undefined;
      },
    },
    cleanup: down,
  };
});

describe('the shipped kinds', () => {
  it('[C0] each has a name of its own, and options that an empty object does not satisfy', () => {
    expect(connectorKinds.sources.map((kind) => kind.kind)).toEqual(['mllp', 'http', 'directory', 'sftp']);
    expect(connectorKinds.destinations.map((kind) => kind.kind)).toEqual([
      'mllp',
      'webhook',
      'directory',
      'sftp',
    ]);
    for (const kind of [...connectorKinds.sources, ...connectorKinds.destinations]) {
      const { error } = kind.options.safeParse({});
      expect(error?.issues.length, kind.kind).toBeGreaterThan(0);
      expect(
        kind.options
          .safeParse({ unknownOption: 1 })
          .error?.issues.some((issue) => issue.code === 'unrecognized_keys'),
      ).toBe(true);
    }
  });
});
