import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Destination, mllpDestination } from '../../src/exchange/connectors/index.ts';
import { type Clock, manualClock, systemClock } from '../../src/foundation/clock/index.ts';
import { eventually, freePort } from '../support/index.ts';
import { destinationContract } from './contract.ts';
import { ack, Receiver } from './mllp-receiver.ts';
import {
  adt,
  delivery,
  fieldOf,
  frame,
  type MllpPeer,
  never,
  testContext,
  text,
  tlsFiles,
  turns,
} from './support.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connected(options: object = {}, clock: Clock = systemClock) {
  const receiver = new Receiver();
  await receiver.listen();
  cleanups.push(() => receiver.close());
  return { receiver, ...(await to(receiver.port, options, clock)) };
}

async function to(port: number, options: object = {}, clock: Clock = systemClock) {
  const context = testContext(clock);
  const parsed = mllpDestination.options.parse({ host: '127.0.0.1', port, ...options });
  const destination: Destination = mllpDestination.create(parsed, context);
  await destination.start();
  cleanups.push(() => destination.stop());
  return { destination, context };
}

destinationContract('mllp', async () => {
  const receiver = new Receiver();
  await receiver.listen();
  return {
    create: (context) =>
      mllpDestination.create(
        mllpDestination.options.parse({ host: '127.0.0.1', port: receiver.port, connections: 3 }),
        context,
      ),
    delivery: (number) => delivery(adt(`M${number}`)),
    peer: {
      received: () => receiver.messages.map((body) => ({ key: fieldOf(body, 'MSH', 10), body })),
      down: () => receiver.close(),
      up: () => receiver.listen(receiver.port),
      refuse() {
        const before = receiver.script;
        receiver.script = (message, peer) => {
          peer.send(ack(message, 'AR'));
          receiver.script = before;
        };
      },
      silence() {
        receiver.script = () => undefined;
      },
    },
    cleanup: () => receiver.close(),
  };
});

