import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyWrites,
  type Change,
  feedStart,
  migrations,
  patientId,
  patientReference,
  type RecordWrite,
  readFeed,
  recordReader,
  resourceId,
} from '../../src/clinical/record/index.ts';
import { createKeyring } from '../../src/foundation/crypto/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { decimalOf } from '../../src/standards/fhir/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { ada, at, ben, observation } from './fixtures.ts';
import { ids, parsed, search } from './world.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

const write = (...writes: RecordWrite[]): Promise<Change[]> =>
  db.database.transaction((transaction) => applyWrites(transaction, writes));
const everything = () => recordReader(db.database, { scope: { kind: 'everything' } });
const contentOf = async (id: string, type = 'Observation') => {
  const found = await everything().read(type, id);
  return found && JSON.parse(found.json);
};
const versionsOf = async (id: string) =>
  (await everything().history({ type: 'Observation', id }, { count: 10 })).entries;
let counter = 0;
const freshKey = () => `key-${counter++}`;

describe('identity of resources', () => {
  test('[R1] the same business key gives the same id, whoever computes it; other keys, systems and types give others', () => {
    expect(resourceId('Observation', 'lab', 'A1')).toBe(resourceId('Observation', 'lab', 'A1'));
    const ids = [
      resourceId('Observation', 'lab', 'A1'),
      resourceId('Observation', 'lab', 'A2'),
      resourceId('Observation', 'labA', '1'),
      resourceId('DiagnosticReport', 'lab', 'A1'),
      patientId(ada),
    ];
    expect(new Set(ids).size).toBe(5);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('writing', () => {
  test('[R2] a repeat is the same version of the same resource, without history or a row in the feed', async () => {
    const one = observation(freshKey());
    const first = await write(one);
    const before = await feedLength();
    const again = await write(one);
    expect(first).toMatchObject([{ kind: 'created', version: 1, messageId: 7 }]);
    expect(again).toMatchObject([{ kind: 'unchanged', version: 1, late: false }]);
    expect(await feedLength()).toBe(before);
    expect(await versionsOf(one.id)).toHaveLength(1);
  });

  test('[R3] a correction is the next version, and the version before stays readable', async () => {
    const key = freshKey();
    const corrected = { status: 'corrected', 'value[x]': { String: 'hemolyzed' } };
    await write(observation(key));
    const [change] = await write(observation(key, { minute: 5, set: corrected }));
    expect(change).toMatchObject({ kind: 'updated', version: 2 });
    const id = change!.id;
    expect(await contentOf(id)).toMatchObject({
      status: 'corrected',
      valueString: 'hemolyzed',
      meta: { versionId: '2' },
    });
    expect(await contentOf(id)).not.toHaveProperty('valueQuantity');
    const past = await everything().readVersion('Observation', id, 1);
    expect(JSON.parse(past!.resource!.json)).toMatchObject({ status: 'final', valueQuantity: { value: 98 } });
    const versions = await versionsOf(id);
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);
  });

  test('[R3] several writes of one batch to one resource are a version each, in order', async () => {
    const key = freshKey();
    const statuses = ['registered', 'preliminary', 'final'];
    const changes = await write(
      ...statuses.map((status, minute) => observation(key, { minute, set: { status } })),
    );
    expect(changes.map(({ kind, version }) => `${kind} ${version}`)).toEqual([
      'created 1',
      'updated 2',
      'updated 3',
    ]);
    const id = changes[0]!.id;
    const versions = await versionsOf(id);
    expect(versions.map(({ resource }) => JSON.parse(resource!.json).status)).toEqual(
      [...statuses].reverse(),
    );
    const ofType = await everything().history({ type: 'Observation' }, { count: 1000 });
    expect(ofType.entries.filter((entry) => entry.id === id).map(({ version }) => version)).toEqual([
      3, 2, 1,
    ]);
    const times = versions.map(({ lastUpdated }) => lastUpdated.getTime());
    expect(new Set(times).size).toBe(1);
  });

  test('[R4] what a write does not mention stays; what it removes goes', async () => {
    const key = freshKey();
    const [{ id }] = (await write(observation(key))) as [Change];
    await write(
      observation(key, { minute: 1, set: { note: [{ text: 'checked' }] }, remove: ['effectiveDateTime'] }),
    );
    const content = await contentOf(id);
    expect(content).toMatchObject({ status: 'final', note: [{ text: 'checked' }] });
    expect(content).not.toHaveProperty('effectiveDateTime');
  });

  test('[R4] the items of one field are replaced, those of other fields stay', async () => {
    const key = freshKey();
    const set = (slot: string, ...values: string[]) => ({ [slot]: values.map((value) => ({ value })) });
    const [{ id }] = (await write(
      observation(key, { set: set('identifier@PID-3', 'a', 'b') }),
      observation(key, { minute: 1, set: set('identifier@PID-4', 'x') }),
      observation(key, { minute: 2, set: set('identifier@PID-3', 'c') }),
    )) as [Change];
    const { identifier } = await contentOf(id);
    expect(identifier).toEqual([
      { id: 'PID-3.1', value: 'c' },
      { id: 'PID-4.1', value: 'x' },
    ]);
  });

  test('[R6] an older message fills what nobody spoke of, and never brings back what was replaced or removed', async () => {
    const key = freshKey();
    const newer = observation(key, { minute: 9, set: { status: 'final' }, remove: ['note'] });
    const older = observation(key, {
      minute: 1,
      set: { status: 'preliminary', note: [{ text: 'old' }], issued: '2026-03-03T10:00:00Z' },
    });
    const changes = await write(newer, older);
    expect(changes[1]).toMatchObject({ late: true, kind: 'updated' });
    const content = await contentOf(changes[0]!.id);
    expect(content).toMatchObject({ status: 'final', issued: '2026-03-03T10:00:00Z' });
    expect(content).not.toHaveProperty('note');
  });

  test('[R6] a newer message that says the same still counts as newer', async () => {
    const key = freshKey();
    const say = (minute: number, status: string) => write(observation(key, { minute, set: { status } }));
    await say(1, 'final');
    expect(await say(5, 'final')).toMatchObject([{ kind: 'unchanged' }]);
    const [change] = (await say(3, 'preliminary')) as [Change];
    expect(change).toMatchObject({ kind: 'unchanged', late: true, version: 1 });
    expect(await contentOf(change.id)).toMatchObject({ status: 'final' });
  });

  test('[R7] a copy completes copies and never touches what was stated; a statement replaces copies', async () => {
    const key = freshKey();
    const copy = (minute: number, set: RecordWrite['set']) => observation(key, { minute, set, copy: true });
    const [{ id }] = (await write(copy(8, { status: 'preliminary', note: [{ text: 'copied' }] }))) as [
      Change,
    ];
    await write(observation(key, { minute: 1, set: { status: 'final' } }));
    expect(await contentOf(id)).toMatchObject({ status: 'final' });
    expect(await contentOf(id)).not.toHaveProperty('note');
    expect(await write(copy(20, { status: 'registered' }))).toMatchObject([{ kind: 'unchanged' }]);
  });

  test('[R5] the same messages give the same resource in whatever order they arrive', async () => {
    const slots = [
      'status',
      'note',
      'period.start',
      'period.end',
      'value[x]',
      'telecom@PID-13',
      'telecom@PID-14',
    ];
    const valueFor = (slot: string, n: number): unknown => {
      if (slot.includes('@')) return [{ value: `v${n}` }];
      if (slot === 'value[x]') return n % 2 ? { String: `v${n}` } : { Integer: n };
      return `v${n}`;
    };
    const message = fc.record({
      set: fc.uniqueArray(fc.constantFrom(...slots), { maxLength: 5 }),
      remove: fc.uniqueArray(fc.constantFrom(...slots), { maxLength: 2 }),
      initial: fc.boolean(),
      copy: fc.boolean(),
    });
    const shuffled = fc.array(message, { minLength: 1, maxLength: 6 }).chain((messages) =>
      fc.tuple(
        fc.constant(messages),
        fc.shuffledSubarray(
          messages.map((_, index) => index),
          { minLength: messages.length },
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ([messages, order]) => {
        const writesFor = (key: string) =>
          messages.map(({ set, remove, initial, copy }, minute): RecordWrite => {
            const removed = remove.filter((slot) => !set.includes(slot));
            return observation(key, {
              minute,
              set: Object.fromEntries(set.map((slot) => [slot, valueFor(slot, minute)])),
              remove: removed,
              ...(initial && !removed.includes('status') ? { initial: { status: 'unknown' } } : {}),
              copy,
            });
          });
        const [inOrder, mixed] = [freshKey(), freshKey()];
        const [{ id }] = (await write(...writesFor(inOrder))) as [Change];
        const other = writesFor(mixed);
        for (const index of order) await write(other[index]!);
        const normal = ({ id: _id, meta: _meta, telecom, ...rest }: Record<string, unknown>) => ({
          ...rest,
          telecom: ((telecom ?? []) as { id: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        });
        expect(normal(await contentOf(other[0]!.id))).toEqual(normal(await contentOf(id)));
      }),
      { numRuns: 60 },
    );
  });

  test('[R9] two transactions that create the same resource at once make one, and the second becomes its next version', async () => {
    const key = freshKey();
    const status = (value: string, minute: number) => observation(key, { minute, set: { status: value } });
    let other: Promise<Change[]> | undefined;
    const first = await db.database.transaction(async (transaction) => {
      const changes = await applyWrites(transaction, [status('preliminary', 1)]);
      other = write(status('final', 2), observation(freshKey()));
      await waitUntilBlocked();
      return changes;
    });
    const second = await other!;
    expect(first).toMatchObject([{ kind: 'created', version: 1 }]);
    expect(second).toMatchObject([{ kind: 'updated', version: 2 }, { kind: 'created' }]);
    expect(await contentOf(first[0]!.id)).toMatchObject({ status: 'final' });
  });

  test('[R12] decimals keep their digits, also in elements that a later write does not touch', async () => {
    const key = freshKey();
    const quantity = { value: decimalOf('7.00'), unit: 'mmol/L' };
    const [{ id }] = (await write(observation(key, { set: { 'value[x]': { Quantity: quantity } } }))) as [
      Change,
    ];
    await write(observation(key, { minute: 2, set: { status: 'final' } }));
    const { json } = (await everything().read('Observation', id))!;
    expect(json).toContain('"value":7.00,');
  });
});

describe('at rest', () => {
  const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 7) }], 'k1');
  const sealed = (...writes: RecordWrite[]) =>
    db.database.transaction((transaction) => applyWrites(transaction, writes, { keyring }));

  test('[R13] with a keyring, contents are sealed for their resource, current and past, and read by who has the key', async () => {
    const key = freshKey();
    const note = (text: string, minute: number) => observation(key, { minute, set: { note: [{ text }] } });
    const [{ id }] = (await sealed(note('secret one', 1))) as [Change];
    expect(await sealed(note('secret one', 2))).toMatchObject([{ kind: 'unchanged' }]);
    await sealed(note('secret two', 3));
    const rows = await db.database.query<{ content: Buffer; content_key: string }>(
      sql(
        'test.contents',
        'SELECT content, content_key FROM resource WHERE id = $1 UNION ALL SELECT content, content_key FROM resource_history WHERE id = $1',
      ),
      [id],
    );
    expect(rows).toHaveLength(2);
    for (const { content, content_key: keyId } of rows) {
      expect(keyId).toBe('k1');
      expect(Buffer.from(content).includes('secret')).toBe(false);
    }
    const reader = recordReader(db.database, { scope: { kind: 'everything' }, keyring });
    const { entries } = await reader.history({ type: 'Observation', id }, { count: 5 });
    expect(entries.map(({ resource }) => JSON.parse(resource?.json ?? '').note[0].text)).toEqual([
      'secret two',
      'secret one',
    ]);
    await expect(everything().read('Observation', id)).rejects.toMatchObject({ code: 'CRYPTO_KEY_UNKNOWN' });
    await db.database.query(sql('test.remove', 'DELETE FROM resource WHERE id = ANY($1::text[])'), [[id]]);
  });

  test('[R13] content moved to another row does not open', async () => {
    const [one, other] = [observation(freshKey()), observation(freshKey())];
    await sealed(one, other);
    const move = sql(
      'test.move',
      'UPDATE resource SET content = (SELECT content FROM resource WHERE id = $1) WHERE id = $2',
    );
    await db.database.query(move, [one.id, other.id]);
    const reader = recordReader(db.database, { scope: { kind: 'everything' }, keyring });
    await expect(reader.read('Observation', other.id)).rejects.toMatchObject({ code: 'CRYPTO_ALTERED' });
    // So that later searches of this file find nothing they can't open.
    await db.database.query(sql('test.remove', 'DELETE FROM resource WHERE id = ANY($1::text[])'), [
      [one.id, other.id],
    ]);
  });
});

describe('change feed', () => {
  test('[R8] write, history and feed are one transaction', async () => {
    const one = observation(freshKey());
    const before = await feedLength();
    const failing = db.database.transaction(async (transaction) => {
      await applyWrites(transaction, [one]);
      throw new Error('later in the same transaction');
    });
    await expect(failing).rejects.toThrow('later');
    expect(await everything().read('Observation', one.id)).toBeUndefined();
    expect(await feedLength()).toBe(before);
  });

  test('[R8] a follower waits for a transaction that began earlier, so it skips nothing', async () => {
    const [slow, quick] = [observation(freshKey()), observation(freshKey())];
    const start = (await readFeed(db.database, feedStart, 100_000)).at(-1)?.position ?? feedStart;
    // Beside what earlier tests left, because transactions of other tests on the same server hold the feed back, too.
    const ofBoth = async (after = start) =>
      (await readFeed(db.database, after, 1_000)).filter(
        ({ resourceId: id }) => id === slow.id || id === quick.id,
      );
    await db.database.transaction(async (transaction) => {
      await applyWrites(transaction, [slow]);
      await write(quick);
      expect(await ofBoth()).toEqual([]);
    });
    const rows = await eventually(
      async () => {
        const found = await ofBoth();
        return found.length > 0 && found;
      },
      { deadlineMs: 20_000, what: 'the feed' },
    );
    expect(rows.map(({ resourceId: id }) => id).toSorted()).toEqual([slow.id, quick.id].toSorted());
    expect(rows[0]).toMatchObject({ kind: 'created', version: 1, messageId: 7 });
    expect(await ofBoth(rows[0]!.position)).toHaveLength(1);
  });
});

describe('reading', () => {
  test('[R10] what a scope excludes does not exist: read, version, history, search', async () => {
    const [a, b] = [observation(freshKey()), observation(freshKey(), { patient: ben })];
    await write(a, b, { ...b, set: { status: 'amended' }, origin: { ...b.origin, eventTime: at(3) } });
    const own = recordReader(db.database, { scope: { kind: 'compartment', person: patientId(ada) } });
    const none = recordReader(db.database, { scope: { kind: 'nothing' } });
    expect(await own.read('Observation', a.id)).toBeDefined();
    expect(await none.read('Observation', a.id)).toBeUndefined();
    for (const reader of [own, none]) {
      expect(await reader.read('Observation', b.id)).toBeUndefined();
      expect(await reader.readVersion('Observation', b.id, 1)).toBeUndefined();
      expect(await reader.readVersion('Observation', b.id, 2)).toBeUndefined();
      expect(await reader.history({ type: 'Observation', id: b.id }, { count: 10 })).toEqual({
        entries: [],
        total: 0,
      });
      expect(await ids(reader, `Observation?patient=${patientId(ben)}`)).toEqual([]);
    }
    const all = await search(own, 'Observation?_count=1000');
    expect(all.matches.length).toBeGreaterThan(0);
    for (const { origin } of all.matches) expect(origin.patient).toEqual(ada);
  });

  test('[R11] [S48] a linked source patient reads as its person, everywhere, and what is stored stays', async () => {
    const twin = { authority: 'other-hospital', identifier: 'X9' };
    const [mine] = (await write(observation(freshKey(), { patient: twin }))) as [Change];
    const ofAda = `Observation?_id=${mine.id}&patient=${patientId(ada)}`;
    expect(await ids(everything(), ofAda)).toEqual([]);
    const relink = sql('test.relink', 'UPDATE person_link SET person_id = $2 WHERE source_patient_id = $1');
    await write(observation(freshKey()));
    await db.database.query(relink, [patientId(twin), patientId(ada)]);
    expect(await ids(everything(), ofAda)).toEqual([mine.id]);
    expect(await contentOf(mine.id)).toMatchObject({ subject: { reference: patientReference(ada) } });
    await db.database.query(relink, [patientId(twin), patientId(twin)]);
    expect(await contentOf(mine.id)).toMatchObject({ subject: { reference: patientReference(twin) } });
  });

  test('[R11] a resource says which system and message it comes from', async () => {
    const [change] = (await write(observation(freshKey()))) as [Change];
    const found = await everything().read('Observation', change.id);
    expect(found!.origin).toEqual({ system: 'lab', patient: ada, messageId: 7 });
    expect(JSON.parse(found!.json).meta.source).toBe('urn:isthmus:system:lab#7');
  });

  test('search by token, date and last update, page by page without repeats', async () => {
    const code = { coding: [{ system: 'http://loinc.org', code: '718-7' }] };
    const days = ['2026-01-05', '2026-02', '2026-03-01T08:00:00Z', '2027'];
    const written = await write(
      ...days.map((effectiveDateTime) => observation(freshKey(), { set: { code, effectiveDateTime } })),
    );
    const query = 'Observation?code=http://loinc.org|718-7';
    const found = async (date: string) => {
      const { matches } = await search(everything(), `${query}&date=${date}`);
      return matches.map(({ json }) => JSON.parse(json).effectiveDateTime).toSorted();
    };
    expect(await found('2026-02')).toEqual(['2026-02']);
    expect(await found('ge2026-02')).toEqual(['2026-02', '2026-03-01T08:00:00Z', '2027']);
    expect(await found('lt2026-02')).toEqual(['2026-01-05']);
    expect(await found('sa2026-02')).toEqual(['2026-03-01T08:00:00Z', '2027']);
    const first = await search(everything(), `${query}&_count=3`);
    const second = await everything().search(parsed(`${query}&_count=3`), { after: first.next! });
    expect(second.next).toBeUndefined();
    expect([...first.matches, ...second.matches].map(({ id }) => id).toSorted()).toEqual(
      written.map(({ id }) => id).toSorted(),
    );
    expect(await ids(everything(), 'Observation?code=urn:other|718-7')).toEqual([]);
  });
});

async function feedLength(): Promise<number> {
  const [row] = await db.database.query<{ n: number }>(
    sql('test.feed-length', 'SELECT count(*) AS n FROM change_feed'),
  );
  return row!.n;
}

/** Until another transaction waits for this one's lock. */
async function waitUntilBlocked(): Promise<void> {
  const waiting = sql(
    'test.waiting',
    `SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
  );
  for (let tries = 0; tries < 2000; tries += 1) {
    const [row] = await db.database.query<{ n: number }>(waiting);
    if (row!.n > 0) return;
  }
  throw new Error('nobody waits');
}
