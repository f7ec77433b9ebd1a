import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordWrite } from '../../src/clinical/record/index.ts';
import {
  at,
  coded,
  codeSystem,
  codesOf,
  conceptMap,
  general,
  ICD9,
  ICD10,
  LOCAL,
  LOINC,
  openWorld,
  RXNORM,
  SNOMED,
  said,
  type World,
} from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.put(
    codeSystem(ICD10, [
      { code: 'E11.9', display: 'Type 2 diabetes mellitus' },
      { code: 'I10', display: 'Hypertension' },
      { code: 'OLD', property: [{ code: 'inactive', valueBoolean: true }] },
    ]),
    conceptMap('http://cms.example/backwards', [[`${ICD10}|I10`, `${LOCAL}|HTN`, 'equivalent']]),
  );
});
afterAll(() => world?.db.drop());

const who = { actor: 'login mapper', reason: 'agreed with cardiology' };
const listed = async (code: string) => {
  const { codes } = await world.workList.list({ limit: 1_000 });
  return codes.filter((one) => one.code === code);
};
const idOf = async (code: string): Promise<number> => (await listed(code))[0]?.id ?? 0;
const condition = (key: string, ...codes: string[]): RecordWrite =>
  said('Condition', key, { code: coded(...codes) });
const codesIn = async ({ type, id }: RecordWrite) => codesOf((await world.read(type, id)).code);
const apply = (more = {}) =>
  world.workList.apply({ translation: general.name, actor: who.actor, isPreview: false, ...more });

describe('the list', () => {
  test('[TU11] the most frequent first, filtered, counted, with a message to look at', async () => {
    const rules = [{ name: 'listing' }];
    const often = Array.from({ length: 3 }, (_, n) => condition(`often-${n}`, `${LOCAL}|OFTEN`));
    await world.receive([...often, condition('seldom', `${LOCAL}|SELDOM`)], { rules, messageId: 9 });
    await world.receive([said('Observation', 'o', { code: coded('|O') })], { rules, sender: 'lab' });
    const list = await world.workList.list({ translation: 'listing', limit: 2 });
    expect(list).toMatchObject({
      ...{ total: 3, occurrences: 5 },
      codes: [
        {
          code: 'OFTEN',
          count: 3,
          messageId: 9,
          state: 'open',
          source: 'general',
          element: 'Condition.code',
        },
        { code: 'SELDOM' },
      ],
    });
    const filtered = async (filter: object) =>
      (await world.workList.list({ translation: 'listing', limit: 10, ...filter })).codes.map(
        ({ code }) => code,
      );
    expect(await filtered({ source: 'lab' })).toEqual(['O']);
    expect(await filtered({ element: 'Observation.code' })).toEqual(['O']);
    expect(await filtered({ system: LOCAL })).toEqual(['OFTEN', 'SELDOM']);
    expect(await filtered({ state: 'mapped' })).toEqual([]);
    expect(await filtered({ since: new Date(Date.now() + 3_600_000) })).toEqual([]);
  });

  test('[TU11] candidates of loaded maps are shown for review, also read backwards', async () => {
    await world.receive([condition('htn', `${LOCAL}|HTN`)]);
    const codes = await listed('HTN');
    const candidates = await world.workList.candidates(codes);
    expect(candidates.get(codes[0]?.id ?? 0)).toMatchObject([{ system: ICD10, code: 'I10' }]);
    expect(await codesIn(condition('htn', `${LOCAL}|HTN`))).toEqual([`${LOCAL}|HTN`]);
    await world.receive([
      said('Observation', 'temperature', { 'value[x]': { Quantity: { value: 37, unit: 'C' } } }),
    ]);
    const units = await listed('C');
    const readings = await world.workList.candidates(units);
    expect(readings.get(units[0]?.id ?? 0)?.map(({ code }) => code)).toEqual(['Cel', 'C']);
  });
});

