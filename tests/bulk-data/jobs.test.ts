import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { type BulkExportOptions, cancelExport, listExports } from '../../src/gateway/bulk-data/index.ts';
import { createAccess } from '../../src/trust/access/index.ts';
import { eventually } from '../support/index.ts';
import { openSite, put, type Site } from './support/site.ts';

type Access = BulkExportOptions['access'];

let site: Site;
const ids = Array.from({ length: 30 }, () => randomUUID());
beforeAll(async () => {
  site = await openSite();
  await site.commit(...ids.map((id) => put('Basic', id)), ...ids.map((id) => put('Slot', id)));
});
afterAll(() => site.close());

/** Access whose snapshots do what the test wants before each page. */
function accessWith(beforePage: (type: string) => Promise<void>): Access {
  const { openExport } = createAccess({ database: site.db.database, keyring: site.keyring });
  return {
    openExport(context) {
      const record = openExport(context);
      return {
        ...record,
        snapshot: (work) =>
          record.snapshot((snapshot) =>
            work({
              ...snapshot,
              async *resources(selection) {
                await beforePage(selection.type);
                yield* snapshot.resources(selection);
              },
            }),
          ),
      };
    },
  };
}

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let reached: () => void = () => undefined;
  const wasReached = new Promise<void>((resolve) => {
    reached = resolve;
  });
  return { open: () => open(), opened, reached: () => reached(), wasReached };
}

/** A client of its own, so that limits of one test are not those of another. */
function client(): string {
  const name = randomUUID();
  site.contexts[name] = { who: name, purpose: 'TREAT' };
  return name;
}

const rowsOf = async (status: string) => {
  const [row] = await site.db.database.query<{ jobs: number; files: number; chunks: number }>(
    sql(
      'test.rows',
      `SELECT (SELECT count(*) FROM export_job WHERE id = $1) AS jobs, (SELECT count(*) FROM export_file WHERE job_id = $1) AS files,
              (SELECT count(*) FROM export_chunk WHERE job_id = $1) AS chunks`,
    ),
    [status.split('/').at(-1) ?? ''],
  );
  return row;
};
const NOTHING = { jobs: 0, files: 0, chunks: 0 };

describe('[B10] the status', () => {
  test('202 with progress and when to come again, 429 for who does not wait', async () => {
    const idle = await site.node({ started: false });
    const status = await idle.kickOff('/$export?_type=Basic');
    const first = await idle.fetch(status);
    expect(first.status).toBe(202);
    expect(first.headers.get('x-progress')).toBe('waiting');
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
    const answers = await Promise.all(Array.from({ length: 30 }, () => idle.fetch(status)));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(10);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused[0]?.json()).toMatchObject({ issue: [{ code: 'throttled' }] });
    idle.bulk.start();
    await idle.manifest(status);
    const done = await Promise.all(Array.from({ length: 30 }, () => idle.fetch(status)));
    expect(done.every((answer) => answer.status === 200)).toBe(true);
    expect(done[0]?.headers.get('content-type')).toBe('application/json');
    expect(new Date(done[0]?.headers.get('expires') ?? '').getTime()).toBeGreaterThan(Date.now());
    await idle.bulk.stop();
  });
});

describe('[B11] a cancelled export', () => {
  test('is gone at once, and its run writes nothing more', async () => {
    const held = gate();
    const node = await site.node({
      access: accessWith(async (type) => {
        if (type !== 'Slot') return;
        held.reached();
        await held.opened;
      }),
    });
    const as = client();
    const status = await node.kickOff('/$export?_type=Basic,Slot', { as });
    await held.wasReached;
    expect((await node.fetch(status, { as, method: 'DELETE' })).status).toBe(202);
    expect((await node.fetch(status, { as })).status).toBe(404);
    expect((await node.fetch(status, { as, method: 'DELETE' })).status).toBe(404);
    held.open();
    await node.bulk.stop();
    expect(await rowsOf(status)).toEqual(NOTHING);
  });

  test('so is one that is complete, with its files', async () => {
    const node = await site.node();
    const status = await node.kickOff('/$export?_type=Basic');
    const { output } = await node.manifest(status);
    expect((await node.fetch(status, { method: 'DELETE' })).status).toBe(202);
    expect((await node.fetch(output[0]?.url ?? '')).status).toBe(404);
    expect(await rowsOf(status)).toEqual(NOTHING);
    await node.bulk.stop();
  });
});

describe('[B11] an operator', () => {
  test('sees all exports, and cancels one, audited or not at all', async () => {
    const node = await site.node({ started: false });
    const as = client();
    const status = await node.kickOff('/$export?_type=Basic', { as });
    const id = status.split('/').at(-1) ?? '';
    const [newest] = await listExports(site.db.database, 1);
    expect(newest).toMatchObject({ id, client: as, state: 'waiting', resources: 0, bytes: 0 });
    const audited = () => Promise.reject(new Error('no audit'));
    await expect(cancelExport(site.db.database, id, audited)).rejects.toThrow('no audit');
    expect((await node.fetch(status, { as })).status).toBe(202);
    expect(await cancelExport(site.db.database, id, () => Promise.resolve())).toBe(true);
    expect((await node.fetch(status, { as })).status).toBe(404);
    expect(await cancelExport(site.db.database, id, () => Promise.resolve())).toBe(false);
  });
});

