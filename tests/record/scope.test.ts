import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type HistoryEntry,
  type Json,
  type Position,
  type RecordReader,
  type RecordScope,
  recordReader,
  type StoredResource,
} from '../../src/clinical/record/index.ts';
import { type Database, type NamedSql, type Queryable, sql } from '../../src/foundation/database/index.ts';
import { openWorld, parsed, search, type World } from './world.ts';

/**
 * Whoever reads for Ann must not learn a thing of Ben, by whatever way of reading. Each probe is a way that would betray him, with what it may
 * show and the place of the scope that keeps it: where that place is taken out of the SQL, the probe shows more. So no probe is idle, and no
 * place is without one.
 */

const code = (text: string) => ({ coding: [{ system: 'urn:c', code: text }] });
const observation = (id: string, patient: string, rest: object = {}): Json => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: code('plain'),
  subject: { reference: `Patient/${patient}` },
  ...rest,
});
const encounter = (id: string, patient: string, cls: string): Json => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'urn:class', code: cls },
  subject: { reference: `Patient/${patient}` },
  serviceProvider: { reference: 'Organization/north' },
});

const DREW = [{ reference: 'Practitioner/drew' }];

const world0: Json[] = [
  { resourceType: 'Organization', id: 'north', name: 'North' },
  { resourceType: 'Practitioner', id: 'drew', name: [{ family: 'Drew' }] },
  { resourceType: 'Patient', id: 'ann', name: [{ family: 'Ann' }], birthDate: '1980-01-01' },
  { resourceType: 'Patient', id: 'ben', name: [{ family: 'Ben' }], birthDate: '1970-01-01' },
  encounter('ann-visit', 'ann', 'AMB'),
  encounter('ben-visit', 'ben', 'IMP'),
  observation('ann-plain', 'ann', { performer: DREW, effectiveDateTime: '2026-01-01' }),
  // The laboratory took the wrong visit: a reference that leads to somebody else.
  observation('ann-astray', 'ann', { encounter: { reference: 'Encounter/ben-visit' } }),
  observation('ben-secret', 'ben', {
    code: code('secret'),
    performer: DREW,
    encounter: { reference: 'Encounter/ann-visit' },
    effectiveDateTime: '2026-01-02',
    valueQuantity: { value: 7 },
  }),
  observation('moved-away', 'ann'),
  observation('moved-here', 'ben', { code: code('secret') }),
  observation('ann-gone', 'ann'),
  observation('ben-gone', 'ben', { code: code('secret') }),
  observation('moved-gone', 'ann'),
  {
    resourceType: 'Appointment',
    id: 'both',
    status: 'booked',
    participant: ['ann', 'ben'].map((id) => ({ actor: { reference: `Patient/${id}` }, status: 'accepted' })),
  },
  {
    resourceType: 'Provenance',
    id: 'ben-origin',
    recorded: '2026-01-10T08:00:00Z',
    target: [{ reference: 'Patient/ben' }, { reference: 'Practitioner/drew' }],
    agent: [{ who: { reference: 'Practitioner/drew' } }],
  },
  { resourceType: 'Device', id: 'ben-device', patient: { reference: 'Patient/ben' } },
];
const later: Json[] = [
  observation('moved-gone', 'ben', { code: code('secret') }),
  observation('moved-away', 'ben', { code: code('secret') }),
  observation('moved-here', 'ann'),
];

/** More than a link is followed to by name (link-conditions.ts), so that these links are asked row by row. */
const MANY = 1001;
const many: Json[] = Array.from({ length: MANY }, (_, index) => [
  encounter(`ben-many-${index}`, 'ben', 'MANY'),
  observation(`ben-many-${index}`, 'ben', { code: code('many'), performer: DREW }),
]).flat();
const astrayAmongMany = observation('ann-astray-2', 'ann', {
  encounter: { reference: 'Encounter/ben-many-7' },
});

/** More of one observation than `_has` reads for what they refer to. */
const MULTIPLY = `INSERT INTO resource (type, id, version, last_updated, source_system, source_patient_id, business_key, event_time, stated,
    tokens, refs, params, content)
  SELECT type, id || '-' || n, version, last_updated, source_system, source_patient_id, business_key, event_time, stated, tokens, refs, params, content
    FROM resource, generate_series(1, 20000) n WHERE id = 'ben-many-0' AND type = 'Observation'`;

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.put(...world0);
  await world.put(...later, ...many, astrayAmongMany);
  await world.db.database.query(sql('multiply', MULTIPLY));
  await world.remove('Observation', 'ann-gone');
  await world.remove('Observation', 'ben-gone');
  await world.remove('Observation', 'moved-gone');
});
afterAll(() => world.db.drop());

