import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type HistoryOptions,
  type HistoryPosition,
  type Json,
  type Position,
  recordReader,
  type StoredResource,
} from '../../src/clinical/record/index.ts';
import { createKeyring } from '../../src/foundation/crypto/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { openWorld, parsed, search, type World } from './world.ts';

/** docs/design/search.md, S54. */
const MAX_INCLUDED = 5_000;

const named = (resources: readonly StoredResource[]) =>
  resources.map(({ type, id }) => `${type}/${id}`).sort();

const ref = (reference: string) => ({ reference });
const resources: Json[] = [
  { resourceType: 'Organization', id: 'clinic', name: 'Clinic', partOf: ref('Organization/trust') },
  { resourceType: 'Organization', id: 'trust', name: 'Trust', partOf: ref('Organization/region') },
  { resourceType: 'Organization', id: 'region', name: 'Region' },
  { resourceType: 'Practitioner', id: 'drew', name: [{ family: 'Drew' }] },
  {
    resourceType: 'PractitionerRole',
    id: 'gp',
    practitioner: ref('Practitioner/drew'),
    organization: ref('Organization/clinic'),
  },
  { resourceType: 'Medication', id: 'pill', code: { text: 'pill' } },
  {
    resourceType: 'Patient',
    id: 'eve',
    birthDate: '1990-05-05',
    managingOrganization: ref('Organization/clinic'),
  },
  { resourceType: 'Patient', id: 'fay', birthDate: '1991-05-05' },
  {
    resourceType: 'MedicationRequest',
    id: 'order',
    status: 'active',
    intent: 'order',
    subject: ref('Patient/eve'),
    requester: ref('PractitionerRole/gp'),
    medicationReference: ref('Medication/pill'),
    authoredOn: '2026-01-05',
  },
  {
    resourceType: 'Encounter',
    id: 'visit',
    status: 'finished',
    class: { code: 'AMB' },
    subject: ref('Patient/eve'),
    period: { start: '2025-06-01', end: '2025-06-02' },
  },
  {
    resourceType: 'Observation',
    id: 'result',
    status: 'final',
    code: { text: 'x' },
    subject: ref('Patient/eve'),
    encounter: ref('Encounter/visit'),
  },
  {
    resourceType: 'Provenance',
    id: 'p1',
    recorded: '2026-01-05T10:00:00Z',
    target: [ref('MedicationRequest/order'), ref('Patient/eve')],
    agent: [{ who: ref('Practitioner/drew') }],
  },
];

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.put(...resources);
});
afterAll(() => world.db.drop());

const included = async (text: string) => named((await search(world.all, text)).included);

describe('includes', () => {
  const table: [string, string[]][] = [
    ['MedicationRequest?_include=MedicationRequest:medication', ['Medication/pill']],
    ['MedicationRequest?_include=MedicationRequest:subject:Patient', ['Patient/eve']],
    ['MedicationRequest?_include=MedicationRequest:subject:Group', []],
    [
      'MedicationRequest?_include=MedicationRequest:*',
      ['Medication/pill', 'Patient/eve', 'PractitionerRole/gp'],
    ],
    ['MedicationRequest?_revinclude=Provenance:target', ['Provenance/p1']],
    [
      'Patient?_id=eve&_revinclude=Observation:subject&_revinclude=Encounter:patient',
      ['Encounter/visit', 'Observation/result'],
    ],
    [
      'Patient?_id=eve&_revinclude=Observation:subject&_include:iterate=Observation:encounter',
      ['Encounter/visit', 'Observation/result'],
    ],
    ['Organization?_id=clinic&_include=Organization:partof', ['Organization/trust']],
    [
      'Organization?_id=clinic&_include:iterate=Organization:partof',
      ['Organization/region', 'Organization/trust'],
    ],
    ['Organization?_include:iterate=Organization:partof', []],
    ['Patient?_id=fay&_revinclude=Observation:subject', []],
  ];
  test.each(table)('[S54] %s', async (text, expected) => {
    expect(await included(text)).toEqual(expected);
  });

  test('[S54] what is included is no match: neither counted nor there twice', async () => {
    const page = await search(world.all, 'Organization?_include:iterate=Organization:partof&_total=accurate');
    expect([page.total, named(page.matches).length, page.included.length]).toEqual([3, 3, 0]);
    const one = await search(
      world.all,
      'Organization?_id=clinic&_include:iterate=Organization:partof&_total=accurate',
    );
    expect(one.total).toBe(1);
  });

  test('[S54] more than one answer holds is cut, and said to be', async () => {
    const many = `INSERT INTO resource (type, id, version, last_updated, source_system, source_patient_id, business_key, event_time, stated, tokens, refs,
        params, content)
      SELECT type, id || n, version, last_updated, source_system, 'fay', business_key, event_time, stated, tokens,
             ARRAY['subject|Patient/fay'], params, content
        FROM resource, generate_series(1, $1::integer) n WHERE type = 'Observation' AND id = 'result'`;
    await world.db.database.query(sql('many', many), [MAX_INCLUDED + 1]);
    const page = await search(world.all, 'Patient?_id=fay&_revinclude=Observation:subject');
    expect([page.included.length, page.truncatedIncludes]).toEqual([MAX_INCLUDED, true]);
    await world.db.database.query(
      sql('fewer', `DELETE FROM resource WHERE source_patient_id = 'fay' AND type = 'Observation'`),
    );
  });
});

