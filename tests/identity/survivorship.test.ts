import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyWrites, patientId, type RecordWrite } from '../../src/clinical/record/index.ts';
import type { SourcePatient } from '../../src/clinical/source-patients/index.ts';
import type { NamedSql, SqlParameter, Transaction } from '../../src/foundation/database/index.ts';
import { CLINIC, decision, named, number, openWorld, patient, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

interface Says {
  readonly set: RecordWrite['set'];
  readonly minute: number;
  readonly copy?: true;
}

let pairs = 0;

/** The Patient of two linked sources of which each says this. */
async function together(one: Says, other: Says, { retire = false } = {}): Promise<Record<string, unknown>> {
  pairs += 1;
  const [a, b] = [number(`S-${pairs}`), number(`S-${pairs}b`, retire ? undefined : CLINIC)];
  const write = (who: SourcePatient, { set, ...more }: Says) => patient(who, set, more);
  await world.write(write(a, one), write(b, other));
  await world.run(
    (tx): Promise<unknown> =>
      retire
        ? world.persons.mergeNumbers(tx, { surviving: a, retired: b, decision: decision() })
        : world.persons.linkPersons(tx, { one: patientId(a), other: patientId(b), decision: decision() }),
  );
  return (await world.shown(a)) ?? {};
}

const phone = (value: string, id?: string) => ({ ...(id ? { id } : {}), system: 'phone', value });

describe('[ID13] what survives of what two sources say', () => {
  const rows: [string, Says, Says, Record<string, unknown>][] = [
    [
      'of one value the newest',
      { set: { gender: 'male', maritalStatus: { text: 'old' } }, minute: 1 },
      { set: { gender: 'female', maritalStatus: { text: 'new' } }, minute: 2 },
      { gender: 'female', maritalStatus: { text: 'new' } },
    ],
    [
      'what only one says',
      { set: { gender: 'male' }, minute: 1 },
      { set: { birthDate: '1980-01-01' }, minute: 2 },
      { gender: 'male', birthDate: '1980-01-01' },
    ],
    [
      'a whole birth date before a newer year',
      { set: { birthDate: '1980-02-03' }, minute: 1 },
      { set: { birthDate: '1981' }, minute: 2 },
      { birthDate: '1980-02-03' },
    ],
    [
      'a sex that is known before a newer one that is not',
      { set: { gender: 'other' }, minute: 1 },
      { set: { gender: 'unknown' }, minute: 2 },
      { gender: 'other' },
    ],
    [
      'a birth date with its time, as one',
      {
        set: { birthDate: '1980-02-03', _birthDate: { extension: [{ url: 'urn:t', valueString: 'x' }] } },
        minute: 3,
      },
      { set: { birthDate: '1980-02-04' }, minute: 2 },
      { birthDate: '1980-02-03', _birthDate: { extension: [{ url: 'urn:t', valueString: 'x' }] } },
    ],
    [
      'a death in whichever form is newest',
      { set: { 'deceased[x]': { Boolean: false } }, minute: 1 },
      { set: { 'deceased[x]': { DateTime: '2026-01-01' } }, minute: 2 },
      { deceasedDateTime: '2026-01-01' },
    ],
    [
      'the owner before a newer copy',
      { set: { gender: 'male' }, minute: 1 },
      { set: { gender: 'female' }, minute: 2, copy: true },
      { gender: 'male' },
    ],
    [
      'in use, when any source says so',
      { set: { active: true }, minute: 1 },
      { set: { active: false }, minute: 2 },
      { active: true },
    ],
    [
      'every name, phone and address once, the newest source first',
      { set: { ...named('Smith'), 'telecom@PID-13': [phone('(555) 1'), phone('2')] }, minute: 1 },
      {
        set: { name: [{ family: 'SMITH', given: ['Ann'] }, { family: 'Jones' }], telecom: [phone('5551')] },
        minute: 2,
      },
      {
        name: [{ family: 'SMITH', given: ['Ann'] }, { family: 'Jones' }],
        telecom: [phone('5551'), phone('2')],
      },
    ],
    [
      'all extensions of one url from one source',
      {
        set: {
          extension: [
            { url: 'urn:race', valueString: 'a' },
            { url: 'urn:own', valueString: 'x' },
          ],
        },
        minute: 1,
      },
      {
        set: {
          extension: [
            { url: 'urn:race', valueString: 'b' },
            { url: 'urn:race', valueString: 'c' },
          ],
        },
        minute: 2,
      },
      {
        extension: [
          { url: 'urn:race', valueString: 'b' },
          { url: 'urn:race', valueString: 'c' },
          { url: 'urn:own', valueString: 'x' },
        ],
      },
    ],
  ];
  test.each(rows)('%s', async (_name, one, other, wanted) => {
    expect(await together(one, other)).toMatchObject(wanted);
    expect(await together(other, one)).toMatchObject(wanted);
  });

  test('a number in use before a newer one that is retired, whose own is old', async () => {
    const shown = await together(
      { set: { gender: 'male', ...named('Now') }, minute: 1 },
      { set: { gender: 'female', ...named('Then') }, minute: 2 },
      { retire: true },
    );
    expect(shown).toMatchObject({ gender: 'male', name: [{ family: 'Now' }, { family: 'Then' }] });
    expect(shown.identifier).toMatchObject([{}, { use: 'old' }]);
    expect((shown.identifier as object[])[0]).not.toHaveProperty('use');
  });

  test('contained resources keep apart, and a narrative of one does not stand for both', async () => {
    const of = (name: string) => ({
      text: { status: 'generated', div: `<div>${name}</div>` },
      contained: [{ resourceType: 'Organization', id: 'org', name }],
      generalPractitioner: [{ reference: '#org' }],
    });
    const shown = await together({ set: of('north'), minute: 1 }, { set: of('south'), minute: 2 });
    expect(shown).not.toHaveProperty('text');
    expect(shown).toMatchObject({
      contained: [
        { id: 's1-org', name: 'south' },
        { id: 's2-org', name: 'north' },
      ],
      generalPractitioner: [{ reference: '#s1-org' }, { reference: '#s2-org' }],
    });
  });
});

test('[ID15] a patient of one source costs no statement more, and nothing is kept apart', async () => {
  const who = number('alone');
  const asked: string[] = [];
  const watched = (transaction: Transaction): Transaction => ({
    client: transaction.client,
    query: (<Row extends object>(statement: NamedSql, parameters?: readonly SqlParameter[]) => {
      asked.push(statement.name);
      return transaction.query<Row>(statement, parameters);
    }) as Transaction['query'],
  });
  const write = (...writes: RecordWrite[]) => world.run((tx) => applyWrites(watched(tx), writes));
  await write(patient(who, named('Alone')));
  await write(patient(who, named('Still'), { minute: 1 }));
  await write(patient(who, named('Still'), { minute: 2 }));
  expect(asked).toEqual([
    ...['record.lock-current', 'record.insert-current', 'record.renumber-created'],
    ...['record.lock-current', 'record.update-current'],
    ...['record.lock-current', 'record.confirm-current'],
  ]);
  expect(
    await world.rows('SELECT 1 FROM source_demographics WHERE source_patient_id = $1', patientId(who)),
  ).toEqual([]);
});
