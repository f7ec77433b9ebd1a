import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/clinical/record/index.ts';
import { listEntries, requestOperation } from '../../src/exchange/queue/index.ts';
import { listAudit } from '../../src/foundation/audit/index.ts';
import { eventually } from '../support/index.ts';
import {
  adt,
  between,
  CLINIC,
  HOSPITAL,
  merge,
  openWorld,
  oru,
  type Person,
  pv1,
  type World,
} from './world.ts';

/** HL7 events about who is who, through the engine. Each test has numbers of its own. */

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 60_000);
afterAll(() => world?.stop());

const people: readonly Omit<Person, 'number'>[] = [
  { family: 'Okonkwo', given: 'Adaeze', born: '19710203', sex: 'F' },
  { family: 'Castellanos', given: 'Bram', born: '19800229', sex: 'M' },
];
const adaeze = (number: string, more: Partial<Person> = {}): Person => ({
  ...{ number, family: 'Okonkwo', given: 'Adaeze', born: '19710203', sex: 'F' },
  ...more,
});
const idOf = (identifier: string, authority = HOSPITAL) => patientId({ authority, identifier });
const stateOf = () =>
  world.rows<object>(
    `SELECT l.source_patient_id, l.person_id, s.retired_into FROM person_link l JOIN source_patient s ON s.id = l.source_patient_id
      ORDER BY 1`,
  );

test('[ID30] A40 with messages in flight on both numbers: the chart is one, and what comes for the retired number is the survivor’s', async () => {
  const [stays, goes] = [adaeze('M-1'), adaeze('M-2', { family: 'Okonkwo-Bell' })];
  await world.send('adt', adt('A04', stays), adt('A04', goes));
  await Promise.all([
    world.send('lab', oru(goes, { filler: 'M1' }), oru(goes, { filler: 'M2' })),
    world.send(
      'adt',
      adt('A08', goes, { minute: 6 }),
      merge('A40', stays, goes),
      adt('A08', stays, { minute: 12 }),
    ),
    world.send('lab', oru(stays, { filler: 'M3' })),
  ]);
  await world.send('lab', oru(goes, { filler: 'M4', minute: 20 }));
  await world.settled();
  const person = await world.person('M-1');
  expect(await world.person('M-2')).toBe(person);
  expect(await world.found('Observation', person)).toHaveLength(4);
  expect(await world.get(`Patient/${idOf('M-2')}`)).toMatchObject({
    active: false,
    link: [{ other: { reference: `Patient/${person}` }, type: 'replaced-by' }],
  });
  expect((await world.get(`Patient/${person}`)).identifier).toEqual(
    expect.arrayContaining([expect.objectContaining({ value: 'M-2', use: 'old' })]),
  );
  const [entry] = await listAudit(world.db.database, { action: 'identity.merge' }, 'everything');
  expect(entry).toMatchObject({
    actor: 'system general',
    reason: expect.stringContaining('ADT^A40 of message'),
  });
});

test('[ID30] the same merge again, into itself and in a loop has no effect, or comes to one person', async () => {
  const [one, two] = [adaeze('L-1'), adaeze('L-2')];
  await world.send('adt', adt('A04', one), adt('A04', two), merge('A40', one, two));
  await world.settled();
  const before = await stateOf();
  await world.send('adt', merge('A40', one, two, { minute: 11 }), merge('A40', one, one, { minute: 12 }));
  await world.settled();
  expect(await stateOf()).toEqual(before);
  await world.send('adt', merge('A40', two, one, { minute: 13 }), merge('A40', one, two, { minute: 14 }));
  await world.settled();
  expect(await world.queue('adt')).toMatchObject({ depth: 0 });
  expect(await world.person('L-1')).toBe(await world.person('L-2'));
});

test('[ID30] a merge is taken back exactly, with what arrived in between', async () => {
  const [stays, goes] = [adaeze('R-1'), adaeze('R-2', { street: '9 Quay Road' })];
  await world.send('adt', adt('A04', stays), adt('A04', goes));
  await world.send('lab', oru(goes, { filler: 'R1' }));
  await world.settled();
  const before = await stateOf();
  await world.send('adt', merge('A40', stays, goes));
  await world.send('lab', oru(goes, { filler: 'R2', minute: 20 }), oru(stays, { filler: 'R3', minute: 21 }));
  await world.settled();
  const [event] = await world.rows<{ id: number }>(
    'SELECT id FROM identity_event WHERE other = $1 ORDER BY id DESC LIMIT 1',
    idOf('R-2'),
  );
  await world.db.database.transaction((transaction) =>
    world.identity.undo(transaction, {
      eventId: event?.id ?? 0,
      decision: { actor: 'reviewer', reason: 'the wrong number', at: new Date() },
    }),
  );
  expect(await stateOf()).toEqual(before);
  expect(await world.found('Observation', idOf('R-1'))).toHaveLength(1);
  expect(await world.found('Observation', idOf('R-2'))).toHaveLength(2);
  expect(await world.get(`Patient/${idOf('R-2')}`)).toMatchObject({ name: [{ family: 'Okonkwo' }] });
});

