import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyWrites,
  type Json,
  migrations,
  newResourceId,
  patientId,
  patientReference,
  type RecordScope,
  type ResourceWrite,
  recordReader,
  type WriteOutcome,
  writeResources,
} from '../../src/clinical/record/index.ts';
import { createKeyring } from '../../src/foundation/crypto/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { ada, at, ben, observation } from './fixtures.ts';
import { untilBlocked } from './waiting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations, poolSize: 20 });
});
afterAll(() => db.drop());

const everything: RecordScope = { kind: 'everything' };
const origin = { system: 'api' };
const write = (writes: readonly ResourceWrite[], scope: RecordScope = everything): Promise<WriteOutcome[]> =>
  db.database.transaction((transaction) => writeResources(transaction, writes, { origin, scope }));
const put = (resource: Json, parts: { ifMatch?: number; mustExist?: boolean } = {}): ResourceWrite => ({
  op: 'update',
  method: 'PUT',
  resource,
  ...parts,
});
const post = (resource: Json): ResourceWrite => ({ op: 'create', method: 'POST', resource });
const remove = (resource: Json, ifMatch?: number): ResourceWrite => ({
  op: 'delete',
  type: resource.resourceType,
  id: resource.id ?? '',
  ...(ifMatch === undefined ? {} : { ifMatch }),
});
const result = (parts: Record<string, unknown> = {}): Json => ({
  resourceType: 'Observation',
  id: newResourceId(),
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-03-03T10:00:00Z',
  ...parts,
});
const reader = () => recordReader(db.database, { scope: everything });
const contentOf = async ({ resourceType, id = '' }: Json) =>
  JSON.parse((await reader().read(resourceType, id))?.json ?? 'null');
const kinds = (outcomes: readonly WriteOutcome[]) =>
  outcomes.map(({ kind, version }) => `${kind} ${version}`);

async function rows<Row extends object>(text: string, ...parameters: (string | string[])[]): Promise<Row[]> {
  return db.database.query<Row>(sql(`test.${text.slice(0, 50)}`, text), parameters);
}