const named = (resources: readonly StoredResource[]) =>
  resources.map(({ type, id }) => `${type}/${id}`).sort();
const versions = (entries: readonly HistoryEntry[]) =>
  entries.map(({ id, version }) => `${id}/${version}`).sort();
const matches = (text: string) => async (record: RecordReader) => named((await search(record, text)).matches);
const included = (text: string) => async (record: RecordReader) =>
  named((await search(record, text)).included);
const total = (text: string) => async (record: RecordReader) =>
  (await record.search({ ...parsed(text), count: 1 })).total;

async function walked(record: RecordReader, text: string): Promise<unknown> {
  const seen: unknown[] = [];
  let after: Position | undefined;
  do {
    const page = await record.search({ ...parsed(text), count: 1 }, after ? { after } : {});
    seen.push(...named(page.matches), page.next?.values ?? 'end');
    after = page.next;
  } while (after && seen.length < 40);
  return seen;
}

const OWN = [
  'Observation/ann-astray',
  'Observation/ann-astray-2',
  'Observation/ann-plain',
  'Observation/moved-here',
];

/** A place where the scope stands: in the statements of this name (and those below it), beside the row of these aliases. */
type Place = readonly [statement: string, alias: string];
type Probe = [name: string, place: Place, shows: unknown, probe: (record: RecordReader) => Promise<unknown>];

