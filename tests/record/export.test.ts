import { randomInt, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createRecordExport,
  type RecordExport,
  type RecordScope,
  type ResourceWrite,
  migrations as record,
  writeResources,
} from '../../src/clinical/record/index.ts';
import { createKeyring } from '../../src/foundation/crypto/index.ts';
import { sql, type Transaction } from '../../src/foundation/database/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';

const everything: RecordScope = { kind: 'everything' };
const TYPES = ['Observation', 'Patient', 'Practitioner'] as const;

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: record, poolSize: 24 });
});
afterAll(() => db.drop());

const put = (type: string, id: string, elements: object = {}): ResourceWrite => ({
  op: 'update',
  method: 'PUT',
  resource: { resourceType: type, id, ...elements },
});
const write = (
  transaction: Transaction,
  writes: readonly ResourceWrite[],
  keyring?: ReturnType<typeof createKeyring>,
) =>
  writeResources(transaction, writes, {
    origin: { system: 'test' },
    scope: everything,
    ...(keyring ? { keyring } : {}),
  });
const commit = (...writes: ResourceWrite[]) =>
  db.database.transaction((transaction) => write(transaction, writes));

interface Exported {
  readonly since: Date | undefined;
  readonly at: Date;
  /** `Type/id/version`. */
  readonly resources: readonly string[];
  /** `Type/id`. */
  readonly deletions: readonly string[];
}

/** As an export does it: the instant first, then the snapshot. */
async function exportOnce(from: RecordExport, since?: Date, at?: Date): Promise<Exported> {
  let instant = at ?? (await from.instant());
  for (let tries = 0; !instant && tries < 1_000; tries++) instant = await from.instant();
  if (!instant) throw new Error('no instant');
  const resources: string[] = [];
  const deletions: string[] = [];
  const bound = since ? { since } : {};
  await from.snapshot(async (snapshot) => {
    for (const type of await snapshot.types()) {
      const selection = { type, at: instant, of: 'all', ...bound } as const;
      for await (const page of snapshot.resources(selection))
        resources.push(...page.map(({ id, version }) => `${type}/${id}/${version}`));
      for await (const ids of snapshot.deletions(selection))
        deletions.push(...ids.map((id) => `${type}/${id}`));
    }
  });
  return { since, at: instant, resources: resources.sort(), deletions: deletions.sort() };
}

interface VersionRow {
  readonly name: string;
  readonly version: number;
  readonly last_updated: Date;
  readonly method: string;
}

/** What each export had to hold, from all versions that there are in the end: nothing of how exports are read is used. */
async function judge(exports: readonly Exported[]): Promise<string[]> {
  const rows = await db.database.query<VersionRow>(
    sql(
      'test.versions',
      `SELECT type || '/' || id AS name, version, last_updated, method FROM resource
        UNION ALL SELECT type || '/' || id, version, last_updated, method FROM resource_history`,
    ),
  );
  return exports.flatMap(({ since, at, resources, deletions }, index) => {
    const inForce = new Map<string, VersionRow>();
    for (const row of rows) {
      const known = inForce.get(row.name);
      if (row.last_updated <= at && (!known || known.version < row.version)) inForce.set(row.name, row);
    }
    const changed = [...inForce.values()].filter((row) => !since || row.last_updated > since);
    const expected = changed
      .filter(({ method }) => method !== 'DELETE')
      .map((row) => `${row.name}/${row.version}`);
    const gone = changed.filter(({ method }) => method === 'DELETE').map(({ name }) => name);
    return [
      ...differences(expected, resources).map((one) => `export ${index}: ${one}`),
      ...differences(gone, deletions).map((one) => `deletions ${index}: ${one}`),
    ];
  });
}

function differences(expected: readonly string[], found: readonly string[]): string[] {
  const missing = expected.filter((one) => !found.includes(one)).map((one) => `missing ${one}`);
  const extra = found.filter((one) => !expected.includes(one)).map((one) => `extra ${one}`);
  const twice = found.length === new Set(found).size ? [] : ['something twice'];
  return [...missing, ...extra, ...twice];
}

