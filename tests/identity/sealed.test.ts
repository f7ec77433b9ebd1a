import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPersons } from '../../src/clinical/identity/index.ts';
import { applyWrites, patientId, type RecordWrite, recordReader } from '../../src/clinical/record/index.ts';
import { createKeyring } from '../../src/foundation/crypto/index.ts';
import { CLINIC, decision, named, number, openWorld, patient, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.db.drop());

test('[ID4] with a keyring statements rest sealed, wherever they lie, and nothing is composed without it', async () => {
  const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 7) }], 'k1');
  const persons = createPersons({ keyring });
  const [one, other] = [number('K-1'), number('K-2', CLINIC)];
  const pair = { one: patientId(one), other: patientId(other), decision: decision() };
  const write = (...writes: RecordWrite[]) => world.run((tx) => applyWrites(tx, writes, { keyring }));
  await write(patient(one, named('Sealed')), patient(other, named('Secret')));
  await expect(world.run((tx) => world.persons.linkPersons(tx, pair))).rejects.toMatchObject({
    code: 'CRYPTO_KEY_UNKNOWN',
  });
  const { eventId } = await world.run((tx) => persons.linkPersons(tx, pair));
  await write(patient(other, named('Secret', 'Anna'), { minute: 1 }));
  const contents = await world.rows<{ key: string | null; text: string }>(
    `SELECT content_key AS key, encode(content, 'escape') AS text FROM source_demographics
      UNION ALL SELECT content_key, encode(content, 'escape') FROM source_demographics_history
      UNION ALL SELECT content_key, encode(content, 'escape') FROM resource
      UNION ALL SELECT content_key, encode(content, 'escape') FROM resource_history`,
  );
  expect(contents.length).toBeGreaterThan(5);
  expect(contents.filter(({ key, text }) => key !== 'k1' || /Sealed|Secret/.test(text))).toEqual([]);
  const shown = async (id: string) =>
    (await recordReader(world.db.database, { scope: { kind: 'everything' }, keyring }).read('Patient', id))
      ?.json ?? '';
  expect(await shown(patientId(one))).toContain('"Anna"');
  await world.run((tx) => persons.undo(tx, { eventId: eventId ?? 0, decision: decision() }));
  expect(await shown(patientId(one))).not.toContain('Secret');
  expect(await shown(patientId(other))).toContain('"Anna"');
});
