import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  frameCommitBlock,
  frameMllp,
  MllpDecoder,
  type MllpEvent,
  readCommitBlock,
} from '../../src/standards/hl7v2/index.ts';
import { failure } from './support.ts';

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const bytes = (text: string) => Buffer.from(text, 'latin1');

/** Events as short text, so that a table of them can be read: `frame abc`, `noise 3`, `torn 2`, `too-large`. */
function shown(events: readonly MllpEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === 'frame') return `frame ${latin1(event.body)}`;
    return event.kind === 'too-large' ? event.kind : `${event.kind} ${event.bytes}`;
  });
}

function decode(chunks: readonly Uint8Array[], limits = { maxFrameBytes: 1000 }): MllpEvent[] {
  const decoder = new MllpDecoder(limits);
  return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
}

describe('frames', () => {
  test.each([
    ['[H1] one frame', ['\x0bA\x1c\r'], ['frame A']],
    [
      '[H1] many frames and a part in one chunk',
      ['\x0bA\x1c\r\x0bB\x1c\r\x0bC', 'D\x1c\r'],
      ['frame A', 'frame B', 'frame CD'],
    ],
    ['[H1] cut between 0x1C and 0x0D', ['\x0bA\x1c', '\r\x0bB\x1c\r'], ['frame A', 'frame B']],
    ['[H1] cut behind the start block', ['\x0b', 'A', '\x1c', '\r'], ['frame A']],
    ['[H1] cut inside a multi-byte character', ['\x0b\xc3', '\xa4\x1c\r'], ['frame \xc3\xa4']],
    ['[H1] CR inside the body is content', ['\x0bA\rB\r\x1c\r'], ['frame A\rB\r']],
    ['[H2] noise before a frame is counted and never prepended', ['xyz\x0bA\x1c\r'], ['noise 3', 'frame A']],
    ['[H2] noise between frames', ['\x0bA\x1c\r\n\n\x0bB\x1c\r'], ['frame A', 'noise 2', 'frame B']],
    ['[H2] noise in several chunks is one run', ['xy', 'z', '\x0bA\x1c\r'], ['noise 3', 'frame A']],
    ['[H2] noise at the end', ['\x0bA\x1c\rend'], ['frame A', 'noise 3']],
    ['[H2] a start block inside a frame tears it', ['\x0bAB\x0bC\x1c\r'], ['torn 2', 'frame C']],
    ['[H2] also over chunks', ['\x0bA', 'B', '\x0b', 'C\x1c\r'], ['torn 2', 'frame C']],
    ['[H2] two start blocks lose nothing', ['\x0b\x0bA\x1c\r'], ['frame A']],
    ['[H2] 0x1C without 0x0D is content', ['\x0bA\x1cB\x1c\r'], ['frame A\x1cB']],
    ['[H2] also when a chunk ends there', ['\x0bA\x1c', 'B\x1c\r'], ['frame A\x1cB']],
    ['[H2] 0x1C twice before 0x0D', ['\x0bA\x1c', '\x1c\r'], ['frame A\x1c']],
    ['[H2] a lost CR does not glue two messages', ['\x0bA\x1c\x0bB\x1c\r'], ['torn 2', 'frame B']],
    ['[H2] an empty frame is ignored', ['\x0b\x1c\r\x0bA\x1c\r'], ['frame A']],
    ['[H2] the stream ends inside a frame', ['\x0bABC'], ['torn 3']],
    ['[H2] the stream ends behind 0x1C', ['\x0bABC\x1c'], ['torn 4']],
  ])('%s', (_name, chunks, expected) => {
    expect(shown(decode(chunks.map(bytes)))).toEqual(expected);
  });

  test('[H2] a run of noise is reported each time it reaches the cap', () => {
    const decoder = new MllpDecoder({ maxFrameBytes: 10, maxNoiseBytes: 4 });
    expect(shown(decoder.push(bytes('123456789')))).toEqual(['noise 4', 'noise 4']);
    expect(shown(decoder.push(bytes('\x0bA\x1c\r')))).toEqual(['noise 1', 'frame A']);
  });

  test('[H2] 10 MB of noise are survived in bounded memory and the next message is taken', () => {
    const decoder = new MllpDecoder({ maxFrameBytes: 1000 });
    const chunk = Buffer.alloc(65_536, 0x2e);
    let noise = 0;
    for (let count = 0; count < 160; count++) {
      for (const event of decoder.push(chunk)) noise += event.kind === 'noise' ? event.bytes : 0;
    }
    expect(noise).toBe(160 * 65_536);
    expect(shown(decoder.push(bytes('\x0bA\x1c\r')))).toEqual(['frame A']);
  });

  test('[H1] the decoder can be used again after the end', () => {
    const decoder = new MllpDecoder({ maxFrameBytes: 10 });
    decoder.push(bytes('\x0bAB\x1c'));
    decoder.end();
    expect(shown(decoder.push(bytes('\r\x0bC\x1c\r')))).toEqual(['noise 1', 'frame C']);
  });

  test('[H1] a frame in one chunk is a view, a frame over chunks is a copy', () => {
    const whole = frameMllp(bytes('A'));
    const [event] = new MllpDecoder({ maxFrameBytes: 10 }).push(whole);
    expect(event?.kind === 'frame' && event.body.buffer).toBe(whole.buffer);
    const decoder = new MllpDecoder({ maxFrameBytes: 10 });
    const first = bytes('\x0bAB');
    decoder.push(first);
    first.fill(0);
    expect(shown(decoder.push(bytes('C\x1c\r')))).toEqual(['frame ABC']);
  });
});

