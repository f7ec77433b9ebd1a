import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  type Channels,
  type ChannelsEvents,
  migrations as channelMigrations,
  createChannels,
  type Message,
  pauseStore,
} from '../../src/exchange/channels/index.ts';
import { connectorKinds, type DestinationKind } from '../../src/exchange/connectors/index.ts';
import {
  createQueueEngine,
  type EffectHandler,
  type QueueEngine,
  migrations as queueMigrations,
} from '../../src/exchange/queue/index.ts';
import { migrations as auditMigrations, createAudit } from '../../src/foundation/audit/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { eventually, freePort, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { type Receiver, receiver, type Sender, sender } from './peers.ts';
import { adt, checkKinds, load, temporaryFolder, writeFiles } from './support.ts';

/** What a bench of this file holds: an engine on a database of its own, channels, and a hospital's receiver. */
interface Bench {
  readonly test: TestDatabase;
  readonly engine: QueueEngine;
  readonly folder: string;
  readonly lab: Receiver;
  readonly port: number;
  readonly written: unknown[];
  channels: Channels;
}

/** A destination that starts when it is in the mood. */
const mood = { isGood: true };
const moody: DestinationKind<unknown> = {
  kind: 'moody',
  options: z.unknown(),
  create: (_, { clock }) => ({
    lanes: 1,
    start: () => (mood.isGood ? Promise.resolve() : Promise.reject(new IsthmusError('CONNECT_TLS'))),
    deliver: () => Promise.resolve({ outcome: 'delivered', acknowledgment: 'ok' }),
    stop: () => Promise.resolve(),
    status: () => ({ state: 'up', address: 'moody:', connections: 0, since: clock.now() }),
  }),
};

let bench: Bench;
const senders: Sender[] = [];

const keysOf = (message: Message) => (message.isHl7 ? [`GENERAL|${message.text('PID-3.1')}`] : []);

function channelsOf({ engine, folder, written, test: { database } }: Omit<Bench, 'channels'>): Channels {
  const record: EffectHandler = {
    kind: 'record',
    async apply(_, batch) {
      written.push(...batch.map(({ value }) => value));
      return batch.map(() => []);
    },
  };
  return createChannels({
    engine,
    kinds: {
      sources: connectorKinds.sources,
      destinations: [...connectorKinds.destinations, moody],
      steps: checkKinds.steps,
    },
    effects: [record],
    keysOf,
    clock: systemClock,
    logger: silentLogger,
    environment: {},
    home: join(folder, 'home'),
    pauses: pauseStore(database, createAudit(database)),
  });
}

beforeAll(async () => {
  const database = await openTestDatabase({
    migrations: [...auditMigrations, ...queueMigrations, ...channelMigrations],
  });
  const engine = createQueueEngine({
    database: database.database,
    clock: systemClock,
    logger: silentLogger,
    audit: createAudit(database.database),
  });
  await engine.start();
  const parts = {
    test: database,
    engine,
    folder: temporaryFolder(),
    lab: await receiver(),
    port: await freePort(),
    written: [],
  };
  bench = { ...parts, channels: channelsOf(parts) };
});

afterEach(async () => {
  for (const each of senders.splice(0)) each.close();
  await bench.channels.stop();
  bench.channels = channelsOf(bench);
  bench.lab.bodies.length = 0;
  bench.lab.code = 'AA';
});

afterAll(async () => {
  await bench.engine.stop();
  await bench.lab.close();
  await bench.test.drop();
});

async function hospital(port = bench.port): Promise<Sender> {
  const open = await sender(port);
  senders.push(open);
  return open;
}

let run = 0;
/** A control id of its own for each message, so that nothing is a duplicate. */
const next = () => `L${++run}`;

/** A configuration with these channels; `lab` listens at the bench's receiver. */
const configured = (channels: string, more = '') =>
  load(
    `import { by, channel, defineConfig, destination, directory, ehr, enrich, event, filter, identify, mllp, record, split, system, transform } from 'isthmus';
     ${more}
     const systems = { general: ehr({ authority: '1.2.3' }), lab: system({ mllp: { host: '127.0.0.1', port: ${bench.lab.port} } }) };
     export default defineConfig({ systems, channels: [${channels}] });`,
    bench.folder,
  );

