import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../src/foundation/database/index.ts';
import { eventually, freePort, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { EngineProcess, isthmus, oru, sendMllp, temporaryHome } from './support.ts';

/** What operators do and what goes wrong: two nodes on one database, reloads, ports, mistakes, queues on hold. */

let db: TestDatabase;
let home: string;
let mllpPort: number;

beforeAll(async () => {
  db = await openTestDatabase();
  home = await temporaryHome();
  mllpPort = await freePort();
}, 60_000);
afterAll(() => db?.drop());

const environmentOn = (port: number) => ({
  ISTHMUS_HOME: home,
  DATABASE_URL: db.url,
  PORT: String(port),
});

const channelOn = (name: string, port: number) =>
  `channel('${name}', { from: mllp({ port: ${port}, system: 'general' }), steps: [identify()], to: [record()] })`;
const configWith = (
  ...channels: string[]
) => `import { channel, defineConfig, ehr, identify, mllp, parked, record } from 'isthmus';
export default defineConfig({
  systems: { general: ehr({ authority: '2.16.840.1.113883.19.5' }) },
  channels: [${channels.join(', ')}],
  alerts: [parked().above(0)],
});
`;

/** As editors do: written aside and renamed. */
function writeConfig(name: string, text: string): string {
  const file = join(home, name);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return file;
}

const audited = sql(
  'test.audited',
  'select action, actor, target, outcome, reason from audit_entry where action = $1 order by 1',
);

test('a second node stands by, takes no message, and takes over when the first is killed', async () => {
  const config = writeConfig('two.config.ts', configWith(channelOn('adt', mllpPort)));
  const first = new EngineProcess(config, environmentOn(await freePort()));
  await first.until('owner');
  const second = new EngineProcess(config, environmentOn(await freePort()));
  await second.until('standby');
  expect((await second.readiness()).status).toBe(503);
  const token = (await isthmus(['admin', 'token', 'show'], environmentOn(0))).out.trim();
  const refused = await fetch(`${second.url}/in/visits`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await sendMllp(mllpPort, oru('BEFORE'))).toContain('MSA|AA|BEFORE');
  await first.kill();
  await second.until('owner');
  expect(await sendMllp(mllpPort, oru('AFTER'))).toContain('MSA|AA|AFTER');
  expect(await sendMllp(mllpPort, oru('BEFORE'))).toContain('MSA|AA|BEFORE');
  const { out } = await isthmus(['messages', '--json'], environmentOn(0));
  expect((JSON.parse(out) as { messages: unknown[] }).messages).toHaveLength(2);
  expect(await second.stop()).toBe(0);
}, 60_000);

test('a configuration that changes is loaded again; one with a mistake changes nothing', async () => {
  const [port, nextPort] = [await freePort(), await freePort()];
  const config = writeConfig('reload.config.ts', configWith(channelOn('adt', port)));
  const engine = new EngineProcess(config, environmentOn(await freePort()));
  await engine.until('owner');
  writeConfig('reload.config.ts', configWith(channelOn('adt', port), channelOn('lab', nextPort)));
  await eventually(() => sendMllp(nextPort, oru('LAB-9')), { deadlineMs: 10_000 });
  writeConfig('reload.config.ts', configWith(channelOn('adt', port), channelOn('adt', 99_999)));
  await eventually(() => engine.log.includes('the configuration in force stays'), { deadlineMs: 10_000 });
  expect(engine.log).toContain('channels');
  expect(await sendMllp(nextPort, oru('LAB-10'))).toContain('MSA|AA|LAB-10');
  engine.child.kill('SIGHUP');
  await eventually(() => engine.log.split('the configuration in force stays').length > 2);
  expect(await engine.stop()).toBe(0);
}, 60_000);

test('a taken port is one clear sentence, and leaves nothing behind', async () => {
  const squatter = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  try {
    const config = writeConfig('taken.config.ts', configWith(channelOn('adt', port)));
    const byMllp = await isthmus(['start', '--config', config], environmentOn(await freePort()));
    expect([byMllp.code, byMllp.err]).toEqual([1, expect.stringMatching(/^the port is taken at .*:\d+/m)]);
    expect(byMllp.err).toContain('Stop the other program or choose another port.');
    const free = writeConfig('free.config.ts', configWith(channelOn('adt', await freePort())));
    const byHttp = await isthmus(['start', '--config', free], environmentOn(port));
    expect([byHttp.code, byHttp.err]).toEqual([1, expect.stringContaining(`127.0.0.1:${port}`)]);
  } finally {
    await new Promise((resolve) => squatter.close(resolve));
  }
}, 60_000);

test('check and start list every mistake with its place', async () => {
  const config = writeConfig(
    'bad.config.ts',
    configWith(
      channelOn('adt', 99_999),
      `channel('lab', { from: mllp({ port: 1 }), steps: [], to: [mllp('nobody')] })`,
    ),
  );
  const checked = await isthmus(['check', '--config', config, '--json'], environmentOn(0));
  const { mistakes } = JSON.parse(checked.out) as { mistakes: { place: string }[] };
  expect(checked.code).toBe(1);
  expect(mistakes.map(({ place }) => place).join(' ')).toMatch(/channels\.adt\.from.*channels\.lab\.to/);
  const started = await isthmus(['start', '--config', config], environmentOn(await freePort()));
  expect(started.code).toBe(1);
  for (const { place } of mistakes) expect(started.err).toContain(place);
  const none = await isthmus(['check', '--config', join(home, 'nowhere.ts')], environmentOn(0));
  expect([none.code, none.err]).toEqual([1, expect.stringContaining('the file exists')]);
});

test('queues are operated from another process, audited with login and reason', async () => {
  const port = await freePort();
  const config = writeConfig('operate.config.ts', configWith(channelOn('adt', port)));
  const environment = environmentOn(await freePort());
  const engine = new EngineProcess(config, environment);
  await engine.until('owner');
  const held = await isthmus(
    ['queue', 'hold', 'adt', '--reason', 'maintenance at noon', '--json'],
    environment,
  );
  expect(JSON.parse(held.out)).toMatchObject({ queue: 'adt', state: 'applied', result: 'done' });
  expect(await sendMllp(port, oru('HELD'))).toContain('MSA|AA|HELD');
  const drained = await isthmus(['queue', 'drain', 'adt', '--timeout', '1'], environment);
  expect([drained.code, drained.err]).toEqual([3, expect.stringContaining('adt still has 1')]);
  await eventually(async () =>
    (await (await fetch(`${engine.url}/metrics`)).text()).includes('isthmus_alarm{alarm="hold"} 1'),
  );
  expect((await isthmus(['queue', 'resume', 'adt', '--reason', 'over'], environment)).code).toBe(0);
  expect((await isthmus(['queue', 'drain', 'adt'], environment)).out).toContain('adt is empty');
  const [entry] = await db.database.query<{ actor: string; reason: string }>(audited, ['queue.hold']);
  expect([entry?.actor, entry?.reason]).toEqual([expect.stringMatching(/^login /), 'maintenance at noon']);
  const { out } = await isthmus(['messages', '--control-id', 'HELD', '--json'], environment);
  const id = (JSON.parse(out) as { messages: { id: number }[] }).messages[0]?.id;
  await isthmus(['messages', 'show', String(id)], environment);
  await isthmus(['messages', 'show', '424242'], environment);
  expect(await db.database.query(audited, ['messages.show'])).toMatchObject([
    { target: `message ${id}`, outcome: 'success' },
    { target: 'message 424242', outcome: 'refused' },
  ]);
  expect(await engine.stop()).toBe(0);
  const later = await isthmus(
    ['queue', 'hold', 'adt', '--reason', 'nobody listens', '--wait', '1'],
    environment,
  );
  expect([later.code, later.err]).toEqual([3, expect.stringContaining('no engine took it up yet')]);
}, 60_000);

test('each read of the record by a client is audited, without what it searched for', async () => {
  const port = await freePort();
  const environment = environmentOn(await freePort());
  const engine = new EngineProcess(
    writeConfig('audit.config.ts', configWith(channelOn('adt', port))),
    environment,
  );
  await engine.until('owner');
  const token = (await isthmus(['admin', 'token', 'show'], environment)).out.trim();
  const get = (path: string, bearer = token) =>
    fetch(`${engine.url}/fhir/R4/${path}`, { headers: { authorization: `Bearer ${bearer}` } });
  await get('Patient?identifier=MRN-77001');
  await get('Patient/nobody-knows');
  await get('Patient/nobody-knows', 'a-wrong-token');
  await get('metadata');
  const client = { actor: 'client operator' };
  expect(await db.database.query(audited, ['record.search'])).toEqual([
    { ...client, action: 'record.search', target: 'Patient', outcome: 'success', reason: null },
  ]);
  expect(await db.database.query(audited, ['record.read'])).toEqual([
    {
      ...client,
      action: 'record.read',
      target: 'Patient/nobody-knows',
      outcome: 'refused',
      reason: 'HTTP 404',
    },
  ]);
  expect(await engine.stop()).toBe(0);
}, 60_000);

test('a paused channel stays paused over a restart', async () => {
  const port = await freePort();
  const config = writeConfig('paused.config.ts', configWith(channelOn('adt', port)));
  const environment = environmentOn(await freePort());
  const engine = new EngineProcess(config, environment);
  await engine.until('owner');
  expect((await isthmus(['channels', 'pause', 'adt', '--reason', 'EHR upgrade'], environment)).code).toBe(0);
  expect(await engine.stop()).toBe(0);
  const again = new EngineProcess(config, environment);
  await again.until('owner');
  const state = (await (await fetch(`${again.url}/flow/state`)).json()) as {
    channels: { state: string; reason: string }[];
  };
  expect(state.channels[0]).toMatchObject({ state: 'paused', reason: 'EHR upgrade' });
  expect((await isthmus(['channels'], environment)).out).toContain('EHR upgrade');
  expect((await isthmus(['channels', 'resume', 'adt', '--reason', 'done'], environment)).code).toBe(0);
  await eventually(() => sendMllp(port, oru('RESUMED')));
  expect(await again.stop()).toBe(0);
}, 60_000);

test('a command line that makes no sense ends with 2, and says what is expected', async () => {
  for (const argv of [
    ['queue', 'hold', 'adt'],
    ['messages', '--since', 'yesterday'],
    ['nonsense'],
    ['messages', 'show', 'x'],
  ]) {
    const { code, err } = await isthmus(argv, environmentOn(0));
    expect([code, err.length > 20], argv.join(' ')).toEqual([2, true]);
  }
  const help = await isthmus(['queue', 'release', '--help'], environmentOn(0));
  expect([help.code, help.out]).toEqual([0, expect.stringContaining('Examples:')]);
});

test('a command in a folder without data makes no new engine there', async () => {
  const nothing = join(home, 'elsewhere');
  mkdirSync(nothing);
  const { code, err } = await isthmus(['queue'], { ISTHMUS_HOME: nothing });
  expect([code, err]).toEqual([1, expect.stringContaining('there are no data of an engine here')]);
});

test('migrate says what is missing, applies it, and has nothing left to do', async () => {
  const empty = await openTestDatabase();
  const environment = { ISTHMUS_HOME: home, DATABASE_URL: empty.url };
  try {
    const missing = await isthmus(['migrate', '--check', '--json'], environment);
    expect([missing.code, JSON.parse(missing.out).missing.length > 3]).toEqual([1, true]);
    expect((await isthmus(['queue'], environment)).err).toContain('Run isthmus migrate');
    expect((await isthmus(['migrate'], environment)).code).toBe(0);
    expect(JSON.parse((await isthmus(['migrate', '--json'], environment)).out)).toEqual({ applied: [] });
  } finally {
    await empty.drop();
  }
});

test('traffic is recorded de-identified, and kept as it was only for a reason', async () => {
  const port = await freePort();
  const environment = environmentOn(await freePort());
  const engine = new EngineProcess(
    writeConfig('record.config.ts', configWith(channelOn('adt', port))),
    environment,
  );
  await engine.until('owner');
  await sendMllp(port, oru('RECORD-1'));
  const file = join(home, 'traffic.ndjson');
  const recorded = await isthmus(['record', file, '--last', '1', '--no-follow', '--json'], environment);
  expect(JSON.parse(recorded.out)).toMatchObject({ recorded: 1, leftOut: 0, identified: false });
  const config = join(home, 'record.config.ts');
  const same = await isthmus(['replay', file, '--before', config, '--after', config], environment);
  expect([same.code, same.out]).toEqual([0, expect.stringContaining('1 messages: 1 the same')]);
  const unreasoned = await isthmus(
    ['record', file, '--last', '1', '--no-follow', '--identified'],
    environment,
  );
  expect([unreasoned.code, unreasoned.err]).toEqual([1, expect.stringContaining('--identified')]);
  expect(await engine.stop()).toBe(0);
}, 60_000);
