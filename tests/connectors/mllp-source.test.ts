import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Accept,
  type Acceptance,
  mllpSource,
  type Source,
} from '../../src/exchange/connectors/index.ts';
import { manualClock, systemClock } from '../../src/foundation/clock/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { eventually } from '../support/index.ts';
import { sourceContract } from './contract.ts';
import {
  adt,
  committed,
  deferred,
  fieldOf,
  frame,
  keepingAccept,
  MllpPeer,
  portOf,
  receivedAt,
  testContext,
  text,
  tlsFiles,
  turns,
} from './support.ts';

sourceContract('mllp', async () => {
  const peers: MllpPeer[] = [];
  return {
    create: (context) => mllpSource.create(mllpSource.options.parse({ port: 0 }), context),
    message: (number) => adt(`M${number}`),
    async send(source, message) {
      const peer = await MllpPeer.connect(portOf(source.status()));
      peers.push(peer);
      for (;;) {
        const code = fieldOf(await peer.ask(message), 'MSA', 1);
        if (code === 'AA') return 'taken';
        if (code === 'AR' || peer.frames.length > 3) return 'refused';
      }
    },
    async cleanup() {
      for (const peer of peers) peer.socket.destroy();
    },
  };
});

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function listening(accept: Accept, options: object = {}, clock = systemClock) {
  const context = testContext(clock);
  const source: Source = mllpSource.create(mllpSource.options.parse({ port: 0, ...options }), context);
  await source.start(accept);
  cleanups.push(() => source.stop());
  const port = portOf(source.status());
  const connect = async () => {
    const peer = await MllpPeer.connect(port);
    cleanups.push(() => void peer.socket.destroy());
    return peer;
  };
  return { source, context, port, connect };
}

const refusing =
  (code: ConstructorParameters<typeof IsthmusError>[0], retry = false): Accept =>
  async () => ({
    outcome: 'refused',
    error: new IsthmusError(code, { place: 'PID-3.4', rule: 'a rule' }),
    retry,
  });

