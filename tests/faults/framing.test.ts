import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { mllpSource } from '../../src/exchange/connectors/index.ts';
import { MllpDecoder, type MllpEvent } from '../../src/standards/hl7v2/index.ts';
import { assertKept, check, type Report } from './support/checker.ts';
import { History } from './support/history.ts';
import { controlIdOf, Frames, frame, readAnswer, testMessage, uidOf } from './support/messages.ts';
import { contextOf } from './support/node.ts';
import { type Random, withSeed } from './support/random.ts';
import { Cleanup } from './support/rig.ts';

/** Reliability A1: messages cut anywhere, glued together, torn off. What was framed is one message each, in order; nothing else is. */

const cases = Number(process.env.FAULTS_FRAMES ?? 100_000);
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Stream {
  readonly bytes: Buffer;
  /** The whole messages in it, in order. */
  readonly bodies: readonly Buffer[];
}

/** A few messages with what real lines put between them: noise, frames that break off, single 0x1C and 0x0D within a message. */
function randomStream(random: Random): Stream {
  const parts: Buffer[] = [];
  const bodies: Buffer[] = [];
  const count = random.between(1, 4);
  for (let n = 0; n < count; n += 1) {
    if (random.chance(0.1)) parts.push(noise(random));
    if (random.chance(0.1)) parts.push(frame(randomBody(random)).subarray(0, -2 - random.between(0, 1)));
    const body = randomBody(random);
    bodies.push(body);
    parts.push(frame(body));
  }
  if (random.chance(0.1)) parts.push(noise(random));
  return { bytes: Buffer.concat(parts), bodies };
}

function randomBody(random: Random): Buffer {
  const body = Buffer.alloc(random.chance(0.98) ? random.between(1, 40) : random.between(41, 3_000));
  for (let at = 0; at < body.length; at += 1) body[at] = random.between(32, 126);
  // Bytes that look like marks but are none: 0x1C without 0x0D after it, 0x0D anywhere else.
  if (random.chance(0.2)) body[random.between(0, body.length - 1)] = 0x0d;
  if (body.length > 2 && random.chance(0.1)) body.set([0x1c, 0x41], random.between(0, body.length - 2));
  return body.includes(Buffer.of(0x1c, 0x0d)) || body.at(-1) === 0x1c ? randomBody(random) : body;
}

function noise(random: Random): Buffer {
  const bytes = Buffer.alloc(random.between(1, 20));
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = random.pick([0x0d, 0x0a, 0x00, 0x20, 0x1c, 0x41]);
  return bytes;
}