describe('everything about a person', () => {
  const all = [
    'Encounter/visit',
    'MedicationRequest/order',
    'Observation/result',
    'Patient/eve',
    'Provenance/p1',
  ];
  const shared = [
    'Medication/pill',
    'Organization/clinic',
    'Organization/region',
    'Organization/trust',
    'Practitioner/drew',
    'PractitionerRole/gp',
  ];

  test('[S55] is the compartment, and what of the shared resources it leads to', async () => {
    const page = await world.all.everything('eve');
    expect(named(page.matches)).toEqual(all);
    expect(named(page.included)).toEqual(shared);
    expect([page.total, page.next]).toEqual([5, undefined]);
    expect((await world.all.everything('nobody')).matches).toEqual([]);
  });

  test('[S55] of some types', async () => {
    const page = await world.all.everything('eve', {
      types: ['Patient', 'Practitioner', 'PractitionerRole'],
    });
    expect(named(page.matches)).toEqual(['Patient/eve']);
    const orders = await world.all.everything('eve', { types: ['MedicationRequest', 'Medication'] });
    expect([named(orders.matches), named(orders.included)]).toEqual([
      ['MedicationRequest/order'],
      ['Medication/pill'],
    ]);
  });

  test('[S55] of a time of care, a birth date being none', async () => {
    const since2026 = await world.all.everything('eve', { start: new Date('2026-01-01') });
    expect(named(since2026.matches)).toEqual(all.filter((name) => name !== 'Encounter/visit'));
    const until = await world.all.everything('eve', { end: new Date('2025-12-31') });
    expect(named(until.matches)).toEqual(['Encounter/visit', 'Observation/result', 'Patient/eve']);
  });

  test('[S55] in pages, each resource once', async () => {
    const seen: string[] = [];
    let after: Position | undefined;
    do {
      const page = await world.all.everything('eve', { count: 2, ...(after ? { after } : {}) });
      seen.push(...named(page.matches));
      after = page.next;
    } while (after);
    expect(seen.sort()).toEqual(all);
  });

  test('[S55] since a time of writing', async () => {
    const { matches } = await world.all.everything('eve', { since: new Date(Date.now() + 60_000) });
    expect(matches).toEqual([]);
  });
});

