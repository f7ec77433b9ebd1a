import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeResources } from '../../src/clinical/record/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { type Node, openSite, put, type Resource, remove, type Site } from './support/site.ts';

let site: Site;
let node: Node;
beforeAll(async () => {
  site = await openSite();
  node = await site.node();
});
afterAll(() => site.close());

const about = (patient: string, more: object = {}) => ({
  subject: { reference: `Patient/${patient}` },
  ...more,
});
const names = (resources: readonly Resource[]) =>
  resources.map((one) => `${one.resourceType}/${one.id}`).sort();
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });

describe('[B1] a transaction that is open while an export runs', () => {
  test('is in the next export by _since, and in none before', async () => {
    const [open, before] = [randomUUID(), randomUUID()];
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let written: () => void = () => undefined;
    const isWritten = new Promise<void>((resolve) => {
      written = resolve;
    });
    await site.commit(put('Library', before));
    const writer = site.db.database.transaction(async (transaction) => {
      const options = { origin: { system: 'test' }, scope: { kind: 'everything' } } as const;
      await writeResources(transaction, [put('Library', open)], { ...options, keyring: site.keyring });
      written();
      await held;
    });
    await isWritten;
    const path = '/$export?_type=Library';
    const first = await node.manifest(await node.kickOff(path));
    expect(names(await node.lines(first.output))).toEqual([`Library/${before}`]);
    commit();
    await writer;
    const since = `${path}&_since=${encodeURIComponent(first.transactionTime)}`;
    expect(names(await node.export(since))).toContain(`Library/${open}`);
  });
});