describe('limits', () => {
  test.each([
    ['[H9] one byte too many', ['\x0b12345\x1c\r\x0bA\x1c\r'], ['too-large', 'frame A']],
    [
      '[H9] reported once, dropped up to the end block',
      ['\x0b123', '45', '678', '9\x1c', '\r\x0bA\x1c\r'],
      ['too-large', 'frame A'],
    ],
    ['[H9] exactly the limit', ['\x0b1234\x1c\r'], ['frame 1234']],
    ['[H9] exactly the limit over chunks', ['\x0b12', '34\x1c', '\r'], ['frame 1234']],
    ['[H9] a new frame ends the dropping', ['\x0b123456\x0bA\x1c\r'], ['too-large', 'frame A']],
    ['[H9] dropping at the end of the stream', ['\x0b123456'], ['too-large']],
    ['[H9] 0x1C that is content counts', ['\x0b1234\x1c', 'x\x1c\r'], ['too-large']],
  ])('%s', (_name, chunks, expected) => {
    expect(shown(decode(chunks.map(bytes), { maxFrameBytes: 4 }))).toEqual(expected);
  });

  test('[H9] whoever owns the socket sees that a frame has begun and does not end', () => {
    const decoder = new MllpDecoder({ maxFrameBytes: 10 });
    expect(decoder.isInsideFrame).toBe(false);
    decoder.push(bytes('\x0bA'));
    expect(decoder.isInsideFrame).toBe(true);
    decoder.push(bytes('\x1c\r'));
    expect(decoder.isInsideFrame).toBe(false);
  });

  test('[H9] a frame of 20 MB in small chunks is put together in memory of about its size', () => {
    const decoder = new MllpDecoder({ maxFrameBytes: 32 * 1024 * 1024 });
    const chunk = Buffer.alloc(64 * 1024, 0x41);
    decoder.push(Buffer.of(0x0b));
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 320; count++) decoder.push(chunk);
    const grown = process.memoryUsage().arrayBuffers - before;
    const [event] = decoder.push(bytes('\x1c\r'));
    expect(event?.kind === 'frame' && event.body.length).toBe(320 * 64 * 1024);
    expect(grown).toBeLessThan(40 * 1024 * 1024);
  });
});

