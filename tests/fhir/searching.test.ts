import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../../src/foundation/clock/index.ts';
import { type Answer, patient, pulse, startApi, type TestApi } from './support/api.ts';

let api: TestApi;
let clock: ManualClock;
let ada: string;
const code = { coding: [{ system: 'http://loinc.org', code: 'page' }] };
const search = () => `/Observation?patient=${ada}&code=http://loinc.org|page`;

beforeAll(async () => {
  clock = manualClock(new Date('2026-03-03T10:00:00Z'));
  api = await startApi({ clock });
  ada = await api.made(patient());
  const subject = { reference: `Patient/${ada}` };
  for (let day = 1; day <= 7; day++)
    await api.made(pulse({ code, subject, effectiveDateTime: `2026-01-0${day}` }));
});
afterAll(() => api.stop());

const linkOf = ({ body }: Answer, relation: string): string | undefined =>
  body.link.find((one: { relation: string }) => one.relation === relation)?.url.slice(api.base.length);
const datesOf = ({ body }: Answer): string[] =>
  (body.entry ?? []).map(({ resource }: { resource: { effectiveDateTime: string } }) =>
    resource.effectiveDateTime.slice(-2),
  );

describe('searching', () => {
  test('[F17] by address and by form is the same', async () => {
    const byAddress = await api.get(`${search()}&date=ge2026-01-03&_sort=date`);
    const byForm = await api.call('POST', `/Observation/_search?code=http://loinc.org|page`, {
      body: new URLSearchParams({ patient: ada, date: 'ge2026-01-03', _sort: 'date' }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(datesOf(byAddress)).toEqual(['03', '04', '05', '06', '07']);
    expect(byForm.body.entry).toEqual(byAddress.body.entry);
    expect(byForm.body).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: 5 });
    expect(byAddress.body.entry[0]).toMatchObject({
      fullUrl: `${api.base}/Observation/${byAddress.body.entry[0].resource.id}`,
      search: { mode: 'match' },
    });
    const again = await api.get(linkOf(byForm, 'self') ?? '');
    expect(again.body.entry).toEqual(byAddress.body.entry);
  });

  test('[F17] in everything, and in the compartment of a patient', async () => {
    const types = async (path: string) =>
      new Set(
        (await api.get(path)).body.entry.map(
          ({ resource }: { resource: { resourceType: string } }) => resource.resourceType,
        ),
      );
    expect(await types('/?_type=Patient,Observation')).toEqual(new Set(['Patient', 'Observation']));
    expect(await types(`/Patient/${ada}/*`)).toEqual(new Set(['Patient', 'Observation']));
    expect(await types(`/Patient/${ada}/Observation?code=page`)).toEqual(new Set(['Observation']));
    expect((await api.get(`/Patient/nobody/Observation`)).body).not.toHaveProperty('entry');
    expect((await api.get(`/Patient/${ada}/Organization`)).status).toBe(400);
    expect((await api.get('/?_type=Nothing')).status).toBe(400);
    const form = await api.call('POST', `/Patient/${ada}/Observation/_search`, {
      body: 'date=2026-01-02',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(datesOf(form)).toEqual(['02']);
  });

  test('[F20] counts matches only, and says what is included', async () => {
    const { body } = await api.get(`${search()}&_include=Observation:patient&_count=3&_total=accurate`);
    expect(body.total).toBe(7);
    const modes = body.entry.map(({ search: { mode } }: { search: { mode: string } }) => mode);
    expect(modes).toEqual(['match', 'match', 'match', 'include']);
    const count = (await api.get(`${search()}&_summary=count`)).body;
    expect(count).toMatchObject({ type: 'searchset', total: 7 });
    expect(count).not.toHaveProperty('entry');
  });

  test('[F6] shortens what it shows, with every digit left', async () => {
    const { body } = await api.get(`${search()}&_elements=status&_count=1`);
    expect(Object.keys(body.entry[0].resource).toSorted()).toEqual([
      'code',
      'id',
      'meta',
      'resourceType',
      'status',
    ]);
    expect(linkOf({ body } as Answer, 'next')).toContain('_elements=status');
  });
});

describe('[F18] what is not supported', () => {
  test('is named in lenient handling, and the self link does not have it', async () => {
    const answer = await api.get(`${search()}&nonsense=1&_sort=date`);
    expect(answer.status).toBe(200);
    expect(answer.body.total).toBe(7);
    const [outcome] = answer.body.entry.filter(
      ({ search: { mode } }: { search: { mode: string } }) => mode === 'outcome',
    );
    expect(outcome.resource).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'warning', code: 'not-supported', expression: ['nonsense'] }],
    });
    expect(linkOf(answer, 'self')).not.toContain('nonsense');
    expect(linkOf(answer, 'self')).toContain('_sort=date');
  });

  test.each(['nonsense=1', 'subject.name=x&nonsense=2', '_sort=nonsense', 'code:in=http://vs'])(
    'is refused in strict handling: %s',
    async (query) => {
      const { status, body } = await api.get(`/Observation?${query}`, {
        headers: { prefer: 'handling=strict' },
      });
      expect([status, body.resourceType]).toEqual([400, 'OperationOutcome']);
    },
  );

  test.each([
    ['date=yesterday', 'date'],
    ['date=zz2026', 'date'],
    ['_count=many', '_count'],
    ['_count=-1', '_count'],
    ['_cursor=zzz', '_cursor'],
    ['_lastUpdated=x', '_lastUpdated'],
    ['value-quantity=much', 'value-quantity'],
  ])('a value that is none is refused always: %s', async (query, place) => {
    const { status, body, text } = await api.get(`/Observation?${query}`);
    expect([status, body.issue[0].expression]).toEqual([400, [place]]);
    for (const value of ['yesterday', 'zz2026', 'zzz', 'much']) expect(text).not.toContain(value);
  });
});

