import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  acknowledge,
  buildMessage,
  frameMllp,
  MllpDecoder,
  parseAcknowledgment,
  parseMessage,
  segment,
} from '../../src/standards/hl7v2/index.ts';
import { eventually } from '../support/index.ts';
import { bundleProgram, Program, temporaryFolder } from './support.ts';

type Behaviour =
  | 'accept'
  | 'error'
  | 'silent'
  | 'foreign'
  | 'garbage'
  | 'hang-up'
  | 'reject'
  | 'busy'
  | 'held';

/** A small MLLP receiver in the engine's place. It behaves as a test wants: by number of the frame received, else it accepts. */
class Engine {
  readonly received: Buffer[] = [];
  readonly behaviours: Behaviour[] = [];
  /** Acknowledges the message that was held back. */
  acceptHeld: () => void = () => {
    throw new Error('nothing is held');
  };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  async listen(port = 0): Promise<number> {
    const server = createServer((socket) => this.#serve(socket));
    this.#server = server;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
  }

  controlIds(): string[] {
    return this.received.map((body) => parseMessage(body).header.controlId);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const decoder = new MllpDecoder({ maxFrameBytes: 1_000_000 });
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      for (const event of decoder.push(chunk))
        if (event.kind === 'frame') this.#answer(socket, Buffer.from(event.body));
    });
  }

  #answer(socket: Socket, body: Buffer): void {
    this.received.push(body);
    const behaviour = this.behaviours.shift() ?? 'accept';
    if (behaviour === 'held') this.acceptHeld = () => void socket.write(ack(body, 'AA'));
    const answer = answers[behaviour](body);
    if (answer === 'hang-up') socket.destroy();
    else if (answer) socket.write(answer);
  }
}

function ack(body: Buffer, code: 'AA' | 'AE' | 'AR', ...errors: ('200' | '207')[]): Uint8Array {
  const now = new Date('2026-01-15T12:00:00Z');
  return frameMllp(
    acknowledge(body, { code, controlId: 'E1', now, errors: errors.map((error) => ({ code: error })) }),
  );
}

const answers: Record<Behaviour, (body: Buffer) => Uint8Array | 'hang-up' | undefined> = {
  accept: (body) => ack(body, 'AA'),
  error: (body) => ack(body, 'AE'),
  busy: (body) => ack(body, 'AR', '207'),
  reject: (body) => ack(body, 'AR', '200'),
  foreign: () =>
    frameMllp(Buffer.from('MSH|^~\\&|E|E|G|G|20260115||ACK|E2|P|2.5.1\rMSA|AA|SOMETHING-ELSE\r')),
  garbage: () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'hang-up': () => 'hang-up',
  silent: () => undefined,
  held: () => undefined,
};

