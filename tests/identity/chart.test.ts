import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createRecordExport,
  type Json,
  patientId,
  patientReference,
  type RecordReader,
} from '../../src/clinical/record/index.ts';
import type { SourcePatient } from '../../src/clinical/source-patients/index.ts';
import { parseSearch } from '../../src/standards/fhir-search/index.ts';
import { CLINIC, decision, named, number, observation, openWorld, patient, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

const link = (one: SourcePatient, other: SourcePatient) =>
  world.run((tx) =>
    world.persons.linkPersons(tx, { one: patientId(one), other: patientId(other), decision: decision() }),
  );
const undo = (eventId: number | undefined) =>
  world.run((tx) => world.persons.undo(tx, { eventId: eventId ?? 0, decision: decision() }));

function search(record: RecordReader, text: string) {
  const [type = '', parameters = ''] = text.split('?');
  const { query } = parseSearch(type, [...new URLSearchParams(parameters)], {
    ...{ handling: 'strict', now: new Date('2026-03-10T00:00:00Z'), maxCount: 1000, defaultCount: 100 },
  });
  return record.search(query);
}
const names = async (record: RecordReader, text: string) => {
  const { matches, included } = await search(record, text);
  return [...matches, ...included.map((one) => ({ ...one, type: `+${one.type}` }))]
    .map(({ type, id }) => `${type}/${id}`)
    .sort();
};

async function exported(of: readonly string[], type: string): Promise<string[]> {
  const record = createRecordExport(world.db.database, { kind: 'everything' });
  const at = (await record.instant()) ?? new Date();
  return record.snapshot(async (snapshot) => {
    const found: string[] = [];
    const sources = await snapshot.sourcePatients(of);
    for await (const page of snapshot.resources({ type, at: new Date(at.getTime() + 5), of: sources }))
      found.push(...page.map(({ id }) => id));
    return found.sort();
  });
}

/** Every way to look at the two charts, through the record's door. */
async function views(a: string, b: string, code: string): Promise<Record<string, unknown>> {
  const { all } = world;
  const ofA = world.as({ kind: 'compartment', person: a });
  const ofB = world.as({ kind: 'compartment', person: b });
  return {
    everythingOfA: (await all.everything(a)).matches.map(({ id }) => id).sort(),
    everythingOfB: (await all.everything(b)).matches.map(({ id }) => id).sort(),
    compartmentA: await names(ofA, 'Observation'),
    compartmentB: await names(ofB, 'Observation'),
    patientsOfB: await names(ofB, 'Patient'),
    byPatientA: await names(all, `Observation?patient=${a}`),
    byPatientB: await names(all, `Observation?patient=Patient/${b}`),
    has: await names(all, `Patient?_has:Observation:patient:code=${code}`),
    chained: await names(all, `Observation?patient.family=${code}`),
    included: await names(all, `Observation?patient=${a}&_include=Observation:patient`),
    reverse: await names(all, `Patient?_id=${a}&_revinclude=Observation:patient`),
    found: await names(all, `Patient?family=${code}`),
    exportedA: await exported([a], 'Observation'),
    exportedB: await exported([b], 'Observation'),
    shownA: await world.shown(a),
    shownB: await world.shown(b),
  };
}

const withCode = (who: SourcePatient, key: string, code: string) => {
  const write = observation(who, key);
  return { ...write, set: { ...write.set, code: { coding: [{ system: 'urn:c', code }] } } };
};

test('[ID9] every way to look at a chart shows the whole of it at once, and the two of them again once they are parted', async () => {
  const [ann, anna] = [number('R-1'), number('R-2', CLINIC)];
  const [a, b] = [patientId(ann), patientId(anna)];
  const [first, second] = [withCode(ann, 'r-1', 'rare'), withCode(anna, 'r-2', 'rare')];
  await world.write(patient(ann, named('Rare')), patient(anna, named('Rare', 'Anna')), first, second);
  const before = await views(a, b, 'rare');
  expect(before).toMatchObject({
    everythingOfA: [a, first.id].sort(),
    compartmentB: [`Observation/${second.id}`],
    has: [`Patient/${a}`, `Patient/${b}`].sort(),
    found: [`Patient/${a}`, `Patient/${b}`].sort(),
  });
  const { eventId } = await link(ann, anna);
  const both = [`Observation/${first.id}`, `Observation/${second.id}`].sort();
  expect(await views(a, b, 'rare')).toMatchObject({
    everythingOfA: [a, b, first.id, second.id].sort(),
    // Who asks for the patient that was replaced is shown the chart that took its place …
    everythingOfB: [a, b, first.id, second.id].sort(),
    compartmentA: both,
    // … but a scope is the person that was decided, and lets in nobody else.
    compartmentB: [],
    patientsOfB: [],
    byPatientA: both,
    byPatientB: both,
    has: [`Patient/${a}`],
    chained: both,
    included: [...both, `+Patient/${a}`].sort(),
    reverse: [...both.map((name) => `+${name}`), `Patient/${a}`].sort(),
    found: [`Patient/${a}`],
    exportedA: [first.id, second.id].sort(),
    exportedB: [first.id, second.id].sort(),
  });
  await undo(eventId);
  expect(await views(a, b, 'rare')).toEqual(before);
});

test('[ID9] who is named beside the patient is shown as who they are, and written back as who they were', async () => {
  const [mother, child, other] = [number('B-1'), number('B-2'), number('B-3', CLINIC)];
  const visit: Json = {
    ...{ resourceType: 'Appointment', id: 'both', status: 'booked' },
    participant: [mother, child].map((who) => ({
      actor: { reference: patientReference(who) },
      status: 'accepted',
    })),
  };
  const put = (resource: Json) =>
    world.all.transaction({ system: 'api' }, (tx) => tx.write([{ op: 'update', method: 'PUT', resource }]));
  await world.write(...[mother, child, other].map((who) => patient(who, named(who.identifier))));
  await put(visit);
  const actors = async () => {
    const found = await world.all.read('Appointment', 'both');
    const { participant } = JSON.parse(found?.json ?? '') as {
      participant: { actor: { reference: string } }[];
    };
    return participant.map(({ actor }) => actor.reference);
  };
  const { eventId } = await link(other, child);
  expect(await actors()).toEqual([patientReference(mother), patientReference(other)]);
  const again = await link(other, mother);
  expect(await actors()).toEqual([patientReference(other), patientReference(other)]);
  const read = JSON.parse((await world.all.read('Appointment', 'both'))?.json ?? '') as Json;
  const [outcome] = await put({ ...read, status: 'arrived' });
  expect(outcome?.kind).toBe('updated');
  await undo(again.eventId);
  await undo(eventId);
  expect(await actors()).toEqual([patientReference(mother), patientReference(child)]);
});

test('[ID12] what was published of two while they were one is shown to neither of them afterwards', async () => {
  const [ann, bea] = [number('P-1'), number('P-2', CLINIC)];
  const [a, b] = [patientId(ann), patientId(bea)];
  await world.write(patient(ann, named('Own')), patient(bea, named('Secret')));
  const { eventId } = await link(ann, bea);
  const own = world.as({ kind: 'compartment', person: a });
  const texts = async (record: RecordReader, id: string) =>
    (await record.history({ type: 'Patient', id }, { count: 100 })).entries.map(
      ({ resource }) => resource?.json ?? '',
    );
  expect((await texts(own, a)).join()).toContain('Secret');
  expect(await own.readVersion('Patient', a, 2)).toBeDefined();
  await undo(eventId);
  expect((await texts(own, a)).join()).not.toContain('Secret');
  expect(await own.readVersion('Patient', a, 2)).toBeUndefined();
  expect((await texts(world.as({ kind: 'compartment', person: b }), a)).length).toBe(0);
  // Who may see everything sees what was shown when.
  expect((await texts(world.all, a)).join()).toContain('Secret');
});

test('[ID10] a possible duplicate says so wherever it is read, until it does no more', async () => {
  const [ann, bob] = [number('Q-1'), number('Q-2', CLINIC)];
  const [a, b] = [patientId(ann), patientId(bob)];
  await world.write(
    patient(ann, { ...named('Maybe'), birthDate: '1990-01-01' }),
    patient(bob, named('Maybe')),
  );
  const before = await world.shown(ann);
  const mark = (possibleDuplicateOf: string[]) =>
    world.run((tx) => world.persons.mark(tx, [{ source: a, possibleDuplicateOf }]));
  expect(await mark([b])).toMatchObject({ persons: [a], changedResources: 1 });
  expect(await world.shown(ann)).toEqual({
    ...before,
    link: [{ other: { reference: `Patient/${b}` }, type: 'seealso' }],
    meta: { tag: [{ system: 'urn:isthmus:identity', code: 'possible-duplicate' }] },
  });
  expect(await names(world.all, 'Patient?_tag=urn:isthmus:identity|possible-duplicate')).toEqual([
    `Patient/${a}`,
  ]);
  expect(await world.rows('SELECT state FROM person WHERE id = $1', a)).toEqual([{ state: 'provisional' }]);
  // The other is told nothing of it, and is shown nothing of whom it is not.
  expect(await names(world.as({ kind: 'compartment', person: b }), 'Patient')).toEqual([`Patient/${b}`]);
  await world.write(patient(ann, { birthDate: '1991-01-01' }, { minute: 5 }));
  expect(await world.shown(ann)).toMatchObject({ birthDate: '1991-01-01', link: [{ type: 'seealso' }] });
  // A mark follows whom it names.
  const c = number('Q-3', CLINIC);
  await world.write(patient(c, named('Else')));
  const { eventId } = await link(c, bob);
  expect(await world.shown(ann)).toMatchObject({ link: [{ other: { reference: patientReference(c) } }] });
  await undo(eventId);
  expect(await mark([])).toMatchObject({ changedResources: 1 });
  expect((await mark([])).eventId).toBeUndefined();
  expect(await world.shown(ann)).toEqual({ ...before, birthDate: '1991-01-01' });
  expect(await world.rows('SELECT state FROM person WHERE id = $1', a)).toEqual([{ state: 'active' }]);
});