const adtChannel = (steps = '', more = '') =>
  `channel('adt', { from: mllp({ port: ${bench.port} }), steps: [${steps}], to: [mllp('lab')] ${more} })`;

const arrived = (count: number) =>
  eventually(() => (bench.lab.bodies.length >= count ? bench.lab.bodies : undefined));

describe('from source to destination', () => {
  test('[CH40] a message is acknowledged and leaves byte for byte', async () => {
    await bench.channels.start(await configured(adtChannel()));
    const body = adt('A04', { controlId: next() });
    expect((await (await hospital()).send(body)).code).toBe('AA');
    expect((await arrived(1))[0]).toEqual(body);
    expect(bench.channels.status()).toMatchObject([
      {
        channel: 'adt',
        state: 'running',
        system: 'general',
        source: { state: 'up' },
        destinations: [{ name: 'lab', connection: { state: 'up' } }],
      },
    ]);
  });

  test('[CH40] a function of the configuration changes it on the way, and the record hears of it', async () => {
    const steps = `identify(), transform((message) => message.set('PV1-2', 'I'))`;
    await bench.channels.start(
      await configured(adtChannel(steps).replace("[mllp('lab')]", "[record(), mllp('lab')]")),
    );
    await (await hospital()).send(adt('A04', { controlId: next() }));
    const [body] = await arrived(1);
    expect(body?.toString()).toContain('PV1|1|I|');
    expect(bench.written).toMatchObject([{ channel: 'adt', authority: '1.2.3', facts: { identify: true } }]);
  });

  test('[CH22] a poison message is parked under its step, and the next patient flows on', async () => {
    const steps = `transform((message) => { if (message.text('PID-3.1') === 'BAD') throw new Error('no'); })`;
    await bench.channels.start(await configured(adtChannel(steps)));
    const parked = new Promise<{ code?: string; reason?: string }>((resolve) =>
      bench.engine.events.on('parked', resolve),
    );
    const open = await hospital();
    await open.send(adt('A04', { controlId: next(), mrn: 'BAD' }));
    await open.send(adt('A04', { controlId: next(), mrn: 'GOOD' }));
    expect((await arrived(1))[0]?.toString()).toContain('GOOD');
    expect(await parked).toMatchObject({
      code: 'STEP_FAILED',
      reason: expect.stringContaining('channels.adt.steps[0]'),
    });
  });

  test.each([
    ['a processing id of another environment', `, processingIds: ['T']`, adt(), 'AR', 'MSH^1^11'],
    ['a type that is not taken', `, takes: event('ORU')`, adt(), 'AR', 'MSH^1^9'],
    [
      'an unknown character set',
      '',
      Buffer.from(adt().toString().replace('|2.5.1', '|2.5.1||||||KLINGON')),
      'AR',
      'MSH^1^18',
    ],
    ['a line that is no segment', '', Buffer.from(`${adt()}?\r`), 'AE', 'segment'],
  ])('[CH36] %s is refused with its place, and nothing is committed', async (_, more, body, code, place) => {
    await bench.channels.start(await configured(adtChannel('', more)));
    let accepted = 0;
    bench.channels.events.on('accepted', () => accepted++);
    const open = await hospital();
    const answer = await open.send(body);
    expect(answer.code).toBe(code);
    expect(answer.raw.toString()).toContain(place);
    expect(answer.raw.toString()).not.toContain('Muster');
    expect(accepted).toBe(0);
    expect(open.isOpen).toBe(true);
  });

  test('[CH37] a control id that comes again with other content is refused, unless the channel accepts it', async () => {
    await bench.channels.start(await configured(adtChannel()));
    const open = await hospital();
    const controlId = next();
    expect((await open.send(adt('A04', { controlId }))).code).toBe('AA');
    expect((await open.send(adt('A04', { controlId }))).code).toBe('AA');
    expect((await open.send(adt('A08', { controlId }))).code).not.toBe('AA');
    await bench.channels.reload(await configured(adtChannel('', `, reuse: 'accept'`)));
    expect((await open.send(adt('A08', { controlId }))).code).toBe('AA');
    expect((await arrived(2)).map((body) => body.toString().includes('A08'))).toEqual([false, true]);
  });
});

