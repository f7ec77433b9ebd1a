import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Accept,
  type Destination,
  sftpDestination,
  sftpSource,
} from '../../src/exchange/connectors/index.ts';
import { eventually } from '../support/index.ts';
import { destinationContract, sourceContract } from './contract.ts';
import { fingerprint, hostKey, SftpServer, userKey } from './sftp-server.ts';
import { adt, bytes, delivery, keepingAccept, never, testContext, text } from './support.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function served(): Promise<SftpServer> {
  const root = await mkdtemp(join(tmpdir(), 'isthmus-sftp-'));
  cleanups.push(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, 'in'));
  const server = new SftpServer(root);
  await server.listen();
  cleanups.push(() => server.close());
  return server;
}

const optionsFor = (server: SftpServer, more: object = {}) => ({
  host: '127.0.0.1',
  port: server.port,
  username: 'lab',
  password: 'synthetic-password',
  hostKeys: [fingerprint(hostKey.private)],
  path: '/in',
  ...more,
});
const atOnce = { whole: { by: 'rename' }, scanEveryMs: 20 };

const list = async (server: SftpServer, folder = '') =>
  (await readdir(join(server.root, 'in', folder), { withFileTypes: true }).catch(() => []))
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();

async function drop(server: SftpServer, name: string, content: string): Promise<void> {
  await writeFile(join(server.root, `${name}.aside`), content, 'latin1');
  await rename(join(server.root, `${name}.aside`), join(server.root, 'in', name));
}

sourceContract('sftp', async () => {
  const server = await served();
  let number = 0;
  return {
    create: (context) => sftpSource.create(sftpSource.options.parse(optionsFor(server, atOnce)), context),
    message: (one) => adt(`F${one}`),
    async send(_source, message) {
      number += 1;
      const stem = `file-${number}`;
      await drop(server, `${stem}.hl7`, message);
      const at = (folder: string) =>
        list(server, folder).then((names) => names.some((name) => name.startsWith(`${stem}.`)));
      return eventually(async () =>
        (await at('done')) ? 'taken' : (await at('failed')) ? 'refused' : undefined,
      );
    },
    cleanup: async () => undefined,
  };
});

destinationContract('sftp', async () => {
  const server = await served();
  return {
    create: (context) => sftpDestination.create(sftpDestination.options.parse(optionsFor(server)), context),
    delivery: (number) => delivery(adt(`M${number}`), { idempotencyKey: `k.${number}` }),
    peer: {
      received: async () =>
        Promise.all(
          (await list(server)).map(async (name) => ({
            key: name,
            body: await readFile(join(server.root, 'in', name), 'latin1'),
          })),
        ),
      down: () => server.close(),
      up: () => server.listen(server.port),
    },
    cleanup: async () => undefined,
  };
});

async function watching(server: SftpServer, accept: Accept, more: object = {}) {
  const context = testContext();
  const source = sftpSource.create(
    sftpSource.options.parse(optionsFor(server, { ...atOnce, ...more })),
    context,
  );
  await source.start(accept);
  cleanups.push(() => source.stop());
  return { source, context };
}

async function writing(server: SftpServer, more: object = {}): Promise<Destination> {
  const destination = sftpDestination.create(
    sftpDestination.options.parse(optionsFor(server, more)),
    testContext(),
  );
  await destination.start();
  cleanups.push(() => destination.stop());
  return destination;
}

describe('who is at the other end', () => {
  it('[C76] a host key that is not pinned gets neither password nor files', async () => {
    const server = await served();
    const destination = await writing(server, { hostKeys: [fingerprint(userKey.private)] });
    const result = await destination.deliver(delivery('x'), never);
    expect(result).toMatchObject({ outcome: 'transient', code: 'CONNECT_HOST_KEY', scope: 'destination' });
    expect([server.logins, await list(server)]).toEqual([0, []]);
    expect(destination.status()).toMatchObject({ state: 'down', reason: 'CONNECT_HOST_KEY' });
  });

  it('[C76] several pins while the server changes its key; none is a mistake in the configuration', async () => {
    const server = await served();
    const destination = await writing(server, {
      hostKeys: [fingerprint(userKey.private), fingerprint(hostKey.private)],
    });
    expect(await destination.deliver(delivery('x'), never)).toMatchObject({ outcome: 'delivered' });
    for (const hostKeys of [[], ['SHA256:short'], undefined]) {
      expect(sftpDestination.options.safeParse(optionsFor(server, { hostKeys })).success).toBe(false);
    }
    expect(sftpDestination.options.safeParse(optionsFor(server, { password: undefined })).success).toBe(
      false,
    );
  });

  it('[C77] logs in with a key; wrong credentials are transient and told apart', async () => {
    const server = await served();
    const withKey = await writing(server, { password: undefined, privateKey: userKey.private });
    expect(await withKey.deliver(delivery('x'), never)).toMatchObject({ outcome: 'delivered' });
    const wrong = await writing(server, { password: 'not-the-password' });
    expect(await wrong.deliver(delivery('x'), never)).toMatchObject({
      outcome: 'transient',
      code: 'CONNECT_CREDENTIALS',
    });
    const unreadable = await writing(server, { password: undefined, privateKey: '/nowhere/key' });
    expect(await unreadable.deliver(delivery('x'), never)).toMatchObject({
      outcome: 'transient',
      scope: 'destination',
    });
  });
});