describe('acknowledgments', () => {
  it('[C11] a duplicate gets the same acknowledgment, byte for byte', async () => {
    const { connect } = await listening(async () => committed(4711, { duplicate: true }));
    const peer = await connect();
    const first = await peer.ask(adt('A1'));
    const second = await peer.ask(adt('A1'));
    expect(second).toBe(first);
    expect(fieldOf(first, 'MSA', 1)).toBe('AA');
    expect(fieldOf(first, 'MSA', 2)).toBe('A1');
    expect(fieldOf(first, 'MSH', 10)).toContain('4711');
    expect(fieldOf(first, 'MSH', 7).slice(0, 4)).toBe(String(receivedAt.getUTCFullYear()));
  });

  it.each([
    ['', '', ['AA']],
    ['AL', 'NE', ['CA']],
    ['AL', 'AL', ['CA', 'AA']],
    ['NE', 'AL', ['AA']],
    ['SU', 'ER', ['CA']],
  ])('[C12] MSH-15 %j and MSH-16 %j: a committed message gets %j', async (accept, application, codes) => {
    const { connect } = await listening(keepingAccept().accept);
    const peer = await connect();
    peer.send(adt('A1', { 15: accept, 16: application }));
    const answers = await peer.frameCount(codes.length);
    expect(answers.map((answer) => fieldOf(answer, 'MSA', 1))).toEqual(codes);
    expect(new Set(answers.map((answer) => fieldOf(answer, 'MSH', 10))).size).toBe(codes.length);
  });

  it('[C12] NE and NE get nothing, and the next message its own answer', async () => {
    const { accept, received } = keepingAccept();
    const { connect } = await listening(accept);
    const peer = await connect();
    peer.send(adt('A1', { 15: 'NE', 16: 'NE' }));
    expect(fieldOf(await peer.ask(adt('A2')), 'MSA', 2)).toBe('A2');
    expect(received).toHaveLength(2);
  });

  it.each([
    ['STEP_FAILED', false, '', 'AE', '207'],
    ['DATABASE_UNAVAILABLE', true, '', 'AE', '207'],
    ['HL7_UNSUPPORTED_MESSAGE', false, '', 'AR', '200'],
    ['HL7_MISSING_FIELD', false, 'AL', 'CE', '101'],
    ['HL7_PROCESSING_ID', false, 'AL', 'CR', '202'],
    ['QUEUE_CONTROL_ID_REUSED', false, '', 'AE', '205'],
  ] as const)(
    '[C13] %s (again: %s), MSH-15 %j: %s with ERR-3 %s',
    async (code, retry, msh15, expected, condition) => {
      const { connect } = await listening(refusing(code, retry));
      const answer = await (await connect()).ask(adt('A1', { 15: msh15 }));
      expect(fieldOf(answer, 'MSA', 1)).toBe(expected);
      expect(fieldOf(answer, 'ERR', 2)).toBe('PID^1^3^1^4');
      expect(fieldOf(answer, 'ERR', 3).split('^')[0]).toBe(condition);
      expect(answer).not.toContain('Specimen');
    },
  );

  it('[C14] MSH-11 and MSH-12 that are not listed are rejected before accept', async () => {
    const { accept, received } = keepingAccept();
    const { connect } = await listening(accept, { processingIds: ['P'], versions: ['2.5.1'] });
    const peer = await connect();
    const test = await peer.ask(adt('A1', { 11: 'T' }));
    const old = await peer.ask(adt('A2', { 12: '2.3' }));
    expect([test, old].map((answer) => fieldOf(answer, 'MSA', 1))).toEqual(['AR', 'AR']);
    expect(test).toContain('MSH^1^11');
    expect(received).toHaveLength(0);
  });

  it.each([
    ['MARTIAN', 'AR', 'MSH^1^18^1'],
    ['UNICODE UTF-16', 'AR', 'MSH^1^18^1'],
  ])('[C15] character set %s: %s at %s, before accept', async (charset, code, place) => {
    const { accept, received } = keepingAccept();
    const { connect } = await listening(accept);
    const answer = await (await connect()).ask(adt('A1', { 18: charset }));
    expect(fieldOf(answer, 'MSA', 1)).toBe(code);
    expect(fieldOf(answer, 'ERR', 2)).toBe(place);
    expect(received).toHaveLength(0);
  });

  it('[C15] bytes outside the declared set are refused with their field, and taken with a default set', async () => {
    const { accept, received } = keepingAccept();
    const message = adt('A1').replace('Sam', 'S\xe4m');
    const strict = await listening(accept);
    const answer = await (await strict.connect()).ask(message);
    expect([fieldOf(answer, 'MSA', 1), fieldOf(answer, 'ERR', 2)]).toEqual(['AE', 'PID^1^5']);
    const lenient = await listening(accept, { defaultCharset: '8859/1' });
    expect(fieldOf(await (await lenient.connect()).ask(message), 'MSA', 1)).toBe('AA');
    expect(received.map((one) => text(one.body))).toEqual([message]);
  });

  it('[C16] a frame without MSH: AR under a control id of ours, or a closed connection', async () => {
    const { accept, received } = keepingAccept();
    const rejecting = await listening(accept);
    const peer = await rejecting.connect();
    const answer = await peer.ask('PID|1||SYN-1\r');
    expect(fieldOf(answer, 'MSA', 1)).toBe('AR');
    expect(fieldOf(answer, 'MSH', 10)).not.toBe('');
    expect(fieldOf(await peer.ask(adt('A2')), 'MSA', 1)).toBe('AA');
    const closing = await (await listening(accept, { unparsable: 'close' })).connect();
    closing.send('PID|1||SYN-1\r');
    await closing.closed;
    expect(closing.frames).toEqual([]);
    expect(received).toHaveLength(1);
  });

  it('[C17] a synchronous reply takes the place of the application acknowledgment', async () => {
    const reply = Buffer.from('MSH|^~\\&|X|Y|||||RSP^K22|R1|P|2.5.1\rMSA|AA|A1\rQAK|1|OK\r');
    const { connect } = await listening(async () => committed(1, { reply }));
    const peer = await connect();
    expect(await peer.ask(adt('A1'))).toBe(text(reply));
    peer.send(adt('A1', { 15: 'AL', 16: 'AL' }));
    const answers = (await peer.frameCount(3)).slice(1);
    expect(fieldOf(answers[0] ?? '', 'MSA', 1)).toBe('CA');
    expect(answers[1]).toBe(text(reply));
  });

  it('[C17] a reply that no frame can hold does not make the sender repeat a committed message', async () => {
    const { connect } = await listening(async () => committed(1, { reply: Buffer.from([0x0b, 0x1c, 0x0d]) }));
    expect(fieldOf(await (await connect()).ask(adt('A1')), 'MSA', 1)).toBe('AA');
  });

  it('[C18] release 2: a commit block before the answer, and none for the peer’s', async () => {
    const { accept, received } = keepingAccept();
    const { connect } = await listening(accept, { release: 2 });
    const peer = await connect();
    peer.send(adt('A1'));
    const [block, answer] = await peer.frameCount(2);
    expect(block).toBe('\x06');
    expect(fieldOf(answer ?? '', 'MSA', 1)).toBe('AA');
    peer.send('\x06');
    peer.send('PID|1\r');
    expect((await peer.frameCount(3))[2]).toBe('\x15');
    expect(received).toHaveLength(1);
  });
});