describe('versions', () => {
  const note = (id: string, text: string): Json => ({ resourceType: 'Basic', id, code: { text } });

  async function versionsIn(of: { type?: string; id?: string }, options: HistoryOptions) {
    const seen: string[] = [];
    let after: HistoryPosition | undefined;
    do {
      const page = await world.all.history(of, { ...options, ...(after ? { after } : {}) });
      expect(page.entries.length).toBeLessThanOrEqual(options.count);
      seen.push(...page.entries.map(({ id, version, method }) => `${id}/${version} ${method}`));
      after = page.next && (JSON.parse(JSON.stringify(page.next)) as HistoryPosition);
    } while (after);
    return seen;
  }

  test('[S52] one resource: newest first, a deletion among them, and on after it came back', async () => {
    await world.put(note('n1', 'one'));
    await world.put(note('n1', 'two'));
    await world.remove('Basic', 'n1');
    expect(await world.all.state('Basic', 'n1')).toMatchObject({ kind: 'deleted', version: 3 });
    expect(await world.all.read('Basic', 'n1')).toBeUndefined();
    await world.put(note('n1', 'three'));
    const expected = ['n1/4 PUT', 'n1/3 DELETE', 'n1/2 PUT', 'n1/1 PUT'];
    for (const count of [1, 2, 3, 4, 10])
      expect(await versionsIn({ type: 'Basic', id: 'n1' }, { count }), `${count} at a time`).toEqual(
        expected,
      );
    const { total } = await world.all.history({ type: 'Basic', id: 'n1' }, { count: 1 });
    expect(total).toBe(4);
    expect(await world.all.readVersion('Basic', 'n1', 3)).toMatchObject({ method: 'DELETE' });
    expect((await world.all.readVersion('Basic', 'n1', 3))?.resource).toBeUndefined();
    expect(JSON.parse((await world.all.readVersion('Basic', 'n1', 2))?.resource?.json ?? '')).toMatchObject({
      code: { text: 'two' },
      meta: { versionId: '2' },
    });
    for (const version of [0, 5, -1, 1.5, 2 ** 40])
      expect(await world.all.readVersion('Basic', 'n1', version)).toBeUndefined();
  });

  test('[S52] of a type and of all, in pages of any size the same', async () => {
    for (const id of ['n2', 'n3', 'n4']) await world.put(note(id, 'one'), note(`${id}b`, 'one'));
    await world.put(note('n3', 'two'));
    await world.remove('Basic', 'n4');
    const whole = await versionsIn({ type: 'Basic' }, { count: 1000 });
    expect(whole.slice(0, 2)).toEqual(['n4/2 DELETE', 'n3/2 PUT']);
    expect(new Set(whole).size).toBe(whole.length);
    for (const count of [1, 3]) expect(await versionsIn({ type: 'Basic' }, { count })).toEqual(whole);
    const system = await versionsIn({}, { count: 1000 });
    expect(system.filter((one) => one.startsWith('n'))).toEqual(whole);
    expect(await versionsIn({}, { count: 4 })).toEqual(system);
  });

  test('[S52] since a time, and current at one', async () => {
    await world.put(note('n5', 'one'));
    const first = await world.all.read('Basic', 'n5');
    const at = (ms: number) => new Date((first?.lastUpdated.getTime() ?? 0) + ms);
    await world.db.database.query(
      sql('age', `UPDATE resource SET last_updated = last_updated - interval '1 hour' WHERE id = 'n5'`),
    );
    await world.put(note('n5', 'two'));
    const one = { type: 'Basic', id: 'n5' };
    expect(await versionsIn(one, { count: 10, since: at(0) })).toEqual(['n5/2 PUT']);
    expect(await versionsIn(one, { count: 10, at: { from: at(-1_800_000), to: at(-1_700_000) } })).toEqual([
      'n5/1 PUT',
    ]);
    expect(await versionsIn(one, { count: 10, at: { from: at(-1_800_000), to: at(60_000) } })).toEqual([
      'n5/2 PUT',
      'n5/1 PUT',
    ]);
    expect(await versionsIn(one, { count: 10, at: { from: at(60_000), to: at(70_000) } })).toEqual([
      'n5/2 PUT',
    ]);
    expect(
      await versionsIn({ type: 'Basic' }, { count: 10, at: { from: at(-7_200_000), to: at(-7_100_000) } }),
    ).toEqual([]);
  });
});

describe('a transaction', () => {
  test('[R8] reads what it wrote, shows it to nobody, and takes it back when it fails', async () => {
    const failing = world.all.transaction({ system: 'test' }, async (record) => {
      await record.write([
        { op: 'create', method: 'POST', resource: { resourceType: 'Basic', id: 't1', code: { text: 't' } } },
      ]);
      expect(await record.read('Basic', 't1')).toBeDefined();
      expect((await record.search(parsed('Basic?_id=t1'))).total).toBe(1);
      expect(await world.all.read('Basic', 't1')).toBeUndefined();
      throw new Error('given up');
    });
    await expect(failing).rejects.toThrow('given up');
    expect(await world.all.state('Basic', 't1')).toEqual({ kind: 'absent' });
  });

  test('a lock keeps others from the resource until the end, and shows what they wrote before', async () => {
    await world.put({ resourceType: 'Basic', id: 't2', code: { text: '0' } });
    const add = () =>
      world.all.transaction({ system: 'test' }, async (record) => {
        const locked = await record.lock('Basic', 't2');
        const text = String(Number(JSON.parse(locked?.json ?? '').code.text) + 1);
        const [outcome] = await record.write([
          { op: 'update', method: 'PUT', resource: { resourceType: 'Basic', id: 't2', code: { text } } },
        ]);
        expect(outcome).toMatchObject({ kind: 'updated' });
      });
    await Promise.all(Array.from({ length: 20 }, add));
    expect(JSON.parse((await world.all.read('Basic', 't2'))?.json ?? '')).toMatchObject({
      code: { text: '20' },
    });
  });

  test('locks of criteria let one of two find nothing', async () => {
    const createOnce = (id: string) =>
      world.all.transaction({ system: 'test' }, async (record) => {
        await record.lockCriteria(['Basic?identifier=once', 'Basic?code=x']);
        if ((await record.search(parsed('Basic?identifier=once'))).total) return;
        await record.write([
          {
            op: 'create',
            method: 'POST',
            resource: { resourceType: 'Basic', id, identifier: [{ value: 'once' }], code: { text: 'x' } },
          },
        ]);
      });
    await Promise.all(Array.from({ length: 12 }, (_, index) => createOnce(`once-${index}`)));
    expect((await search(world.all, 'Basic?identifier=once')).total).toBe(1);
  });
});