describe('files', () => {
  it('[C78] written whole: aside, flushed, renamed over the earlier try', async () => {
    const server = await served();
    const destination = await writing(server);
    const large = 'z'.repeat(300_000);
    await destination.deliver(delivery('first', { idempotencyKey: 'k.1' }), never);
    await destination.deliver(delivery(large, { idempotencyKey: 'k.1', attempt: 2 }), never);
    expect(await list(server)).toEqual(['k.1.hl7']);
    expect(await readFile(join(server.root, 'in', 'k.1.hl7'), 'latin1')).toBe(large);
    const order = server.operations.filter((name) => /write|fsync|rename/.test(name));
    expect(order.slice(-2)).toEqual(['fsync@openssh.com', 'posix-rename@openssh.com']);
  });

  it('[C78] a server without the extensions: the plain rename, after removing the earlier try', async () => {
    const server = await served();
    server.extensions = [];
    const destination = await writing(server);
    for (const content of [adt('A1'), adt('A2')]) {
      const result = await destination.deliver(delivery(content, { idempotencyKey: 'k.1' }), never);
      expect(result).toMatchObject({ outcome: 'delivered' });
    }
    expect(await readFile(join(server.root, 'in', 'k.1.hl7'), 'latin1')).toBe(adt('A2'));
    expect(server.operations).not.toContain('fsync@openssh.com');
    const { accept, received } = keepingAccept();
    await watching(server, accept);
    await eventually(async () => (await list(server, 'done')).length === 1);
    expect(received.map((one) => text(one.body))).toEqual([adt('A2')]);
  });

  it('[C78] large files come whole, in pieces as small as the server likes; links are not followed', async () => {
    const server = await served();
    const { accept, received } = keepingAccept();
    await writeFile(join(server.root, 'secret.hl7'), adt('LINKED'));
    await symlink(join(server.root, 'secret.hl7'), join(server.root, 'in', 'link.hl7'));
    await watching(server, accept, { pattern: '*.hl7' });
    const message = `${adt('BIG')}OBX|1|TX|||${'y'.repeat(1_500_000)}\r`;
    for (const [name, content] of [
      ['a.hl7', message],
      ['b.hl7', adt('B1')],
      ['c.hl7', adt('C1')],
      ['d.hl7', adt('D1')],
    ] as const) {
      await drop(server, name, content);
    }
    await eventually(() => received.length === 4);
    expect(received.map((one) => text(one.body)).sort()).toEqual(
      [message, adt('B1'), adt('C1'), adt('D1')].sort(),
    );
    await eventually(async () => (await list(server)).join() === 'link.hl7');
  });

  it('[C79] a broken connection is opened again; a silent server is given up after the limit', async () => {
    const server = await served();
    const { accept, received } = keepingAccept();
    const { source } = await watching(server, accept, { operationTimeoutMs: 200 });
    const destination = await writing(server, { operationTimeoutMs: 200, fileName: '{key}.out.tmp' });
    await eventually(() => server.logins === 2);
    server.dropConnections();
    await drop(server, 'a.hl7', adt('A1'));
    await eventually(() => received.length === 1);
    expect(
      await eventually(async () => {
        const result = await destination.deliver(delivery('x'), never);
        return result.outcome === 'delivered' ? result : undefined;
      }),
    ).toMatchObject({ outcome: 'delivered' });
    server.isSilent = true;
    expect(await destination.deliver(delivery('y'), never)).toMatchObject({
      outcome: 'transient',
      scope: 'destination',
    });
    await eventually(() => source.status().state === 'down');
    server.isSilent = false;
    await drop(server, 'b.hl7', adt('B1'));
    await eventually(() => received.length === 2 && source.status().state === 'up');
  });

  it('[C79] a server that is away at the start is waited for', async () => {
    const server = await served();
    await server.close();
    const { accept, received } = keepingAccept();
    const { source } = await watching(server, accept);
    expect(source.status().state).toBe('down');
    await server.listen(server.port);
    await drop(server, 'a.hl7', adt('A1'));
    await eventually(() => received.length === 1);
    expect(received[0]?.body).toEqual(bytes(adt('A1')));
  });
});
