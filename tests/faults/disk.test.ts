import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { type Database, migrate, openDatabase } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { eventually } from '../support/index.ts';
import { assertKept } from './support/checker.ts';
import { readAnswer, testMessage } from './support/messages.ts';
import { type Node, startNode } from './support/node.ts';
import { mllpReceiver } from './support/receiver.ts';
import { Cleanup, drained, History, judged, newDatabase, queueMigrations } from './support/rig.ts';
import { LockstepSender } from './support/sender.ts';

/** Reliability A8: the database has no space left. AE at once, nothing acknowledged is lost, and by itself on again when there is space. */

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Scene {
  readonly history: History;
  readonly node: Node;
  readonly sender: LockstepSender;
  /** What the sender was told, with how long it waited. */
  readonly answers: { code: string; ms: number }[];
}

async function setScene(database: Database): Promise<Scene> {
  const history = new History();
  const peer = cleanup.add(await mllpReceiver(history, 'ward'), (one) => one.stop());
  const node = await startNode(
    {
      node: 'node',
      channels: [
        {
          name: 'adt',
          order: 'key',
          destinations: [{ name: 'ward', kind: 'mllp', port: peer.port, order: 'key', lanes: 4 }],
        },
      ],
    },
    { database },
  );
  cleanup.add(node, (one) => one.stop());
  const answers: { code: string; ms: number }[] = [];
  let since = performance.now();
  const sender = new LockstepSender({
    history,
    channel: 'adt',
    port: () => node.ports.adt ?? 1,
    destinations: () => ['ward'],
    onAnswer: (code) => {
      answers.push({ code, ms: performance.now() - since });
      since = performance.now();
    },
  });
  cleanup.add(sender, (one) => one.stop());
  return { history, node, sender, answers };
}

function refusals(scene: Scene): string[] {
  return scene.history.records.flatMap((record) =>
    record.kind === 'refused' ? [readAnswer(Buffer.from(record.answer, 'latin1')).code] : [],
  );
}

/** A file system of 24 MB for one database, on the server that all tests share: its log of changes lies elsewhere and goes on. */
async function tinyDatabase(): Promise<
  { url: string; database: Database; fill(): void; free(): void } | undefined
> {
  const place = mkdtempSync(join(tmpdir(), 'isthmus-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m,mode=755', 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    rmSync(place, { recursive: true });
    return undefined;
  }
  cleanup.add(place, (path) => {
    execFileSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  });
  const server = new pg.Client({ connectionString: inject('databaseUrl') });
  await server.connect();
  const name = `tiny_${process.pid}_${Math.floor(performance.now())}`;
  const { rows } = await server.query<{ directory: string }>(
    `select current_setting('data_directory') as directory`,
  );
  const { uid, gid } = statSync(rows[0]?.directory ?? '/');
  const space = join(place, 'space');
  mkdirSync(space);
  chownSync(space, uid, gid);
  await server.query(`create tablespace ${name} location '${space}'`);
  await server.query(`create database ${name} tablespace ${name}`);
  const url = new URL(inject('databaseUrl'));
  url.pathname = `/${name}`;
  const database = await openDatabase({ url: url.href, logger: silentLogger });
  await migrate(database, queueMigrations);
  cleanup.add(database, async (opened) => {
    await opened.close();
    await server.query(`drop database ${name} with (force)`);
    await server.query(`drop tablespace ${name}`);
    await server.end();
  });
  const filler = join(place, 'filler');
  return {
    url: url.href,
    database,
    fill() {
      for (const size of [1_048_576, 65_536, 4_096]) {
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
        } catch {
          // Full to this grain.
        }
      }
    },
    free: () => unlinkSync(filler),
  };
}

test('[A8] a real disk runs full under load, and is cleared', async ({ skip }) => {
  const tiny = process.getuid?.() === 0 ? await tinyDatabase() : undefined;
  if (!tiny) return skip('needs the right to mount a small file system');
  const scene = await setScene(tiny.database);
  const message = (n: number) => testMessage({ uid: `M${n}`, keys: [`P${n % 7}`], bytes: 20_000 });
  let n = 0;
  for (; n < 20; n += 1) await scene.sender.send(message(n));

  tiny.fill();
  // Pages that were allocated before still take a few; then the disk is really full.
  const pending = (async () => {
    for (; n < 200; n += 1) await scene.sender.send(message(n));
  })();
  await eventually(() => refusals(scene).length >= 5, { deadlineMs: 20_000, what: 'a refusal' });
  expect(new Set(refusals(scene))).toEqual(new Set(['AE']));
  expect(Math.max(...scene.answers.filter(({ code }) => code === 'AE').map(({ ms }) => ms))).toBeLessThan(
    1_000,
  );

  const before = performance.now();
  const acknowledged = scene.answers.filter(({ code }) => code === 'AA').length;
  tiny.free();
  await eventually(() => scene.answers.filter(({ code }) => code === 'AA').length > acknowledged, {
    deadlineMs: 30_000,
    what: 'an acknowledgment after space came back',
  });
  console.log(
    JSON.stringify({ refusals: refusals(scene).length, resumedMs: Math.round(performance.now() - before) }),
  );
  await pending;
  await drained(tiny.url);
  assertKept(await judged(scene.history, tiny.url));
  expect(scene.history.deliveredTo('ward')).toBe(200);
});

describe('[A8] every write fails for want of space', () => {
  /** What the driver makes of SQLSTATE 53100, on everything that writes. */
  function fullStore(database: Database): { database: Database; isFull: boolean } {
    const store = { database, isFull: false };
    const refuse = () => {
      if (store.isFull) throw new IsthmusError('DATABASE_FULL');
    };
    store.database = {
      listen: (channel, onNotify) => database.listen(channel, onNotify),
      close: () => database.close(),
      query: async (statement, parameters) => {
        if (/^(with|insert|update|delete)/.test(statement.text) && !statement.name.startsWith('lease'))
          refuse();
        return database.query(statement, parameters);
      },
      transaction: async (work) => {
        refuse();
        return database.transaction(work);
      },
    };
    return store;
  }

  test('at any moment, again and again: AE, and nothing acknowledged is lost', async () => {
    const { url, database } = await newDatabase(cleanup, 8);
    const store = fullStore(database);
    const scene = await setScene(store.database);
    for (let n = 0; n < 200; n += 1) {
      if (n % 40 === 20) {
        store.isFull = true;
        const told = refusals(scene).length;
        const message = testMessage({ uid: `M${n}`, keys: [`P${n % 7}`] });
        const sending = scene.sender.send(message);
        await eventually(() => refusals(scene).length >= told + 3, { what: 'refusals' });
        store.isFull = false;
        await sending;
      } else await scene.sender.send(testMessage({ uid: `M${n}`, keys: [`P${n % 7}`] }));
    }
    await drained(url);
    expect(new Set(refusals(scene))).toEqual(new Set(['AE']));
    assertKept(await judged(scene.history, url));
    expect(scene.history.deliveredTo('ward')).toBe(200);
  });
});