const MATCHES: Place = ['record.search', 'r0'];
const FAR_END: Place = ['record', 'r1'];
const probes: Probe[] = [
  ['all of a type', MATCHES, OWN, matches('Observation')],
  ['of the other patient', MATCHES, [], matches('Observation?patient=ben')],
  ['of the other patient, by the id of one', MATCHES, [], matches('Observation?_id=ben-secret')],
  ['what is not of a code', MATCHES, OWN, matches('Observation?code:not=nothing')],
  ['what has no value', MATCHES, OWN, matches('Observation?value-quantity:missing=true')],
  ['by a value', MATCHES, [], matches('Observation?value-quantity=7')],
  ['by a date', MATCHES, [], matches('Observation?date=gt2026-01-01')],
  ['by a name', MATCHES, [], matches('Patient?name=ben')],
  ['patients', MATCHES, ['Patient/ann'], matches('Patient')],
  ['what belongs to no patient and is not shared', MATCHES, [], matches('Device')],
  [
    'of several types',
    MATCHES,
    ['Patient/ann', 'Practitioner/drew'],
    (record) =>
      record
        .search({ ...parsed('Patient'), types: ['Patient', 'Practitioner'] })
        .then((page) => named(page.matches)),
  ],
  [
    'a compartment',
    MATCHES,
    [],
    (record) =>
      record
        .search({ ...parsed('Observation'), where: [{ kind: 'compartment', patient: 'ben' }] })
        .then((page) => named(page.matches)),
  ],
  [
    'pages and their positions',
    MATCHES,
    ['Patient/ann', 'end'],
    (record) => walked(record, 'Patient?_sort=birthdate'),
  ],
  [
    'pages in order of a date',
    MATCHES,
    [
      'Observation/ann-plain',
      ['2026-01-01 00:00:00+00'],
      'Observation/ann-astray-2',
      [null],
      'Observation/moved-here',
      [null],
      'Observation/ann-astray',
      'end',
    ],
    (record) => walked(record, 'Observation?_sort=-date'),
  ],
  ['a total', ['record.count', 'r0'], 4, total('Observation?_total=accurate')],
  ['an estimate', ['record.count', 'r0'], 4, total('Observation?_total=estimate')],
  [
    'a total of what can be excluded',
    ['record.count', 'r0'],
    0,
    (record) => record.search({ ...parsed('Observation?code=secret'), count: 0 }).then((page) => page.total),
  ],
  ['a chain', FAR_END, [], matches('Observation?encounter:Encounter.class=IMP')],
  [
    'a chain of what is missing there',
    FAR_END,
    [],
    matches('Observation?encounter:Encounter.date:missing=true'),
  ],
  ['a chain to many', FAR_END, [], matches('Observation?encounter:Encounter.class=MANY')],
  ['has', FAR_END, [], matches('Practitioner?_has:Observation:performer:code=secret')],
  ['has, of many', FAR_END, [], matches('Practitioner?_has:Observation:performer:code=many')],
  [
    'has, two links away',
    ['record', 'r2'],
    [],
    matches('Organization?_has:Encounter:service-provider:_has:Observation:encounter:code=secret'),
  ],
  [
    'an include',
    ['record.read-many', 'r'],
    ['Patient/ann'],
    included('Observation?_id=ann-astray&_include=Observation:encounter&_include=Observation:subject'),
  ],
  [
    'an include of everything',
    ['record.read-many', 'r'],
    ['Patient/ann'],
    included('Appointment?_include=Appointment:actor'),
  ],
  [
    'an iterated include',
    ['record.read-many', 'r'],
    OWN,
    included('Patient?_id=ann&_revinclude=Observation:subject&_include:iterate=Observation:encounter'),
  ],
  [
    'a revinclude',
    ['record.referring', 'r'],
    ['Observation/ann-plain'],
    included('Practitioner?_id=drew&_revinclude=Observation:performer'),
  ],
  [
    'origins of what is shared',
    ['record.referring', 'r'],
    [],
    included('Practitioner?_id=drew&_revinclude=Provenance:target'),
  ],
  ['a read', ['record.read', 'r'], undefined, (record) => record.read('Observation', 'ben-secret')],
  [
    'a read of what has moved',
    ['record.read', 'r'],
    undefined,
    (record) => record.read('Observation', 'moved-away'),
  ],
  [
    'a state',
    ['record.read', 'r'],
    'absent',
    async (record) => (await record.state('Observation', 'ben-secret')).kind,
  ],
  [
    'a deletion',
    ['record.deleted', '[rd]'],
    'absent',
    async (record) => (await record.state('Observation', 'ben-gone')).kind,
  ],
  [
    'reads of many',
    ['record.read-many', 'r'],
    ['Patient/ann'],
    async (record) =>
      named(
        await record.readMany([
          { type: 'Patient', id: 'ben' },
          { type: 'Patient', id: 'ann' },
          { type: 'Encounter', id: 'ben-visit' },
        ]),
      ),
  ],
  [
    'a version of the other',
    ['record.read-version', 'r'],
    undefined,
    (record) => record.readVersion('Observation', 'ben-secret', 1),
  ],
  [
    'a passed version of what has moved away',
    ['record.read-version', 'c'],
    undefined,
    (record) => record.readVersion('Observation', 'moved-away', 1),
  ],
  [
    'a passed version of what has moved here',
    ['record.read-version', 'r'],
    undefined,
    (record) => record.readVersion('Observation', 'moved-here', 1),
  ],
  [
    'a deleted version',
    ['record.read-version', '[rd]'],
    undefined,
    (record) => record.readVersion('Observation', 'ben-gone', 1),
  ],
  [
    'the history of what has moved away',
    ['record.history', 'c'],
    [],
    async (record) =>
      versions((await record.history({ type: 'Observation', id: 'moved-away' }, { count: 10 })).entries),
  ],
  [
    'the history of what has moved here',
    ['record.history', 'r'],
    ['moved-here/2'],
    async (record) =>
      versions((await record.history({ type: 'Observation', id: 'moved-here' }, { count: 10 })).entries),
  ],
  [
    'how long it is',
    ['record.history-count', 'r'],
    1,
    async (record) => (await record.history({ type: 'Observation', id: 'moved-here' }, { count: 10 })).total,
  ],
  [
    'the history of what is deleted',
    ['record.history', '[rd]'],
    [],
    async (record) =>
      versions((await record.history({ type: 'Observation', id: 'ben-gone' }, { count: 10 })).entries),
  ],
  [
    'the history of a type',
    ['record.history', 'r'],
    ['ann-astray-2/1', 'ann-astray/1', 'ann-gone/1', 'ann-gone/2', 'ann-plain/1', 'moved-here/2'],
    async (record) => versions((await record.history({ type: 'Observation' }, { count: 100 })).entries),
  ],
  [
    'what was current once',
    ['record.history', 'r'],
    [],
    async (record) =>
      versions(
        (
          await record.history(
            { type: 'Device' },
            { count: 100, at: { from: new Date(0), to: new Date(4e12) } },
          )
        ).entries,
      ),
  ],
  [
    'a passed version of what moved and was deleted',
    ['record.read-version', 'd'],
    undefined,
    (record) => record.readVersion('Observation', 'moved-gone', 1),
  ],
  [
    'the history of what moved and was deleted',
    ['record.history', 'd'],
    [],
    async (record) =>
      versions((await record.history({ type: 'Observation', id: 'moved-gone' }, { count: 10 })).entries),
  ],
  [
    'the deletion of what had moved',
    ['record.deleted', '[rd]'],
    'absent',
    async (record) => (await record.state('Observation', 'moved-gone')).kind,
  ],
  [
    'everything',
    ['record.everything', 'r'],
    ['Appointment/both'],
    async (record) => {
      const page = await record.everything('ben');
      return named([...page.matches, ...page.included]);
    },
  ],
  [
    'a lock',
    ['record.read', 'r'],
    undefined,
    (record) => record.transaction({ system: 'test' }, (one) => one.lock('Observation', 'ben-secret')),
  ],
];