describe('[F19] pages', () => {
  test('lead through everything once, and back', async () => {
    const pages: Answer[] = [await api.get(`${search()}&_sort=-date&_count=2`)];
    for (let next = linkOf(pages[0]!, 'next'); next; next = linkOf(pages.at(-1)!, 'next'))
      pages.push(await api.get(next));
    expect(pages.map(datesOf)).toEqual([['07', '06'], ['05', '04'], ['03', '02'], ['01']]);
    expect(linkOf(pages[0]!, 'previous')).toBeUndefined();
    let back = pages.at(-1)!;
    for (const expected of [
      ['03', '02'],
      ['05', '04'],
      ['07', '06'],
    ]) {
      back = await api.get(linkOf(back, 'previous') ?? '');
      expect(datesOf(back)).toEqual(expected);
    }
    expect(linkOf(back, 'previous')).toBeUndefined();
    expect(datesOf(await api.get(linkOf(pages[2]!, 'first') ?? ''))).toEqual(['07', '06']);
    expect(datesOf(await api.get(linkOf(pages[2]!, 'self') ?? ''))).toEqual(['03', '02']);
  });

  test('a cursor shows nothing of what it sorts by', async () => {
    const secret = 'Kanarienvogel';
    await api.made(patient({ name: [{ family: secret }] }));
    await api.made(patient({ name: [{ family: `${secret}2` }] }));
    const next = linkOf(await api.get(`/Patient?name=${secret}&_sort=family&_count=1`), 'next') ?? '';
    const cursor = new URLSearchParams(next.slice(next.indexOf('?'))).get('_cursor') ?? '';
    expect(cursor).not.toBe('');
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain(secret.slice(0, 6));
  });

  test('a cursor is for its caller, its query and its hour', async () => {
    const next = linkOf(await api.get(`${search()}&_count=2`), 'next') ?? '';
    expect((await api.get(next)).status).toBe(200);
    expect((await api.get(next, { as: 'other' })).status).toBe(400);
    expect((await api.get(next.replace('page', 'other'))).status).toBe(400);
    expect((await api.get(next.replace('_count=2', '_count=3'))).status).toBe(400);
    expect((await api.get(`${next}&_cursor=x`)).status).toBe(400);
    const cursor = /_cursor=([\w-]+)/.exec(next)?.[1] ?? '';
    const altered = cursor.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    expect((await api.get(next.replace(cursor, altered))).status).toBe(400);
    clock.advance(3_600_001);
    const late = await api.get(next);
    expect([late.status, late.body.issue[0].code]).toEqual([410, 'expired']);
  });
});