describe('what is shown', () => {
  test("[R11] meta is the server's, with the labels of the resource", async () => {
    const tagged = {
      resourceType: 'Basic',
      id: 'm1',
      code: { text: 'x' },
      meta: { versionId: '9', lastUpdated: '1999-01-01T00:00:00Z', source: 'urn:x', tag: [{ code: 't' }] },
    };
    await world.put(tagged);
    const found = await world.all.read('Basic', 'm1');
    const { meta } = JSON.parse(found?.json ?? '');
    expect(meta).toEqual({
      versionId: '1',
      lastUpdated: found?.lastUpdated.toISOString(),
      source: 'urn:isthmus:system:test',
      tag: [{ code: 't' }],
    });
    expect((await search(world.all, 'Basic?_source=urn:isthmus:system:test&_id=m1')).total).toBe(1);
    expect((await search(world.all, 'Basic?_source=urn:isthmus:system:other')).total).toBe(0);
    expect((await search(world.all, 'Basic?_tag=t')).total).toBe(1);
  });

  test('[R12] decimals keep their digits', async () => {
    await world.put({ resourceType: 'Basic', id: 'm2', code: { text: 'x' } });
    await world.db.database.query(
      sql(
        'digits',
        `UPDATE resource SET content = convert_to(replace(convert_from(content, 'UTF8'), '"x"', '1.50'), 'UTF8') WHERE id = 'm2'`,
      ),
    );
    expect((await world.all.read('Basic', 'm2'))?.json).toContain('1.50');
  });

  test('what was taken although it breaks a rule says so, and is found by it', async () => {
    const issue = {
      severity: 'error',
      code: 'required',
      expression: 'Basic.code',
      rule: 'minimum 1',
    } as const;
    await world.all.transaction({ system: 'test' }, (record) =>
      record.write([
        { op: 'create', method: 'POST', resource: { resourceType: 'Basic', id: 'm3' }, issues: [issue] },
      ]),
    );
    const [found] = (await search(world.all, 'Basic?_tag=urn:isthmus:validation|invalid')).matches;
    expect(found).toMatchObject({ id: 'm3', issues: [issue] });
    expect(JSON.parse(found?.json ?? '').meta.tag).toEqual([
      { system: 'urn:isthmus:validation', code: 'invalid' },
    ]);
  });

  test('[R13] sealed contents open for who has the key, in searches and histories, too', async () => {
    const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 7) }], 'k1');
    const { database } = world.db;
    const sealed = recordReader(database, { scope: { kind: 'everything' }, keyring });
    await sealed.transaction({ system: 'test' }, (record) =>
      record.write([
        {
          op: 'create',
          method: 'POST',
          resource: {
            resourceType: 'Basic',
            id: 's1',
            code: { text: 'sealed' },
            identifier: [{ value: 's1' }],
          },
        },
      ]),
    );
    expect((await search(sealed, 'Basic?identifier=s1')).matches[0]?.json).toContain('sealed');
    expect(
      (await sealed.history({ type: 'Basic', id: 's1' }, { count: 1 })).entries[0]?.resource?.json,
    ).toContain('sealed');
    await expect(search(world.all, 'Basic?identifier=s1')).rejects.toMatchObject({
      code: 'CRYPTO_KEY_UNKNOWN',
    });
  });

  test('names that are none find nothing', async () => {
    for (const id of ['', '../x', "'; --", '\0', 'x'.repeat(65)]) {
      expect(await world.all.read('Basic', id)).toBeUndefined();
      expect(await world.all.state('Basic', id)).toEqual({ kind: 'absent' });
      expect(await world.all.readMany([{ type: 'Basic', id }])).toEqual([]);
      expect(await world.all.history({ type: 'Basic', id }, { count: 1 })).toEqual({ entries: [] });
      expect((await world.all.everything(id)).matches).toEqual([]);
    }
  });
});
