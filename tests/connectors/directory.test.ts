import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Accept,
  directoryDestination,
  directorySource,
  type Source,
} from '../../src/exchange/connectors/index.ts';
import { type Clock, manualClock, systemClock } from '../../src/foundation/clock/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { eventually } from '../support/index.ts';
import { destinationContract, sourceContract } from './contract.ts';
import { adt, committed, delivery, keepingAccept, never, testContext, text, turns } from './support.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function temporary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-files-'));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

const list = async (path: string, folder = '.') =>
  (await readdir(join(path, folder), { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** As a careful sender does: written aside, then renamed. */
async function drop(path: string, name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(join(path, `${name}.tmp`), content, 'latin1');
  await rename(join(path, `${name}.tmp`), join(path, name));
}

const atOnce = { whole: { by: 'rename' }, scanEveryMs: 15 };

sourceContract('directory', async () => {
  const path = await temporary();
  let number = 0;
  return {
    create: (context) => directorySource.create(directorySource.options.parse({ path, ...atOnce }), context),
    message: (one) => adt(`F${one}`),
    async send(_source, message) {
      number += 1;
      const stem = `file-${number}`;
      await drop(path, `${stem}.hl7`, message);
      const at = (folder: string) =>
        list(path, folder).then((names) => names.some((name) => name.startsWith(`${stem}.`)));
      return eventually(async () =>
        (await at('done')) ? 'taken' : (await at('failed')) ? 'refused' : undefined,
      );
    },
    cleanup: async () => undefined,
  };
});

async function watching(accept: Accept, options: object = {}, clock: Clock = systemClock) {
  const path = await temporary();
  return { path, ...(await watchingAt(path, accept, options, clock)) };
}

async function watchingAt(path: string, accept: Accept, options: object = {}, clock: Clock = systemClock) {
  const context = testContext(clock);
  const source: Source = directorySource.create(
    directorySource.options.parse({ path, ...atOnce, ...options }),
    context,
  );
  await source.start(accept);
  cleanups.push(() => source.stop());
  return { source, context };
}

const settledFiles = (path: string, count: number) =>
  eventually(async () => {
    const names = [
      ...(await list(path, 'done')),
      ...(await list(path, 'failed')).filter(
        (name) => !name.startsWith('.') && !name.endsWith('.error.json'),
      ),
    ];
    return names.length === count ? names : undefined;
  });

describe('only whole files', () => {
  it('[C60] temporary names, dotfiles, folders and links are left alone', async () => {
    const { accept, received } = keepingAccept();
    const path = await temporary();
    const elsewhere = await temporary();
    await writeFile(join(elsewhere, 'secret.hl7'), adt('LINKED'));
    await symlink(join(elsewhere, 'secret.hl7'), join(path, 'link.hl7'));
    await mkdir(join(path, 'folder.hl7'));
    const names = ['.hidden.hl7', 'a.hl7.tmp', 'a.hl7.part', 'a.hl7.filepart', 'a.hl7~', 'A.TMP'];
    for (const name of names) await writeFile(join(path, name), adt('HALF'));
    await watchingAt(path, accept);
    await drop(path, 'whole.hl7', adt('A1'));
    await settledFiles(path, 1);
    expect(received.map((one) => text(one.body))).toEqual([adt('A1')]);
    expect(await list(path)).toEqual([...names, 'link.hl7'].sort());
  });

  it('[C61] quiet: a file that grows or changes is not taken until it has been still for the whole time', async () => {
    const manual = manualClock();
    let planned = 0;
    const clock: Clock = {
      ...manual,
      after(ms, run) {
        planned += 1;
        return manual.after(ms, run);
      },
    };
    const { accept, received } = keepingAccept();
    const { path } = await watching(
      accept,
      { whole: { by: 'quiet', quietMs: 1_000 }, scanEveryMs: 100 },
      clock,
    );
    const message = adt('A1');
    const step = async (ms: number) => {
      const before = planned;
      manual.advance(ms);
      // A scan that has ended plans the next one.
      await eventually(() => planned > before);
    };
    await writeFile(join(path, 'a.hl7'), message.slice(0, 20));
    for (let at = 0; at < 9; at++) await step(100);
    await writeFile(join(path, 'a.hl7'), message);
    for (let at = 0; at < 9; at++) await step(100);
    // Same size, another time stamp: written over.
    await utimes(join(path, 'a.hl7'), new Date(), new Date(Date.now() + 5_000));
    for (let at = 0; at < 9; at++) await step(100);
    expect(received).toHaveLength(0);
    await eventually(async () => {
      await step(100);
      return received.length === 1;
    });
    expect(text(received[0]?.body ?? new Uint8Array())).toBe(message);
  });

  it('[C62] marker: taken when the marker is there, gone together with it', async () => {
    const { accept, received } = keepingAccept();
    const { path } = await watching(accept, { whole: { by: 'marker', suffix: '.ok' }, pattern: '*.hl7' });
    await writeFile(join(path, 'a.hl7'), adt('A1'));
    await writeFile(join(path, 'b.hl7'), adt('B1'));
    await writeFile(join(path, 'b.hl7.ok'), '');
    await writeFile(join(path, 'gone.hl7.ok'), '');
    await settledFiles(path, 1);
    await eventually(async () => (await list(path)).join() === 'a.hl7');
    expect(received.map((one) => text(one.body))).toEqual([adt('B1')]);
  });

  it('[C63] names by pattern, in the order of names or of time, the same on every machine', async () => {
    for (const [order, expected] of [
      ['name', ['B.hl7', 'a.hl7', 'é.hl7']],
      ['time', ['é.hl7', 'a.hl7', 'B.hl7']],
    ] as const) {
      const path = await temporary();
      const { accept, received } = keepingAccept();
      for (const [age, name] of ['é.hl7', 'a.hl7', 'B.hl7', 'other.txt'].entries()) {
        await writeFile(join(path, name), adt(name), 'utf8');
        await utimes(join(path, name), 1_000, 1_000 + age);
      }
      await watchingAt(path, accept, {
        order,
        pattern: '*.hl7',
        defaultCharset: 'UNICODE UTF-8',
        maxFilesPerScan: 2,
      });
      await settledFiles(path, 3);
      expect(received.map((one) => one.controlId?.split('#')[0])).toEqual(expected);
      expect(await list(path)).toEqual(['other.txt']);
    }
  });
});

describe('messages of a file', () => {
  const batch = (count: number, ...ids: string[]) =>
    `FHS|^~\\&|EHR\rBHS|^~\\&|EHR\r${ids.map((id) => adt(id)).join('')}BTS|${count}\rFTS|1\r`;

  it('[C64] a batch gives its messages in order, each with a key of its own; several messages without an envelope, too', async () => {
    const { accept, received } = keepingAccept();
    const { path } = await watching(accept);
    await drop(path, 'batch.hl7', batch(3, 'A1', 'A2', 'A3'));
    await settledFiles(path, 1);
    await drop(path, 'several.hl7', adt('B1') + adt('B2'));
    await settledFiles(path, 2);
    expect(received.map((one) => text(one.body))).toEqual(
      ['A1', 'A2', 'A3', 'B1', 'B2'].map((id) => adt(id)),
    );
    expect(new Set(received.map((one) => one.controlId)).size).toBe(5);
    expect(received[1]?.controlId).toMatch(/^batch\.hl7#1#[0-9a-f]{16}$/);
  });

  it.each([
    ['a wrong count', batch(4, 'A1', 'A2', 'A3'), 'HL7_BATCH_COUNT'],
    ['no trailer', 'FHS|^~\\&|EHR\rBHS|^~\\&|EHR\rMSH|^~\\&|E\r', 'HL7_BATCH_STRUCTURE'],
    ['nothing', '', 'INVALID_REQUEST'],
  ])(
    '[C65] a batch with %s fails as a whole, nothing taken, the reason beside it',
    async (_name, content, code) => {
      const { accept, received } = keepingAccept();
      const { path, context } = await watching(accept);
      await drop(path, 'Doe-John.hl7', content);
      await settledFiles(path, 1);
      expect(received).toHaveLength(0);
      const names = await list(path, 'failed');
      const report = JSON.parse(
        await readFile(
          join(path, 'failed', names.find((name) => name.endsWith('.error.json')) ?? ''),
          'utf8',
        ),
      );
      expect(report).toMatchObject({ committed: 0, refused: 1, refusals: [{ message: 0, code }] });
      expect(JSON.stringify([context.lines, context.statuses])).not.toContain('Doe');
    },
  );

  it('[C65] a file over the limit fails without being read', async () => {
    const { accept, received } = keepingAccept();
    const { path } = await watching(accept, { maxFileBytes: 1_000 });
    await drop(path, 'big.hl7', adt('A1').padEnd(2_000, 'x'));
    await settledFiles(path, 1);
    expect((await list(path, 'failed')).some((name) => name.endsWith('.error.json'))).toBe(true);
    expect(received).toHaveLength(0);
  });

  it('[C66] a refused message is reported with number, place and rule; the others of the file are taken', async () => {
    const seen: string[] = [];
    const accept: Accept = async (one) => {
      seen.push(text(one.body));
      if (seen.length !== 2) return committed(seen.length);
      const error = new IsthmusError('HL7_MISSING_FIELD', { place: 'PID-3', rule: 'required' });
      return { outcome: 'refused', error, retry: false };
    };
    const { path } = await watching(accept);
    await drop(path, 'batch.hl7', adt('A1') + adt('A2') + adt('A3') + adt('A4', { 18: 'MARTIAN' }));
    await settledFiles(path, 1);
    expect(seen).toEqual([adt('A1'), adt('A2'), adt('A3')]);
    const name = (await list(path, 'failed')).find((one) => one.endsWith('.error.json')) ?? '';
    const report = await readFile(join(path, 'failed', name), 'utf8');
    expect(JSON.parse(report)).toMatchObject({
      messages: 4,
      committed: 2,
      refused: 2,
      refusals: [
        { message: 2, code: 'HL7_MISSING_FIELD', place: 'PID-3', rule: 'required' },
        { message: 4, code: 'HL7_UNKNOWN_CHARSET', place: 'MSH^1^18^1' },
      ],
    });
    expect(report).not.toContain('Specimen');
  });

  it('[C67] when messages can’t be taken at present, the rest waits and no later file overtakes', async () => {
    const log: string[] = [];
    let isDown = true;
    const accept: Accept = async (one) => {
      const key = one.controlId?.split('#').slice(0, 2).join('#') ?? '';
      if (key === 'a.hl7#1' && isDown) {
        log.push(`${key} refused`);
        return { outcome: 'refused', error: new IsthmusError('DATABASE_UNAVAILABLE'), retry: true };
      }
      log.push(key);
      return committed(log.length, { duplicate: log.indexOf(key) < log.length - 1 });
    };
    const path = await temporary();
    await drop(path, 'a.hl7', adt('A1') + adt('A2') + adt('A3'));
    await drop(path, 'b.hl7', adt('B1'));
    await watchingAt(path, accept);
    await eventually(() => log.filter((line) => line.endsWith('refused')).length >= 3);
    expect(new Set(log)).toEqual(new Set(['a.hl7#0', 'a.hl7#1 refused']));
    isDown = false;
    await settledFiles(path, 2);
    expect(log.slice(-4)).toEqual(['a.hl7#0', 'a.hl7#1', 'a.hl7#2', 'b.hl7#0']);
  });
});

describe('after the commit', () => {
  it('[C68] killed between commit and move: the same keys come again, so that nothing is taken twice', async () => {
    const path = await temporary();
    const keys: string[][] = [[], []];
    await drop(path, 'a.hl7', adt('A1') + adt('A2'));
    for (const run of [0, 1]) {
      // The first run ends as a kill would: both are committed, the file is still there.
      const { source } = await watchingAt(path, async (one) => {
        keys[run]?.push(one.controlId ?? '');
        if (run === 0 && keys[0]?.length === 2) {
          await rename(join(path, 'a.hl7'), join(path, 'a.hl7.tmp'));
        }
        return committed(1, { duplicate: run === 1 });
      });
      await eventually(() => keys[run]?.length === 2);
      await source.stop();
      if (run === 0) await rename(join(path, 'a.hl7.tmp'), join(path, 'a.hl7'));
    }
    expect(keys[1]).toEqual(keys[0]);
    expect(await list(path)).toEqual([]);
    expect(await list(path, 'done')).toHaveLength(1);
  });

  it('[C69] a file that can’t be moved is not handed over again while this process lives', async () => {
    const { accept, received } = keepingAccept();
    const path = await temporary();
    await watchingAt(path, async (one) => {
      // A folder in the way of the move, made when both folders were already there.
      if (received.length === 0) await rm(join(path, 'done'), { recursive: true });
      if (received.length === 0) await writeFile(join(path, 'done'), 'in the way');
      return accept(one);
    });
    await drop(path, 'a.hl7', adt('A1'));
    await eventually(() => received.length === 1);
    await turns(200);
    await rm(join(path, 'done'));
    await eventually(async () => (await list(path)).length === 0);
    expect(received).toHaveLength(1);
  });

  it('[C70] a new file under the same name while the old one was in hand stays and is taken next', async () => {
    const { accept, received } = keepingAccept();
    const path = await temporary();
    await watchingAt(path, async (one) => {
      if (received.length === 0) await drop(path, 'a.hl7', adt('NEW', { 8: 'longer' }));
      return accept(one);
    });
    await drop(path, 'a.hl7', adt('OLD'));
    await settledFiles(path, 1);
    expect(received.map((one) => text(one.body))).toEqual([adt('OLD'), adt('NEW', { 8: 'longer' })]);
  });

  it('[C71] deleted instead of moved, where declared so; the same name twice keeps both in done', async () => {
    const deleting = await watching(keepingAccept().accept, { after: 'delete' });
    await drop(deleting.path, 'a.hl7', adt('A1'));
    await eventually(async () => (await list(deleting.path)).length === 0);
    expect(await list(deleting.path, 'done')).toEqual([]);
    const { path } = await watching(keepingAccept().accept);
    for (const id of ['A1', 'A2']) {
      await drop(path, 'a.hl7', adt(id));
      await eventually(async () => (await list(path)).length === 0);
    }
    expect(await list(path, 'done')).toHaveLength(2);
  });

  it('[C7] whenever a directory goes away, it is not made anew in its place', async () => {
    for (let round = 0; round < 40; round += 1) {
      const path = await temporary();
      const { source } = await watchingAt(path, keepingAccept().accept, { scanEveryMs: 10 });
      await turns(round);
      await rename(path, join(await temporary(), 'moved'));
      await eventually(() => source.status().state === 'down');
      await source.stop();
    }
  });

  it('[C7] a directory that is not there is a mistake at the start, one that goes away later is down and comes back', async () => {
    const path = await temporary();
    const missing = directorySource.create(
      directorySource.options.parse({ path: join(path, 'none') }),
      testContext(),
    );
    await expect(missing.start(keepingAccept().accept)).rejects.toMatchObject({ code: 'FILE_FAILED' });
    const { accept, received } = keepingAccept();
    const { source } = await watchingAt(path, accept);
    const away = await temporary();
    await rename(path, join(away, 'moved'));
    await eventually(() => source.status().state === 'down');
    await mkdir(path);
    await drop(path, 'a.hl7', adt('A1'));
    await eventually(() => received.length === 1 && source.status().state === 'up');
  });
});

destinationContract('directory', async () => {
  const path = await temporary();
  const away = `${path}-away`;
  return {
    create: (context) => directoryDestination.create(directoryDestination.options.parse({ path }), context),
    delivery: (number) => delivery(adt(`M${number}`), { idempotencyKey: `k.${number}` }),
    peer: {
      async received() {
        const names = (await list(path).catch(() => [])).filter((name) => !name.startsWith('.'));
        return Promise.all(
          names.map(async (name) => ({ key: name, body: await readFile(join(path, name), 'latin1') })),
        );
      },
      down: () => rename(path, away),
      up: () => rename(away, path),
    },
    cleanup: () => rm(away, { recursive: true, force: true }),
  };
});

describe('files written', () => {
  const name = async (fileName: string, more: object) => {
    const path = await temporary();
    const destination = directoryDestination.create(
      directoryDestination.options.parse({ path, fileName }),
      testContext(),
    );
    await destination.start();
    const result = await destination.deliver(delivery('x', more), never);
    await destination.stop();
    return { result, names: await list(path), path };
  };

  it('[C73] the name comes from the template; a repeat replaces the same file', async () => {
    expect((await name('{type}-{key}.hl7', { idempotencyKey: '7.2.1', type: 'ADT^A08' })).names).toEqual([
      'ADT_A08-7.2.1.hl7',
    ]);
    expect((await name('{key}.hl7', { idempotencyKey: 'a:b' })).names).not.toEqual(
      (await name('{key}.hl7', { idempotencyKey: 'a_b' })).names,
    );
  });

  it('[C74] no template and no value leads out of the directory, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ maxLength: 300, unit: 'binary' }),
        fc.string({ maxLength: 300 }),
        async (key, label) => {
          const { result, names } = await name('{label}{key}', { idempotencyKey: `${key}`, label });
          expect(result.outcome).toBe('delivered');
          expect(names).toHaveLength(1);
          expect(names[0]).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/);
        },
      ),
      {
        numRuns: 60,
        examples: [
          ['../../etc/passwd', '..'],
          ['..', '.'],
          ['', ''],
          ['/', '\\'],
          ['a\0b', 'x/../y'],
        ],
      },
    );
    const refused = [
      'x.hl7',
      '../{key}',
      '/{key}',
      'a/{key}',
      '{key}{unknown}',
      '{key',
      '.{key}',
      '{key}\\x',
    ];
    for (const fileName of refused) {
      expect(directoryDestination.options.safeParse({ path: '/tmp', fileName }).success, fileName).toBe(
        false,
      );
    }
  });

  it('[C75] no reader sees half a file, and a link in the way is not followed', async () => {
    const path = await temporary();
    const outside = await temporary();
    await writeFile(join(outside, 'victim'), 'untouched');
    await symlink(join(outside, 'victim'), join(path, '.k.1.hl7.part'));
    await symlink(join(outside, 'victim'), join(path, 'k.2.hl7'));
    const destination = directoryDestination.create(
      directoryDestination.options.parse({ path }),
      testContext(),
    );
    await destination.start();
    cleanups.push(() => destination.stop());
    expect((await destination.deliver(delivery('x', { idempotencyKey: 'k.1' }), never)).outcome).toBe(
      'transient',
    );
    expect((await destination.deliver(delivery('y', { idempotencyKey: 'k.2' }), never)).outcome).toBe(
      'delivered',
    );
    expect(await readFile(join(outside, 'victim'), 'utf8')).toBe('untouched');
    expect(await readFile(join(path, 'k.2.hl7'), 'utf8')).toBe('y');
    const large = 'z'.repeat(5_000_000);
    const seen = new Set<number>();
    const delivering = destination.deliver(delivery(large, { idempotencyKey: 'k.3' }), never);
    let isDone = false;
    void delivering.then(() => {
      isDone = true;
    });
    while (!isDone) {
      const size = await readFile(join(path, 'k.3.hl7')).then(
        (content) => content.length,
        () => undefined,
      );
      if (size !== undefined) seen.add(size);
    }
    expect([...seen].every((size) => size === large.length)).toBe(true);
  });
});
