import { afterAll, beforeAll, expect, test } from 'vitest';
import { BLUE, openWorld, patient, RED, type World } from './support.ts';

/** The review list over real HTTP: `$identity-reviews`, `$identity-review`, `$identity-answer`. */

let world: World;
beforeAll(async () => {
  world = await openWorld({ dualControl: false });
});
afterAll(() => world.stop());

interface Part {
  readonly name: string;
  readonly [value: string]: unknown;
}
const partOf = (parts: readonly Part[], name: string): Part | undefined =>
  parts.find((one) => one.name === name);
const list = async (query = '') => {
  const { status, body } = await world.get(`/$identity-reviews${query}`, 'operator');
  expect(status).toBe(200);
  return ((body.parameter ?? []) as { part: Part[] }[]).map(({ part }) => part);
};
const answer = (parameter: object[]) =>
  world.post('/$identity-answer', { resourceType: 'Parameters', parameter }, 'operator');

const people = [
  ['Heron', 'Lily', '1988-04-12', '1988-04-21'],
  ['Castellano', 'Otto', '1941-09-03', '1941-09-30'],
] as const;

/** Two who may be one: the same names, a birth date that differs in its day, other phones. */
async function doubtful(n: number): Promise<number> {
  const [family, given, birthDate, otherDate] = people[n]!;
  const before = (await list()).length;
  const who = { name: [{ family, given: [given] }], gender: 'female' };
  await world.feed(patient(RED, `q-${n}a`, { ...who, birthDate }));
  await world.feed(patient(BLUE, `q-${n}b`, { ...who, birthDate: otherDate }));
  const open = await list();
  expect(open.length, 'a question is open').toBe(before + 1);
  return Math.max(...open.map((part) => Number(partOf(part, 'id')?.valuePositiveInt)));
}

test('[IF19] questions are listed, filtered, shown side by side and answered with a reason', async () => {
  const id = await doubtful(0);
  const [first] = await list('?kind=possible-duplicate&state=open&_count=1');
  expect(partOf(first ?? [], 'state')).toEqual({ name: 'state', valueCode: 'open' });
  expect(await list('?kind=overlay')).toEqual([]);
  const { status, body } = await world.get(`/$identity-review?id=${id}`, 'operator');
  expect(status).toBe(200);
  const parameters = body.parameter as { name: string; part: Part[] }[];
  const sides = parameters.filter(({ name }) => name === 'side');
  expect(sides).toHaveLength(2);
  expect(partOf(sides[0]?.part ?? [], 'statement')).toMatchObject({ resource: { resourceType: 'Patient' } });
  const lines = parameters.filter(({ name }) => name === 'line');
  expect(lines.map(({ part }) => partOf(part, 'field')?.valueCode)).toEqual(
    expect.arrayContaining(['family', 'birthDate']),
  );
  for (const { part } of lines) expect(typeof partOf(part, 'weight')?.valueDecimal).toBe('number');
  const given = [
    { name: 'id', valuePositiveInt: id },
    { name: 'answer', valueCode: 'same' },
  ];
  expect((await answer(given)).status).toBe(400);
  const done = await answer([...given, { name: 'reason', valueString: 'asked her' }]);
  expect(done.status).toBe(200);
  expect(partOf(done.body.parameter, 'state')).toEqual({ name: 'state', valueCode: 'decided' });
  const event = partOf(done.body.parameter, 'event')?.valuePositiveInt;
  expect(event).toBeGreaterThan(0);
  expect((await answer([...given, { name: 'reason', valueString: 'again' }])).status).toBe(409);
  const undone = await world.post(
    '/$identity-undo',
    {
      resourceType: 'Parameters',
      parameter: [
        { name: 'event', valuePositiveInt: event },
        { name: 'reason', valueString: 'no' },
      ],
    },
    'operator',
  );
  expect(undone.status).toBe(200);
  // The question is open again.
  expect((await list()).map((part) => partOf(part, 'id')?.valuePositiveInt)).toContain(id);
  const audited = await world.audited();
  expect(audited.map(({ action }) => action)).toContain('identity.answer');
  expect(JSON.stringify(audited)).not.toMatch(/Heron|1988/);
});

test('[IF19] what is asked wrongly is refused by place', async () => {
  const refusals: [string, number][] = [
    ['/$identity-reviews?state=closed', 400],
    ['/$identity-reviews?kind=x', 400],
    ['/$identity-reviews?_count=0', 400],
    ['/$identity-reviews?_offset=-1', 400],
    ['/$identity-review', 400],
    ['/$identity-review?id=999999', 404],
  ];
  for (const [path, status] of refusals)
    expect((await world.get(path, 'operator')).status, path).toBe(status);
});

test('[IF6] who looked at a question is in the audit trail, with whom they saw', async () => {
  const id = await doubtful(1);
  world.heard.length = 0;
  await world.get(`/$identity-review?id=${id}`, 'operator');
  const references = world.heard.map(({ reference }) => reference);
  expect(references).toContain(`identity-review ${id}`);
  expect(references.filter((one) => one?.startsWith('Patient/'))).toHaveLength(2);
});