test('[ID30] two merges that race on two channels come to one person, and neither is lost', async () => {
  const [one, two, three] = [adaeze('X-1'), adaeze('X-2'), adaeze('X-3')];
  await world.send('adt', adt('A04', one), adt('A04', two), adt('A04', three));
  await world.settled();
  await Promise.all([
    world.send('adt', merge('A40', one, two)),
    world.send('lab', merge('A40', two, three)),
    world.send('adt', merge('A40', three, one, { minute: 12 })),
  ]);
  await world.settled();
  const persons = new Set([await world.person('X-1'), await world.person('X-2'), await world.person('X-3')]);
  expect(persons.size).toBe(1);
  expect(await world.queue('adt')).toMatchObject({ depth: 0 });
  expect(await world.queue('lab')).toMatchObject({ depth: 0 });
});

test('[ID30] a merge of numbers that nobody knows yet holds for what comes later', async () => {
  const [stays, goes] = [adaeze('N-1'), adaeze('N-2')];
  await world.send('adt', merge('A40', stays, goes));
  await world.send('lab', oru(goes, { filler: 'N1', minute: 20 }));
  await world.settled();
  expect(await world.person('N-2')).toBe(await world.person('N-1'));
  expect(await world.found('Observation', await world.person('N-1'))).toHaveLength(1);
  expect(await world.get(`Patient/${await world.person('N-1')}`)).toMatchObject({
    name: [{ family: 'Okonkwo' }],
  });
});

test('[ID31] a merge across authorities is refused and parked with its rule, and changes nothing', async () => {
  const [stays, goes] = [adaeze('Z-1'), adaeze('Z-2', { authority: CLINIC, born: '19330101' })];
  await world.send('adt', adt('A04', stays));
  await world.send('clinic', adt('A04', goes));
  await world.settled();
  const before = await stateOf();
  await world.send('adt', merge('A40', stays, goes));
  await world.settled();
  expect(await world.reasons('adt', 'parked')).toEqual([
    expect.stringContaining('MRG-1 (only numbers of one assigning authority are merged'),
  ]);
  expect(await stateOf()).toEqual(before);
});

test('[ID31] a merge of two who are not alike waits, and goes on by a person’s answer', async () => {
  const [first, second] = people.map((person, n): Person => ({ ...person, number: `K-${n}` }));
  if (!first || !second) throw new Error('two people');
  await world.send('adt', adt('A04', first), adt('A04', second), merge('A40', first, second));
  await world.settled();
  expect(await world.queue('adt')).toMatchObject({ held: 1 });
  const [review] = await world.open('contradictory-merge');
  const picture = review && (await world.identity.sideBySide(review));
  expect(picture?.lines.find(({ field }) => field === 'sex')).toMatchObject({ agreement: 'disagrees' });
  await world.answer(review, 'same');
  await world.settled();
  expect(await world.queue('adt')).toMatchObject({ held: 0 });
  expect(await world.person('K-1')).toBe(await world.person('K-0'));
});

test('[ID30] A24 links, A37 parts, A43 moves a number, A47 gives a new one', async () => {
  const [one, two] = [adaeze('E-1'), adaeze('E-2', { authority: CLINIC })];
  await world.send('adt', adt('A04', one), between('A24', one, two));
  await world.settled();
  expect(await world.person('E-2', CLINIC)).toBe(await world.person('E-1'));
  await world.send('adt', between('A37', one, two, { minute: 12 }));
  await world.settled();
  expect(await world.person('E-2', CLINIC)).not.toBe(await world.person('E-1'));
  await world.send('adt', merge('A43', one, { number: 'E-3' }, { minute: 13 }));
  await world.send('adt', merge('A47', adaeze('E-9'), { number: 'E-1' }, { minute: 14 }));
  await world.settled();
  const person = await world.person('E-9');
  expect(await world.person('E-1')).toBe(person);
  expect(await world.person('E-3')).toBe(person);
  await world.send('adt', adt('A29', adaeze('E-9'), { minute: 30 }));
  await world.settled();
  expect(await world.get(`Patient/${person}`)).toMatchObject({
    active: false,
    name: [{ family: 'Okonkwo' }],
  });
});

test('[ID32] A44 and A45 take an account or a visit to another patient, with what came of it, and can be taken back', async () => {
  const [wrong, right] = [adaeze('V-1', { account: 'ACC-1' }), adaeze('V-2')];
  await world.send('adt', adt('A01', wrong, { more: [pv1('VIS-1')] }), adt('A04', right));
  await world.send('adt', adt('A01', { ...wrong, account: '' }, { minute: 1, more: [pv1('VIS-2')] }));
  await world.settled();
  expect(await world.found('Encounter', idOf('V-1'))).toHaveLength(2);
  await world.send('adt', merge('A44', { ...right, account: 'ACC-1' }, wrong, { account: 'ACC-1' }));
  await world.settled();
  expect(await world.found('Account', idOf('V-2'))).toHaveLength(1);
  expect(await world.found('Encounter', idOf('V-2'))).toHaveLength(1);
  await world.send('adt', merge('A45', right, wrong, { minute: 12, visit: ['VIS-2', 'VIS-2'] }));
  await world.settled();
  expect(await world.found('Encounter', idOf('V-1'))).toEqual([]);
  expect(await world.found('Encounter', idOf('V-2'))).toHaveLength(2);
  const moves = await world.rows<{ id: number }>(
    `SELECT id FROM identity_event WHERE kind = 'move' AND one = $1 ORDER BY id DESC`,
    idOf('V-2'),
  );
  for (const { id } of moves)
    await world.db.database.transaction((transaction) =>
      world.identity.undo(transaction, {
        eventId: id,
        decision: { actor: 'reviewer', reason: 'it was right before', at: new Date() },
      }),
    );
  expect(moves).toHaveLength(2);
  expect(await world.found('Encounter', idOf('V-1'))).toHaveLength(2);
  expect(await world.found('Account', idOf('V-1'))).toHaveLength(1);
});

