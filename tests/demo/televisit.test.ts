import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleProgram, Program, temporaryFolder } from './support.ts';

const authority = '2.16.840.1.113883.19.5';
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const token = 'a-token-for-the-test';

const patient = {
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ system: `urn:oid:${authority}`, value: 'S1-0001' }],
  name: [{ family: 'Featherstonehaugh-Exemplarsdottir', given: ['Łucja'] }],
};
const appointment = {
  resourceType: 'Appointment',
  id: 'a1',
  status: 'booked',
  start: '2026-01-15T09:15:00-05:00',
  end: '2026-01-15T09:45:00-05:00',
  participant: [{ actor: { reference: 'Patient/p1' }, status: 'accepted' }],
};
const glucose = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { text: 'Glucose' },
  subject: { reference: 'Patient/p1' },
  issued: '2026-01-15T08:30:00-05:00',
  valueQuantity: { value: 240, unit: 'mg/dL' },
  interpretation: [{ coding: [{ code: 'H' }] }],
};

/** A small engine: the FHIR API and the visits source, with answers as a test wants them. */
class Engine {
  readonly resources = new Map<string, object>();
  readonly reads: string[] = [];
  readonly visits: { key: string | undefined; body: string; authorization: string | undefined }[] = [];
  failReads = 0;
  visitAnswers: number[] = [];
  readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      this.#answer(request).then(
        ([status, body]) => response.writeHead(status, { 'content-type': 'application/fhir+json' }).end(body),
        () => response.destroy(),
      );
    });
    for (const resource of [patient, appointment, glucose]) {
      this.resources.set(`${resource.resourceType}/${resource.id}`, resource);
    }
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage): Promise<[number, string]> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    if (request.headers.authorization !== `Bearer ${token}`) return [401, ''];
    if (request.method === 'POST' && request.url === '/in/visits') {
      this.visits.push({
        key: request.headers['idempotency-key'] as string | undefined,
        body: Buffer.concat(parts).toString(),
        authorization: request.headers.authorization,
      });
      return [this.visitAnswers.shift() ?? 202, ''];
    }
    const reference = request.url?.replace('/fhir/R4/', '') ?? '';
    this.reads.push(reference);
    if (this.failReads > 0) {
      this.failReads -= 1;
      return [503, ''];
    }
    const resource = this.resources.get(reference);
    return resource ? [200, JSON.stringify(resource).replace('240', '240.0')] : [404, ''];
  }
}

const notification = (reference: string): string =>
  JSON.stringify({ type: 'resource.changed', timestamp: new Date().toISOString(), data: { reference } });

interface Post {
  readonly id: string;
  readonly body: string;
  readonly at?: Date;
  readonly signature?: string;
}

async function post(url: string, { id, body, at = new Date(), signature }: Post): Promise<number> {
  const response = await fetch(`${url}/webhooks/isthmus`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
      'webhook-signature': signature ?? new Webhook(secret).sign(id, at, body),
    },
  });
  await response.arrayBuffer();
  return response.status;
}

