import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/index.ts';
import { assertKept } from './support/checker.ts';
import { type EngineChild, startEngine } from './support/engine-child.ts';
import { Frames, frame, readAnswer, testMessage } from './support/messages.ts';
import { mllpReceiver, type Receiver } from './support/receiver.ts';
import { Cleanup, drained, History, judged, newDatabase } from './support/rig.ts';
import { LockstepSender } from './support/sender.ts';

/** Reliability A16 and bad input on a real line: what is too large, too noisy or no message at all does not hurt the others. */

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const megabyte = 1_000_000;

interface Scene {
  readonly history: History;
  readonly url: string;
  readonly child: EngineChild;
  readonly port: number;
  readonly peer: Receiver;
  sender(): LockstepSender;
  line(): Promise<Line>;
}

async function setScene(maxFrameBytes?: number): Promise<Scene> {
  const history = new History();
  const { url } = await newDatabase(cleanup);
  const peer = cleanup.add(await mllpReceiver(history, 'ward'), (one) => one.stop());
  const child = await startEngine({
    url,
    node: 'node',
    channels: [
      {
        name: 'adt',
        order: 'key',
        ...(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
        destinations: [
          { name: 'ward', kind: 'mllp', port: peer.port, order: 'key', lanes: 4, answerTimeoutMs: 30_000 },
        ],
      },
    ],
  });
  const { ports } = await child.ready;
  const port = ports.adt ?? 1;
  const sender = () =>
    cleanup.add(
      new LockstepSender({
        history,
        channel: 'adt',
        port: () => port,
        destinations: () => ['ward'],
        answerMs: 60_000,
      }),
      (one) => one.stop(),
    );
  return { history, url, child, port, peer, sender, line: () => openLine(port) };
}

async function memoryOf(child: EngineChild): Promise<{ peakBytes: number; nowBytes: number }> {
  const before = child.words.length;
  child.signal('SIGUSR2');
  return eventually(() => child.words.slice(before).find((said) => said.word === 'memory'), {
    what: 'the memory',
  });
}

test('[A16] one message of 50 MB: delivered, and RSS stays within 4 times its size and 150 MB', async () => {
  const scene = await setScene();
  const size = 50 * megabyte;
  const sender = scene.sender();
  await sender.send(testMessage({ uid: 'small', keys: ['P1'] }));
  const idle = await memoryOf(scene.child);
  await sender.send(testMessage({ uid: 'large', keys: ['P1'], bytes: size }));
  await sender.send(testMessage({ uid: 'after', keys: ['P1'] }));
  await drained(scene.url, { deadlineMs: 60_000 });
  const { peakBytes } = await memoryOf(scene.child);
  console.log(
    JSON.stringify({
      idleMb: Math.round(idle.nowBytes / megabyte),
      peakMb: Math.round(peakBytes / megabyte),
    }),
  );
  assertKept(await judged(scene.history, scene.url));
  expect(scene.history.deliveredTo('ward')).toBe(3);
  expect(peakBytes).toBeLessThan(4 * size + 150 * megabyte);
});

interface Line {
  readonly socket: Socket;
  /** The answers so far. */
  readonly answers: Buffer[];
  write(bytes: Uint8Array): Promise<void>;
}

function openLine(port: number): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    cleanup.add(socket, (one) => one.destroy());
    const frames = new Frames();
    const answers: Buffer[] = [];
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => void answers.push(...frames.push(chunk)));
    socket.on('connect', () =>
      resolve({
        socket,
        answers,
        write: (bytes) => new Promise((written) => socket.write(bytes, () => written())),
      }),
    );
  });
}