function cut(bytes: Buffer, random: Random, most = bytes.length): Buffer[] {
  const single = most === bytes.length && random.chance(0.1);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = single ? 1 : random.chance(0.3) ? random.between(1, 3) : random.between(1, most);
    chunks.push(Buffer.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return chunks;
}

interface Decoder {
  push(chunk: Buffer): { kind: string; body?: Uint8Array }[];
}

/** Feeds a random stream in random pieces and judges what comes out by the history's rules. */
function decodeCase(decoder: Decoder, random: Random): Report {
  const { bytes, bodies } = randomStream(random);
  const history = new History();
  // The same content may come twice in one stream, so the place is part of the name.
  for (const [n, body] of bodies.entries()) {
    history.offered({ channel: 'in', uid: `${n}`, keys: ['line'], destinations: ['out'], body });
    history.acknowledged(`${n}`, Buffer.of());
  }
  let arrived = 0;
  for (const chunk of cut(bytes, random)) {
    for (const event of decoder.push(chunk)) {
      if (event.kind !== 'frame' || !event.body) continue;
      const uid = `${arrived}`;
      arrived += 1;
      history.answered(
        history.arrived({ destination: 'out', uid, identity: uid, body: event.body }),
        'positive',
      );
    }
  }
  return check(history, { open: [], settled: [] });
}

test(`[A1] ${cases} streams through the decoder: 0 lost, 0 merged, in order`, { timeout: 240_000 }, () =>
  withSeed((random) => {
    for (let n = 0; n < cases; n += 1) {
      const decoder = new MllpDecoder({ maxFrameBytes: 65_536 });
      const report = decodeCase({ push: (chunk): MllpEvent[] => decoder.push(chunk) }, random);
      if (Object.values(report.counts).some((count) => count > 0)) assertKept(report);
    }
  }),
);

/** Camel's mistake (CAMEL-24668): what follows the first end block in a read is thrown away. */
class OneMessagePerRead implements Decoder {
  #held = Buffer.of();
  push(chunk: Buffer) {
    const all = Buffer.concat([this.#held, chunk]);
    const end = all.indexOf(Buffer.of(0x1c, 0x0d));
    this.#held = end < 0 ? all : Buffer.of();
    return end < 0 ? [] : [{ kind: 'frame', body: all.subarray(all.lastIndexOf(0x0b, end) + 1, end) }];
  }
}

class OnlyTheLastChunk implements Decoder {
  push(chunk: Buffer) {
    const frames = new Frames();
    return frames.push(chunk).map((body) => ({ kind: 'frame', body }));
  }
}

describe('is caught', () => {
  test.each([
    ['one message parsed per read', () => new OneMessagePerRead()],
    ['only the last chunk parsed', () => new OnlyTheLastChunk()],
  ])('%s', (_, broken) =>
    withSeed((random) => {
      let caught = 0;
      for (let n = 0; n < 500; n += 1) if (decodeCase(broken(), random).counts.lost > 0) caught += 1;
      expect(caught).toBeGreaterThan(50);
    }),
  );
});

test('[A1] 4,000 pipelined messages through a real socket, cut anywhere: answers equal messages, in order', () =>
  withSeed(async (random) => {
    const history = new History();
    const source = mllpSource.create(mllpSource.options.parse({ port: 0 }), contextOf('in'));
    cleanup.add(source, (one) => one.stop());
    let taken = 0;
    await source.start(async ({ body }) => {
      const uid = uidOf(body);
      const arrival = history.arrived({ destination: 'out', uid, identity: controlIdOf(body), body });
      taken += 1;
      // Commits end in another order than messages come; the answers must not.
      if (random.chance(0.3)) await new Promise((resolve) => setImmediate(resolve));
      history.answered(arrival, 'positive');
      return { outcome: 'committed', messageId: taken, receivedAt: new Date(), duplicate: false };
    });
    const port = Number(new URL(source.status().address.replace('mllp:', 'http:')).port);

    const connections = Array.from({ length: 8 }, (_, line) =>
      pipelined(history, port, random, `L${line}-`, 500),
    );
    const answered = await Promise.all(connections);
    for (const { sent, answers } of answered) expect(answers).toEqual(sent);
    const report = check(history, { open: [], settled: [] });
    assertKept(report);
    expect(report).toMatchObject({ acknowledged: 4_000, deliveries: 4_000, repeats: 0 });
  }));

/** Writes everything without waiting for an answer, in pieces that respect nothing. */
function pipelined(
  history: History,
  port: number,
  random: Random,
  prefix: string,
  count: number,
): Promise<{ sent: string[]; answers: string[] }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const frames = new Frames();
    const sent: string[] = [];
    const answers: string[] = [];
    const pieces: Buffer[] = [];
    for (let n = 0; n < count; n += 1) {
      const message = testMessage({
        uid: `${prefix}${n}`,
        keys: [`${prefix}${n}`],
        bytes: random.between(0, 2_000),
      });
      history.offered({ ...message, channel: 'in', destinations: ['out'] });
      sent.push(message.uid);
      if (random.chance(0.05)) pieces.push(noise(random));
      if (random.chance(0.05)) pieces.push(frame(message.body).subarray(0, random.between(2, 60)));
      pieces.push(frame(message.body));
    }
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed before all was answered')));
    socket.on('data', (chunk: Buffer) => {
      for (const body of frames.push(chunk)) {
        const { code, controlId } = readAnswer(body);
        answers.push(code === 'AA' ? controlId : `${code} ${controlId}`);
        if (code === 'AA') history.acknowledged(controlId, body);
      }
      if (answers.length < count) return;
      socket.removeAllListeners('close');
      socket.destroy();
      resolve({ sent, answers });
    });
    const chunks = cut(Buffer.concat(pieces), random, 3_000);
    const writeNext = () => {
      for (const chunk of chunks.splice(0, 4)) socket.write(chunk);
      if (chunks.length > 0) setImmediate(writeNext);
    };
    socket.on('connect', writeNext);
  });
}