describe('[S50] [S57] in the scope of one patient', () => {
  const ann: RecordScope = { kind: 'compartment', person: 'ann' };
  test.each(probes)('%s', async (_name, place, shows, probe) => {
    expect(await probe(world.as(ann))).toEqual(shows);
    expect(await probe(recordReader(without(world.db.database, place), { scope: ann }))).not.toEqual(shows);
  });

  test('what is hers and what is shared is there', async () => {
    const record = world.as(ann);
    expect(await matches('Practitioner')(record)).toEqual(['Practitioner/drew']);
    expect(await matches('Appointment')(record)).toEqual(['Appointment/both']);
    expect((await record.state('Observation', 'ann-gone')).kind).toBe('deleted');
    expect(await matches('Observation?subject:Patient.name=ann')(record)).toEqual(OWN);
    const page = await record.everything('ann');
    expect(named(page.matches)).toEqual(['Appointment/both', 'Encounter/ann-visit', ...OWN, 'Patient/ann']);
    expect(named(page.included)).toEqual(['Organization/north', 'Practitioner/drew']);
  });
});

test.each([
  'Observation?encounter:Encounter.class=MANY',
  'Practitioner?_has:Observation:performer:code=many',
])(
  '[S49] [S50] where the far end is more than is named, each row is asked within the scope: %s',
  async (text) => {
    const scope: RecordScope = { kind: 'compartment', person: 'ann' };
    expect(await matches(text)(world.all)).not.toEqual([]);
    // The far end is looked up without the scope, found to be many, and asked row by row with it.
    const record = recordReader(without(world.db.database, ['record.follow-link', 'r1']), { scope });
    expect(await matches(text)(record)).toEqual([]);
  },
);

test('[S50] every statement that touches rows of the record carries the scope beside each of them', async () => {
  let looked = 0;
  const look = ({ text }: NamedSql, parameters: readonly unknown[]) => {
    for (const [, alias = ''] of text.matchAll(/(?:FROM|JOIN) resource(?:_history)? (\w+)/g)) {
      const [, type] = new RegExp(`\\b${alias}\\.type = \\$(\\d+)`).exec(text) ?? [];
      const isOfAll = ['Practitioner', 'Organization'].includes(String(parameters[Number(type) - 1]));
      // `n` tells only whether a version is the last one; `r` beside `m` reads rows that were chosen within the scope as `r0`.
      const isChosen =
        alias === 'n' || (alias === 'r' && text.includes(') m JOIN resource r ON r.rid = m.rid'));
      if (isOfAll || isChosen || text.includes(`${alias} WHERE FALSE`)) continue;
      looked++;
      expect(text).toContain(`${alias}.source_patient_id = ANY(`);
    }
  };
  const record = recordReader(observed(world.db.database, look), {
    scope: { kind: 'compartment', person: 'ann' },
  });
  for (const [, , , probe] of probes) await probe(record);
  expect(looked).toBeGreaterThan(probes.length);
});

test.each(probes)('[S50] in the scope of nothing: %s shows nothing', async (_name, _place, _shows, probe) => {
  const shown = JSON.stringify((await probe(world.as({ kind: 'nothing' }))) ?? null);
  expect(shown).not.toMatch(/ann|ben|drew|north|moved|both/);
  expect([0, 'absent', null, 'end']).toContain([JSON.parse(shown)].flat().at(-1) ?? null);
});

/** The database, with the scope taken out beside one alias in the statements of one name. */
const without = (database: Database, [name, alias]: Place): Database => {
  const scope = new RegExp(
    `\\(${alias}\\.source_patient_id = ANY\\((\\$\\d+)::text\\[\\]\\) OR ${alias}\\.other_patients && (\\$\\d+)::text\\[\\]\\)`,
    'g',
  );
  return rewritten(database, (statement) =>
    statement.name === name || statement.name.startsWith(`${name}.`)
      ? {
          name: `${statement.name}-without-${alias}`,
          text: statement.text.replace(scope, '($1::text[] IS NOT NULL OR $2::text[] IS NOT NULL)'),
          prepare: false,
        }
      : statement,
  );
};

const observed = (
  database: Database,
  observe: (statement: NamedSql, parameters: readonly unknown[]) => void,
): Database =>
  rewritten(database, (statement, parameters) => {
    observe(statement, parameters);
    return statement;
  });

function rewritten(
  database: Database,
  rewrite: (statement: NamedSql, parameters: readonly unknown[]) => NamedSql,
): Database {
  const around = <Q extends Queryable>(queryable: Q): Q => ({
    ...queryable,
    query: (statement: NamedSql, parameters: Parameters<Queryable['query']>[1] = []) =>
      queryable.query(rewrite(statement, parameters), parameters),
  });
  return { ...around(database), transaction: (work) => database.transaction((one) => work(around(one))) };
}