describe('order and bounds', () => {
  it('[C20] no more frames in accept than the limit, and reading goes on afterwards', async () => {
    const gates: ((acceptance: Acceptance) => void)[] = [];
    let most = 0;
    let now = 0;
    const { connect } = await listening(
      () =>
        new Promise((settle) => {
          now += 1;
          most = Math.max(most, now);
          gates.push((acceptance) => {
            now -= 1;
            settle(acceptance);
          });
        }),
      { maxInFlight: 4 },
    );
    const peer = await connect();
    for (let id = 1; id <= 50; id++) peer.send(adt(String(id)));
    for (let id = 1; id <= 50; id++) {
      const gate = await eventually(() => gates.shift());
      gate(committed(id));
    }
    const answers = await peer.frameCount(50);
    expect(answers.map((answer) => fieldOf(answer, 'MSA', 2))).toEqual(
      Array.from({ length: 50 }, (_, index) => String(index + 1)),
    );
    expect(most).toBe(4);
  });

  it('[C21] a frame over the limit is answered with a clear text, and the connection lives on', async () => {
    const { accept, received } = keepingAccept();
    const { connect } = await listening(accept, { maxFrameBytes: 2_048 });
    const peer = await connect();
    const answer = await peer.ask(`${adt('BIG')}OBX|1|TX|||${'x'.repeat(300_000)}\r`);
    expect([fieldOf(answer, 'MSA', 1), fieldOf(answer, 'MSA', 2)]).toEqual(['AR', 'BIG']);
    expect(answer).toContain('2048');
    expect(fieldOf(await peer.ask(adt('A2')), 'MSA', 2)).toBe('A2');
    expect(received).toHaveLength(1);
  });

  it('[C22] 10 MB of noise and a torn frame cost nothing but a line in the log', async () => {
    const { accept, received } = keepingAccept();
    const { connect, context } = await listening(accept);
    const peer = await connect();
    for (let megabytes = 0; megabytes < 10; megabytes++) peer.write(Buffer.alloc(1_048_576, 'N'));
    peer.write(frame(adt('TORN')).subarray(0, -2));
    expect(fieldOf(await peer.ask(adt('A1')), 'MSA', 2)).toBe('A1');
    expect(received.map((one) => text(one.body))).toEqual([adt('A1')]);
    const codes = context.lines.map((line) => (line.fields as { code?: string }).code).filter(Boolean);
    expect(new Set(codes)).toEqual(new Set(['MLLP_NOISE', 'MLLP_TORN_FRAME']));
    expect(codes.filter((code) => code === 'MLLP_NOISE')).toHaveLength(1);
  });

  it('[C23] a frame that does not end in time closes its connection; a slow but lively one is taken', async () => {
    const clock = manualClock();
    const { accept, received } = keepingAccept();
    const { connect } = await listening(accept, { frameTimeoutMs: 1_000, idleTimeoutMs: 60_000 }, clock);
    const slow = await connect();
    const lively = await connect();
    const message = frame(adt('A1'));
    lively.write(message.subarray(0, 10));
    await turns();
    clock.advance(900);
    lively.write(message.subarray(10));
    await lively.frameCount(1);
    let at = 0;
    const startMs = clock.monotonicMs();
    await eventually(() => {
      slow.write(message.subarray(at, at + 1));
      at += 1;
      clock.advance(250);
      return slow.isClosed;
    });
    expect(clock.monotonicMs() - startMs).toBeGreaterThan(1_000);
    expect(slow.frames).toEqual([]);
    expect(received).toHaveLength(1);
    expect(lively.isClosed).toBe(false);
  });

  it('[C24] an idle connection is closed, one that waits for us is not', async () => {
    const clock = manualClock();
    const gate = deferred<Acceptance>();
    const called = deferred<void>();
    const { connect } = await listening(
      () => {
        called.resolve();
        return gate.promise;
      },
      { idleTimeoutMs: 1_000 },
      clock,
    );
    const idle = await connect();
    const waiting = await connect();
    waiting.send(adt('A1'));
    await called.promise;
    await eventually(() => {
      clock.advance(500);
      return idle.isClosed;
    });
    expect(waiting.isClosed).toBe(false);
    gate.resolve(committed(1));
    expect(fieldOf((await waiting.frameCount(1))[0] ?? '', 'MSA', 1)).toBe('AA');
  });

  it('[C25] a sender that closes its side after its message still gets the answer', async () => {
    const { connect } = await listening(keepingAccept().accept);
    const peer = await connect();
    peer.socket.end(frame(adt('A1')));
    expect(fieldOf((await peer.frameCount(1))[0] ?? '', 'MSA', 2)).toBe('A1');
    await peer.closed;
  });

  it('[C26] connections over the limit are refused, the others live on', async () => {
    const { connect } = await listening(keepingAccept().accept, { maxConnections: 2 });
    const [first] = [await connect(), await connect()];
    const third = await connect();
    await third.closed;
    expect(fieldOf(await first.ask(adt('A1')), 'MSA', 1)).toBe('AA');
  });

  it('[C2] a failure inside accept closes the connection and says nothing', async () => {
    const { connect } = await listening(() => Promise.reject(new Error('defect')));
    const peer = await connect();
    peer.send(adt('A1'));
    await peer.closed;
    expect(peer.frames).toEqual([]);
  });
});

