import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/trust/access/index.ts';
import { type Answer, BLUE, GREEN, oid, openWorld, patient, RED, type World } from './support.ts';

/** `Patient/$merge`, `$identity-undo`, `$sources` and `$identity-history` over real HTTP. */

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.stop());

const idOf = (authority: string, identifier: string) => patientId({ authority, identifier });
const families = [
  'Amber',
  'Birkin',
  'Castellano',
  'Dvorak',
  'Eklund',
  'Fukuda',
  'Greaves',
  'Hollis',
  'Ibarra',
  'Jankowski',
  'Kovalenko',
  'Lindqvist',
  'Mbeki',
  'Novotny',
  'Okafor',
  'Petrov',
  'Quispe',
  'Rasmussen',
];
const givens = ['Nia', 'Otto', 'Pia', 'Quentin', 'Rosa', 'Stefan', 'Tamsin', 'Ugo', 'Vera'];
let known = 0;
/** Somebody who resembles nobody else. */
function somebody() {
  const n = known;
  known += 1;
  const [family, given] = [families[n % families.length], givens[n % givens.length]];
  const birthDate = `${1921 + 4 * n}-${String(1 + (n % 12)).padStart(2, '0')}-${String(2 + ((7 * n) % 27)).padStart(2, '0')}`;
  return { name: [{ family, given: [given] }], gender: n % 2 === 0 ? 'female' : 'male', birthDate };
}
const reference = (name: string, id: string) => ({ name, valueReference: { reference: `Patient/${id}` } });
const number = (name: string, authority: string, value: string) => ({
  name,
  valueIdentifier: { system: oid(authority), value },
});
const merge = (parameter: object[], as = 'operator') =>
  world.post('/Patient/$merge', { resourceType: 'Parameters', parameter }, as);
const read = async (id: string) => (await world.get(`/Patient/${id}`)).body;
const part = ({ body }: Answer, name: string) =>
  (body.parameter as { name: string }[]).find((one) => one.name === name) as
    | { resource?: Record<string, unknown>; valuePositiveInt?: number }
    | undefined;
const undo = (event: number | undefined, as = 'operator') =>
  world.post(
    '/$identity-undo',
    {
      resourceType: 'Parameters',
      parameter: [
        { name: 'event', valuePositiveInt: event },
        { name: 'reason', valueString: 'wrong one' },
      ],
    },
    as,
  );

/** Two patients who are known under these authorities: their ids, and their numbers. */
async function two(authorities: readonly [string, string]): Promise<[string, string, string, string]> {
  const [one, other] = [`m-${known}-one`, `m-${known}-other`];
  await world.feed(patient(authorities[0], one, somebody()));
  await world.feed(patient(authorities[1], other, somebody()));
  return [idOf(authorities[0], one), idOf(authorities[1], other), one, other];
}
const content = async (id: string) => {
  const { meta: _meta, ...rest } = await read(id);
  return rest;
};

test('[IF14] two patients by reference become one person, and an undo restores both exactly', async () => {
  const [target, source] = await two([RED, BLUE]);
  const before = [await content(target), await content(source)];
  const merged = await merge([reference('source-patient', source), reference('target-patient', target)]);
  expect(merged.status).toBe(200);
  expect(part(merged, 'input')?.resource).toMatchObject({ resourceType: 'Parameters' });
  expect(part(merged, 'outcome')?.resource).toMatchObject({ issue: [{ severity: 'information' }] });
  expect(part(merged, 'result')?.resource).toMatchObject({ id: target, link: [{ type: 'replaces' }] });
  expect(await read(source)).toMatchObject({
    active: false,
    link: [{ type: 'replaced-by', other: { reference: `Patient/${target}` } }],
  });
  // Both numbers stay in use: persons were linked, no number was retired.
  const { identifier } = await read(target);
  expect(identifier).toHaveLength(2);
  expect(JSON.stringify(identifier)).not.toContain('"old"');
  expect((await undo(part(merged, 'event')?.valuePositiveInt)).status).toBe(200);
  expect([await content(target), await content(source)]).toEqual(before);
  const actions = (await world.audited()).map(({ action }) => action);
  expect(actions).toEqual(expect.arrayContaining(['identity.merge', 'identity.undo']));
});

test('[IF14] named by numbers of one system, the number retires', async () => {
  const [target, , one, other] = await two([GREEN, GREEN]);
  const merged = await merge([
    number('source-patient-identifier', GREEN, other),
    number('target-patient-identifier', GREEN, one),
  ]);
  expect(merged.status).toBe(200);
  expect((await read(target)).identifier).toContainEqual(
    expect.objectContaining({ value: other, use: 'old' }),
  );
});

test('[IF15] a preview shows the result and writes nothing', async () => {
  const [target, source] = await two([RED, BLUE]);
  const count = async () =>
    (await world.get(`/Patient/${target}/$identity-history`, 'operator')).body.parameter?.length ?? 0;
  const before = [
    await content(target),
    await content(source),
    await count(),
    (await world.audited()).length,
  ];
  const preview = await merge([
    reference('source-patient', source),
    reference('target-patient', target),
    { name: 'preview', valueBoolean: true },
  ]);
  expect(preview.status).toBe(200);
  expect(part(preview, 'result')?.resource).toMatchObject({ id: target, link: [{ type: 'replaces' }] });
  expect(part(preview, 'event')).toBeUndefined();
  expect([
    await content(target),
    await content(source),
    await count(),
    (await world.audited()).length,
  ]).toEqual(before);
});

