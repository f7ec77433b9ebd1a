import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  applyWrites,
  feedStart,
  type Json,
  migrations,
  type RecordWrite,
  readFeed,
  recordReader,
  resourcesFrom,
  reviseResources,
} from '../../src/clinical/record/index.ts';
import { createKeyring } from '../../src/foundation/crypto/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../support/index.ts';
import { ada, at, observation } from './fixtures.ts';

/** What stands, said in other words. */

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db?.drop());

const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 1) }], 'k1');
const write = (writes: readonly RecordWrite[], sealed = {}) =>
  db.database.transaction((transaction) => applyWrites(transaction, writes, sealed));
const reader = (sealed = {}) => recordReader(db.database, { scope: { kind: 'everything' }, ...sealed });
const contentOf = async (id: string, sealed = {}) =>
  JSON.parse((await reader(sealed).read('Observation', id))?.json ?? '{}') as Record<string, unknown>;
const revise = (id: string, change: (resource: Json) => Json, sealed = {}) =>
  db.database.transaction((transaction) =>
    reviseResources(transaction, [{ type: 'Observation', id }], { revise: change, ...sealed }),
  );
const noted = (resource: Json): Json => ({ ...resource, note: [{ text: 'revised' }] });

test('[R29] a revision is the next version, with history, feed and search, of the same origin', async () => {
  const one = observation('revise-1');
  await write([one]);
  const changes = await revise(one.id, (resource) => ({
    ...resource,
    code: { coding: [{ system: 'urn:x', code: 'revised' }] },
  }));
  expect(changes).toEqual([
    { type: 'Observation', id: one.id, version: 2, kind: 'updated', late: false, messageId: 7 },
  ]);
  const current = await reader().read('Observation', one.id);
  expect(current).toMatchObject({ version: 2, origin: { system: 'lab', patient: ada, messageId: 7 } });
  const { entries } = await reader().history({ type: 'Observation', id: one.id }, { count: 10 });
  expect(entries.map(({ version }) => version)).toEqual([2, 1]);
  // Transactions of other tests on the same server hold the feed back, too.
  const feed = await eventually(
    async () => {
      const found = (await readFeed(db.database, feedStart, 1_000)).filter(
        (row) => row.resourceId === one.id,
      );
      return found.length === 2 && found;
    },
    { deadlineMs: 20_000, what: 'the feed' },
  );
  expect(feed.map(({ kind, version }) => [kind, version])).toEqual([
    ['created', 1],
    ['updated', 2],
  ]);
});

test('[R29] what changes nothing, or is not there, makes no version', async () => {
  const one = observation('revise-2');
  await write([one]);
  expect(await revise(one.id, (resource) => resource)).toEqual([]);
  expect(await revise(one.id, (resource) => ({ ...resource }))).toEqual([]);
  expect(await revise('nobody', noted)).toEqual([]);
  expect((await reader().read('Observation', one.id))?.version).toBe(1);
});

test('[R29] [R5] late and new messages meet a revision as they would have met what stood before', async () => {
  const quantity = (value: number) => ({ 'value[x]': { Quantity: { value } } });
  const first = observation('revise-3', { minute: 5, set: { status: 'preliminary', ...quantity(5) } });
  const partial = observation('revise-3', { minute: 8, set: { status: 'final' } });
  const late = observation('revise-3', { minute: 6, set: { status: 'registered', ...quantity(6) } });
  const newer = observation('revise-3', { minute: 9, set: { ...quantity(9) } });
  await write([first]);
  await write([partial]);
  await revise(first.id, noted);
  await write([late]);
  expect(await contentOf(first.id)).toMatchObject({ status: 'final', valueQuantity: { value: 6 } });
  await revise(first.id, (resource) => ({ ...resource, valueQuantity: { value: 6, unit: 'mg' } }));
  await write([late]);
  await write([newer]);
  expect(await contentOf(first.id)).toMatchObject({
    ...{ status: 'final', valueQuantity: { value: 9 } },
    note: [{ text: 'revised' }],
  });
});

test('[R29] [R23] a whole resource stays stated as of its time', async () => {
  const id = 'revise-whole';
  await reader().transaction({ system: 'lab', eventTime: at(20) }, (record) =>
    record.write([
      {
        op: 'update',
        method: 'PUT',
        resource: { resourceType: 'Observation', id, status: 'final', code: { text: 'x' } },
      },
    ]),
  );
  await revise(id, noted);
  await write([{ ...observation('x'), id, origin: { ...observation('x').origin, eventTime: at(10) } }]);
  expect(await contentOf(id)).not.toHaveProperty('valueQuantity');
});

test('[R29] [R12] [R13] digits of decimals and seals stay', async () => {
  const one = observation('revise-4');
  await write([one], { keyring });
  await revise(one.id, (resource) => ({ ...resource, valueQuantity: { value: 7 } }), { keyring });
  expect(await contentOf(one.id, { keyring })).toMatchObject({ valueQuantity: { value: 7 } });
  await expect(reader().read('Observation', one.id)).rejects.toMatchObject({ code: 'CRYPTO_KEY_UNKNOWN' });
});

test('[R29] a revision that makes something else of a resource fails', async () => {
  const one = observation('revise-5');
  await write([one]);
  await expect(revise(one.id, (resource) => ({ ...resource, id: 'other' }))).rejects.toMatchObject({
    code: 'INTERNAL',
  });
});

test('[R29] what a system said is paged by when it came, of that system alone', async () => {
  const mine = Array.from({ length: 5 }, (_, n) => {
    const one = observation(`page-${n}`);
    return { ...one, origin: { ...one.origin, system: 'pager' } };
  });
  await write(mine);
  await write([observation('page-of-another')]);
  const seen: string[] = [];
  let after = 0;
  for (let pages = 0; pages < 5; pages += 1) {
    const page = await resourcesFrom(db.database, { type: 'Observation', system: 'pager', after, limit: 2 });
    seen.push(...page.resources.map(({ id }) => id));
    if (page.next === undefined) break;
    after = page.next;
  }
  expect(seen.sort()).toEqual(mine.map(({ id }) => id).sort());
});