describe('whole resources', () => {
  test('[R15] are created, updated with the former version kept, and make no version when they say the same', async () => {
    const one = result();
    expect(kinds(await write([post(one)]))).toEqual(['created 1']);
    const same = { ...one, status: 'final' };
    const [unchanged] = await write([put(same)]);
    expect(unchanged).toMatchObject({ kind: 'unchanged', version: 1 });
    const [updated] = await write([put({ ...one, status: 'amended' })]);
    expect(updated).toMatchObject({ kind: 'updated', version: 2 });
    expect(JSON.parse(updated?.json ?? '')).toEqual(await contentOf(one));
    const { entries } = await reader().history({ type: 'Observation', id: one.id ?? '' }, { count: 10 });
    expect(entries.map(({ version, method }) => `${method} ${version}`)).toEqual(['PUT 2', 'POST 1']);
    expect(JSON.parse(entries[1]?.resource?.json ?? '')).toMatchObject({ status: 'final' });
  });

  test('[R15] an update of what is not there makes it, unless it must exist or match', async () => {
    const one = result();
    expect(kinds(await write([put(one, { mustExist: true })]))).toEqual(['absent 0']);
    expect(kinds(await write([put(one, { ifMatch: 1 })]))).toEqual(['absent 0']);
    expect(kinds(await write([remove(one)]))).toEqual(['absent 0']);
    expect(kinds(await write([put(one)]))).toEqual(['created 1']);
    expect(kinds(await write([post(one)]))).toEqual(['conflict 1']);
    expect(kinds(await write([{ ...post(one), method: 'PUT' } as ResourceWrite]))).toEqual(['conflict 1']);
  });

  test('[R15] several writes of one batch to one resource are a version each, in order', async () => {
    const [one, other] = [result(), result()];
    const outcomes = await write([
      post(one),
      put({ ...one, status: 'amended' }),
      put(other),
      remove(one),
      put({ ...one, status: 'corrected' }),
      put({ ...other, status: 'final' }),
    ]);
    expect(kinds(outcomes)).toEqual([
      'created 1',
      'updated 2',
      'created 1',
      'deleted 3',
      'created 4',
      'unchanged 1',
    ]);
    const { entries } = await reader().history({ type: 'Observation', id: one.id ?? '' }, { count: 10 });
    expect(entries.map(({ version, method }) => `${method} ${version}`)).toEqual([
      'PUT 4',
      'DELETE 3',
      'PUT 2',
      'POST 1',
    ]);
    const feed = await rows<{ kind: string }>(
      'SELECT kind FROM change_feed WHERE resource_id = $1 ORDER BY xid, id',
      one.id ?? '',
    );
    expect(feed.map(({ kind }) => kind)).toEqual(['created', 'updated', 'deleted', 'created']);
  });

  test('[R15] a batch is a bounded number of statements', async () => {
    const count = async (writes: readonly ResourceWrite[]) => {
      let statements = 0;
      await db.database.transaction(async (transaction) => {
        const counting: typeof transaction = {
          client: transaction.client,
          query(statement, parameters) {
            statements += 1;
            return transaction.query(statement, parameters);
          },
        };
        await writeResources(counting, writes, { origin, scope: everything });
      });
      return statements;
    };
    const many = Array.from({ length: 400 }, () => result());
    expect(await count([post(result())])).toBe(1);
    expect(await count(many.map(post))).toBe(1);
    expect(await count(many.map((one) => put({ ...one, id: newResourceId() })))).toBe(3);
    expect(await count(many.map((one) => put({ ...one, status: 'amended' })))).toBe(2);
    expect(await count(many.map((one) => remove(one)))).toBe(2);
  });

  test('[R15] with a keyring contents are sealed, and what says the same still makes no version', async () => {
    const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 7) }], 'k1');
    const one = result({ note: [{ text: 'secret' }] });
    const sealed = (writes: readonly ResourceWrite[]) =>
      db.database.transaction((transaction) =>
        writeResources(transaction, writes, { origin, scope: everything, keyring }),
      );
    await sealed([post(one)]);
    expect(kinds(await sealed([put(one)]))).toEqual(['unchanged 1']);
    await sealed([put({ ...one, note: [{ text: 'secret two' }] })]);
    const stored = await rows<{ content: Buffer; content_key: string }>(
      'SELECT content, content_key FROM resource WHERE id = $1 UNION ALL SELECT content, content_key FROM resource_history WHERE id = $1',
      one.id ?? '',
    );
    expect(stored).toHaveLength(2);
    for (const { content, content_key: keyId } of stored) {
      expect(keyId).toBe('k1');
      expect(Buffer.from(content).includes('secret')).toBe(false);
    }
    await sealed([remove(one)]);
    await rows('DELETE FROM resource_history WHERE id = $1', one.id ?? '');
  });
});

describe('versions that must match', () => {
  test('[R16] of writers that name the same version one wins, and the others are told which one is current', async () => {
    const one = result();
    await write([post(one)]);
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        write([put({ ...one, issued: `2026-03-0${n % 9}1` }, { ifMatch: 1 })]),
      ),
    );
    expect(all.flatMap(kinds).toSorted()).toEqual([...Array(9).fill('conflict 2'), 'updated 2']);
    expect(kinds(await write([remove(one, 1)]))).toEqual(['conflict 2']);
  });

  test('[R16] 1,000 concurrent updates by If-Match lose none', async () => {
    const counter = result({ valueInteger: 0 });
    await write([post(counter)]);
    let left = 1_000;
    const increments = async () => {
      while (left > 0) {
        left -= 1;
        for (let done = false; !done; ) {
          const { valueInteger, meta } = await contentOf(counter);
          const next = { ...counter, valueInteger: valueInteger + 1 };
          const [outcome] = await write([put(next, { ifMatch: Number(meta.versionId) })]);
          done = outcome?.kind === 'updated';
        }
      }
    };
    await Promise.all(Array.from({ length: 4 }, increments));
    expect(await contentOf(counter)).toMatchObject({ valueInteger: 1_000, meta: { versionId: '1001' } });
    const versions = await rows<{ n: number }>(
      'SELECT count(DISTINCT version) AS n FROM resource_history WHERE id = $1',
      counter.id ?? '',
    );
    expect(versions[0]?.n).toBe(1_000);
  }, 120_000);
});