describe('deciding', () => {
  test("[TU12] a decision is an entry of the translation's own ConceptMap, versioned and audited, and used from then on", async () => {
    await world.receive([condition('dm', `${LOCAL}|DM2`)]);
    const id = await idOf('DM2');
    const decided = await world.workList.map({ id, target: { system: ICD10, code: 'E11.9' }, ...who });
    expect(decided).toMatchObject({
      ...{
        map: 'urn:isthmus:translation:general-to-standard|1',
        reference: 'ConceptMap/translation-general-to-standard',
      },
      ...{ to: { display: 'Type 2 diabetes mellitus' }, isUnchecked: false, occurrences: 1 },
    });
    expect(await world.read('ConceptMap', 'translation-general-to-standard')).toMatchObject({
      ...{
        url: 'urn:isthmus:translation:general-to-standard',
        version: '1',
        status: 'active',
        name: general.name,
      },
      group: [
        {
          ...{ source: LOCAL, target: ICD10 },
          element: [
            { code: 'DM2', target: [{ code: 'E11.9', equivalence: 'equivalent', comment: who.reason }] },
          ],
        },
      ],
    });
    expect(await listed('DM2')).toMatchObject([
      { state: 'mapped', decidedBy: who.actor, reason: who.reason },
    ]);
    expect(await world.audited('terminology.map')).toContainEqual({
      target: `ConceptMap/translation-general-to-standard unmapped ${id}`,
      reason: who.reason,
    });
    await world.receive([condition('dm-2', `${LOCAL}|DM2`)]);
    expect(await codesIn(condition('dm-2'))).toEqual([`${LOCAL}|DM2`, `+${ICD10}|E11.9`]);
    expect(await listed('DM2')).toMatchObject([{ state: 'mapped', count: 1 }]);
  });

  test('[TU12] what is decided for one translation is none for another', async () => {
    const other = { rules: [{ name: 'other' }] };
    await world.receive([condition('dm-other', `${LOCAL}|DM2`)], other);
    expect(await codesIn(condition('dm-other'))).toEqual([`${LOCAL}|DM2`]);
  });

  test('[TU12] a decision goes before what is loaded, and wherever it leads to', async () => {
    await world.receive([
      condition('pref', `${ICD9}|V70`),
      said('Encounter', 'prio', { priority: coded(`${LOCAL}|STAT`) }),
    ]);
    const v3 = 'http://terminology.hl7.org/CodeSystem/v3-ActPriority';
    await world.workList.map({
      id: await idOf('V70'),
      target: { system: ICD10, code: 'I10' },
      equivalence: 'relatedto',
      ...who,
    });
    await world.workList.map({ id: await idOf('STAT'), target: { system: v3, code: 'S' }, ...who });
    await world.put(conceptMap('http://cms.example/v70', [[`${ICD9}|V70`, `${ICD10}|E11.9`, 'equivalent']]));
    await world.receive([
      condition('pref-2', `${ICD9}|V70`),
      said('Encounter', 'prio-2', { priority: coded(`${LOCAL}|STAT`) }),
    ]);
    expect(await codesIn(condition('pref-2'))).toEqual([`${ICD9}|V70`, `+${ICD10}|I10`]);
    const { priority } = await world.read('Encounter', said('Encounter', 'prio-2', {}).id);
    expect(codesOf(priority)).toEqual([`${LOCAL}|STAT`, `+${v3}|S`]);
  });

  test('[TU13] a target that is unknown or inactive is refused where its system is loaded, and unchecked where it is not', async () => {
    await world.receive([condition('wrong', `${LOCAL}|WRONG`)]);
    const id = await idOf('WRONG');
    const mapped = (system: string, code: string) =>
      world.workList.map({ id, target: { system, code }, ...who });
    await expect(mapped(ICD10, 'E99.99')).rejects.toMatchObject({
      code: 'TRANSLATION_TARGET',
      rule: `a code of ${ICD10} 1`,
    });
    await expect(mapped(ICD10, 'OLD')).rejects.toMatchObject({ rule: expect.stringContaining('inactive') });
    await expect(mapped(LOCAL, 'WRONG')).rejects.toMatchObject({ code: 'TRANSLATION_TARGET' });
    await expect(mapped(SNOMED, '44054006 ')).rejects.toMatchObject({ code: 'TRANSLATION_TARGET' });
    expect(await listed('WRONG')).toMatchObject([{ state: 'open' }]);
    expect(await mapped(SNOMED, '44054006')).toMatchObject({ isUnchecked: true });
    await expect(
      world.workList.map({ id: 999_999, target: { system: ICD10, code: 'I10' }, ...who }),
    ).rejects.toMatchObject({
      code: 'UNMAPPED_UNKNOWN',
    });
  });

  test('[TU12] two who decide at once lose no decision', async () => {
    const codes = Array.from({ length: 6 }, (_, n) => `RACE-${n}`);
    const rules = [{ name: 'racing' }];
    await world.receive(
      codes.map((code) => condition(code, `${LOCAL}|${code}`)),
      { rules },
    );
    await Promise.all(
      codes.map(async (code) =>
        world.workList.map({ id: await idOf(code), target: { system: ICD10, code: 'I10' }, ...who }),
      ),
    );
    const { group, version } = await world.read('ConceptMap', 'translation-racing');
    expect((group as { element: { code: string }[] }[])[0]?.element.map(({ code }) => code)).toEqual(codes);
    expect(version).toBe('6');
  });

  test('[TU14] ignoring keeps a code out of the work, and takes a decision back', async () => {
    await world.receive([condition('ign', `${LOCAL}|IGN`)]);
    const id = await idOf('IGN');
    await world.workList.map({ id, target: { system: ICD10, code: 'I10' }, ...who });
    expect(await world.workList.ignore({ id, ...who })).toMatchObject({
      state: 'ignored',
      reason: who.reason,
    });
    await world.receive([condition('ign-2', `${LOCAL}|IGN`)]);
    expect(await codesIn(condition('ign-2'))).toEqual([`${LOCAL}|IGN`]);
    expect(await listed('IGN')).toMatchObject([{ state: 'ignored', count: 2 }]);
    expect(await world.audited('terminology.ignore')).toEqual([
      { target: `unmapped ${id}`, reason: who.reason },
    ]);
  });
});