describe('answers', () => {
  it.each([
    ['AA', 'delivered', undefined, undefined],
    ['CA', 'delivered', undefined, undefined],
    ['AE', 'transient', 'ANSWER_ERROR', 'entry'],
    ['CE', 'transient', 'ANSWER_ERROR', 'entry'],
    ['AR', 'permanent', 'ANSWER_REJECT', 'entry'],
    ['CR', 'permanent', 'ANSWER_REJECT', 'entry'],
  ] as const)('[C31] %s is %s %s and leaves the connection standing', async (code, outcome, error, scope) => {
    const { receiver, destination } = await connected();
    receiver.script = (message, peer) => peer.send(ack(message, code));
    const result = await destination.deliver(delivery(adt('A1')), never);
    expect(result).toMatchObject({ outcome, acknowledgment: code, ...(error ? { code: error, scope } : {}) });
    expect('response' in result && text(result.response ?? new Uint8Array())).toBe(ack(adt('A1'), code));
    await destination.deliver(delivery(adt('A2')), never);
    expect(receiver.peers).toHaveLength(1);
  });

  it('[C31] AE parks at once where the destination says so, and the detail has numbers and places, no texts', async () => {
    const { receiver, destination } = await connected({ onError: 'park' });
    receiver.script = (message, peer) =>
      peer.send(
        `${ack(message, 'AE').replace('MSA|AE|A1', 'MSA|AE|A1|Specimen unknown')}ERR||PID^1^5|103^x|E||||Specimen\r`,
      );
    const result = await destination.deliver(delivery(adt('A1')), never);
    expect(result).toMatchObject({
      outcome: 'permanent',
      code: 'ANSWER_ERROR',
      detail: 'AE, 103 at PID^1^5',
    });
  });

  it('[C32] MSA-2 is compared byte for byte, escapes and character set included', async () => {
    const { receiver, destination } = await connected();
    const id = 'A\\T\\1\xe4';
    const message = adt(id, { 18: '8859/1' });
    expect(await destination.deliver(delivery(message), never)).toMatchObject({ outcome: 'delivered' });
    receiver.script = (_message, peer) => peer.send(ack(message).replace('\\T\\', '&'));
    expect(await destination.deliver(delivery(message), never)).toMatchObject({
      outcome: 'ambiguous',
      code: 'ANSWER_FOREIGN',
    });
  });

  const doubtful: [string, (message: string, peer: MllpPeer) => void, string][] = [
    ['a foreign MSA-2', (message, peer) => peer.send(ack(message.replace('A1', 'Z9'))), 'ANSWER_FOREIGN'],
    [
      'an empty MSA-2',
      (message, peer) => peer.send(ack(message).replace('MSA|AA|A1', 'MSA|AA')),
      'ANSWER_FOREIGN',
    ],
    ['no MSA', (message, peer) => peer.send(`${ack(message).split('\r')[0]}\r`), 'ANSWER_MALFORMED'],
    [
      'an unknown code',
      (message, peer) => peer.send(ack(message).replace('MSA|AA', 'MSA|OK')),
      'ANSWER_MALFORMED',
    ],
    ['no HL7', (_message, peer) => peer.send('HTTP/1.1 200 OK\r\n'), 'ANSWER_MALFORMED'],
    ['no frame', (message, peer) => peer.write(ack(message)), 'ANSWER_MALFORMED'],
    [
      'a torn frame',
      (message, peer) => peer.write(Buffer.concat([frame(ack(message)).subarray(0, -2), frame('x')])),
      'ANSWER_MALFORMED',
    ],
    [
      'an answer over the limit',
      (message, peer) => peer.send(ack(message) + 'x'.repeat(2_000_000)),
      'ANSWER_MALFORMED',
    ],
    ['a closed connection', (_message, peer) => void peer.socket.end(), 'CONNECT_LOST'],
    ['a reset connection', (_message, peer) => void peer.socket.resetAndDestroy(), 'CONNECT_LOST'],
  ];
  it.each(doubtful)('[C33] %s is ambiguous and ends the connection', async (_name, script, code) => {
    const { receiver, destination } = await connected();
    receiver.script = script;
    const result = await destination.deliver(delivery(adt('A1')), never);
    expect(result).toMatchObject({ outcome: 'ambiguous', code });
    await receiver.peers[0]?.closed;
    receiver.script = (message, peer) => peer.send(ack(message));
    expect(await destination.deliver(delivery(adt('A1'), { attempt: 2 }), never)).toMatchObject({
      outcome: 'delivered',
    });
    expect(receiver.peers).toHaveLength(2);
  });

  it('[C33] stray line ends around an answer do no harm', async () => {
    const { receiver, destination } = await connected();
    receiver.script = (message, peer) => peer.write(`\n${frame(ack(message)).toString('latin1')}\n`);
    for (const id of ['A1', 'A2', 'A3']) {
      expect(await destination.deliver(delivery(adt(id)), never)).toMatchObject({ outcome: 'delivered' });
    }
    expect(receiver.peers).toHaveLength(1);
  });

  it('[C34] no answer in time is ambiguous; the late one finds nobody, the next message has a connection of its own', async () => {
    const clock = manualClock();
    const { receiver, destination } = await connected({ answerTimeoutMs: 1_000 }, clock);
    receiver.script = () => undefined;
    const first = destination.deliver(delivery(adt('A1')), never);
    await eventually(() => receiver.messages.length === 1);
    clock.advance(999);
    await turns();
    clock.advance(1);
    expect(await first).toMatchObject({ outcome: 'ambiguous', code: 'ANSWER_TIMEOUT' });
    receiver.peers[0]?.send(ack(adt('A1')));
    const second = destination.deliver(delivery(adt('A2')), never);
    await eventually(() => receiver.messages.length === 2);
    receiver.peers[1]?.send(ack(adt('A2')));
    expect(await second).toMatchObject({ outcome: 'delivered' });
    expect(receiver.peers).toHaveLength(2);
  });

  it('[C34] the time limit counts from each message anew', async () => {
    const clock = manualClock();
    const { receiver, destination } = await connected({ answerTimeoutMs: 1_000 }, clock);
    for (const id of ['A1', 'A2', 'A3']) {
      receiver.script = () => undefined;
      const delivering = destination.deliver(delivery(adt(id)), never);
      await eventually(() => receiver.messages.at(-1) === adt(id));
      clock.advance(800);
      receiver.peers[0]?.send(ack(adt(id)));
      expect(await delivering).toMatchObject({ outcome: 'delivered' });
    }
    expect(receiver.peers).toHaveLength(1);
  });

  it('[C35] what comes when nobody waits ends the connection and is credited to no message', async () => {
    const { receiver, destination } = await connected();
    receiver.script = (message, peer) => {
      peer.write(Buffer.concat([frame(ack(message)), frame(ack(adt('A2')))]));
    };
    expect(await destination.deliver(delivery(adt('A1')), never)).toMatchObject({ outcome: 'delivered' });
    await receiver.peers[0]?.closed;
    receiver.script = (message, peer) => peer.send(ack(message, 'AR'));
    expect(await destination.deliver(delivery(adt('A2')), never)).toMatchObject({ outcome: 'permanent' });
  });
});