describe('writing', () => {
  test('[H1] a body is put between 0x0B and 0x1C 0x0D', () => {
    expect(latin1(frameMllp(bytes('MSH|\r')))).toBe('\x0bMSH|\r\x1c\r');
  });

  test.each(['A\x0bB', 'A\x1c\rB', 'A\x1c'])(
    '[H1] a body that would tear its own frame is refused: %j',
    (body) => {
      failure(() => frameMllp(bytes(body)), 'MLLP_FORBIDDEN_BYTE');
    },
  );

  test('[H1] 0x1C elsewhere can be carried', () => {
    expect(shown(decode([frameMllp(bytes('A\x1cB'))]))).toEqual(['frame A\x1cB']);
  });

  test('[H6] commit blocks of Release 2 are blocks of one byte and no messages', () => {
    expect(latin1(frameCommitBlock('ACK'))).toBe('\x0b\x06\x1c\r');
    expect(latin1(frameCommitBlock('NAK'))).toBe('\x0b\x15\x1c\r');
    expect(readCommitBlock(bytes('\x06'))).toBe('ACK');
    expect(readCommitBlock(bytes('\x15'))).toBe('NAK');
    expect(readCommitBlock(bytes('A'))).toBeUndefined();
    expect(readCommitBlock(bytes('\x06\x06'))).toBeUndefined();
  });
});

describe('any stream', () => {
  /** What MLLP can carry: no start block, no end block inside or half of one at the end. */
  const body = fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((raw) => Buffer.from(raw.map((byte) => (byte === 0x0b ? 0x2e : byte))))
    .filter((raw) => !raw.includes(bytes('\x1c\r')) && raw[raw.length - 1] !== 0x1c);
  const noise = fc
    .uint8Array({ minLength: 1, maxLength: 8 })
    .map((raw) => Buffer.from(raw.map((byte) => (byte === 0x0b ? 0x2e : byte))));
  const item = fc.oneof(
    { weight: 6, arbitrary: body.map((raw) => ({ wire: Buffer.from(frameMllp(raw)), frame: raw })) },
    { weight: 1, arbitrary: noise.map((raw) => ({ wire: raw, frame: undefined })) },
    {
      weight: 1,
      arbitrary: body.map((raw) => ({ wire: Buffer.concat([bytes('\x0b'), raw]), frame: undefined })),
    },
    { weight: 1, arbitrary: fc.constant({ wire: bytes('\x0b\x1c\r'), frame: undefined }) },
  );
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 30 });

  function cutAt(stream: Buffer, positions: readonly number[]): Buffer[] {
    const marks = [
      0,
      ...positions.map((at) => Math.min(at, stream.length)).sort((a, b) => a - b),
      stream.length,
    ];
    return marks.slice(1).map((to, index) => Buffer.from(stream.subarray(marks[index], to)));
  }

  test('[H1] frames come out whole, pipelined and under any cuts', () => {
    fc.assert(
      fc.property(fc.array(body, { maxLength: 8 }), cuts, (bodies, positions) => {
        const stream = Buffer.concat(bodies.map((one) => Buffer.from(frameMllp(one))));
        const events = decode(cutAt(stream, positions));
        expect(shown(events)).toEqual(bodies.map((one) => `frame ${latin1(one)}`));
      }),
      { numRuns: 1500 },
    );
  });

  test('[H2] noise, torn and empty frames cost no whole frame, and the events do not depend on the cuts', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 10 }), cuts, (items, positions) => {
        const stream = Buffer.concat(items.map((one) => one.wire));
        const whole = shown(decode([stream]));
        expect(shown(decode(cutAt(stream, positions)))).toEqual(whole);
        expect(shown(decode(Array.from(stream, (byte) => Buffer.of(byte))))).toEqual(whole);
        const sent = items.flatMap((one) => (one.frame ? [`frame ${latin1(one.frame)}`] : []));
        expect(whole.filter((event) => event.startsWith('frame'))).toEqual(expect.arrayContaining(sent));
      }),
      { numRuns: 800 },
    );
  });

  test('[H2] arbitrary bytes: every byte is accounted for and nothing throws', () => {
    const hostile = fc.array(fc.constantFrom(0x0b, 0x1c, 0x0d, 0x41, 0x42), { maxLength: 60 });
    fc.assert(
      fc.property(hostile, cuts, (raw, positions) => {
        const stream = Buffer.from(raw);
        const limits = { maxFrameBytes: 5 };
        const whole = shown(decode([stream], limits));
        expect(shown(decode(cutAt(stream, positions), limits))).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });
});