describe('synchronous replies', () => {
  const replying = `, reply: { from: 'lab', withinMs: 2000 }`;

  test("[CH35] the sender gets the destination's own answer", async () => {
    await bench.channels.start(await configured(adtChannel('', replying)));
    const answer = await (await hospital()).send(adt('A04', { controlId: next() }));
    expect(answer.raw.toString()).toContain('from the destination');
  });

  test('[CH35] what does not go there is acknowledged at once', async () => {
    await bench.channels.start(await configured(adtChannel('filter(event("A08"))', replying)));
    const answer = await (await hospital()).send(adt('A04', { controlId: next() }));
    expect(answer.code).toBe('AA');
    expect(answer.raw.toString()).not.toContain('from the destination');
  });

  test('[CH35] an answer that does not come in time is a plain acknowledgment, and the message goes on', async () => {
    const slow = `enrich(() => new Promise((done) => setTimeout(done, 600)))`;
    await bench.channels.start(await configured(adtChannel(slow, replying.replace('2000', '100'))));
    const answer = await (await hospital()).send(adt('A04', { controlId: next() }));
    expect(answer.code).toBe('AA');
    expect(answer.raw.toString()).not.toContain('from the destination');
    await arrived(1);
  });
});

describe('pausing', () => {
  test('[CH50] a paused channel takes nothing, what it had flows on, and a restart does not resume it', async () => {
    await bench.channels.start(await configured(adtChannel()));
    const who = { channel: 'adt', reason: 'maintenance', actor: 'tester' };
    await bench.channels.pause(who);
    expect(bench.channels.status()).toMatchObject([
      { state: 'paused', reason: 'maintenance', source: { state: 'paused' } },
    ]);
    await bench.channels.stop();
    bench.channels = channelsOf(bench);
    await bench.channels.start(await configured(adtChannel()));
    expect(bench.channels.status()).toMatchObject([{ state: 'paused' }]);
    await bench.channels.resume(who);
    expect((await (await hospital()).send(adt('A04', { controlId: next() }))).code).toBe('AA');
    await arrived(1);
  });

  test('[CH51] another process may pause it', async () => {
    const { database } = bench.test;
    await bench.channels.start(await configured(adtChannel()));
    const elsewhere = pauseStore(database, createAudit(database));
    const paused = new Promise<ChannelsEvents['paused']>((resolve) =>
      bench.channels.events.on('paused', resolve),
    );
    await elsewhere.pause({ channel: 'adt', reason: 'by hand', actor: 'somebody' });
    expect(await paused).toEqual({ channel: 'adt', reason: 'by hand' });
    const resumed = new Promise((resolve) => bench.channels.events.on('resumed', resolve));
    await elsewhere.resume({ channel: 'adt', reason: 'done', actor: 'somebody' });
    await resumed;
    expect(bench.channels.status()).toMatchObject([{ state: 'running' }]);
  });

  test('[CH50] an unknown channel cannot be paused', async () => {
    await bench.channels.start(await configured(adtChannel()));
    await expect(bench.channels.pause({ channel: 'x', reason: '', actor: 'a' })).rejects.toMatchObject({
      code: 'CHANNEL_UNKNOWN',
    });
  });

  test('[CH52] a disabled channel does not listen and keeps its queues', async () => {
    await bench.channels.start(await configured(adtChannel('', ', enabled: false')));
    await expect(hospital()).rejects.toThrow();
    expect(bench.channels.status()).toMatchObject([{ state: 'disabled', destinations: [] }]);
    const report = await bench.channels.reload(await configured(adtChannel()));
    expect(report.failed).toEqual([]);
    expect((await (await hospital()).send(adt('A04', { controlId: next() }))).code).toBe('AA');
  });
});