/** Writers that hold their transactions open over exports that go on meanwhile, and a chain of exports by _since. */
async function chainUnderWriters(from: RecordExport): Promise<Exported[]> {
  const exports: Exported[] = [];
  const waiting: { until: number; go: () => void }[] = [];
  let over = false;
  const exportsPassed = (count: number) =>
    new Promise<void>((go) => {
      if (over || count === 0) go();
      else waiting.push({ until: exports.length + count, go });
    });
  const shared = Array.from({ length: 12 }, (_, index) => `shared-${index}`);
  const writer = async () => {
    for (let round = 0; round < 12; round++) {
      await db.database.transaction(async (transaction) => {
        const type = TYPES[randomInt(TYPES.length)] ?? 'Patient';
        await exportsPassed(randomInt(2));
        const id = shared[randomInt(shared.length)] ?? 'x';
        const isDeletion = randomInt(4) === 0;
        await write(transaction, [
          isDeletion ? { op: 'delete', type, id } : put(type, id, { language: `l-${randomUUID()}` }),
        ]);
        await exportsPassed(randomInt(3));
        await write(transaction, [put(type, randomUUID())]);
        await exportsPassed(randomInt(2));
      });
    }
  };
  const writers = Array.from({ length: 16 }, writer);
  const ended = Promise.all(writers).then(() => {
    over = true;
  });
  while (!over) {
    exports.push(await exportOnce(from, exports.at(-1)?.at));
    for (const one of waiting.splice(0)) {
      if (one.until <= exports.length) one.go();
      else waiting.push(one);
    }
  }
  await ended;
  await eventually(async () => {
    const [row] = await db.database.query<{ latest: Date }>(
      sql(
        'test.latest',
        `SELECT greatest((SELECT max(last_updated) FROM resource), (SELECT max(last_updated) FROM resource_history)) AS latest`,
      ),
    );
    const instant = await from.instant();
    return row && instant && instant >= row.latest;
  });
  exports.push(await exportOnce(from, exports.at(-1)?.at));
  return exports;
}

describe('[B1] an export as of an instant', () => {
  test('holds everything up to it and nothing later, with writers that hold transactions open', async () => {
    const exports = await chainUnderWriters(createRecordExport(db.database, everything));
    expect(exports.length).toBeGreaterThan(10);
    expect(await judge(exports)).toEqual([]);
    const copy = new Map<string, string>();
    for (const { resources, deletions } of exports) {
      for (const name of deletions) copy.delete(name);
      for (const resource of resources) copy.set(resource.replace(/\/\d+$/, ''), resource);
    }
    const current = await db.database.query<{ name: string }>(
      sql('test.current', `SELECT type || '/' || id || '/' || version AS name FROM resource`),
    );
    expect([...copy.values()].sort()).toEqual(current.map(({ name }) => name).sort());
  });

  test('the judge catches an instant that does not wait for writers', async () => {
    const sound = createRecordExport(db.database, everything);
    const broken: RecordExport = { ...sound, instant: async () => new Date() };
    expect(await judge(await chainUnderWriters(broken))).not.toEqual([]);
  });
});

const lines = async (
  from: RecordExport,
  selection: Omit<Parameters<Snapshot['resources']>[0], 'at'>,
  at: Date,
) => {
  const found: string[] = [];
  await from.snapshot(async (snapshot) => {
    for await (const page of snapshot.resources({ ...selection, at }))
      found.push(...page.map(({ id }) => id));
  });
  return found.sort();
};
type Snapshot = Parameters<Parameters<RecordExport['snapshot']>[0]>[0];

/** An instant that is later than everything written so far. */
async function now(from: RecordExport): Promise<Date> {
  const start = Date.now();
  return eventually(async () => {
    const instant = await from.instant();
    return instant && instant.getTime() > start ? instant : undefined;
  });
}

describe('[B2] as of an instant, whenever it is read', () => {
  test('versions that were replaced, deleted or came back since are told as they were', async () => {
    const from = createRecordExport(db.database, everything);
    const [kept, changed, gone, back, born] = ['kept', 'changed', 'gone', 'back', 'born'].map(
      (name) => `${name}-${randomUUID()}`,
    ) as [string, string, string, string, string];
    await commit(...[kept, changed, gone, back].map((id) => put('Basic', id, { language: 'en' })));
    await commit({ op: 'delete', type: 'Basic', id: back });
    const at = await now(from);
    const before = await exportOnce(from, undefined, at);
    await commit(put('Basic', changed, { language: 'fr' }), { op: 'delete', type: 'Basic', id: gone });
    await commit(put('Basic', changed, { language: 'de' }), put('Basic', back), put('Basic', born));
    expect(await exportOnce(from, undefined, at)).toEqual(before);
    expect(await lines(from, { type: 'Basic', of: 'all' }, at)).toEqual([changed, gone, kept].sort());
    expect(await judge([before, await exportOnce(from, at)])).toEqual([]);
  });
});