test('[IF15] a result-patient is what the target says from then on', async () => {
  const [target, source] = await two([RED, BLUE]);
  const result = { ...(await content(target)), maritalStatus: { text: 'widowed' } };
  const merged = await merge([
    reference('source-patient', source),
    reference('target-patient', target),
    { name: 'result-patient', resource: result },
  ]);
  expect(merged.body).toMatchObject({ resourceType: 'Parameters' });
  expect(part(merged, 'result')?.resource).toMatchObject({ id: target, maritalStatus: { text: 'widowed' } });
  const other = await merge([
    reference('source-patient', source),
    reference('target-patient', target),
    { name: 'result-patient', resource: { ...result, id: source } },
  ]);
  expect(other.status).toBe(400);
});

test('[IF16] a merge is refused with the rule, and nothing has changed', async () => {
  const [target, source, one, other] = await two([RED, BLUE]);
  const before = [await content(target), await content(source)];
  await world.db.database.transaction((transaction) =>
    world.identity.persons.notSame(transaction, {
      one: target,
      other: source,
      decision: { actor: 'test', reason: 'brothers', at: new Date() },
    }),
  );
  const refusals: [object[], number, string][] = [
    [[reference('source-patient', source), reference('target-patient', target)], 409, 'business-rule'],
    [[reference('source-patient', target), reference('target-patient', target)], 409, 'business-rule'],
    [[reference('source-patient', 'nobody'), reference('target-patient', target)], 422, 'processing'],
    [
      [
        reference('source-patient', source),
        number('source-patient-identifier', RED, one),
        reference('target-patient', target),
      ],
      422,
      'processing',
    ],
    [[reference('source-patient', source)], 400, 'invalid'],
    [
      [
        number('source-patient-identifier', BLUE, other),
        { name: 'target-patient', valueString: 'Practitioner/1' },
      ],
      400,
      'invalid',
    ],
    [
      [
        reference('source-patient', source),
        reference('target-patient', target),
        { name: 'preview', valueString: 'x' },
      ],
      400,
      'invalid',
    ],
  ];
  for (const [parameter, status, code] of refusals) {
    const answer = await merge(parameter);
    expect(answer.body, JSON.stringify(parameter)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code }],
    });
    expect(answer.status).toBe(status);
  }
  expect([await content(target), await content(source)]).toEqual(before);
});

test('[IF17] who has not the right decides nothing and sees nothing of it', async () => {
  const [target, source] = await two([RED, BLUE]);
  const parameter = [reference('source-patient', source), reference('target-patient', target)];
  for (const as of ['televisit', 'ann', 'bound', 'nobody']) {
    const answers = [
      await merge(parameter, as),
      await undo(1, as),
      await world.get(`/Patient/${target}/$sources`, as),
      await world.get(`/Patient/${target}/$identity-history`, as),
      await world.get('/$identity-reviews', as),
      await world.get('/$identity-review?id=1', as),
      await world.post('/$identity-answer', { resourceType: 'Parameters' }, as),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect(answers.map(({ body }) => body.issue[0].code)).toEqual(answers.map(() => 'forbidden'));
  }
  expect((await read(source)).active).toBe(true);
});

test('[IF18] each source stands apart with its origin, and the history with every decision', async () => {
  const [target, source, one, other] = await two([RED, BLUE]);
  await merge([
    reference('source-patient', source),
    reference('target-patient', target),
    { name: 'reason', valueString: 'seen both' },
  ]);
  const { status, body } = await world.get(`/Patient/${target}/$sources`, 'operator');
  expect(status).toBe(200);
  expect(body).toMatchObject({ resourceType: 'Bundle', type: 'collection' });
  const byId = new Map<
    string,
    { identifier: { value: string }[]; meta: { source: string }; link?: object[] }
  >(body.entry.map(({ resource }: { resource: { id: string } }) => [resource.id, resource]));
  expect(byId.get(target)).toMatchObject({
    identifier: [{ value: one }],
    meta: { source: 'urn:isthmus:system:televisit' },
  });
  expect(byId.get(source)).toMatchObject({
    identifier: [{ value: other }],
    link: [{ type: 'refer', other: { reference: `Patient/${target}` } }],
  });
  expect(byId.size).toBe(2);
  const history = await world.get(`/Patient/${source}/$identity-history`, 'operator');
  const [event] = history.body.parameter;
  expect(event.part).toEqual(
    expect.arrayContaining([
      { name: 'kind', valueCode: 'link' },
      { name: 'actor', valueString: 'client operator' },
      { name: 'reason', valueString: 'seen both' },
      expect.objectContaining({ name: 'moved' }),
    ]),
  );
  for (const path of ['$sources', '$identity-history'])
    expect((await world.get(`/Patient/nobody/${path}`, 'operator')).status).toBe(404);
  expect((await undo(999_999)).status).toBe(404);
});

test('[IF16] merges that race come to stand one after the other, whichever way round', async () => {
  const [one, other] = await two([RED, BLUE]);
  const [third] = await two([RED, BLUE]);
  const pairs = [
    [one, other],
    [other, one],
    [other, third],
    [third, one],
  ] as const;
  const answers = await Promise.all(
    pairs.map(([source, target]) =>
      merge([reference('source-patient', source), reference('target-patient', target)]),
    ),
  );
  for (const { status, body } of answers) expect(status, JSON.stringify(body)).toBe(200);
  const active = await Promise.all([one, other, third].map(async (id) => (await read(id)).active));
  expect(active.filter((isActive) => isActive !== false)).toHaveLength(1);
  // Newest first, everything comes apart again.
  const events = answers
    .flatMap((answer) => part(answer, 'event')?.valuePositiveInt ?? [])
    .sort((a, b) => b - a);
  expect(events.length).toBe(2);
  for (const event of events) expect((await undo(event)).status).toBe(200);
  for (const id of [one, other, third]) expect((await read(id)).active).toBe(true);
});