describe('deletions', () => {
  test('[R17] the last content stays in history, the deletion is a version, and what is made again goes on from it', async () => {
    const one = result();
    await write([post(one)]);
    const [deleted] = await write([remove(one)]);
    expect(deleted).toMatchObject({ kind: 'deleted', version: 2 });
    expect(deleted?.json).toBeUndefined();
    expect(await reader().read('Observation', one.id ?? '')).toBeUndefined();
    expect(await reader().state('Observation', one.id ?? '')).toMatchObject({ kind: 'deleted', version: 2 });
    expect(kinds(await write([remove(one)]))).toEqual(['absent 2']);
    expect(kinds(await write([put(one, { ifMatch: 2 })]))).toEqual(['absent 2']);
    for (const table of ['resource_string', 'resource_date', 'resource_quantity']) {
      const left = await rows<{ n: number }>(
        `SELECT count(*) AS n FROM ${table} s WHERE NOT EXISTS (SELECT FROM resource r WHERE r.rid = s.rid)`,
      );
      expect(left[0]?.n).toBe(0);
    }
    expect(kinds(await write([put(one)]))).toEqual(['created 3']);
    expect(kinds(await write([remove(one), put(one), remove(one)]))).toEqual([
      'deleted 4',
      'created 5',
      'deleted 6',
    ]);
  });

  test('[R17] what is written while another transaction deletes it becomes the version after the deletion', async () => {
    const [one, message] = [result(), observation('deleted-meanwhile')];
    await write([post(one)]);
    await db.database.transaction((transaction) => applyWrites(transaction, [message]));
    const own = { resourceType: 'Observation', id: message.id };
    let later: Promise<unknown> = Promise.resolve();
    await db.database.transaction(async (transaction) => {
      await writeResources(transaction, [remove(one), remove(own)], { origin, scope: everything });
      const put2 = write([put({ ...one, status: 'amended' })]);
      const again = observation('deleted-meanwhile', {
        origin: { ...message.origin, eventTime: new Date(Date.now() + 60_000) },
      });
      const steps = [again, { ...again, set: { status: 'amended' } }];
      const apply2 = db.database.transaction((other) => applyWrites(other, steps));
      later = Promise.all([put2, apply2]);
      await untilBlocked(db.database, 2);
    });
    const [[outcome], changes] = (await later) as [WriteOutcome[], { kind: string; version: number }[]];
    expect(outcome).toMatchObject({ kind: 'created', version: 3 });
    expect(changes).toMatchObject([
      { kind: 'created', version: 3 },
      { kind: 'updated', version: 4 },
    ]);
    for (const { id } of [one, own]) {
      const numbers = await rows<{ version: number }>(
        `SELECT version FROM resource WHERE id = $1 UNION ALL SELECT version FROM resource_history WHERE id = $1 ORDER BY 1`,
        id ?? '',
      );
      expect(numbers.map(({ version }) => version)).toEqual(id === one.id ? [1, 2, 3] : [1, 2, 3, 4]);
      const told = await rows<{ version: number }>(
        'SELECT version FROM change_feed WHERE resource_id = $1 ORDER BY xid, id',
        id ?? '',
      );
      expect(told.map(({ version }) => version)).toEqual(numbers.map(({ version }) => version));
    }
  });

  test('[R17] what waited while another transaction made and deleted it is later than the deletion in time, too', async () => {
    const one = { ...result(), id: 'made-and-deleted' };
    let later: Promise<WriteOutcome[]> = Promise.resolve([]);
    await db.database.transaction(async (transaction) => {
      await writeResources(transaction, [put(one)], { origin, scope: everything });
      later = write([put({ ...one, status: 'amended' })]);
      await untilBlocked(db.database, 1);
      await writeResources(transaction, [remove(one)], { origin, scope: everything });
    });
    const [outcome] = await later;
    const versions = await rows<{ version: number; last_updated: Date }>(
      `SELECT version, last_updated FROM resource WHERE id = $1
       UNION ALL SELECT version, last_updated FROM resource_history WHERE id = $1 ORDER BY version`,
      one.id,
    );
    expect(versions.map(({ version }) => version)).toEqual([1, 2, 3]);
    const times = versions.map((version) => version.last_updated.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(outcome).toMatchObject({ version: 3, lastUpdated: versions[2]?.last_updated });
  });

  test('[R17] a message that is older than a deletion does not bring back what was deleted; a newer one writes it again', async () => {
    const message = observation('deleted-by-api');
    const apply = (minutes: number) =>
      db.database.transaction((transaction) =>
        applyWrites(transaction, [
          { ...message, origin: { ...message.origin, eventTime: new Date(Date.now() + minutes * 60_000) } },
        ]),
      );
    await apply(-10);
    await write([remove({ resourceType: 'Observation', id: message.id })]);
    expect(await apply(-5)).toMatchObject([{ kind: 'unchanged', late: true, version: 2 }]);
    expect(await apply(5)).toMatchObject([{ kind: 'created', version: 3 }]);
  });
});

describe('races', () => {
  test('[R18] of two that create one id at once, one does; an update becomes the next version, a create is a conflict', async () => {
    const one = result();
    let others: Promise<WriteOutcome[][]> | undefined;
    await db.database.transaction(async (transaction) => {
      await writeResources(transaction, [put(one)], { origin, scope: everything });
      others = Promise.all([write([put({ ...one, status: 'amended' }), post(result())]), write([post(one)])]);
      await untilBlocked(db.database, 2);
    });
    const [updated, created] = (await others) ?? [];
    expect(kinds(updated ?? [])).toEqual(['updated 2', 'created 1']);
    expect(created?.[0]).toMatchObject({ kind: 'conflict' });
  });

  test('[R18] batches that write the same resources in different orders do not wait for each other', async () => {
    const many = Array.from({ length: 30 }, () => result());
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, n) => {
        const order = n % 2 ? many : many.toReversed();
        return write(
          order.map((one) => put({ ...one, issued: `2026-01-01T00:00:0${n % 10}Z`, valueInteger: n })),
        );
      }),
    );
    expect(outcomes.flat().filter(({ kind }) => kind === 'created')).toHaveLength(30);
    expect(outcomes.flat()).toHaveLength(360);
  });

  test('[R19] who takes the lock of a search before searching finds what the one before made: exactly one is created', async () => {
    const { lockCriteria } = await import('../../src/clinical/record/index.ts');
    const wanted = 'Observation?identifier=urn:test|conditional';
    const found = `SELECT id FROM resource WHERE tokens @> ARRAY['identifier|urn:test|conditional']`;
    const createIfNone = () =>
      db.database.transaction(async (transaction) => {
        await lockCriteria(transaction, ['another', wanted]);
        if ((await transaction.query(sql('test.conditional', found))).length > 0) return [];
        const resource = result({ identifier: [{ system: 'urn:test', value: 'conditional' }] });
        return writeResources(transaction, [post(resource)], { origin, scope: everything });
      });
    const outcomes = await Promise.all(Array.from({ length: 32 }, createIfNone));
    expect(outcomes.flat()).toHaveLength(1);
    expect(await rows(found)).toHaveLength(1);
  });
});