describe('reloading', () => {
  const second = (port: number, steps = '') =>
    `channel('oru', { from: mllp({ port: ${port}, system: 'general' }), steps: [${steps}], to: [directory('lab', { path: '${bench.folder}' })] })`;

  test('[CH60] a channel that did not change keeps its connections, both sides, while another comes, changes and goes', async () => {
    const other = await freePort();
    await bench.channels.start(await configured(adtChannel()));
    const open = await hospital();
    await open.send(adt('A04', { controlId: next() }));
    await arrived(1);
    const outgoing = bench.lab.connections.length;
    expect(await bench.channels.reload(await configured([adtChannel(), second(other)].join()))).toMatchObject(
      {
        added: ['oru'],
        changed: [],
        unchanged: ['adt'],
        removed: [],
        failed: [],
      },
    );
    expect(
      await bench.channels.reload(
        await configured([adtChannel(), second(other, `filter(event('R01'))`)].join()),
      ),
    ).toMatchObject({
      changed: [{ channel: 'oru', parts: ['pipeline'] }],
      unchanged: ['adt'],
    });
    expect(await bench.channels.reload(await configured(adtChannel()))).toMatchObject({
      removed: ['oru'],
      unchanged: ['adt'],
    });
    expect(open.isOpen).toBe(true);
    expect((await open.send(adt('A08', { controlId: next() }))).code).toBe('AA');
    await arrived(2);
    expect(bench.lab.connections).toHaveLength(outgoing);
    expect(bench.lab.connections.at(-1)?.destroyed).toBe(false);
  });

  test('[CH61] a changed step takes effect without closing the connections of its own channel', async () => {
    await bench.channels.start(
      await configured(adtChannel(`transform((message) => message.set('PV1-3', 'ONE'))`)),
    );
    const open = await hospital();
    await open.send(adt('A04', { controlId: next() }));
    await arrived(1);
    await bench.channels.reload(
      await configured(adtChannel(`transform((message) => message.set('PV1-3', 'TWO'))`)),
    );
    expect(open.isOpen).toBe(true);
    await open.send(adt('A04', { controlId: next() }));
    const [one, two] = await arrived(2);
    expect(one?.toString()).toContain('PV1|1|O|ONE');
    expect(two?.toString()).toContain('PV1|1|O|TWO');
  });

  test('[CH60] the same configuration again changes nothing, and its functions go on', async () => {
    const text = adtChannel(`transform((message) => message.set('PV1-3', 'ONE'))`);
    await bench.channels.start(await configured(text));
    expect(await bench.channels.reload(await configured(text))).toMatchObject({
      changed: [],
      unchanged: ['adt'],
    });
    await (await hospital()).send(adt('A04', { controlId: next() }));
    expect((await arrived(1))[0]?.toString()).toContain('|ONE');
  });

  test('[CH66] a reload that the database interrupts goes back to what ran', async () => {
    const text = adtChannel(`transform((message) => message.set('PV1-3', 'ONE'))`);
    await bench.channels.start(await configured(text));
    vi.spyOn(bench.engine, 'define').mockRejectedValueOnce(new IsthmusError('DATABASE_UNAVAILABLE'));
    const changed = await configured(text.replace("'ONE'", "'TWO'"));
    await expect(bench.channels.reload(changed)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await (await hospital()).send(adt('A04', { controlId: next() }));
    expect((await arrived(1))[0]?.toString()).toContain('|ONE');
    expect(await bench.channels.reload(changed)).toMatchObject({
      changed: [{ channel: 'adt', parts: ['pipeline'] }],
    });
    await (await hospital()).send(adt('A04', { controlId: next() }));
    expect((await arrived(2))[1]?.toString()).toContain('|TWO');
  });

  test('[CH62] a function that a step imports counts as a change of the step', async () => {
    const importing = "import { room } from './room.ts';";
    writeFiles({ 'room.ts': "export const room = () => 'ONE';" }, bench.folder);
    const text = adtChannel(`transform((message) => message.set('PV1-3', room()))`);
    await bench.channels.start(await configured(text, importing));
    writeFiles({ 'room.ts': "export const room = () => 'TWO';" }, bench.folder);
    expect(await bench.channels.reload(await configured(text, importing))).toMatchObject({
      changed: [{ channel: 'adt', parts: ['pipeline'] }],
    });
    await (await hospital()).send(adt('A04', { controlId: next() }));
    expect((await arrived(1))[0]?.toString()).toContain('|TWO');
  });

  test('[CH63] a configuration with a mistake is refused whole, and the old one goes on', async () => {
    await bench.channels.start(await configured(adtChannel()));
    const open = await hospital();
    const refused = new Promise<ChannelsEvents['refused']>((resolve) =>
      bench.channels.events.on('refused', resolve),
    );
    const wrong = await configured(
      adtChannel(`transform((message) => message.set('PV1-3', 'X'))`).replace(
        "mllp('lab')",
        "mllp('nowhere')",
      ),
    );
    await expect(bench.channels.reload(wrong)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect((await refused).mistakes.map(({ place }) => place)).toContain('channels.adt.to[0].system');
    expect((await open.send(adt('A04', { controlId: next() }))).code).toBe('AA');
    expect((await arrived(1))[0]?.toString()).toContain('ROOM^1');
  });

  test('[CH64] a source that cannot start is reported, the rest runs, and the next reload tries it again', async () => {
    const taken = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    await bench.channels.start(await configured(adtChannel()));
    const both = await configured([adtChannel(), second(port)].join());
    const report = await bench.channels.reload(both);
    expect(report.failed).toMatchObject([{ channel: 'oru', error: { code: 'PORT_TAKEN' } }]);
    expect(bench.channels.status()).toMatchObject([{ state: 'running' }, { state: 'failed' }]);
    await new Promise<void>((resolve) => taken.close(() => resolve()));
    expect(await bench.channels.reload(both)).toMatchObject({
      changed: [{ channel: 'oru', parts: ['source'] }],
      failed: [],
    });
    expect(bench.channels.status()).toMatchObject([{ state: 'running' }, { state: 'running' }]);
  });

  test('[CH64] a destination that cannot start holds up nobody else, and the next reload tries it again', async () => {
    await bench.channels.start(await configured(adtChannel()));
    const moodyToo = await configured(
      adtChannel().replace("[mllp('lab')]", "[mllp('lab'), destination('moody', 'general')]"),
    );
    mood.isGood = false;
    const report = await bench.channels.reload(moodyToo);
    expect(report.failed).toMatchObject([{ channel: 'adt', error: { code: 'CONNECT_TLS' } }]);
    expect(bench.channels.status()).toMatchObject([{ state: 'failed', destinations: [{ name: 'lab' }] }]);
    const open = await hospital();
    expect((await open.send(adt('A04', { controlId: next() }))).code).toBe('AA');
    await arrived(1);
    mood.isGood = true;
    expect((await bench.channels.reload(moodyToo)).failed).toEqual([]);
    expect(bench.channels.status()).toMatchObject([
      { state: 'running', destinations: [{ name: 'lab' }, { name: 'general' }] },
    ]);
    expect((await open.send(adt('A08', { controlId: next() }))).code).toBe('AA');
    await arrived(2);
  });

  test('[CH35] [CH60] replies go on when only the source was replaced', async () => {
    const replying = `, reply: { from: 'lab', withinMs: 2000 }`;
    await bench.channels.start(await configured(adtChannel('', replying)));
    const tighter = adtChannel('', replying).replace('port:', 'maxConnections: 7, port:');
    expect(await bench.channels.reload(await configured(tighter))).toMatchObject({
      changed: [{ channel: 'adt', parts: ['source'] }],
    });
    const answer = await (await hospital()).send(adt('A04', { controlId: next() }));
    expect(answer.raw.toString()).toContain('from the destination');
  });

  test('[CH65] a start that fails leaves nothing running', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(bench.port, '127.0.0.1', resolve));
    await expect(bench.channels.start(await configured(adtChannel()))).rejects.toMatchObject({
      code: 'PORT_TAKEN',
    });
    expect(bench.channels.status()).toEqual([]);
    await new Promise<void>((resolve) => taken.close(() => resolve()));
    await bench.channels.start(await configured(adtChannel()));
    expect(bench.channels.status()).toMatchObject([{ state: 'running' }]);
  });
});