describe('enhanced mode', () => {
  it.each([
    ['AL', 'NE', ['CA']],
    ['AL', 'AL', ['CA', 'AA']],
    ['NE', 'AL', ['AA']],
    ['', 'AL', ['AA']],
  ] as const)('[C37] MSH-15 %j and MSH-16 %j: delivered on %j', async (accept, application, codes) => {
    const { receiver, destination } = await connected();
    const asked: string[] = [];
    receiver.script = (message) => void asked.push(message);
    const delivering = destination.deliver(delivery(adt('A1', { 15: accept, 16: application })), never);
    await eventually(() => asked.length === 1);
    let isSettled = false;
    void delivering.then(() => {
      isSettled = true;
    });
    for (const code of codes) {
      await turns();
      expect(isSettled).toBe(false);
      receiver.peers[0]?.send(ack(adt('A1', { 15: accept, 16: application }), code));
    }
    expect(await delivering).toMatchObject({ outcome: 'delivered', acknowledgment: codes.at(-1) });
  });

  it('[C37] CA is enough where the application acknowledgment is not awaited here', async () => {
    const { receiver, destination } = await connected({ awaitApplicationAck: false });
    receiver.script = (message, peer) => peer.send(ack(message, 'CA'));
    const result = await destination.deliver(delivery(adt('A1', { 15: 'AL', 16: 'AL' })), never);
    expect(result).toMatchObject({ outcome: 'delivered', acknowledgment: 'CA' });
  });

  it('[C37] an application error after CA is no delivery; CA and then silence is ambiguous', async () => {
    const clock = manualClock();
    const { receiver, destination } = await connected({ answerTimeoutMs: 1_000 }, clock);
    receiver.script = (message, peer) => {
      peer.send(ack(message, 'CA'));
      peer.send(ack(message, 'AE'));
    };
    const both = { 15: 'AL', 16: 'AL' };
    expect(await destination.deliver(delivery(adt('A1', both)), never)).toMatchObject({
      outcome: 'transient',
      code: 'ANSWER_ERROR',
    });
    receiver.script = (message, peer) => peer.send(ack(message, 'CA'));
    const second = destination.deliver(delivery(adt('A2', both)), never);
    await eventually(() => receiver.messages.length === 2);
    await turns(50);
    clock.advance(1_000);
    expect(await second).toMatchObject({ outcome: 'ambiguous', code: 'ANSWER_TIMEOUT' });
  });

  it('[C38] NE and NE: delivered when written, and the result says that no acknowledgment was asked for', async () => {
    const { receiver, destination } = await connected();
    receiver.script = () => undefined;
    const result = await destination.deliver(delivery(adt('A1', { 15: 'NE', 16: 'NE' })), never);
    expect(result).toEqual({ outcome: 'delivered', acknowledgment: 'none asked' });
    await eventually(() => receiver.messages.length === 1);
  });
});

