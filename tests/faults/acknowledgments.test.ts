import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Deliver, DeliveryResult } from '../../src/exchange/queue/index.ts';
import { assertKept, check, type Place } from './support/checker.ts';
import { answerTo, controlIdOf, Frames, frame, readAnswer, testMessage } from './support/messages.ts';
import { makeDestination, startNode } from './support/node.ts';
import { type Random, withSeed } from './support/random.ts';
import { mllpReceiver, type Reaction, type Script } from './support/receiver.ts';
import { Cleanup, drained, History, judged, newDatabase, startSenders } from './support/rig.ts';

/** Reliability A13: a peer that answers in every wrong way. DELIVERED only on a well-formed positive answer whose MSA-2 is the MSH-10. */

const cases = Number(process.env.FAULTS_ANSWERS ?? 10_000);
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const answerTimeoutMs = 25;
const positive = (body: Buffer): Reaction => ({ bytes: frame(answerTo(body, 'AA')), counts: 'positive' });
const negative = (body: Buffer, code: string): Reaction => ({
  bytes: frame(answerTo(body, code)),
  counts: 'negative',
});
const other = (bytes: Uint8Array, close = false): Reaction => ({ bytes, counts: 'other', close });

/** Each says something else than "yes, this one". */
const wrong: Record<string, (body: Buffer, random: Random) => Reaction> = {
  AE: (body) => negative(body, 'AE'),
  AR: (body) => negative(body, 'AR'),
  CE: (body) => negative(body, 'CE'),
  CR: (body) => negative(body, 'CR'),
  'no such code': (body, random) =>
    other(frame(answerTo(body, random.pick(['', 'aa', 'AAA', 'OK', 'A', 'AA&AA', 'AA^AE', 'AA~AR'])))),
  'foreign MSA-2': (body, random) =>
    other(frame(answerTo(body, 'AA', random.pick(['X', '', `${controlIdOf(body)}0`])))),
  'MSA-2 of the message before': (body) => other(frame(answerTo(body, 'AA', previousTo(controlIdOf(body))))),
  'no MSA': () => other(frame(Buffer.from('MSH|^~\\&|A|B|C|D|20260101||ACK|1|P|2.5.1\r'))),
  'no MSH': (body) => other(frame(Buffer.from(`MSA|AA|${controlIdOf(body)}\r`))),
  'the message itself': (body) => other(frame(body)),
  'random bytes in a frame': (_, random) => other(frame(randomBytes(random, random.between(1, 200)))),
  'random bytes': (_, random) => other(randomBytes(random, random.between(1, 200))),
  'text of another protocol': () => other(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')),
  'half an answer, then the end': (body) => other(frame(answerTo(body, 'AA')).subarray(0, -5), true),
  'the end': () => ({ close: true }),
  silence: () => ({}),
  // Positive all the same, should it still be waited for; the danger is that it is credited to the next message.
  'too late': (body) => ({ ...positive(body), afterMs: answerTimeoutMs * 2 }),
};

const kinds = Object.keys(wrong);
const previousTo = (controlId: string): string =>
  controlId.replace(/\d+$/, (digits) => String(Number(digits) - 1));

/** Without the marks of a frame in them. */
function randomBytes(random: Random, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = random.between(0x20, 0xff);
  return bytes;
}

/** Judged apart from the product: changes a good answer somewhere and says whether it still is one. */
function damaged(body: Buffer, random: Random): Reaction {
  const answer = answerTo(body, 'AA');
  answer[random.between(0, answer.length - 1)] = random.between(0x20, 0x7e);
  const { code, controlId } = readAnswer(answer);
  const isGood =
    /^MSH\|/.test(answer.toString('latin1')) && /^[AC]A$/.test(code) && controlId === controlIdOf(body);
  return { bytes: frame(answer), counts: isGood ? 'positive' : 'other' };
}

/** One delivery after the other on each lane, straight into the destination: what it says against what the peer said. */
async function deliverCases(
  history: History,
  options: { port: number; random: Random; count: number; deliver: Deliver; lanes: number },
): Promise<{ settled: Place[]; outcomes: Record<string, number> }> {
  const { count, deliver, lanes } = options;
  const settled: Place[] = [];
  const outcomes: Record<string, number> = {};
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < count; n = next++) {
      const message = testMessage({ uid: `M${n}`, keys: [`M${n}`] });
      history.offered({ ...message, channel: 'adt', destinations: ['ward'] });
      const result = await deliver(entryOf(message), new AbortController().signal);
      outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
      if (result.outcome === 'delivered') settled.push({ destination: 'ward', uid: message.uid });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { settled, outcomes };
}

const entryOf = ({ uid, body, keys }: ReturnType<typeof testMessage>) => ({
  queue: 'adt>ward',
  sequence: 1,
  messageId: 1,
  keys,
  content: body,
  contentType: 'application/hl7-v2',
  type: 'ADT^A08',
  correlationId: uid,
  receivedAt: new Date(),
  label: undefined,
  idempotencyKey: uid,
  attempt: 1,
});

test(`[A13] ${cases} answers of every kind: delivered only on a positive one that belongs to the message`, () =>
  withSeed(async (random) => {
    const history = new History();
    const told: Record<string, number> = {};
    const script: Script = ({ body }) => {
      const kind = random.chance(0.4) ? 'AA' : random.chance(0.2) ? 'damaged' : random.pick(kinds);
      told[kind] = (told[kind] ?? 0) + 1;
      if (kind === 'AA') return positive(body);
      return kind === 'damaged' ? damaged(body, random) : (wrong[kind]?.(body, random) ?? {});
    };
    const peer = cleanup.add(await mllpReceiver(history, 'ward', script), (one) => one.stop());
    const wanted = {
      name: 'ward',
      kind: 'mllp',
      port: peer.port,
      order: 'key',
      lanes: 16,
      answerTimeoutMs,
    } as const;
    const destination = cleanup.add(makeDestination(wanted, 'node'), (one) => one.stop());
    await destination.start();
    const deliver: Deliver = (entry, signal) => destination.deliver(entry, signal);
    const { settled, outcomes } = await deliverCases(history, {
      port: peer.port,
      random,
      count: cases,
      deliver,
      lanes: 16,
    });
    const report = check(history, { open: [], settled });
    console.log(JSON.stringify({ outcomes, told, unproven: report.counts.unproven }));
    expect(report.counts.unproven).toBe(0);
    // And it does deliver: a plain AA that was read in time always counts.
    expect(settled.length).toBeGreaterThanOrEqual((told.AA ?? 0) * 0.98);
    for (const kind of kinds) expect(told[kind]).toBeGreaterThan(0);
  }));

test('[A13] through the queue: bad answers are repeated or parked until a good one comes, in order', () =>
  withSeed(async (random) => {
    const history = new History();
    const { url, database } = await newDatabase(cleanup, 8);
    const repeatable = kinds.filter((kind) => !['AR', 'CR', 'silence', 'too late'].includes(kind));
    const peer = await mllpReceiver(history, 'ward', ({ body, nth }) => {
      if (nth > 3 || random.chance(0.7)) return positive(body);
      return wrong[random.pick(repeatable)]?.(body, random) ?? {};
    });
    cleanup.add(peer, (one) => one.stop());
    const node = await startNode(
      {
        node: 'node',
        channels: [
          {
            name: 'adt',
            order: 'key',
            destinations: [
              { name: 'ward', kind: 'mllp', port: peer.port, order: 'key', lanes: 8, answerTimeoutMs: 200 },
            ],
          },
        ],
      },
      { database },
    );
    cleanup.add(node, (one) => one.stop());
    const senders = startSenders(
      history,
      { port: () => node.ports.adt ?? 1 },
      {
        load: { channel: 'adt', messages: 1_000, keys: 50, connections: 10 },
        random,
        destinations: () => ['ward'],
      },
    );
    await senders.done;
    await drained(url, { deadlineMs: 60_000 });
    const report = await judged(history, url);
    console.log(JSON.stringify(report));
    assertKept(report);
    expect(report.repeats).toBeGreaterThan(200);
  }));

/** What others have shipped: an MLLP client that is content with too little. */
function naiveClient(
  port: number,
  isPositive: (answer: Buffer, sent: Buffer) => boolean,
): Deliver & { close(): void } {
  let socket: Socket | undefined;
  let frames = new Frames();
  let onAnswer: ((answer: Buffer) => void) | undefined;
  const deliver = async (entry: { content: Uint8Array }): Promise<DeliveryResult> => {
    const body = Buffer.from(entry.content);
    const result = (outcome: 'delivered' | 'ambiguous'): DeliveryResult =>
      outcome === 'delivered'
        ? { outcome, acknowledgment: 'AA' }
        : { outcome, code: 'ANSWER_TIMEOUT', detail: '', scope: 'entry' };
    const to = socket ?? connect({ port, host: '127.0.0.1' });
    if (!socket) {
      frames = new Frames();
      to.on('data', (chunk: Buffer) => {
        for (const answer of frames.push(chunk)) onAnswer?.(answer);
      });
      to.on('error', () => to.destroy());
      to.on('close', () => {
        socket = undefined;
        onAnswer?.(Buffer.of());
      });
    }
    socket = to;
    return new Promise((resolve) => {
      // It keeps the connection after a time-out: the late answer goes to the next message.
      const limit = setTimeout(() => done(Buffer.of()), answerTimeoutMs);
      const done = (answer: Buffer) => {
        clearTimeout(limit);
        onAnswer = undefined;
        resolve(result(answer.length > 0 && isPositive(answer, body) ? 'delivered' : 'ambiguous'));
      };
      onAnswer = done;
      to.write(frame(body));
    });
  };
  return Object.assign(deliver, { close: () => void socket?.destroy() });
}

describe('the checker catches', () => {
  test.each<[string, (answer: Buffer) => boolean]>([
    [
      'a malformed acknowledgment that counts as sent',
      (answer) => !/\rMSA\|(AE|AR|CE|CR)\|/.test(answer.toString('latin1')),
    ],
    ['MSA-2 that is not compared', (answer) => readAnswer(answer).code === 'AA'],
  ])('%s', (_, isPositive) =>
    withSeed(async (random) => {
      const history = new History();
      const peer = await mllpReceiver(history, 'ward', ({ body }) =>
        random.chance(0.3) ? positive(body) : (wrong[random.pick(kinds)]?.(body, random) ?? {}),
      );
      cleanup.add(peer, (one) => one.stop());
      const deliver = cleanup.add(naiveClient(peer.port, isPositive), (client) => client.close());
      const { settled } = await deliverCases(history, {
        port: peer.port,
        random,
        count: 300,
        deliver,
        lanes: 1,
      });
      const report = check(history, { open: [], settled });
      expect(report.counts.unproven).toBeGreaterThan(0);
    }),
  );
});