describe('scopes', () => {
  const person = patientId(ada);
  const own: RecordScope = { kind: 'compartment', person };
  const mine = (parts = {}) => result({ subject: { reference: patientReference(ada) }, ...parts });
  const theirs = (parts = {}) => result({ subject: { reference: patientReference(ben) }, ...parts });
  beforeAll(() =>
    db.database.transaction((transaction) =>
      applyWrites(transaction, [observation('scope-a'), observation('scope-b', { patient: ben })]),
    ),
  );

  test('[R20] a compartment scope writes within its compartment only', async () => {
    const one = mine();
    expect(kinds(await write([post(one)], own))).toEqual(['created 1']);
    expect(kinds(await write([put({ ...one, status: 'amended' })], own))).toEqual(['updated 2']);
    const forbidden = { code: 'FORBIDDEN' };
    const both = mine({ performer: [{ reference: patientReference(ben) }] });
    const nobody = { resourceType: 'Organization', id: newResourceId(), name: 'Clinic' };
    for (const outside of [theirs(), both, nobody, mine({ subject: undefined })])
      await expect(write([post(outside)], own)).rejects.toMatchObject(forbidden);
    await expect(
      write([put({ ...one, subject: { reference: patientReference(ben) } })], own),
    ).rejects.toMatchObject(forbidden);
    await expect(write([post(mine())], { kind: 'nothing' })).rejects.toMatchObject(forbidden);
    expect(kinds(await write([remove(one)], own))).toEqual(['deleted 3']);
  });

  test('[R20] what the scope excludes is absent, and nothing tells it from what never was', async () => {
    const [hidden, deleted, never] = [theirs(), theirs(), theirs()];
    await write([post(hidden), post(deleted), remove(deleted)]);
    for (const one of [hidden, deleted, never]) {
      const claimed = { ...one, subject: { reference: patientReference(ada) } };
      expect(kinds(await write([remove(one)], own))).toEqual(['absent 0']);
      expect(kinds(await write([put(claimed)], own))).toEqual(['absent 0']);
      expect(kinds(await write([put(claimed, { ifMatch: 1 })], own))).toEqual(['absent 0']);
      await expect(write([{ op: 'create', method: 'PUT', resource: claimed }], own)).rejects.toMatchObject({
        code: 'FORBIDDEN',
      });
    }
    expect(await contentOf(hidden)).toMatchObject({ subject: { reference: patientReference(ben) } });
  });
});

