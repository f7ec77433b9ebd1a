import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyWrites, migrations as record } from '../../src/clinical/record/index.ts';
import { notificationOf } from '../../src/gateway/fhir/index.ts';
import { observation } from '../record/fixtures.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations: record });
});
afterAll(() => db.drop());

const write = () =>
  db.database.transaction((transaction) => applyWrites(transaction, [observation('notified')]));

test('[N1] tell that a resource changed, and nothing of what it says', async () => {
  const [change] = await write();
  const at = new Date('2026-03-03T10:00:00Z');
  const notification = notificationOf(change!, { at, correlationId: 'c-1' });
  expect(JSON.parse(Buffer.from(notification!.content).toString())).toEqual({
    type: 'Observation.created',
    timestamp: '2026-03-03T10:00:00.000Z',
    data: { reference: `Observation/${change!.id}`, versionId: '1', correlationId: 'c-1' },
  });
  expect(notification!.label).toBe(`Observation/${change!.id}`);
  const [again] = await write();
  expect(notificationOf(again!, { at })).toBeUndefined();
});