describe('exposure and TLS', () => {
  it('[C27] binds off loopback only with mutual TLS or the explicit override', async () => {
    const issues = (options: object) =>
      mllpSource.options.safeParse({ port: 0, ...options }).error?.issues.map((one) => one.path[0]);
    const oneWay = { ...tlsFiles.server };
    expect(issues({ host: '0.0.0.0' })).toEqual(['host']);
    expect(issues({ host: '0.0.0.0', tls: oneWay })).toEqual(['host']);
    expect(issues({ host: '0.0.0.0', tls: { ...oneWay, ca: tlsFiles.ca } })).toBeUndefined();
    expect(issues({ host: '0.0.0.0', allowPlaintextOffLoopback: true })).toBeUndefined();
    expect(issues({ host: '127.8.8.8' })).toBeUndefined();
    const unchecked = mllpSource.create(
      { ...mllpSource.options.parse({ port: 0 }), host: '0.0.0.0' },
      testContext(),
    );
    await expect(unchecked.start(keepingAccept().accept)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('[C28] a port that is taken is PORT_TAKEN with its place', async () => {
    const { port } = await listening(keepingAccept().accept);
    const second = mllpSource.create(mllpSource.options.parse({ port }), testContext());
    await expect(second.start(keepingAccept().accept)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      place: `127.0.0.1:${port}`,
    });
  });

  async function tlsPeer(port: number, identity: object): Promise<MllpPeer> {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      ca: tlsFiles.ca,
      servername: 'localhost',
      ...identity,
    });
    const peer = new MllpPeer(socket);
    cleanups.push(() => void socket.destroy());
    return peer;
  }

  it('[C29] mutual TLS: the certificate of our authority gets in under its name, strangers and the nameless do not', async () => {
    const { accept, received } = keepingAccept();
    const { port } = await listening(accept, { tls: { ...tlsFiles.server, ca: tlsFiles.ca } });
    const known = await tlsPeer(port, tlsFiles.client);
    expect(fieldOf(await known.ask(adt('A1')), 'MSA', 1)).toBe('AA');
    expect(received[0]?.peer).toBe('lab-1');
    for (const identity of [tlsFiles.stranger, {}]) {
      const stranger = await tlsPeer(port, identity);
      stranger.send(adt('A2'));
      await stranger.closed;
      expect(stranger.frames).toEqual([]);
    }
    expect(received).toHaveLength(1);
  });

  it('[C29] a list of clients lets only those in, and an empty list nobody', async () => {
    for (const [clients, answers] of [
      [['lab-1'], 1],
      [['lab-2'], 0],
      [[], 0],
    ] as const) {
      const { port } = await listening(keepingAccept().accept, {
        tls: { ...tlsFiles.server, ca: tlsFiles.ca, clients },
      });
      const peer = await tlsPeer(port, tlsFiles.client);
      peer.send(adt('A1'));
      await Promise.race([peer.closed, peer.frameCount(1).catch(() => undefined)]);
      expect(peer.frames).toHaveLength(answers);
    }
  });
});