describe('meta', () => {
  const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };
  const tag = { system: 'urn:test', code: 'kept' };

  test('[R21] labels that an update leaves out are carried forward; a patch says itself which stay', async () => {
    const one = result({ meta: { security: [label], tag: [tag], profile: ['http://example.org/a'] } });
    const { meta: _meta, ...bare } = one;
    await write([post(one)]);
    expect(kinds(await write([put({ ...bare, resourceType: 'Observation', status: 'amended' })]))).toEqual([
      'updated 2',
    ]);
    const { meta } = await contentOf(one);
    expect(meta).toMatchObject({ security: [label], tag: [tag] });
    expect(meta).not.toHaveProperty('profile');
    await write([put({ ...one, meta: { security: [], tag: [{ ...tag, code: 'new' }] } })]);
    expect((await contentOf(one)).meta).toMatchObject({ security: [label], tag: [{ ...tag, code: 'new' }] });
    await write([{ op: 'update', method: 'PATCH', resource: { ...bare, resourceType: 'Observation' } }]);
    expect((await contentOf(one)).meta).not.toHaveProperty('security');
  });

  test('[R21] version, time and source are the server’s, whatever the writer says', async () => {
    const one = result({
      meta: {
        versionId: '77',
        lastUpdated: '1999-01-01T00:00:00Z',
        source: 'urn:forged',
        _source: { id: 'x' },
      },
    });
    const [outcome] = await write([post(one)]);
    const { meta } = await contentOf(one);
    expect(meta).toEqual({
      versionId: '1',
      lastUpdated: outcome?.lastUpdated?.toISOString(),
      source: 'urn:isthmus:system:api',
    });
    expect(kinds(await write([put({ ...one, meta })]))).toEqual(['unchanged 1']);
  });
});

describe('patients', () => {
  test('[R22] a patient whom a resource refers to is known before the Patient has come, and is a person', async () => {
    const id = newResourceId();
    const scope: RecordScope = { kind: 'compartment', person: id };
    const one = result({ subject: { reference: `Patient/${id}` } });
    await write([post(one), post(result({ subject: { reference: `Patient/${id}` } }))]);
    expect(await recordReader(db.database, { scope }).read('Observation', one.id ?? '')).toBeDefined();
    expect(kinds(await write([put({ resourceType: 'Patient', id, birthDate: '1980-02-01' })]))).toEqual([
      'created 1',
    ]);
    expect(await recordReader(db.database, { scope }).read('Patient', id)).toBeDefined();
    const [known] = await rows('SELECT authority, identifier FROM source_patient WHERE id = $1', id);
    expect(known).toEqual({ authority: 'urn:isthmus:system:api', identifier: id });
  });

  test('[R22] what was read as the person and is written back stays with its source patient', async () => {
    const [source, person] = [newResourceId(), newResourceId()];
    const one = result({ subject: { reference: `Patient/${source}` } });
    await write([post(one), post(result({ subject: { reference: `Patient/${person}` } }))]);
    await rows('UPDATE person_link SET person_id = $2 WHERE source_patient_id = $1', source, person);
    const read = await contentOf(one);
    expect(read.subject).toEqual({ reference: `Patient/${person}` });
    expect(kinds(await write([put(read)]))).toEqual(['unchanged 1']);
    const [updated] = await write([put({ ...read, status: 'amended' })]);
    expect(JSON.parse(updated?.json ?? '').subject).toEqual({ reference: `Patient/${person}` });
    const [stored] = await rows<{ source_patient_id: string; refs: string[] }>(
      'SELECT source_patient_id, refs FROM resource WHERE id = $1',
      one.id ?? '',
    );
    expect(stored?.source_patient_id).toBe(source);
    expect(stored?.refs).toContain(`subject|Patient/${source}`);
  });
});