describe('the simulated hospital', () => {
  let file: string;
  let engine: Engine;
  let port: number;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const running: Program[] = [];

  beforeAll(async () => {
    file = await bundleProgram('demo/hospital/main.ts');
  });
  beforeEach(async () => {
    folder = await temporaryFolder();
    engine = new Engine();
    port = await engine.listen();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((program) => program.stop('SIGKILL')));
    await engine.close();
    await folder.remove();
  });

  function launch(...more: string[]): Program {
    const home = join(folder.path, 'home');
    const where = ['--engine', `127.0.0.1:${port}`, '--listen', '0', '--home', home];
    const program = new Program(file, [...where, '--date', '2026-01-15', '--pace', '0', ...more]);
    running.push(program);
    return program;
  }
  const sent = (program: Program, count: number) => program.until(() => program.count('sent') >= count);
  const stream = (messages: readonly Buffer[]) => Buffer.concat(messages).toString('base64');

  it('sends the same bytes for the same seed, and others for another', async () => {
    await sent(launch('--home', join(folder.path, 'one'), '--seed', '7'), 60);
    const first = engine.received.splice(0).slice(0, 60);
    await Promise.all(running.splice(0).map((program) => program.stop('SIGKILL')));
    engine.received.length = 0;
    await sent(launch('--home', join(folder.path, 'two'), '--seed', '7'), 60);
    expect(stream(engine.received.splice(0).slice(0, 60))).toBe(stream(first));
    await Promise.all(running.splice(0).map((program) => program.stop('SIGKILL')));
    engine.received.length = 0;
    await sent(launch('--home', join(folder.path, 'three'), '--seed', '8'), 60);
    expect(stream(engine.received.slice(0, 60))).not.toBe(stream(first));
  });

  it('sends a whole day of well-formed 2.5.1 messages, each once, prints no patient, and then only listens', async () => {
    const program = launch('--days', '1');
    await program.line((line) => line.event === 'day-over');
    const messages = engine.received.map((body) => parseMessage(body));
    const types = new Set(messages.map((message) => message.type));
    expect([...types].sort()).toEqual(['ADT^A01', 'ADT^A03', 'ADT^A04', 'ADT^A08', 'ORU^R01', 'SIU^S12']);
    expect(new Set(engine.controlIds()).size).toBe(messages.length);
    for (const message of messages) {
      expect(message.header.version).toBe('2.5.1');
      expect(message.header.controlId.length).toBeLessThanOrEqual(20);
      expect(message.text('PID-3.4.2')).toBe('2.16.840.1.113883.19.5');
      expect(message.text('PID-5.1')).not.toBe('');
      expect(message.text('PID-13.7')).toMatch(/^55501\d\d$/);
    }
    const results = messages.filter((message) => message.type === 'ORU^R01');
    expect(new Set(results.map((message) => message.text('OBR-25')))).toEqual(new Set(['F', 'C']));
    const bookings = messages.filter((message) => message.type === 'SIU^S12');
    for (const booking of bookings) expect(booking.text('SCH-11.4')).toMatch(/^20260115\d{6}-0500$/);
    expect(await program.stop()).toEqual({ code: 0, signal: null });

    const printed = JSON.stringify(program.lines) + program.stderr;
    for (const message of messages) {
      for (const path of ['PID-3.1', 'PID-5.1', 'PID-11.1'])
        expect(printed).not.toContain(message.text(path));
    }
  });

  it('sends again, the same message and nothing else, after AE, after AR for want of room, silence, noise, a hang-up and a foreign answer', async () => {
    engine.behaviours.push(
      'accept',
      'error',
      'busy',
      'silent',
      'foreign',
      'garbage',
      'hang-up',
      'accept',
      'accept',
    );
    const program = launch('--ack-timeout', '0.3', '--retry-pause', '0.3');
    await sent(program, 3);
    const ids = engine.controlIds();
    expect(new Set(ids.slice(1, 8)).size).toBe(1);
    expect(ids[8]).not.toBe(ids[7]);
    expect(new Set(engine.received.slice(1, 8).map((body) => body.toString())).size).toBe(1);
    expect(program.lines.filter((line) => line.event === 'sent')[1]).toMatchObject({ attempts: 7 });
  });

  it('goes on with the next message after one that is rejected for good', async () => {
    engine.behaviours.push('accept', 'reject');
    const program = launch();
    await sent(program, 3);
    expect(program.lines.filter((line) => line.event === 'rejected')).toHaveLength(1);
    expect(new Set(engine.controlIds().slice(0, 4)).size).toBe(4);
  });

  it('goes on where it was after a clean stop, and after a kill with at most one message repeated', async () => {
    const first = launch();
    await sent(first, 20);
    expect(await first.stop()).toEqual({ code: 0, signal: null });
    const afterStop = engine.received.length;
    const second = launch();
    await sent(second, 20);
    expect(new Set(engine.controlIds()).size).toBe(engine.received.length);
    expect(engine.received.length).toBeGreaterThan(afterStop);

    await second.stop('SIGKILL');
    const killedAt = engine.received.length;
    const third = launch();
    await sent(third, 20);
    const ids = engine.controlIds();
    expect(ids.length - new Set(ids).size).toBeLessThanOrEqual(1);
    const numbers = ids.map((id) => Number(id.slice(-4)));
    expect(new Set(numbers).size).toBe(Math.max(...numbers));
    expect(ids.length).toBeGreaterThan(killedAt);
  });

  it('begins anew with another seed, without forgetting that control ids are its own', async () => {
    await sent(launch(), 5);
    await running.splice(0)[0]!.stop();
    const before = engine.controlIds();
    await sent(launch('--seed', '35'), 5);
    expect(engine.controlIds().slice(before.length)[0]).toBe('Z-260115-0001');
  });

  it('waits for an engine that is away, and for one that comes back', async () => {
    await engine.close();
    const program = launch();
    await program.line((line) => line.event === 'waiting' && line.reason === 'ECONNREFUSED');
    await engine.listen(port);
    await sent(program, 3);
    expect(engine.controlIds()[0]).toMatch(/-0001$/);
  });

  it('takes the acknowledgment of the message in flight when told to stop', async () => {
    engine.behaviours.push('accept', 'held');
    const program = launch();
    await eventually(() => engine.received.length === 2);
    const stopped = program.stop();
    engine.acceptHeld();
    expect(await stopped).toEqual({ code: 0, signal: null });
    expect(program.count('sent')).toBe(2);
  });

  it('stops when the message in flight is not acknowledged, and sends it again at the next start', async () => {
    engine.behaviours.push('accept', 'silent');
    const program = launch('--ack-timeout', '0.5');
    await eventually(() => engine.received.length === 2);
    expect(await program.stop()).toEqual({ code: 0, signal: null });
    expect(program.count('sent')).toBe(1);
    await sent(launch(), 1);
    expect(engine.received[2]).toEqual(engine.received[1]);
  });

  describe('as receiver', () => {
    const note = (controlId: string, text = 'Seen by video.', type = 'MDM^T02') =>
      Buffer.from(
        buildMessage({
          type,
          controlId,
          dateTime: new Date('2026-01-15T15:00:00Z'),
          sender: { application: 'ISTHMUS', facility: 'ISTHMUS' },
          receiver: { application: 'GENERAL-EHR', facility: 'GENERAL' },
          segments: [segment('PID', { 3: ['S1-0001'] }), segment('OBX', { 1: 1, 2: 'TX', 5: text })],
        }),
      );

    /** Sends frames in one write and resolves with as many answers. */
    async function exchange(mllp: number, ...bodies: readonly Uint8Array[]): Promise<string[]> {
      const socket = connect(mllp, '127.0.0.1');
      const decoder = new MllpDecoder({ maxFrameBytes: 1_000_000 });
      const answers: string[] = [];
      socket.write(Buffer.concat(bodies.map((body) => frameMllp(body))));
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        for (const event of decoder.push(chunk)) {
          if (event.kind !== 'frame') continue;
          const { code, messageControlId } = parseAcknowledgment(event.body);
          answers.push(`${code} ${messageControlId}`);
        }
        if (answers.length === bodies.length) break;
      }
      socket.destroy();
      return answers;
    }
    const filed = async () => {
      const text = await readFile(join(folder.path, 'home', 'hospital-received.ndjson'), 'utf8');
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { controlId: string; body: string });
    };
    const ready = async (program: Program) =>
      Number((await program.line((line) => line.event === 'ready')).mllp);

    it('files notes and charges, and a repeat once, also after a restart', async () => {
      const first = launch();
      const answers = await exchange(
        await ready(first),
        note('N1'),
        note('N1'),
        note('N2', 'Charge', 'DFT^P03'),
      );
      expect(answers).toEqual(['AA N1', 'AA N1', 'AA N2']);
      await first.stop();
      const second = launch();
      expect(await exchange(await ready(second), note('N1'), note('N3'))).toEqual(['AA N1', 'AA N3']);
      const kept = await filed();
      expect(kept.map((line) => line.controlId)).toEqual(['N1', 'N2', 'N3']);
      expect(Buffer.from(kept[0]!.body, 'base64')).toEqual(note('N1'));
      expect(second.lines.filter((line) => line.event === 'received').map((line) => line.repeat)).toEqual([
        true,
        false,
      ]);
    });

    it('answers AE to an id used for another message, AR to a type it does not take, and files neither', async () => {
      const program = launch();
      const answers = await exchange(
        await ready(program),
        note('N1'),
        note('N1', 'Another note.'),
        note('N9', 'x', 'ADT^A08'),
      );
      expect(answers).toEqual(['AA N1', 'AE N1', 'AR N9']);
      expect(await filed()).toHaveLength(1);
    });

    it('closes a connection that does not speak HL7, and goes on with the others', async () => {
      const program = launch();
      const mllp = await ready(program);
      const stranger = connect(mllp, '127.0.0.1');
      stranger.on('error', () => stranger.destroy());
      stranger.write(frameMllp(Buffer.from('GET / HTTP/1.1')));
      await once(stranger, 'close');
      expect(await exchange(mllp, note('N1'))).toEqual(['AA N1']);
    });

    it('drops a line that a crash cut short', async () => {
      const first = launch();
      await exchange(await ready(first), note('N1'));
      await first.stop();
      const path = join(folder.path, 'home', 'hospital-received.ndjson');
      await writeFile(path, `${await readFile(path, 'utf8')}{"receivedAt":"2026`);
      const second = launch();
      expect(await exchange(await ready(second), note('N2'))).toEqual(['AA N2']);
      expect((await filed()).map((line) => line.controlId)).toEqual(['N1', 'N2']);
    });
  });

  it('explains a wrong argument in a sentence', async () => {
    const program = new Program(file, ['--engine', 'nowhere']);
    expect((await program.closed()).code).toBe(2);
    expect(program.stderr).toBe('--engine must be HOST:PORT, not "nowhere" (--help lists the arguments)\n');
  });
});