describe('[B12] a run that ends early', () => {
  test('by a stop: another node goes on as of the same instant, with the next step', async () => {
    const held = gate();
    const first = await site.node({
      access: accessWith(async (type) => {
        if (type !== 'Slot') return;
        held.reached();
        await held.opened;
      }),
    });
    const as = client();
    const status = await first.kickOff('/$export?_type=Basic,Slot', { as });
    await held.wasReached;
    const late = randomUUID();
    await site.commit(put('Slot', late));
    const stopped = first.bulk.stop();
    held.open();
    await stopped;
    const read: string[] = [];
    const second = await site.node({ access: accessWith(async (type) => void read.push(type)) });
    const { output } = await second.manifest(status, as);
    expect(read).toEqual(['Slot']);
    const found = await second.lines(output, as);
    expect(found.map(({ id }) => id).sort()).toEqual([...ids, ...ids].sort());
    await second.bulk.stop();
  });

  test('by a node that fell silent: another one takes over, and the first writes nothing more', async () => {
    const held = gate();
    const limits = { leaseMs: 300, lookMs: 50 };
    const silent = await site.node({
      limits,
      access: accessWith(async () => {
        held.reached();
        await held.opened;
      }),
    });
    const as = client();
    const status = await silent.kickOff('/$export?_type=Basic', { as });
    await held.wasReached;
    const heir = await site.node({ limits });
    const { output } = await heir.manifest(status, as);
    held.open();
    await silent.bulk.stop();
    expect(await heir.manifest(status, as)).toMatchObject({ output });
    expect((await heir.lines(output, as)).length).toBe(ids.length);
    expect(await rowsOf(status)).toEqual({ jobs: 1, files: 1, chunks: 1 });
    await heir.bulk.stop();
  });

  test('by an outage: it is tried again; by anything else: it fails, visibly, and leaves no files', async () => {
    let outages = 0;
    const clock = { ...systemClock };
    const node = await site.node({
      clock,
      limits: { lookMs: 20 },
      access: accessWith(async (type) => {
        if (type === 'Slot' && outages++ === 0) throw new IsthmusError('DATABASE_UNAVAILABLE');
        if (type === 'Media') throw new Error('a text with data of a patient');
      }),
    });
    const as = client();
    await site.commit(put('Media', randomUUID()));
    const again = await node.kickOff('/$export?_type=Basic,Slot', { as });
    expect((await node.manifest(again, as)).output).toHaveLength(2);
    const failing = await node.kickOff('/$export?_type=Basic,Media', { as });
    const failed = await eventually(async () => {
      const answer = await node.fetch(failing, { as });
      return answer.status === 500 && answer;
    });
    const text = await failed.text();
    expect(JSON.parse(text)).toMatchObject({ resourceType: 'OperationOutcome' });
    expect(text).not.toContain('data of a patient');
    expect(await rowsOf(failing)).toEqual({ ...NOTHING, jobs: 1 });
    await node.bulk.stop();
  });
});

describe('[B13] bounds', () => {
  test('so many exports of a client at once', async () => {
    const node = await site.node({ started: false, limits: { jobsOfClient: 2 } });
    const as = client();
    const started = await Promise.allSettled(
      Array.from({ length: 6 }, () => node.kickOff('/$export?_type=Basic', { as })),
    );
    expect(started.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    const refused = await node.fetch('/$export', { as, headers: { prefer: 'respond-async' } });
    expect(refused.status).toBe(429);
    node.bulk.start();
    for (const one of started) if (one.status === 'fulfilled') await node.manifest(one.value, as);
    await node.kickOff('/$export?_type=Basic', { as });
    await node.bulk.stop();
  });

  test('so many bytes of one export', async () => {
    const node = await site.node({ limits: { bytesOfJob: 10 } });
    const as = client();
    const status = await node.kickOff('/$export?_type=Basic', { as });
    const failed = await eventually(async () => {
      const answer = await node.fetch(status, { as });
      return answer.status === 500 && answer;
    });
    expect(await failed.json()).toMatchObject({ issue: [{ details: { coding: [{ code: 'TOO_LARGE' }] } }] });
    await node.bulk.stop();
  });

  test('[B14] what has expired is not found, and then deleted', async () => {
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
    const node = await site.node({ clock });
    const as = client();
    const status = await node.kickOff('/$export?_type=Basic', { as });
    const { output } = await node.manifest(status, as);
    aheadMs = 25 * 3_600_000;
    expect((await node.fetch(status, { as })).status).toBe(404);
    expect((await node.fetch(output[0]?.url ?? '', { as })).status).toBe(404);
    await node.bulk.stop();
    node.bulk.start();
    await eventually(async () => (await rowsOf(status))?.jobs === 0);
    expect(await rowsOf(status)).toEqual(NOTHING);
    await node.bulk.stop();
  });
});