test('[ID32] A50 gives a visit a new number, by which it is found, and the old one stays as such', async () => {
  const patient = adaeze('W-1');
  await world.send('adt', adt('A01', patient, { more: [pv1('OLD-1')] }));
  await world.send('adt', merge('A50', patient, patient, { visit: ['NEW-1', 'OLD-1'] }));
  await world.settled();
  const found = (await world.get('Encounter?identifier=NEW-1')).entry as {
    resource: { identifier: object[] };
  }[];
  expect(found[0]?.resource.identifier).toEqual([
    expect.objectContaining({ value: 'NEW-1' }),
    expect.objectContaining({ value: 'OLD-1', use: 'old' }),
  ]);
});

test('[ID26] [ID27] a number that was merged before anybody had it is held when it turns out to be somebody else’s', async () => {
  const alma: Person = { number: 'U-1', family: 'Brightwater', given: 'Alma', born: '19440712', sex: 'F' };
  const otto: Person = { number: 'U-0', family: 'Quillfeather', given: 'Otto', born: '20010203', sex: 'M' };
  await world.send('adt', adt('A04', alma), merge('A40', alma, { number: 'U-0' }));
  await world.settled();
  await world.send('lab', oru(otto, { filler: 'R0' }));
  await world.send('adt', adt('A04', otto, { minute: 30 }));
  await eventually(
    async () => (await world.queue('adt'))?.held === 1 && (await world.queue('lab'))?.held === 1,
  );
  expect(await world.found('Observation', await world.person('U-1'))).toEqual([]);
  for (const review of await world.open('overlay')) await world.answer(review, 'different');
});

test('[ID24] [ID26] a number that was merged before anybody had it, and is like nobody of its person, is asked about', async () => {
  const alma: Person = { number: 'U-3', family: 'Brightmoor', given: 'Alma', born: '19440712', sex: 'F' };
  await world.send('adt', adt('A04', alma), merge('A40', alma, { number: 'U-2' }));
  await world.settled();
  await world.send(
    'adt',
    adt('A04', { ...alma, number: 'U-2', family: 'Quill', given: 'Dora', born: '20010203' }),
  );
  await world.settled();
  const person = await world.person('U-3');
  expect(await world.open('suspicious-cluster')).toMatchObject([{ one: person }]);
});

test('[ID30] all pairs of an event are carried out, or none', async () => {
  const [one, two, three] = [adaeze('Y-1'), adaeze('Y-2'), adaeze('Y-3')];
  await world.send('adt', adt('A04', one), adt('A04', two), adt('A04', three));
  const parked = async () => (await world.queue('adt'))?.parked ?? 0;
  await world.settled();
  const before = await parked();
  const second = (goes: Person) => merge('A40', one, goes).split('\r').slice(2).join('\r');
  const both = (goes: Person) => merge('A40', one, two).replace(/\r$/, `\r${second(goes)}`);
  await world.send('adt', both({ ...three, authority: CLINIC }));
  await world.settled();
  expect(await parked()).toBe(before + 1);
  expect(await world.person('Y-2')).not.toBe(await world.person('Y-1'));
  // What is parked holds its keys until it is skipped.
  const [entry] = (await listEntries(world.db.database, { queue: 'adt', state: 'parked' })).slice(-1);
  await requestOperation(world.db.database, {
    ...{ action: 'skip', queue: 'adt', sequence: entry?.sequence ?? 0, actor: 'operator', reason: 'wrong' },
  });
  await world.send('adt', both(three));
  await world.settled();
  expect(
    new Set([await world.person('Y-1'), await world.person('Y-2'), await world.person('Y-3')]).size,
  ).toBe(1);
});

test.each(['A18', 'A30', 'A34', 'A36', 'A39', 'A46', 'A48'])(
  '[ID30] %s makes one chart of two',
  async (event) => {
    const [stays, goes] = [adaeze(`${event}-1`), adaeze(`${event}-2`)];
    await world.send('adt', adt('A04', stays), adt('A04', goes), merge(event, stays, goes));
    await world.settled();
    expect(await world.person(goes.number)).toBe(await world.person(stays.number));
    expect(await world.get(`Patient/${idOf(goes.number)}`)).toMatchObject({ active: false });
  },
);