test('[TU11] only new codes take a number, and beyond a million no new one is listed', async () => {
  const rules = [{ name: 'numbers' }];
  const first = condition('n', `${LOCAL}|N1`);
  for (let n = 0; n < 5; n += 1) await world.receive([first], { rules });
  await world.receive([first, condition('n2', `${LOCAL}|N2`)], { rules });
  expect((await idOf('N2')) - (await idOf('N1'))).toBe(1);
  expect(await listed('N1')).toMatchObject([{ count: 6 }]);
  await world.rows(
    `INSERT INTO terminology_unmapped (id, translation, system, code, element, source, count, first_seen, last_seen)
     OVERRIDING SYSTEM VALUE VALUES (1000000, 'full', '', '', '', '', 1, now(), now())`,
  );
  await world.receive([first, condition('n3', `${LOCAL}|N3`)], { rules });
  expect(await listed('N1')).toMatchObject([{ count: 7 }]);
  expect(await listed('N3')).toEqual([]);
  await world.rows(`DELETE FROM terminology_unmapped WHERE translation = 'full'`);
});

test('[TU14] a mapped code whose map went is open again when it comes', async () => {
  const rules = [{ name: 'undone' }];
  await world.receive([condition('undone', `${LOCAL}|UNDONE`)], { rules });
  await world.workList.map({ id: await idOf('UNDONE'), target: { system: ICD10, code: 'I10' }, ...who });
  const { group: _group, ...without } = await world.read('ConceptMap', 'translation-undone');
  await world.put({ ...without, resourceType: 'ConceptMap', version: '2' });
  await world.receive([condition('undone', `${LOCAL}|UNDONE`)], { rules });
  expect(await listed('UNDONE')).toMatchObject([{ state: 'open', count: 2 }]);
});