describe('connections', () => {
  it.each([
    ['no HL7', 'nothing', 'HL7_NO_MSH'],
    ['no control id', adt(''), 'HL7_MISSING_FIELD'],
    ['block bytes', `${adt('A1')}NTE|1||\x0b\r`, 'MLLP_FORBIDDEN_BYTE'],
  ])('[C30] content with %s is refused without sending', async (_name, content, code) => {
    const { receiver, destination } = await connected();
    expect(await destination.deliver(delivery(content), never)).toMatchObject({
      outcome: 'permanent',
      code,
      scope: 'entry',
    });
    expect(receiver.messages).toEqual([]);
  });

  it('[C39] no connection in time is transient, and of the destination', async () => {
    const clock = manualClock();
    // A listener whose backlog nobody accepts would do; a TLS client against a silent TCP peer is the same wait.
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => void silent.close());
    const port = (silent.address() as import('node:net').AddressInfo).port;
    const { destination } = await to(port, { connectTimeoutMs: 500, tls: { ca: tlsFiles.ca } }, clock);
    const delivering = destination.deliver(delivery(adt('A1')), never);
    await turns();
    clock.advance(500);
    expect(await delivering).toMatchObject({
      outcome: 'transient',
      code: 'CONNECT_TIMEOUT',
      scope: 'destination',
    });
  });

  it('[C39] nobody listens: CONNECT_REFUSED, and the state says so', async () => {
    const { destination } = await to(await freePort());
    expect(await destination.deliver(delivery(adt('A1')), never)).toMatchObject({
      outcome: 'transient',
      code: 'CONNECT_REFUSED',
    });
    expect(destination.status()).toMatchObject({ state: 'down', reason: 'CONNECT_REFUSED', connections: 0 });
  });

  it('[C39] an idle connection that the receiver closes is opened again for the next message', async () => {
    const { receiver, destination } = await connected();
    await destination.deliver(delivery(adt('A1')), never);
    receiver.peers[0]?.socket.end();
    await eventually(() => destination.status().connections === 0);
    expect(destination.status().state).toBe('up');
    expect(await destination.deliver(delivery(adt('A2')), never)).toMatchObject({ outcome: 'delivered' });
  });

  it('[C39] mutual TLS: verified both ways; a server of another authority gets nothing', async () => {
    const receiver = new Receiver();
    await receiver.listen(0, {
      ...tlsFiles.server,
      ca: tlsFiles.ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    cleanups.push(() => receiver.close());
    const host = { host: 'localhost' };
    const good = await to(receiver.port, { ...host, tls: { ca: tlsFiles.ca, ...tlsFiles.client } });
    expect(await good.destination.deliver(delivery(adt('A1')), never)).toMatchObject({
      outcome: 'delivered',
    });
    const trustless = await to(receiver.port, { ...host, tls: { ...tlsFiles.client } });
    expect(await trustless.destination.deliver(delivery(adt('A2')), never)).toMatchObject({
      outcome: 'transient',
      code: 'CONNECT_TLS',
    });
    const nameless = await to(receiver.port, { ...host, tls: { ca: tlsFiles.ca } });
    expect((await nameless.destination.deliver(delivery(adt('A3')), never)).outcome).not.toBe('delivered');
    const misnamed = await to(receiver.port, {
      ...host,
      tls: { ca: tlsFiles.ca, ...tlsFiles.client, serverName: 'other.example' },
    });
    expect(await misnamed.destination.deliver(delivery(adt('A4')), never)).toMatchObject({
      outcome: 'transient',
      code: 'CONNECT_TLS',
    });
    expect(receiver.messages).toEqual([adt('A1')]);
  });

  it('[C39] one signal for many deliveries leaves one listener behind, not one each', async () => {
    const { destination } = await connected();
    const stop = new AbortController();
    let added = 0;
    const add = stop.signal.addEventListener.bind(stop.signal);
    stop.signal.addEventListener = (...given: Parameters<typeof add>) => {
      added += 1;
      add(...given);
    };
    for (let id = 1; id <= 20; id++) await destination.deliver(delivery(adt(String(id))), stop.signal);
    expect(added).toBe(1);
  });
});