describe('the simulated telehealth platform', () => {
  let file: string;
  let engine: Engine;
  let base: string;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const running: Program[] = [];

  beforeAll(async () => {
    file = await bundleProgram('demo/televisit/main.ts');
  });
  beforeEach(async () => {
    folder = await temporaryFolder();
    await writeFile(join(folder.path, 'token'), `${token}\n`);
    await writeFile(join(folder.path, 'secret'), `${secret}\n`);
    engine = new Engine();
    base = await engine.listen();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((program) => program.stop('SIGKILL')));
    engine.server.closeAllConnections();
    engine.server.close();
    await folder.remove();
  });

  async function start(...more: string[]): Promise<{ program: Program; url: string }> {
    const { path } = folder;
    const files = ['--token-file', join(path, 'token'), '--secret-file', join(path, 'secret')];
    const program = new Program(file, [
      '--engine',
      base,
      ...files,
      '--listen',
      '0',
      '--home',
      join(path, 'home'),
      ...more,
    ]);
    running.push(program);
    const ready = await program.line((line) => line.event === 'ready');
    return { program, url: String(ready.url) };
  }

  async function board(url: string): Promise<{
    visits: { patient: string; state: string }[];
    results: { patient: string; value: string; flag: string; corrected: boolean }[];
    tally: Record<string, number>;
  }> {
    const controller = new AbortController();
    const response = await fetch(`${url}/events`, { signal: controller.signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('\n\n', text.indexOf('data: '))) text += (await reader.read()).value ?? '';
    controller.abort();
    return JSON.parse(/^data: (.*)$/m.exec(text)![1]!);
  }

  it('pulls just what a genuine notification names, with its token, and shows it', async () => {
    const { program, url } = await start();
    expect(await post(url, { id: 'n1', body: notification('Observation/o1') })).toBe(204);
    await program.line((line) => line.event === 'pulled');
    expect(engine.reads).toEqual(['Observation/o1', 'Patient/p1']);
    const shown = await board(url);
    expect(shown.results).toMatchObject([
      { patient: 'Łucja Featherstonehaugh-Exemplarsdottir', value: '240.0 mg/dL', flag: 'H' },
    ]);
    expect(program.lines.map((line) => JSON.stringify(line)).join()).not.toContain('Featherstonehaugh');
  });

  it('refuses a signature that does not fit, an old one, and a body it does not understand', async () => {
    const { program, url } = await start();
    const body = notification('Observation/o1');
    expect(await post(url, { id: 'n1', body, signature: `v1,${Buffer.alloc(32).toString('base64')}` })).toBe(
      401,
    );
    expect(await post(url, { id: 'n1', body, at: new Date(Date.now() - 6 * 60_000) })).toBe(401);
    expect(await post(url, { id: 'n1', body, at: new Date(Date.now() + 6 * 60_000) })).toBe(401);
    expect(await post(url, { id: 'n1', body: notification('../../in/visits') })).toBe(400);
    expect(await post(url, { id: 'n1', body: 'x'.repeat(70_000) })).toBe(413);
    expect(program.count('refused')).toBe(5);
    expect(engine.reads).toEqual([]);
  });

  it('takes a notification once, also after a restart', async () => {
    const first = await start();
    const again = { id: 'n1', body: notification('Observation/o1') };
    expect(await post(first.url, again)).toBe(204);
    expect(await post(first.url, again)).toBe(204);
    await first.program.line((line) => line.event === 'pulled');
    expect((await board(first.url)).tally).toMatchObject({ notified: 1, repeats: 1 });
    expect(await first.program.stop()).toEqual({ code: 0, signal: null });

    const second = await start();
    expect(await post(second.url, again)).toBe(204);
    await second.program.line((line) => line.event === 'notified' && line.repeat === true);
  });

  it('pulls after a restart what it had acknowledged and not yet pulled', async () => {
    engine.failReads = Number.POSITIVE_INFINITY;
    const first = await start();
    expect(await post(first.url, { id: 'n1', body: notification('Observation/o1') })).toBe(204);
    await first.program.line((line) => line.event === 'pull-failed');
    await first.program.stop('SIGKILL');

    engine.failReads = 0;
    const second = await start();
    expect(await second.program.line((line) => line.event === 'pulled')).toMatchObject({
      reference: 'Observation/o1',
    });
    expect((await board(second.url)).results).toHaveLength(1);
  });

  it('tries again when the engine does not answer, and lets go of what does not exist', async () => {
    engine.failReads = 2;
    const { program, url } = await start();
    await post(url, { id: 'n1', body: notification('Observation/o1') });
    await post(url, { id: 'n2', body: notification('Observation/unknown') });
    await program.line((line) => line.event === 'pulled' && line.reference === 'Observation/o1');
    await program.line((line) => line.event === 'gone' && line.reference === 'Observation/unknown');
    expect(program.count('pull-failed')).toBe(2);
  });

  it('waits for the token file of an engine that has not started yet', async () => {
    await writeFile(join(folder.path, 'token'), '');
    const { program, url } = await start();
    await post(url, { id: 'n1', body: notification('Observation/o1') });
    await program.line((line) => line.event === 'pull-failed');
    await writeFile(join(folder.path, 'token'), token);
    await program.line((line) => line.event === 'pulled');
  });

  it('finishes a visit when its time has come in the simulated day, and repeats it under one key until it is taken', async () => {
    engine.visitAnswers = [503, 404];
    const { program, url } = await start();
    await post(url, { id: 'n1', body: notification('Appointment/a1') });
    await program.line((line) => line.event === 'pulled');
    expect(engine.visits).toEqual([]);
    expect((await board(url)).visits).toMatchObject([{ state: 'booked' }]);

    engine.resources.set('Observation/o1', { ...glucose, issued: '2026-01-15T09:20:00-05:00' });
    await post(url, { id: 'n2', body: notification('Observation/o1') });
    await program.line((line) => line.event === 'visit-sent');
    expect(engine.visits).toHaveLength(3);
    expect(new Set(engine.visits.map((visit) => `${visit.key} ${visit.body}`)).size).toBe(1);
    expect(engine.visits[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(engine.visits[0]!.body)).toMatchObject({
      patient: { identifier: 'S1-0001', authority },
      appointment: 'Appointment/a1',
      start: '2026-01-15T14:15:00.000Z',
      end: '2026-01-15T14:45:00.000Z',
      placeOfService: expect.stringMatching(/^(02|10)$/),
    });
    expect((await board(url)).visits).toMatchObject([{ state: 'finished' }]);
  });

  it('finishes a visit after so many pulls at the latest, and only once when the appointment changes later', async () => {
    const { program, url } = await start('--due-after-pulls', '2');
    await post(url, { id: 'n1', body: notification('Appointment/a1') });
    await post(url, { id: 'n2', body: notification('Patient/p1') });
    await post(url, { id: 'n3', body: notification('Observation/o1') });
    await program.line((line) => line.event === 'visit-sent');
    for (const id of ['n4', 'n5', 'n6']) await post(url, { id, body: notification('Appointment/a1') });
    await program.until(() => program.lines.filter((line) => line.event === 'notified').length === 6);
    await program.stop();
    expect(engine.visits).toHaveLength(1);
  });

  it('sends a visit that was finished before a kill again after it, under the same key', async () => {
    engine.visitAnswers = Array.from({ length: 50 }, () => 503);
    const first = await start('--due-after-pulls', '1');
    await post(first.url, { id: 'n1', body: notification('Appointment/a1') });
    await post(first.url, { id: 'n2', body: notification('Observation/o1') });
    await first.program.line((line) => line.event === 'visit-waits');
    await first.program.stop('SIGKILL');
    engine.visitAnswers = [];

    const second = await start('--due-after-pulls', '1');
    await second.program.line((line) => line.event === 'visit-sent');
    expect(new Set(engine.visits.map((visit) => visit.key)).size).toBe(1);
  });

  it('makes no visit of a cancelled appointment', async () => {
    const { program, url } = await start('--due-after-pulls', '2');
    await post(url, { id: 'n1', body: notification('Appointment/a1') });
    await program.line((line) => line.event === 'pulled');
    engine.resources.set('Appointment/a1', { ...appointment, status: 'cancelled' });
    await post(url, { id: 'n2', body: notification('Observation/o1') });
    await post(url, { id: 'n3', body: notification('Patient/p1') });
    await program.line((line) => line.event === 'visit-dropped');
    expect(engine.visits).toEqual([]);
  });

  it('serves a page that loads nothing from elsewhere', async () => {
    const { url } = await start();
    const response = await fetch(url);
    const html = await response.text();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).not.toMatch(/(src|href)="(?!data:)/);
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });

  it('ends cleanly when its parent goes away, and explains itself', async () => {
    const { program } = await start();
    program.child.stdin!.end();
    expect(await program.closed()).toEqual({ code: 0, signal: null });

    const help = new Program(await helpless(file), []);
    expect((await help.closed()).code).toBe(0);
    const wrong = new Program(file, [
      '--listen',
      'abc',
      '--token-file',
      'x',
      '--secret-file',
      join(folder.path, 'secret'),
    ]);
    expect((await wrong.closed()).code).toBe(2);
    expect(wrong.stderr).toContain('--listen must be a whole number');
  });

  it('says so when its memory is not readable', async () => {
    const { program } = await start();
    await program.stop();
    const path = join(folder.path, 'home', 'televisit.ndjson');
    await writeFile(path, `{"kind":"nonsense"}\n${await readFile(path, 'utf8').catch(() => '')}`);
    const second = new Program(file, [
      ...[
        '--engine',
        base,
        '--token-file',
        join(folder.path, 'token'),
        '--secret-file',
        join(folder.path, 'secret'),
      ],
      ...['--listen', '0', '--home', join(folder.path, 'home')],
    ]);
    expect((await second.closed()).code).toBe(1);
    expect(second.stderr).toMatch(/line 1 of .* is not readable/);
  });
});

/** The program as `--help` would run it: its text is no JSON, so nobody reads it line by line. */
const helpless = async (file: string): Promise<string> => {
  const wrapper = `${file}.help.mjs`;
  await writeFile(
    wrapper,
    `process.argv.push('--help'); process.stdout.write = () => true; await import(${JSON.stringify(file)});`,
  );
  return wrapper;
};
