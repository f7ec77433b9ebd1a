import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  applyWrites,
  type Change,
  migrations,
  patientReference,
  previewWrites,
  provenanceOf,
  type RecordWrite,
  recordReader,
  resourceId,
} from '../../src/clinical/record/index.ts';
import type { Transaction } from '../../src/foundation/database/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';
import { ada, at } from './fixtures.ts';
import { untilBlocked } from './waiting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase({ migrations });
});
afterAll(() => db.drop());

const write = (...writes: RecordWrite[]): Promise<Change[]> =>
  db.database.transaction((transaction) => applyWrites(transaction, writes));
const contentOf = async (type: string, id: string): Promise<Record<string, unknown> | undefined> => {
  const found = await recordReader(db.database, { scope: { kind: 'everything' } }).read(type, id);
  if (!found) return undefined;
  const { meta: _meta, ...content } = JSON.parse(found.json);
  return content;
};

const clinical = (code: string) => ({ coding: [{ code }] });
const allergyId = (group: string, name: string) =>
  resourceId('AllergyIntolerance', 'general', `${group} ${name}`);
const listId = (group: string) => resourceId('List', 'general', group);
const origin = (minute: number) => ({ system: 'general', patient: ada, messageId: 7, eventTime: at(minute) });

/** What a message lists at a minute: members, and the List behind them. */
function snapshot(group: string, minute: number, names: readonly string[]): RecordWrite[] {
  const members = names.map((name): RecordWrite => {
    const set = {
      patient: { reference: patientReference(ada) },
      code: { text: name },
      clinicalStatus: clinical('active'),
      note: [{ text: `told at ${minute}` }],
    };
    return { type: 'AllergyIntolerance', id: allergyId(group, name), key: name, origin: origin(minute), set };
  });
  const entry = names.map((name) => ({
    item: { reference: `AllergyIntolerance/${allergyId(group, name)}` },
  }));
  const list: RecordWrite = {
    type: 'List',
    id: listId(group),
    key: group,
    origin: origin(minute),
    set: { status: 'current', mode: 'snapshot', ...(entry.length > 0 ? { entry } : {}) },
    remove: entry.length > 0 ? [] : ['entry'],
    ends: { set: { clinicalStatus: clinical('inactive') } },
  };
  return [...members, list];
}

let counter = 0;
const freshGroup = () => `group ${counter++}`;
const statusOf = async (group: string, name: string) =>
  (await contentOf('AllergyIntolerance', allergyId(group, name)))?.clinicalStatus;

