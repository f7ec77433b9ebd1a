import type { Patient } from '@medplum/fhirtypes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIdentity, type Identity } from '../../src/clinical/identity/index.ts';
import { defaultModel } from '../../src/clinical/matching/index.ts';
import { applyWrites, patientId, type RecordWrite } from '../../src/clinical/record/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { sql } from '../../src/foundation/database/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { allMigrations } from '../../src/server/engine/index.ts';
import { Population } from '../matching/support/population.ts';
import { seeded } from '../matching/support/seeded.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { CLINIC, HOSPITAL } from './world.ts';

/** A stream of registrations of whole families by two systems, with the slips of their desks, in any order and in batches of any size. */

let db: TestDatabase;
let identity: Identity;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: allMigrations });
  identity = createIdentity({ database: db.database, clock: systemClock, logger: silentLogger });
});
afterAll(() => db?.drop());

interface Registered {
  readonly person: number;
  readonly source: string;
  readonly write: RecordWrite;
}

function registrations(seed: number, households: number): Registered[] {
  const { given, family } = defaultModel.frequencies;
  const population = new Population({
    ...{ households, random: seeded(seed), nicknames: () => undefined },
    ...{ given: Object.keys(given.table), family: Object.keys(family.table) },
  });
  const seen = new Set<number>();
  return population.records().map(({ person, patient }, n) => {
    const authority = seen.has(person.id) ? CLINIC : HOSPITAL;
    seen.add(person.id);
    return { person: person.id, ...registration(patient, { authority, identifier: `S${seed}-${n}` }) };
  });
}

function registration(
  { resourceType: _type, identifier = [], ...said }: Patient,
  number: { readonly authority: string; readonly identifier: string },
): Pick<Registered, 'source' | 'write'> {
  const source = patientId(number);
  const own = { system: `urn:oid:${number.authority}`, value: number.identifier };
  const set = { ...said, 'identifier@PID-3': [own], 'identifier@PID-19': identifier };
  const origin = {
    system: 'adt',
    patient: number,
    messageId: 1,
    eventTime: new Date('2026-03-10T10:00:00Z'),
  };
  return { source, write: { type: 'Patient', id: source, key: number.identifier, origin, set } };
}

function* batches<T>(items: readonly T[], random: () => number): Generator<T[]> {
  const left = items
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
  while (left.length > 0) yield left.splice(0, 1 + Math.floor(random() ** 2 * 40));
}

test.each([20261101, 7])(
  '[ID25] nobody is linked to somebody else, and most who are there twice are found (seed %i)',
  async (seed) => {
    const all = registrations(seed, 110);
    for (const batch of batches(all, seeded(seed + 1)))
      await db.database.transaction(async (transaction) => {
        await applyWrites(
          transaction,
          batch.map(({ write }) => write),
        );
        const sources = batch.map(({ source }) => source);
        await identity.observe(transaction, { sources, at: new Date() });
      });
    const links = await db.database.query<{ source: string; person: string }>(
      sql('test.links', 'SELECT source_patient_id AS source, person_id AS person FROM person_link'),
    );
    const linked = new Map(links.map(({ source, person }) => [source, person]));
    const who = new Map<string, Set<number>>();
    for (const { source, person } of all) {
      const chart = linked.get(source) ?? '';
      who.set(chart, (who.get(chart) ?? new Set()).add(person));
    }
    expect([...who.values()].filter((people) => people.size > 1)).toEqual([]);
    const people = new Set(all.map(({ person }) => person)).size;
    const twice = all.length - people;
    const found = all.length - who.size;
    expect(found / twice).toBeGreaterThan(0.7);
  },
  30_000,
);