test('[TU12] what others put into the map stays, and a map that was written by hand is taken up', async () => {
  const url = 'urn:isthmus:translation:by-hand';
  const row = conceptMap(url, [[`${LOCAL}|HAND`, `${ICD10}|I10`, 'equivalent']], '7');
  await world.put({ ...row, id: 'translation-by-hand', publisher: 'General Hospital' });
  const rules = [{ name: 'by-hand' }];
  await world.receive([condition('hand', `${LOCAL}|HAND`), condition('hand-2', `${LOCAL}|HAND2`)], { rules });
  expect(await codesIn(condition('hand'))).toEqual([`${LOCAL}|HAND`, `+${ICD10}|I10`]);
  await world.workList.map({ id: await idOf('HAND2'), target: { system: ICD10, code: 'E11.9' }, ...who });
  expect(await world.read('ConceptMap', 'translation-by-hand')).toMatchObject({
    ...{ publisher: 'General Hospital', version: '8' },
    group: [{ element: [{ code: 'HAND' }, { code: 'HAND2' }] }],
  });
});

describe('applying to what came in', () => {
  const rules = [{ name: 'applying' }];
  const receive = (...writes: RecordWrite[]) => world.receive(writes, { rules });
  const run = (more = {}) => apply({ translation: 'applying', ...more });

  test('[TU15] a preview says which resources change and changes nothing; then each has its next version, as a repeat would make it', async () => {
    const writes = Array.from({ length: 250 }, (_, n) => condition(`apply-${n}`, `${LOCAL}|BULK`));
    const drug = said('AllergyIntolerance', 'apply', { code: { text: 'Bulk' } });
    await receive(...writes, drug, condition('apply-other', `${LOCAL}|OTHER`));
    await world.workList.map({ id: await idOf('BULK'), target: { system: ICD10, code: 'I10' }, ...who });
    await world.workList.map({ id: await idOf('Bulk'), target: { system: RXNORM, code: '1' }, ...who });
    const preview = await run({ isPreview: true });
    expect(preview).toMatchObject({ changed: 251, isPartial: false });
    expect(preview.read).toBeGreaterThanOrEqual(252);
    expect(preview.byType).toEqual([
      { type: 'AllergyIntolerance', changed: 1, examples: [drug.id] },
      { type: 'Condition', changed: 250, examples: expect.any(Array) },
    ]);
    expect(preview.byType[1]?.examples).toHaveLength(5);
    expect(await world.version('Condition', writes[0]?.id ?? '')).toBe(1);
    const progress: number[] = [];
    const done = await run({
      reason: 'maps of March',
      onProgress: ({ read }: { read: number }) => progress.push(read),
    });
    expect(done).toMatchObject({ changed: 251 });
    expect(progress).toEqual([1, 101, 201, preview.read]);
    expect(await codesIn(writes[0] as RecordWrite)).toEqual([`${LOCAL}|BULK`, `+${ICD10}|I10`]);
    expect(await world.audited('terminology.apply')).toContainEqual({
      target: `AllergyIntolerance/${drug.id}`,
      reason: 'maps of March',
    });
    await receive(...writes.slice(0, 3), drug);
    expect(await world.version('Condition', writes[0]?.id ?? '')).toBe(2);
    expect(await world.version('AllergyIntolerance', drug.id)).toBe(2);
    expect(await run()).toMatchObject({ changed: 0 });
  });

  test('[TU15] only the system or the code that is named', async () => {
    await receive(condition('one', `${LOCAL}|ONE`), condition('two', `${LOCAL}|TWO2`));
    for (const code of ['ONE', 'TWO2'])
      await world.workList.map({ id: await idOf(code), target: { system: ICD10, code: 'E11.9' }, ...who });
    expect(await run({ system: LOCAL, code: 'ONE' })).toMatchObject({ changed: 1 });
    expect(await codesIn(condition('two'))).toEqual([`${LOCAL}|TWO2`]);
    await expect(run({ code: 'nobody sent this' })).rejects.toMatchObject({ code: 'UNMAPPED_UNKNOWN' });
  });

  test('[TU15] a decision that was wrong is corrected in what came in, and one that was taken back is gone', async () => {
    await receive(condition('fix', `${LOCAL}|FIX`));
    const id = await idOf('FIX');
    await world.workList.map({ id, target: { system: ICD10, code: 'E11.9' }, ...who });
    await run();
    await world.workList.map({ id, target: { system: ICD10, code: 'I10' }, ...who });
    await run();
    expect(await codesIn(condition('fix'))).toEqual([`${LOCAL}|FIX`, `+${ICD10}|I10`]);
    await world.workList.ignore({ id, ...who });
    await run();
    expect(await codesIn(condition('fix'))).toEqual([`${LOCAL}|FIX`]);
    expect(await world.version('Condition', condition('fix').id)).toBe(4);
  });

  test('[TU15] [R29] order of arrival counts as before: an older message brings nothing back', async () => {
    const newer = said(
      'Condition',
      'late',
      { code: coded(`${LOCAL}|LATE`), recordedDate: '2026-03-03' },
      { minute: 5 },
    );
    await receive(newer);
    await world.workList.map({ id: await idOf('LATE'), target: { system: ICD10, code: 'I10' }, ...who });
    await run({ code: 'LATE' });
    await receive(said('Condition', 'late', { code: coded(`${LOCAL}|OLDER`) }, { minute: 1 }));
    expect(await codesIn(newer)).toEqual([`${LOCAL}|LATE`, `+${ICD10}|I10`]);
    expect(at(5) > at(1)).toBe(true);
  });

  test('[TU15] broken off between two batches it goes on when it is run again', async () => {
    const writes = Array.from({ length: 150 }, (_, n) => condition(`broken-${n}`, `${LOCAL}|BROKEN`));
    await world.receive(writes, { rules: [{ name: 'broken' }] });
    await world.workList.map({ id: await idOf('BROKEN'), target: { system: ICD10, code: 'I10' }, ...who });
    const stopping = new AbortController();
    const first = await apply({
      translation: 'broken',
      signal: stopping.signal,
      onProgress: () => stopping.abort(),
    });
    expect(first).toMatchObject({ isPartial: true });
    const second = await apply({ translation: 'broken' });
    expect(first.changed + second.changed).toBe(150);
    expect(second.isPartial).toBe(false);
  });

  test('[TU15] units and targets of the configuration come out as the pipeline has them', async () => {
    const result = said('Observation', 'unit', {
      'value[x]': { Quantity: { value: 7, unit: 'Stück' } },
      code: coded(`${LOINC}|1-8`),
    });
    const own = { rules: [{ name: 'own', targets: { 'Condition.code': [SNOMED] } }] };
    await world.receive([result, condition('own', `${LOCAL}|OWN`)], own);
    await world.put(
      conceptMap('http://own.example', [
        [`${LOCAL}|OWN`, `${ICD10}|I10`, 'equivalent'],
        [`${LOCAL}|OWN`, `${SNOMED}|1`, 'equivalent'],
      ]),
    );
    await world.workList.map({
      id: await idOf('Stück'),
      target: { system: 'http://unitsofmeasure.org', code: '{piece}' },
      ...who,
    });
    expect(await apply({ translation: 'own' })).toMatchObject({ changed: 2 });
    expect(await codesIn(condition('own'))).toEqual([`${LOCAL}|OWN`, `+${SNOMED}|1`]);
    expect((await world.read('Observation', result.id)).valueQuantity).toMatchObject({
      unit: 'Stück',
      code: '{piece}',
    });
    await world.receive([result], own);
    expect(await world.version('Observation', result.id)).toBe(2);
  });
});