describe('[R28] snapshots', () => {
  test('what the newest does not list is ended; what it lists again is not', async () => {
    const group = freshGroup();
    await write(...snapshot(group, 1, ['a', 'b']));
    const changes = await write(...snapshot(group, 2, ['b', 'c']));
    expect(changes.at(-1)?.ended).toMatchObject([
      { type: 'AllergyIntolerance', id: allergyId(group, 'a'), kind: 'updated', version: 2, messageId: 7 },
    ]);
    expect(await statusOf(group, 'a')).toEqual(clinical('inactive'));
    expect(await statusOf(group, 'b')).toEqual(clinical('active'));
    await write(...snapshot(group, 3, ['a']));
    expect(await statusOf(group, 'a')).toEqual(clinical('active'));
    expect(await statusOf(group, 'c')).toEqual(clinical('inactive'));
    expect((await write(...snapshot(group, 4, []))).at(-1)?.ended).toHaveLength(1);
    expect(await contentOf('List', listId(group))).not.toHaveProperty('entry');
  });

  test('a member that comes late is ended as of the newest snapshot', async () => {
    const group = freshGroup();
    await write(...snapshot(group, 5, ['b']));
    const changes = await write(...snapshot(group, 1, ['a', 'b']));
    expect(changes.at(-1)?.ended).toMatchObject([{ id: allergyId(group, 'a'), version: 2 }]);
    expect(await statusOf(group, 'a')).toEqual(clinical('inactive'));
    expect(await statusOf(group, 'b')).toEqual(clinical('active'));
  });

  test('a repeat ends nothing again', async () => {
    const group = freshGroup();
    await write(...snapshot(group, 1, ['a', 'b']), ...snapshot(group, 2, ['b']));
    const changes = await write(...snapshot(group, 1, ['a', 'b']), ...snapshot(group, 2, ['b']));
    expect(changes.map(({ kind }) => kind)).toEqual(changes.map(() => 'unchanged'));
    expect(changes.flatMap(({ ended = [] }) => ended)).toEqual([]);
  });

  test('what a copy mentioned was never listed, and is left alone', async () => {
    const group = freshGroup();
    const [mentioned] = snapshot(group, 1, ['a']);
    if (!mentioned) throw new Error('no member');
    await write(...snapshot(group, 1, ['b']), { ...mentioned, copy: true });
    const list = snapshot(group, 1, ['a', 'b']).at(-1);
    if (!list) throw new Error('no list');
    await write({ ...list, origin: origin(2) }, ...snapshot(group, 3, ['b']));
    expect(await statusOf(group, 'a')).toEqual(clinical('active'));
  });

  const messages = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 }), {
    minLength: 1,
    maxLength: 6,
  });
  const shuffled = messages.chain((lists) =>
    fc.tuple(
      fc.constant(lists),
      fc.shuffledSubarray([...lists.keys()], { minLength: lists.length }),
      fc.array(fc.boolean(), { minLength: lists.length, maxLength: lists.length }),
    ),
  );

  test('[R5] the same snapshots give the same members in whatever order they arrive', () => {
    const outcome = (lists: readonly string[][], order: readonly number[]) =>
      previewWrites(order.flatMap((index) => snapshot('order', index, lists[index] ?? [])))
        .map((resource) => JSON.stringify(sorted(resource)))
        .sort();
    fc.assert(
      fc.property(shuffled, ([lists, order]) => {
        expect(outcome(lists, order)).toEqual(outcome(lists, [...lists.keys()]));
      }),
      { numRuns: 500 },
    );
  });

  test('[R5] also on the database, in batches of any size', async () => {
    const states = async (group: string) =>
      Promise.all(['a', 'b', 'c', 'd'].map(async (name) => [name, await statusOf(group, name)]));
    await fc.assert(
      fc.asyncProperty(shuffled, async ([lists, order, joined]) => {
        const [inOrder, mixed] = [freshGroup(), freshGroup()];
        await write(...lists.flatMap((names, minute) => snapshot(inOrder, minute, names)));
        let batch: RecordWrite[] = [];
        for (const [position, index] of order.entries()) {
          batch.push(...snapshot(mixed, index, lists[index] ?? []));
          if (joined[position]) continue;
          await write(...batch);
          batch = [];
        }
        await write(...batch);
        expect(await states(mixed)).toEqual(await states(inOrder));
      }),
      { numRuns: 25 },
    );
  });

  test('a batch with snapshots is one statement more, however many it ends', async () => {
    const group = freshGroup();
    const names = Array.from({ length: 200 }, (_, index) => `m${index}`);
    const count = async (...writes: RecordWrite[]) => {
      let statements = 0;
      await db.database.transaction(async (transaction) => {
        const counting: Transaction = {
          ...transaction,
          query: (statement, parameters) => {
            statements += 1;
            return transaction.query(statement, parameters);
          },
        };
        return applyWrites(counting, writes);
      });
      return statements;
    };
    await count(...snapshot(group, 1, names));
    expect(await count(...snapshot(group, 2, ['m0']))).toBeLessThanOrEqual(8);
    expect(await statusOf(group, 'm199')).toEqual(clinical('inactive'));
  });

  test('[R9] two who bring snapshots of one group at once leave what either order leaves', async () => {
    const group = freshGroup();
    const first = db.database.transaction(async (transaction) => {
      await applyWrites(transaction, snapshot(group, 1, ['a', 'b']));
      second = write(...snapshot(group, 2, ['b']));
      await untilBlocked(db.database);
    });
    let second: Promise<Change[]> | undefined;
    await first;
    await second;
    expect(await statusOf(group, 'a')).toEqual(clinical('inactive'));
    expect(await statusOf(group, 'b')).toEqual(clinical('active'));
  });

  test('what was ended stands in the provenance of the message that ended it', async () => {
    const group = freshGroup();
    await write(...snapshot(group, 1, ['a']));
    const writes = snapshot(group, 2, ['b']);
    const [account] = provenanceOf(writes, await write(...writes), { recorded: at(9) });
    expect(account?.set.target).toContainEqual({
      reference: `AllergyIntolerance/${allergyId(group, 'a')}/_history/2`,
    });
  });
});

/** Members in the order of their names, because what order they were written in says nothing. */
function sorted(resource: object): object {
  return Object.fromEntries(Object.entries(resource).sort(([one], [other]) => (one < other ? -1 : 1)));
}