describe('[B5] the whole of what a context sees', () => {
  test('of the system, one type a file, without empty ones', async () => {
    const [patient, condition, practitioner] = [randomUUID(), randomUUID(), randomUUID()];
    await site.commit(
      put('Patient', patient),
      put('Practitioner', practitioner),
      put('Condition', condition, about(patient, { onsetAge: { value: '1.50' } })),
    );
    const status = await node.kickOff('/$export?_outputFormat=application/fhir%2Bndjson');
    expect(status.startsWith(`${node.base}/`)).toBe(true);
    const manifest = await node.manifest(status);
    expect(manifest).toMatchObject({
      request: `${node.base}/$export?_outputFormat=application%2Ffhir%2Bndjson`,
      requiresAccessToken: true,
      deleted: [],
      error: [],
    });
    expect(new Date(manifest.transactionTime).getTime()).toBeLessThanOrEqual(Date.now());
    expect(manifest.output.every(({ count }) => count > 0)).toBe(true);
    const types = manifest.output.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    const found = await node.lines(manifest.output);
    expect(names(found)).toEqual(
      expect.arrayContaining([
        `Patient/${patient}`,
        `Condition/${condition}`,
        `Practitioner/${practitioner}`,
      ]),
    );
    expect(found.find(({ id }) => id === condition)).toMatchObject({
      meta: { versionId: '1' },
      subject: { reference: `Patient/${patient}` },
    });
  });

  test('of patients only what is theirs, and who treats them', async () => {
    const [patient, basic, organization, group] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await site.commit(put('Patient', patient), put('Organization', organization), put('ValueSet', basic));
    await site.commit(put('Group', group, { type: 'person', actual: true }));
    const found = names(await node.export('/Patient/$export'));
    expect(found).toContain(`Patient/${patient}`);
    expect(found).toContain(`Organization/${organization}`);
    expect(found).not.toContain(`ValueSet/${basic}`);
    expect(found).not.toContain(`Group/${group}`);
    const asked = names(await node.export(`/Patient/$export?_type=ValueSet,Patient`));
    expect(asked).toContain(`ValueSet/${basic}`);
  });

  test('of a Group its active members, also by groups within it', async () => {
    const [ann, bob, cid, dora, eve] = Array.from({ length: 5 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const [inner, outer] = [randomUUID(), randomUUID()];
    const member = (reference: string, more: object = {}) => ({ entity: { reference }, ...more });
    const conditions = new Map([ann, bob, cid, dora, eve].map((patient) => [patient, randomUUID()]));
    await site.commit(...[ann, bob, cid, dora, eve].map((patient) => put('Patient', patient)));
    await site.commit(...[...conditions].map(([patient, id]) => put('Condition', id, about(patient))));
    await site.commit(
      put('Group', inner, {
        ...{ type: 'person', actual: true },
        member: [member(`Patient/${dora}`), member(`Group/${outer}`)],
      }),
      put('Group', outer, {
        ...{ type: 'person', actual: true },
        member: [
          member(`Patient/${ann}`, { inactive: false }),
          member(`Patient/${bob}`, { inactive: true }),
          member(`Patient/${cid}`, { period: { end: '2020-01-01' } }),
          member(`Group/${inner}`),
        ],
      }),
    );
    const found = await node.export(`/Group/${outer}/$export?_type=Patient,Condition`);
    const expected = [ann, dora].flatMap((patient) => [
      `Patient/${patient}`,
      `Condition/${conditions.get(patient)}`,
    ]);
    expect(names(found)).toEqual(expected.sort());
    const call = {
      method: 'POST',
      body: parameters(
        { name: '_type', valueString: 'Condition' },
        { name: 'patient', valueReference: { reference: `Patient/${dora}` } },
        { name: 'patient', valueReference: { reference: `Patient/${eve}` } },
      ),
    };
    expect(names(await node.export(`/Group/${outer}/$export`, call))).toEqual([
      `Condition/${conditions.get(dora)}`,
    ]);
    expect(names(await node.export('/Patient/$export', call))).toEqual(
      [dora, eve].map((patient) => `Condition/${conditions.get(patient)}`).sort(),
    );
  });

  test('a Group that names no members, and one that is not there, are refused', async () => {
    const group = randomUUID();
    await site.commit(put('Group', group, { type: 'person', actual: false }));
    const headers = { prefer: 'respond-async' };
    expect((await node.fetch(`/Group/${group}/$export`, { headers })).status).toBe(422);
    expect((await node.fetch(`/Group/${randomUUID()}/$export`, { headers })).status).toBe(404);
  });
});

describe('[B3] an export is bounded by the context that asked', () => {
  test('a patient gets their compartment, whatever they ask for', async () => {
    const [ann, bob, hers, his, group] = Array.from({ length: 5 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
      string,
    ];
    await site.commit(put('Patient', ann), put('Patient', bob));
    await site.commit(put('Condition', hers, about(ann)), put('Condition', his, about(bob)));
    await site.commit(
      put('Group', group, {
        ...{ type: 'person', actual: true },
        member: [ann, bob].map((id) => ({ entity: { reference: `Patient/${id}` } })),
      }),
    );
    site.contexts[ann] = { who: ann, purpose: 'PATRQT', patient: ann };
    const types = '_type=Patient,Condition';
    for (const path of ['/$export', '/Patient/$export', `/Group/${group}/$export`])
      expect(names(await node.export(`${path}?${types}`, { as: ann })), path).toEqual(
        [`Patient/${ann}`, `Condition/${hers}`].sort(),
      );
    const body = parameters({ name: 'patient', valueReference: { reference: `Patient/${bob}` } });
    const headers = { prefer: 'respond-async' };
    expect((await node.fetch('/Patient/$export', { method: 'POST', as: ann, body, headers })).status).toBe(
      400,
    );
    site.contexts.nobody = { who: 'nobody', purpose: 'PATRQT' };
    expect(await node.export('/$export', { as: 'nobody' })).toEqual([]);
  });

  test('[B6] nobody else finds status and files, nor the client itself in another context', async () => {
    site.contexts.moving = { who: 'moving', purpose: 'TREAT' };
    await site.commit(put('Patient', randomUUID()));
    const status = await node.kickOff('/$export?_type=Patient', { as: 'moving' });
    const { output } = await node.manifest(status, 'moving');
    const url = output[0]?.url ?? '';
    expect((await node.fetch(url, { as: 'moving' })).status).toBe(200);
    const everything = async (as: string) => [
      (await node.fetch(status, { as })).status,
      (await node.fetch(url, { as })).status,
      (await node.fetch(status, { as, method: 'DELETE' })).status,
    ];
    expect(await everything('platform')).toEqual([404, 404, 404]);
    site.contexts.moving = { who: 'moving', purpose: 'TREAT', patient: randomUUID() };
    expect(await everything('moving')).toEqual([404, 404, 404]);
    expect((await fetch(url)).status).toBe(401);
  });
});

describe('[B7] since', () => {
  test('only what changed, and what was deleted, as transactions', async () => {
    const [old, fresh, gone] = [randomUUID(), randomUUID(), randomUUID()];
    await site.commit(put('Basic', old), put('Basic', gone));
    const { transactionTime } = await node.manifest(await node.kickOff('/$export?_type=Basic'));
    await site.commit(put('Basic', fresh), remove('Basic', gone));
    const since = `/$export?_type=Basic&_since=${encodeURIComponent(transactionTime)}`;
    const { output, deleted } = await node.manifest(await node.kickOff(since));
    const found = names(await node.lines(output));
    expect(found).toContain(`Basic/${fresh}`);
    const [bundle] = await node.lines(deleted);
    expect(bundle).toEqual({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [{ request: { method: 'DELETE', url: `Basic/${gone}` } }],
    });
  });
});

describe('[B8] parameters', () => {
  const headers = { prefer: 'respond-async' };
  const refused = async (path: string) => {
    const response = await node.fetch(path, { headers });
    const body = (await response.json()) as Resource;
    expect(body.resourceType).toBe('OperationOutcome');
    return [response.status, body.issue[0].expression?.[0]];
  };

  test('what is not known, not well-formed or not supported is refused by name', async () => {
    expect(await refused('/$export?_outputFormat=csv')).toEqual([400, '_outputFormat']);
    expect(await refused('/$export?_since=yesterday')).toEqual([400, '_since']);
    expect(await refused('/$export?_since=2026-01-01')).toEqual([400, '_since']);
    expect(await refused('/$export?_type=Patient,Nonsense')).toEqual([400, '_type']);
    expect(await refused('/Patient/$export?_type=SearchParameter,Account,Linkage')).toEqual([400, '_type']);
    expect(await refused('/$export?_elements=a.b.c')).toEqual([400, '_elements']);
    expect(await refused('/$export?includeAssociatedData=LatestProvenanceResources')).toEqual([
      400,
      'includeAssociatedData',
    ]);
    expect(await refused('/$export?patient=Patient/1')).toEqual([400, 'patient']);
    expect(await refused('/$export?_typeFilter=Observation')).toEqual([400, '_typeFilter']);
    expect(await refused('/$export?_typeFilter=Observation%3F_include%3DObservation%3Asubject')).toEqual([
      400,
      '_typeFilter',
    ]);
    expect((await refused('/$export?_typeFilter=Observation%3Fnonsense%3D1'))[0]).toBe(400);
    expect((await node.fetch('/$export')).status).toBe(400);
    const formats = ['application/fhir%2Bndjson', 'application/ndjson', 'ndjson', 'application/fhir+ndjson'];
    for (const [index, format] of formats.entries()) {
      const client = `client-${index}`;
      site.contexts[client] = { who: client, purpose: 'TREAT' };
      await node.kickOff(`/$export?_type=Slot&_outputFormat=${format}`, { as: client, headers });
    }
  });

  test('with lenient handling it is left out, and the manifest says so', async () => {
    const lenient = { prefer: 'respond-async, handling=lenient' };
    const status = await node.kickOff(
      '/$export?_type=Slot&includeAssociatedData=x&organizeOutputBy=Patient',
      { headers: lenient },
    );
    const { error } = await node.manifest(status);
    const outcomes = await node.lines(error);
    expect(outcomes.map((one) => one.issue[0].expression[0])).toEqual([
      'includeAssociatedData',
      'organizeOutputBy',
    ]);
  });

  test('elements: those that are asked for, and what a resource can not be without', async () => {
    const id = randomUUID();
    await site.commit(
      put('Schedule', id, { active: true, comment: 'x', actor: [{ display: 'y' }] }),
      put('Slot', id, { status: 'free', comment: 'z' }),
    );
    const found = await node.export('/$export?_type=Schedule,Slot&_elements=Schedule.active');
    const schedule = found.find(({ resourceType }) => resourceType === 'Schedule');
    expect(schedule).toMatchObject({ id, active: true, meta: { tag: [{ code: 'SUBSETTED' }] } });
    expect(schedule).not.toHaveProperty('comment');
    expect(found.find(({ resourceType }) => resourceType === 'Slot')).toMatchObject({ comment: 'z' });
  });

  test('type filters: what fits one of those of its type, once', async () => {
    const ids = Array.from({ length: 4 }, () => randomUUID()) as [string, string, string, string];
    const slot = (id: string, status: string, start: string) => put('Slot', id, { status, start });
    await site.commit(
      slot(ids[0], 'free', '2026-01-01T00:00:00Z'),
      slot(ids[1], 'busy', '2026-01-01T00:00:00Z'),
      slot(ids[2], 'busy', '2027-01-01T00:00:00Z'),
      slot(ids[3], 'free', '2027-01-01T00:00:00Z'),
    );
    const filter = encodeURIComponent('Slot?status=busy,busy-tentative&start=ge2026-06,Slot?start=ge2026-12');
    const found = names(await node.export(`/$export?_type=Slot&_typeFilter=${filter}`));
    expect(found).toEqual([ids[2], ids[3]].map((id) => `Slot/${id}`).sort());
  });
});

describe('[B9] files', () => {
  test('are split at a size, sealed at rest, and gzip for who takes it', async () => {
    const small = await site.node({ limits: { linesOfFile: 40 } });
    const ids = Array.from({ length: 100 }, () => randomUUID());
    await site.commit(...ids.map((id) => put('Media', id, { content: { title: 'ä"\n' } })));
    await node.bulk.stop();
    const manifest = await small.manifest(await small.kickOff('/$export?_type=Media'));
    expect(manifest.output.map(({ count }) => count)).toEqual([40, 40, 20]);
    expect(names(await small.lines(manifest.output))).toEqual(ids.map((id) => `Media/${id}`).sort());
    const url = manifest.output[0]?.url ?? '';
    const plain = await small.fetch(url, { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-type')).toBe('application/fhir+ndjson');
    expect(plain.headers.get('content-encoding')).toBeNull();
    const text = await plain.text();
    const packed = await small.fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(await packed.text()).toBe(text);
    const chunks = await site.db.database.query<{ content: Buffer; content_key: string }>(
      sql('test.chunks', `SELECT content, content_key FROM export_chunk WHERE job_id = $1`),
      [url.split('/').at(-2) ?? ''],
    );
    expect(chunks.length).toBeGreaterThan(0);
    for (const { content, content_key } of chunks) {
      expect(content_key).toBe('k');
      expect(() => gunzipSync(content)).toThrow();
    }
    const head = await small.fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['0.ndjson', '4.ndjson', '1', 'x'])
      expect((await small.fetch(url.replace(/[^/]+$/, name))).status).toBe(404);
    node.bulk.start();
  });
});

test('[B15] exports stand in the CapabilityStatement, and are no entries of a batch', async () => {
  const statement = (await (await node.fetch('/metadata')).json()) as Resource;
  const [rest] = statement.rest;
  const operations = (type: string) =>
    rest.resource
      .find((one: { type: string }) => one.type === type)
      .operation.map(({ name }: { name: string }) => name);
  expect(operations('Patient')).toContain('patient-export');
  expect(operations('Group')).toContain('group-export');
  expect(rest.operation.map(({ name }: { name: string }) => name)).toContain('export');
  expect(statement.instantiates).toContain('http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data');
  const entry = [{ request: { method: 'GET', url: '$export' } }];
  const batch = await node.fetch('', {
    method: 'POST',
    headers: { prefer: 'respond-async' },
    body: { resourceType: 'Bundle', type: 'batch', entry },
  });
  expect(((await batch.json()) as Resource).entry[0].response.status).toMatch(/^400/);
});