test('[A16] over the limit: refused before it is all there, and the connection and the others live on', async () => {
  const limit = 2 * megabyte;
  const scene = await setScene(limit);
  const other = scene.sender();
  const line = await scene.line();
  const large = frame(testMessage({ uid: 'large', keys: ['P1'], bytes: 100 * megabyte }).body);
  let written = 0;
  while (line.answers.length === 0 && written < large.length - 64 * 1024) {
    await line.write(large.subarray(written, written + 64 * 1024));
    written += 64 * 1024;
  }
  const answer = await eventually(() => line.answers[0], { what: 'a refusal' });
  const text = answer.toString('latin1');
  expect(readAnswer(answer)).toMatchObject({ code: 'AR', controlId: 'large' });
  expect(text).toContain(String(limit));
  expect(written).toBeLessThan(large.length / 2);

  await other.send(testMessage({ uid: 'elsewhere', keys: ['P2'] }));
  await line.write(large.subarray(written));
  const message = testMessage({ uid: 'same line', keys: ['P3'] });
  scene.history.offered({ ...message, channel: 'adt', destinations: ['ward'] });
  await line.write(frame(message.body));
  const second = await eventually(() => line.answers[1], { what: 'an answer to what comes after' });
  expect(readAnswer(second)).toMatchObject({ code: 'AA', controlId: 'same line' });
  scene.history.acknowledged('same line', second);
  await drained(scene.url);
  assertKept(await judged(scene.history, scene.url));
  expect((await memoryOf(scene.child)).peakBytes).toBeLessThan(250 * megabyte);
});

test('[bad input] 10 MB of noise before a frame: thrown away, the frame is taken', async () => {
  const scene = await setScene();
  const line = await scene.line();
  const noise = Buffer.alloc(10 * megabyte, 'noise without a start block\r\n');
  for (let at = 0; at < noise.length; at += 256 * 1024) await line.write(noise.subarray(at, at + 256 * 1024));
  const message = testMessage({ uid: 'at last', keys: ['P1'] });
  scene.history.offered({ ...message, channel: 'adt', destinations: ['ward'] });
  await line.write(frame(message.body));
  const answer = await eventually(() => line.answers[0], { what: 'an answer' });
  expect(readAnswer(answer)).toMatchObject({ code: 'AA', controlId: 'at last' });
  scene.history.acknowledged('at last', answer);
  await drained(scene.url);
  assertKept(await judged(scene.history, scene.url));
  expect((await memoryOf(scene.child)).peakBytes).toBeLessThan(250 * megabyte);
});

const good = (uid: string) => testMessage({ uid, keys: ['P1'] }).body.toString('latin1');

test.each([
  ['no MSH', 'PID|1||P1\r', 'AR', 'MSH'],
  ['an empty MSH', 'MSH\r', 'AR', 'MSH'],
  ['delimiters that are no delimiters', good('x').replace('MSH|^~\\&|', 'MSH|||||'), 'AR', 'MSH'],
  ['an unknown character set', good('x').replace('|2.5.1\r', '|2.5.1||||||KLINGON\r'), 'AR', 'MSH-18'],
])(
  '[bad input] %s: a refusal that names the place and no data, and the next message is taken',
  async (_, text, code, place) => {
    const scene = await setScene();
    const line = await scene.line();
    await line.write(frame(Buffer.from(text, 'latin1')));
    const refusal = await eventually(() => line.answers[0], { what: 'a refusal' });
    expect(readAnswer(refusal).code).toBe(code);
    expect(refusal.toString('latin1').replaceAll('^', '-')).toContain(place);
    expect(refusal.toString('latin1')).not.toMatch(/Person/);
    const message = testMessage({ uid: 'next', keys: ['P1'] });
    scene.history.offered({ ...message, channel: 'adt', destinations: ['ward'] });
    await line.write(frame(message.body));
    const answer = await eventually(() => line.answers[1], { what: 'an answer' });
    expect(readAnswer(answer)).toMatchObject({ code: 'AA', controlId: 'next' });
    scene.history.acknowledged('next', answer);
    await drained(scene.url);
    assertKept(await judged(scene.history, scene.url));
  },
);

test('[bad input] a frame that breaks off with its connection: no answer, nothing kept, the others live on', async () => {
  const scene = await setScene();
  const line = await scene.line();
  await line.write(frame(testMessage({ uid: 'torn', keys: ['P1'] }).body).subarray(0, -2));
  line.socket.end();
  await new Promise((resolve) => line.socket.once('close', resolve));
  expect(line.answers).toEqual([]);
  await scene.sender().send(testMessage({ uid: 'next', keys: ['P1'] }));
  await drained(scene.url);
  const report = await judged(scene.history, scene.url);
  assertKept(report);
  expect(report).toMatchObject({ acknowledged: 1, deliveries: 1 });
});
