import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { historyOf, personOf, sourcesOf } from '../../src/clinical/identity/index.ts';
import {
  patientId,
  patientReference,
  type RecordWrite,
  resourceId,
} from '../../src/clinical/record/index.ts';
import type { SourcePatient } from '../../src/clinical/source-patients/index.ts';
import { at, CLINIC, decision, named, number, observation, openWorld, patient, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

const merge = (surviving: SourcePatient, retired: SourcePatient, more: object = {}) =>
  world.run((tx) =>
    world.persons.mergeNumbers(tx, { surviving, retired, decision: decision('A40'), ...more }),
  );
const undo = (eventId: number | undefined) =>
  world.run((tx) => world.persons.undo(tx, { eventId: eventId ?? 0, decision: decision('mistake') }));
const person = (who: SourcePatient) => personOf(world.db.database, patientId(who));
const refused = { code: 'IDENTITY_REFUSED' };

const valueNumbers = async (who: SourcePatient) =>
  (((await world.shown(who))?.identifier ?? []) as { value: string; use?: string }[]).map(({ value, use }) =>
    use ? `${value} ${use}` : value,
  );

describe('[ID5] numbers that are merged', () => {
  test('A into B and B into A: the last word holds, and each can be taken back', async () => {
    const [a, b] = [number('L-1'), number('L-2')];
    await world.write(patient(a, named('Loop')), patient(b, named('Loop', 'Anna')));
    const first = await merge(b, a);
    expect([await person(a), await person(b)]).toEqual([patientId(b), patientId(b)]);
    const second = await merge(a, b);
    expect([await person(a), await person(b)]).toEqual([patientId(a), patientId(a)]);
    expect(await valueNumbers(a)).toEqual(['L-1', 'L-2 old']);
    expect((await merge(a, b)).eventId).toBeUndefined();
    await expect(undo(first.eventId)).rejects.toMatchObject(refused);
    await undo(second.eventId);
    expect(await valueNumbers(b)).toEqual(['L-2', 'L-1 old']);
    await undo(first.eventId);
    expect([await person(a), await person(b)]).toEqual([patientId(a), patientId(b)]);
    expect(await world.shown(a)).toMatchObject({ name: [{ given: ['Ann'] }] });
  });

  test('a chain leads to its end, and is taken back from its end', async () => {
    const [a, b, c] = [number('CH-1'), number('CH-2'), number('CH-3')];
    await world.write(
      ...[a, b, c].map((who) => patient(who, named(who.identifier))),
      observation(a, 'chain'),
    );
    const first = await merge(b, a);
    const second = await merge(c, b);
    expect(await valueNumbers(c)).toEqual(['CH-3', 'CH-1 old', 'CH-2 old']);
    expect((await world.all.everything(patientId(c), { types: ['Observation'] })).matches).toHaveLength(1);
    await expect(undo(first.eventId)).rejects.toMatchObject({
      ...refused,
      rule: expect.stringContaining(`event ${second.eventId}`),
    });
    await undo(second.eventId);
    expect([await person(a), await person(b), await person(c)]).toEqual([b, b, c].map(patientId));
    await undo(first.eventId);
    expect((await world.all.everything(patientId(a), { types: ['Observation'] })).matches).toHaveLength(1);
  });

  test('a decision about others is taken back though it is not the last', async () => {
    const [a, b, c] = [number('M-1'), number('M-2'), number('M-3')];
    const first = await merge(a, b);
    await merge(a, c);
    await undo(first.eventId);
    expect(await sourcesOf(world.db.database, patientId(a))).toEqual([a, c].map(patientId).sort());
    expect(await person(b)).toBe(patientId(b));
  });

  test('both unknown: what comes for either is one chart', async () => {
    const [a, b] = [number('U-1'), number('U-2')];
    await merge(a, b);
    expect(await valueNumbers(a)).toEqual(['U-1', 'U-2 old']);
    await world.write(observation(b, 'u-late'), patient(b, named('Late')));
    expect(await world.shown(a)).toMatchObject({ name: [{ family: 'Late' }] });
    expect(await world.shown(b)).toEqual({
      ...{ resourceType: 'Patient', id: patientId(b), active: false },
      link: [{ other: { reference: patientReference(a) }, type: 'replaced-by' }],
    });
  });

  test('of different authorities they are refused, and so is a number into itself', async () => {
    await expect(merge(number('X-1'), number('X-1', CLINIC))).rejects.toMatchObject(refused);
    await expect(merge(number('X-1'), number('X-1'))).rejects.toMatchObject(refused);
    expect(await person(number('X-1'))).toBeUndefined();
  });

  test('into another than before is refused, unless a person decides', async () => {
    const [a, b, c] = [number('T-1'), number('T-2'), number('T-3')];
    await merge(b, a);
    await expect(merge(c, a)).rejects.toMatchObject(refused);
    const forced = await merge(c, a, { contradictory: true });
    expect([await person(a), await person(b), await person(c)]).toEqual([c, b, c].map(patientId));
    await undo(forced.eventId);
    expect(await person(a)).toBe(patientId(b));
  });

  test('a deletion that came before stays one', async () => {
    const [a, b] = [number('D-1'), number('D-2')];
    await world.write(patient(b, named('Gone'), { minute: 1 }));
    await world.all.transaction({ system: 'api' }, (tx) =>
      tx.write([{ op: 'delete', type: 'Patient', id: patientId(b) }]),
    );
    const change = await merge(a, b);
    const [late] = await world.write(patient(b, named('Late'), { minute: 2 }));
    expect(late).toMatchObject({ kind: 'unchanged', late: true });
    await undo(change.eventId);
    expect(await world.all.state('Patient', patientId(b))).toMatchObject({ kind: 'deleted' });
    expect((await world.write(patient(b, named('Late'), { minute: 2 })))[0]).toMatchObject({ late: true });
    const now = patient(b, named('New'));
    await world.write({ ...now, origin: { ...now.origin, eventTime: new Date(Date.now() + 60_000) } });
    expect(await world.shown(b)).toMatchObject({ name: [{ family: 'New' }] });
  });

  test('a link that came and went leaves no deletion behind: what is older than it still counts', async () => {
    const [a, b] = [number('E-1'), number('E-2')];
    const change = await merge(a, b);
    await undo(change.eventId);
    expect(await world.shown(b)).toBeUndefined();
    expect((await world.write(patient(b, named('Early'), { minute: 0 })))[0]).toMatchObject({
      kind: 'created',
    });
    expect(await world.shown(b)).toMatchObject({ name: [{ family: 'Early' }] });
  });
});

test('[ID7] a number that is moved takes those retired into it along, and leaves a person behind', async () => {
  const [a, b, c, d] = [number('V-1'), number('V-2'), number('V-3', CLINIC), number('V-4')];
  await world.write(...[a, b, c, d].map((who) => patient(who, named(who.identifier))));
  await merge(a, b);
  await world.run((tx) =>
    world.persons.linkPersons(tx, { one: patientId(a), other: patientId(c), decision: decision() }),
  );
  const moved = await world.run((tx) =>
    world.persons.moveNumber(tx, { number: a, to: d, decision: decision('A43') }),
  );
  expect(await sourcesOf(world.db.database, patientId(d))).toEqual([a, b, d].map(patientId).sort());
  expect(await world.shown(c)).toMatchObject({ id: patientId(c), name: [{ family: 'V-3' }] });
  await undo(moved.eventId);
  expect(await sourcesOf(world.db.database, patientId(a))).toEqual([a, b, c].map(patientId).sort());
});

test('[ID7] a visit goes to another patient with what came of it, and comes back with it', async () => {
  const [right, wrong] = [number('W-1'), number('W-2')];
  const visit = resourceId('Encounter', 'adt', 'visit-1');
  const encounter: RecordWrite = {
    ...{ type: 'Encounter', id: visit, key: 'visit-1' },
    origin: { system: 'adt', patient: wrong, messageId: 3, eventTime: at(0) },
    set: { status: 'finished', subject: { reference: patientReference(wrong) } },
  };
  const [first, second] = ['w-1', 'w-2'].map((key) => observation(wrong, key));
  if (!first || !second) throw new Error('two observations');
  const ofVisit = { ...first, set: { ...first.set, encounter: { reference: `Encounter/${visit}` } } };
  await world.write(
    patient(right, named('Right')),
    patient(wrong, named('Wrong')),
    encounter,
    ofVisit,
    second,
  );
  const chart = async (who: SourcePatient) =>
    (
      await world
        .as({ kind: 'compartment', person: patientId(who) })
        .everything(patientId(who), { types: ['Encounter', 'Observation'] })
    ).matches
      .map(({ id }) => id)
      .sort();
  const before = [await chart(right), await chart(wrong)];
  const change = await world.run((tx) =>
    world.persons.moveVisit(tx, { encounter: visit, to: right, decision: decision('A45') }),
  );
  expect(change.changedResources).toBe(2);
  expect(await chart(right)).toEqual([visit, ofVisit.id].sort());
  expect(await chart(wrong)).toEqual([second.id]);
  await undo(change.eventId);
  expect([await chart(right), await chart(wrong)]).toEqual(before);
  await expect(undo(change.eventId)).rejects.toMatchObject(refused);
  await expect(
    world.run((tx) => world.persons.moveVisit(tx, { encounter: 'none', to: right, decision: decision() })),
  ).rejects.toMatchObject(refused);
});

test('[ID1] a decision is one event that says who, why and by what, and no event is ever changed', async () => {
  const [a, b] = [number('H-1'), number('H-2', CLINIC)];
  await world.write(patient(a, named('Log')), patient(b, named('Log')));
  const by = decision('alike', {
    actor: 'model',
    modelVersion: 'm1',
    score: { probability: 0.99 },
    messageId: 7,
  });
  const change = await world.run((tx) =>
    world.persons.linkPersons(tx, { one: patientId(a), other: patientId(b), decision: by }),
  );
  const back = await undo(change.eventId);
  const events = await historyOf(world.db.database, patientId(b));
  expect(events).toEqual([
    {
      ...{
        id: change.eventId,
        kind: 'link',
        at: at(0),
        actor: 'model',
        reason: 'alike',
        messageId: 7,
        modelVersion: 'm1',
      },
      ...{ score: { probability: 0.99 }, one: patientId(a), other: patientId(b), undoneBy: back.eventId },
      moves: [
        {
          ...{ source: patientId(b), fromPerson: patientId(b), toPerson: patientId(a) },
          ...{ fromRetiredInto: null, toRetiredInto: null },
        },
      ],
    },
    expect.objectContaining({ kind: 'undo', undoes: change.eventId, reason: 'mistake' }),
  ]);
  await expect(undo(999_999)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('[ID8] whom a person has decided not to be the same nothing brings together, until that is taken back', async () => {
  const [a, b, c] = [number('N-1'), number('N-2', CLINIC), number('N-3')];
  await world.write(...[a, b, c].map((who) => patient(who, named('Twin'))));
  const pair = { one: patientId(a), other: patientId(b), decision: decision('twins') };
  const apart = await world.run((tx) => world.persons.notSame(tx, pair));
  expect((await world.run((tx) => world.persons.notSame(tx, pair))).eventId).toBeUndefined();
  const link = () => world.run((tx) => world.persons.linkPersons(tx, pair));
  await expect(link()).rejects.toMatchObject(refused);
  await merge(a, c);
  const other = { ...pair, one: patientId(c) };
  await expect(world.run((tx) => world.persons.linkPersons(tx, other))).rejects.toMatchObject(refused);
  await undo(apart.eventId);
  const linked = await link();
  await expect(world.run((tx) => world.persons.notSame(tx, pair))).rejects.toMatchObject(refused);
  await undo(linked.eventId);
  const again = await world.run((tx) => world.persons.notSame(tx, pair));
  expect(again.eventId).toBeDefined();
  // Neither is an undo a way around it.
  await expect(
    undo((await historyOf(world.db.database, patientId(b))).findLast(({ kind }) => kind === 'undo')?.id),
  ).rejects.toMatchObject(refused);
  const allowed = await world.run((tx) => world.persons.sameAgain(tx, pair));
  const joined = await link();
  // One person of whom a decision says that it is two could never be linked or merged again.
  await expect(undo(allowed.eventId)).rejects.toMatchObject(refused);
  await undo(joined.eventId);
  await undo(allowed.eventId);
  await expect(link()).rejects.toMatchObject(refused);
});

test('[ID3] links of one batch that build on each other are each taken back, newest first', async () => {
  const [a, b, d] = [number('Z-1'), number('Z-2', CLINIC), number('Z-3', 'urn:third')];
  await world.write(...[a, b, d].map((who) => patient(who, named(who.identifier))), observation(b, 'z'));
  const before = await Promise.all([a, b, d].map(world.shown));
  const link = (one: SourcePatient, other: SourcePatient) => ({
    ...{ one: patientId(one), other: patientId(other), decision: decision('alike') },
  });
  const { refused: none } = await world.run((tx) =>
    world.persons.linkAll(tx, [link(a, b), link(d, a), link(d, b)]),
  );
  expect([...none]).toEqual([]);
  expect([await person(a), await person(b), await person(d)]).toEqual([d, d, d].map(patientId));
  const events = (await historyOf(world.db.database, patientId(b))).filter(({ kind }) => kind === 'link');
  expect(events.map(({ moves }) => moves.length)).toEqual([1, 2]);
  await expect(undo(events[0]?.id)).rejects.toMatchObject(refused);
  await undo(events[1]?.id);
  expect([await person(a), await person(b), await person(d)]).toEqual([a, a, d].map(patientId));
  await undo(events[0]?.id);
  expect(await Promise.all([a, b, d].map(world.shown))).toEqual(before);
});