describe('messages and whole resources', () => {
  test('[R23] a whole resource is stated as of its time: older messages change nothing, newer ones what they speak of', async () => {
    const key = 'api-and-messages';
    const apply = (minute: number, set: Record<string, unknown>) =>
      db.database.transaction((transaction) => applyWrites(transaction, [observation(key, { minute, set })]));
    await apply(1, { status: 'preliminary', note: [{ text: 'from the message' }] });
    const { id } = observation(key);
    const stated = result({ id, subject: { reference: patientReference(ada) } });
    await db.database.transaction((transaction) =>
      writeResources(transaction, [put(stated)], {
        origin: { ...origin, eventTime: at(10) },
        scope: everything,
      }),
    );
    expect(await apply(5, { status: 'registered', note: [{ text: 'late' }] })).toMatchObject([
      { kind: 'unchanged', late: true },
    ]);
    expect(await contentOf(stated)).not.toHaveProperty('note');
    expect(await apply(20, { status: 'corrected' })).toMatchObject([{ kind: 'updated', late: false }]);
    expect(await apply(15, { note: [{ text: 'after the whole' }], status: 'final' })).toMatchObject([
      { kind: 'updated', late: true },
    ]);
    expect(await contentOf(stated)).toMatchObject({
      status: 'corrected',
      note: [{ text: 'after the whole' }],
      effectiveDateTime: '2026-03-03T10:00:00Z',
    });
  });

  test('[R24] invalid content of a message is stored with its issues and found by the tag that says so', async () => {
    const issue = {
      severity: 'error',
      code: 'value',
      expression: 'Observation.status',
      rule: 'no such code',
    } as const;
    const write = observation('invalid');
    const apply = (validate: () => (typeof issue)[], minute: number) =>
      db.database.transaction((transaction) =>
        applyWrites(transaction, [observation('invalid', { minute, set: { valueInteger: minute } })], {
          validate,
        }),
      );
    await apply(() => [issue], 1);
    const stored = () =>
      rows<{ issues: string | null; tokens: string[] }>(
        'SELECT issues, tokens FROM resource WHERE id = $1',
        write.id,
      );
    const [invalid] = await stored();
    expect(JSON.parse(invalid?.issues ?? '')).toEqual([issue]);
    expect(invalid?.tokens).toContain('_tag|urn:isthmus:validation|invalid');
    await apply(() => [], 2);
    const [mended] = await stored();
    expect(mended?.issues).toBeNull();
    expect(mended?.tokens).not.toContain('_tag|urn:isthmus:validation|invalid');
    const [passed] = await rows<{ issues: string }>(
      'SELECT issues FROM resource_history WHERE id = $1',
      write.id,
    );
    expect(JSON.parse(passed?.issues ?? '')).toEqual([issue]);
  });

  test('[R24] whoever writes may demand profiles, and the resource is held against those that any write of the batch demands', async () => {
    const asked: unknown[] = [];
    const validate = ({ resourceType }: { resourceType: string }, profiles: readonly string[]) => {
      asked.push([resourceType, profiles]);
      return [];
    };
    const apply = (...writes: Parameters<typeof observation>[1][]) =>
      db.database.transaction((transaction) =>
        applyWrites(
          transaction,
          writes.map((parts) => observation('demanded', parts)),
          { validate },
        ),
      );
    await apply(
      { minute: 1, profiles: ['urn:one'] },
      { minute: 2, set: { status: 'amended' }, profiles: ['urn:two', 'urn:one'] },
    );
    await apply({ minute: 3, set: { status: 'corrected' } });
    expect(asked).toEqual([
      ['Observation', ['urn:one', 'urn:two']],
      ['Observation', []],
    ]);
  });
});