describe('[B3] an export is bounded by its scope', () => {
  const about = (patient: string, more: object = {}) => ({
    subject: { reference: `Patient/${patient}` },
    ...more,
  });

  test('a compartment is what lies in it and what belongs to nobody', async () => {
    const [ada, ben] = [randomUUID(), randomUUID()];
    const [hers, his, both, nobodys] = ['hers', 'his', 'both', 'nobodys'].map(
      (name) => `${name}-${randomUUID()}`,
    ) as [string, string, string, string];
    await commit(put('Patient', ada), put('Patient', ben), put('Organization', nobodys));
    await commit(
      put('Condition', hers, about(ada)),
      put('Condition', his, about(ben)),
      put('Appointment', both, {
        participant: [ada, ben].map((id) => ({ actor: { reference: `Patient/${id}` }, status: 'accepted' })),
      }),
    );
    const all = createRecordExport(db.database, everything);
    const at = await now(all);
    const own = createRecordExport(db.database, { kind: 'compartment', person: ada });
    expect(await lines(own, { type: 'Condition', of: 'all' }, at)).toEqual([hers]);
    expect(await lines(own, { type: 'Condition', of: 'patients' }, at)).toEqual([hers]);
    expect(await lines(own, { type: 'Condition', of: [ada, ben] }, at)).toEqual([hers]);
    expect(await lines(own, { type: 'Patient', of: 'all' }, at)).toEqual([ada]);
    expect(await lines(own, { type: 'Appointment', of: 'all' }, at)).toEqual([both]);
    expect(await lines(own, { type: 'Organization', of: 'all' }, at)).toContain(nobodys);
    expect(await own.snapshot((snapshot) => snapshot.sourcePatients([ada, ben]))).toEqual([ada]);
    const nothing = createRecordExport(db.database, { kind: 'nothing' });
    expect(await lines(nothing, { type: 'Condition', of: 'all' }, at)).toEqual([]);
    expect(await nothing.snapshot((snapshot) => snapshot.types())).toEqual([]);
    // What has become somebody else's since is not told as hers.
    await commit(put('Condition', hers, about(ben)), { op: 'delete', type: 'Condition', id: his });
    expect(await lines(own, { type: 'Condition', of: 'all' }, at)).toEqual([]);
    const later = await now(all);
    const deleted = async (from: RecordExport) => {
      const ids: string[] = [];
      await from.snapshot(async (snapshot) => {
        const selection = { type: 'Condition', at: later, since: at, of: 'all' } as const;
        for await (const page of snapshot.deletions(selection)) ids.push(...page);
      });
      return ids;
    };
    expect(await deleted(own)).toEqual([]);
    expect(await deleted(all)).toEqual([his]);
    expect(await lines(all, { type: 'Appointment', of: [ada, ben] }, at)).toEqual([both]);
  });

  test('who lies in the compartments of many patients comes once', async () => {
    const patients = Array.from({ length: 1_100 }, () => randomUUID());
    const id = randomUUID();
    await commit(...patients.map((patient) => put('Patient', patient)));
    await commit(
      put('Group', id, { member: patients.map((one) => ({ entity: { reference: `Patient/${one}` } })) }),
    );
    const from = createRecordExport(db.database, everything);
    const at = await now(from);
    expect(await lines(from, { type: 'Group', of: patients }, at)).toEqual([id]);
    expect(await lines(from, { type: 'Patient', of: patients }, at)).toEqual([...patients].sort());
  });
});

test('[B4] contents come as any reader gets them, sealed ones too, in pages of a bounded size', async () => {
  const keyring = createKeyring([{ id: 'k', key: Buffer.alloc(32, 7) }], 'k');
  const large = 'x'.repeat(1_500_000);
  const ids = Array.from({ length: 5 }, () => randomUUID());
  await db.database.transaction((transaction) =>
    write(
      transaction,
      ids.map((id) => put('Binary', id, { contentType: 'text/plain', data: large })),
      keyring,
    ),
  );
  const from = createRecordExport(db.database, everything, keyring);
  const at = await now(from);
  await from.snapshot(async (snapshot) => {
    for await (const page of snapshot.resources({ type: 'Binary', at, of: 'all' })) {
      expect(page).toHaveLength(1);
      expect(JSON.parse(page[0]?.json ?? '')).toMatchObject({ meta: { versionId: '1' }, data: large });
    }
  });
  const closed = createRecordExport(db.database, everything);
  await expect(lines(closed, { type: 'Binary', of: 'all' }, at)).rejects.toMatchObject({
    code: 'CRYPTO_KEY_UNKNOWN',
  });
});
