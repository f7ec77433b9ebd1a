import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistoryPosition, Json, Position, SearchPage } from '../../src/clinical/record/index.ts';
import { openWorld, parsed, type World } from './world.ts';

const MIB = 1_048_576;

let world: World;
beforeAll(async () => {
  world = await openWorld();
  for (const n of [0, 1, 2, 3, 4]) await world.put(scan(n));
  await world.put({ resourceType: 'Observation', id: 'seen', subject: patient, focus: scans(0, 1, 2, 3, 4) });
});
afterAll(() => world.db.drop());

const patient = { reference: 'Patient/paper' };
const scans = (...numbers: number[]) => numbers.map((n) => ({ reference: `DocumentReference/scan-${n}` }));

/** A document that was scanned: six MiB, so that three fill a page. */
const scan = (n: number): Json => ({
  resourceType: 'DocumentReference',
  id: `scan-${n}`,
  status: 'current',
  subject: patient,
  ...(n === 0 ? {} : { relatesTo: [{ code: 'appends', target: { reference: 'DocumentReference/scan-0' } }] }),
  content: [{ attachment: { data: 'A'.repeat(6 * MIB) } }],
});

const idsOf = ({ matches }: SearchPage) => matches.map(({ id }) => id);
const bytesOf = (resources: readonly { readonly json: string }[]) =>
  resources.reduce((sum, { json }) => sum + json.length, 0);

describe('[S58] no page holds much more than 16 MiB, and pages are the whole', () => {
  test.each(['', '&_sort=_id', '&_sort=-_lastUpdated'])('a search%s', async (sort) => {
    const query = parsed(`DocumentReference?patient=paper${sort}`);
    const first = await world.all.search(query);
    expect(first.matches).toHaveLength(3);
    expect(first.total).toBe(5);
    const second = await world.all.search(query, first.next ? { after: first.next } : {});
    expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(5);
    expect(second.next).toBeUndefined();
  });

  test('what is included is cut, and that is told', async () => {
    const one = await world.all.search(parsed('Observation?_id=seen&_include=Observation:focus'));
    expect(one.included).toHaveLength(3);
    expect(one.truncatedIncludes).toBe(true);
    const back = await world.all.search(
      parsed('DocumentReference?_id=scan-0&_revinclude=DocumentReference:relatesto'),
    );
    expect(back.included).toHaveLength(3);
    expect(back.truncatedIncludes).toBe(true);
  });

  test('everything of a patient', async () => {
    const found: string[] = [];
    let after: Position | undefined;
    do {
      const page = await world.all.everything('paper', after ? { after } : {});
      expect(bytesOf(page.matches)).toBeLessThan(24 * MIB);
      found.push(...idsOf(page));
      after = page.next;
    } while (after);
    expect(found).toEqual(['scan-0', 'scan-1', 'scan-2', 'scan-3', 'scan-4', 'seen']);
  });

  test.each([{ type: 'DocumentReference' }, {}])('a history of %o', async (of) => {
    const found: string[] = [];
    let after: HistoryPosition | undefined;
    do {
      const page = await world.all.history(of, { count: 100, ...(after ? { after } : {}) });
      expect(bytesOf(page.entries.flatMap(({ resource }) => resource ?? []))).toBeLessThan(24 * MIB);
      found.push(...page.entries.map(({ id }) => id));
      after = page.next;
    } while (after);
    expect(found.filter((id) => id !== 'seen')).toEqual(['scan-4', 'scan-3', 'scan-2', 'scan-1', 'scan-0']);
  });

  test('a resource that is larger than a page is one', async () => {
    const large = {
      ...scan(9),
      subject: { reference: 'Patient/large' },
      content: [{ attachment: { data: 'A'.repeat(17 * MIB) } }],
    };
    await world.put({ ...large, id: 'large-1' });
    await world.put({ ...large, id: 'large-2' });
    const query = parsed('DocumentReference?patient=large');
    const first = await world.all.search(query);
    const second = await world.all.search(query, first.next ? { after: first.next } : {});
    expect([idsOf(first), idsOf(second)]).toEqual([['large-2'], ['large-1']]);
  });
});
