import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyWrites, type RecordWrite } from '../../src/clinical/record/index.ts';
import { createTranslator } from '../../src/clinical/terminology/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import {
  type Concept,
  coded,
  codesOf,
  conceptMap,
  GEMS,
  general,
  ICD9,
  ICD10,
  LOCAL,
  LOINC,
  NDC,
  openWorld,
  RXNORM,
  SNOMED,
  said,
  UCUM,
  type World,
} from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.put(
    conceptMap(GEMS, [
      [`${ICD9}|250.00`, `${ICD10}|E11.9`, 'relatedto'],
      [`${ICD9}|V49.89`, undefined, 'unmatched'],
    ]),
    conceptMap('http://nlm.example/icd9-snomed', [
      [`${ICD9}|250.00`, `${SNOMED}|44054006`, 'equivalent'],
      [`${ICD9}|001.0`, `${SNOMED}|63650001`, 'equivalent'],
      [`${ICD9}|47.09`, `${SNOMED}|80146002`, 'equivalent'],
    ]),
    conceptMap('http://general.example/lab', [
      [`${LOCAL}|GLU`, `${LOINC}|2345-7`, 'equivalent'],
      ['urn:isthmus:codes:general|K', `${LOINC}|2823-3`, 'equivalent'],
      [`${LOCAL}|GLU2`, `${LOINC}|2345-7`, 'wider'],
      [`${LOCAL}|TWO`, `${LOINC}|1-1`, 'inexact'],
    ]),
    conceptMap('http://other.example/lab', [[`${LOCAL}|TWO`, `${LOINC}|2-2`, 'inexact']]),
    conceptMap('http://general.example/allergens', [
      ['urn:isthmus:texts:general|Penicillin', `${RXNORM}|70618`, 'equivalent'],
    ]),
    conceptMap('http://general.example/units', [
      ['urn:isthmus:units:general|Einheiten', `${UCUM}|[iU]/L`, 'equivalent'],
    ]),
  );
});
afterAll(() => world?.db.drop());

const setOf = async (write: RecordWrite, options = {}) =>
  (await world.translated([write], options))[0]?.set ?? {};
const codesAt = async (type: RecordWrite['type'], element: string, concept: Concept, options = {}) =>
  codesOf((await setOf(said(type, 'k', { [element]: concept }), options))[element]);
const unmapped = (code: string) =>
  world.rows(`SELECT * FROM terminology_unmapped WHERE code = '${code}' ORDER BY id`);

describe('beside the code', () => {
  test('[TU1] what a map says of other elements too is added where the target holds by itself', async () => {
    const CVX = 'http://hl7.org/fhir/sid/cvx';
    const product = [
      { property: 'http://hl7.org/fhir/Immunization.manufacturer', system: 'urn:mvx', value: 'MSD' },
    ];
    const element = [
      { code: '00006404720', target: [{ code: '116', equivalence: 'wider', product }] },
      { code: '00006404799', target: [{ code: '116', equivalence: 'equivalent', product }] },
    ];
    const map = conceptMap('http://cdc.example/ndc-cvx', []);
    await world.put({ ...map, group: [{ source: NDC, target: CVX, element }] });
    const vaccine = (code: string) =>
      codesAt('Immunization', 'vaccineCode', { coding: [{ system: NDC, code }] });
    expect(await vaccine('00006404720')).toEqual([`${NDC}|00006404720`, `+${CVX}|116`]);
    expect(await vaccine('00006404799')).toEqual([`${NDC}|00006404799`]);
  });

  test('[TX4] without its dot a code of ICD-9-CM is read by where it stands', async () => {
    const [cholera, implant, appendectomy] = ['0010', '0010', '4709'].map((code) => ({
      coding: [{ system: ICD9, code }],
    }));
    const dotless = (code: string) => `${ICD9}|${code}`;
    expect(await codesAt('Condition', 'code', cholera ?? {})).toEqual([
      dotless('0010'),
      `+${SNOMED}|63650001`,
    ]);
    expect(await codesAt('Procedure', 'code', implant ?? {})).toEqual([dotless('0010')]);
    expect(await codesAt('Procedure', 'code', appendectomy ?? {})).toEqual([
      dotless('4709'),
      `+${SNOMED}|80146002`,
    ]);
  });

  test('[TU1] the original stays first and as it came, translations follow with map, version, equivalence and name', async () => {
    const concept = { coding: [{ system: ICD9, code: '250.00', display: 'DMII wo cmp' }], text: 'Diabetes' };
    const { code } = await setOf(said('Condition', 'c1', { code: concept }));
    expect(code).toEqual({
      coding: [
        concept.coding[0],
        {
          ...{ system: ICD10, code: 'E11.9' },
          extension: [
            {
              url: 'urn:isthmus:extension:translation',
              extension: [
                { url: 'map', valueCanonical: `${GEMS}|2018` },
                { url: 'equivalence', valueCode: 'relatedto' },
                { url: 'translation', valueString: 'general-to-standard' },
              ],
            },
          ],
        },
        { ...{ system: SNOMED, code: '44054006' }, extension: [expect.anything()] },
      ],
      text: 'Diabetes',
    });
    expect(concept.coding).toHaveLength(1);
  });

  test('[TU1] what maps do not agree on, or state to have no target, is not added', async () => {
    expect(await codesAt('Observation', 'code', coded(`${LOCAL}|TWO`))).toEqual([`${LOCAL}|TWO`]);
    expect(await codesAt('Condition', 'code', coded(`${ICD9}|V49.89`))).toEqual([`${ICD9}|V49.89`]);
    expect(await unmapped('TWO')).toMatchObject([{ element: 'Observation.code', count: 1 }]);
  });

  test('[TU2] a concept with a code of the wanted system gets none of it, whatever the map says', async () => {
    expect(await codesAt('Observation', 'code', coded(`${LOCAL}|GLU`, `${LOINC}|9999-9`))).toEqual([
      `${LOCAL}|GLU`,
      `${LOINC}|9999-9`,
    ]);
    expect(await codesAt('Condition', 'code', coded(`${ICD9}|250.00`, `${ICD10}|E10.9`))).toEqual([
      ...[`${ICD9}|250.00`, `${ICD10}|E10.9`],
      `+${SNOMED}|44054006`,
    ]);
  });

  test("[TU3] a code without a system, and a name without a code, are their sender's own", async () => {
    expect(await codesAt('Observation', 'code', coded('|K'))).toEqual(['|K', `+${LOINC}|2823-3`]);
    expect(await codesAt('Observation', 'code', coded('|K'), { sender: 'other' })).toEqual(['|K']);
    expect(await codesAt('AllergyIntolerance', 'code', { text: 'Penicillin' })).toEqual([`+${RXNORM}|70618`]);
    expect(await codesAt('AllergyIntolerance', 'code', { text: 'penicillins' })).toEqual([]);
  });

  test('[TU4] codes are found wherever a resource has them, in lists, parts, choices and contained resources', async () => {
    const glucose = coded(`${LOCAL}|GLU`);
    const set = await setOf(
      said('Observation', 'deep', {
        status: 'final',
        'component@OBX-5': [{ code: glucose, valueString: 'x' }],
        'value[x]': { CodeableConcept: glucose },
        'category[coding.code=laboratory]': [{ coding: [{ system: LOCAL, code: 'GLU' }] }],
      }),
    );
    const added = ['urn:isthmus:codes:general:L|GLU', `+${LOINC}|2345-7`];
    expect(codesOf((set['component@OBX-5'] as { code: Concept }[])[0]?.code)).toEqual(added);
    expect(codesOf((set['value[x]'] as { CodeableConcept: Concept }).CodeableConcept)).toEqual(added);
    expect(codesOf((set['category[coding.code=laboratory]'] as Concept[])[0])).toEqual(added);
    const contained = await setOf(
      said('MedicationRequest', 'drug', {
        contained: [{ resourceType: 'Medication', id: 'medication', code: { text: 'Penicillin' } }],
        'medication[x]': { Reference: { reference: '#medication' } },
      }),
      { rules: [{ ...general, targets: { 'Medication.code': [RXNORM] } }] },
    );
    expect(codesOf((contained.contained as { code: Concept }[])[0]?.code)).toEqual([`+${RXNORM}|70618`]);
  });

  test('[TU4] required codes, codings that stand alone, identifiers and references stay as they are', async () => {
    const write = said('Encounter', 'e1', {
      status: 'in-progress',
      class: { system: LOCAL, code: 'GLU' },
      identifier: [{ type: coded(`${LOCAL}|GLU`), value: '1' }],
    });
    const allergy = said('AllergyIntolerance', 'a1', { clinicalStatus: coded(`${LOCAL}|GLU`) });
    expect(await world.translated([write, allergy])).toEqual([write, allergy]);
  });

  test('[TU5] elements without a system of their own are translated for what is local, and others left alone', async () => {
    expect(await codesAt('Encounter', 'priority', coded(`${LOCAL}|GLU`))).toEqual([
      `${LOCAL}|GLU`,
      `+${LOINC}|2345-7`,
    ]);
    expect(await codesAt('Encounter', 'priority', coded(`${ICD9}|250.00`))).toEqual([`${ICD9}|250.00`]);
    expect(
      await world.rows(`SELECT 1 FROM terminology_unmapped WHERE element = 'Encounter.priority'`),
    ).toEqual([]);
  });

  test('[TU5] targets and maps are what the configuration says of them', async () => {
    const only = { rules: [{ ...general, targets: { 'Condition.code': [SNOMED] } }] };
    expect(await codesAt('Condition', 'code', coded(`${ICD9}|250.00`), only)).toEqual([
      `${ICD9}|250.00`,
      `+${SNOMED}|44054006`,
    ]);
    const none = { rules: [{ ...general, targets: { 'Condition.code': [] } }] };
    expect(await codesAt('Condition', 'code', coded(`${ICD9}|999.9`), none)).toEqual([`${ICD9}|999.9`]);
    expect(await unmapped('999.9')).toEqual([]);
    const maps = { rules: [{ ...general, maps: [GEMS] }] };
    expect(await codesAt('Condition', 'code', coded(`${ICD9}|250.00`), maps)).toEqual([
      `${ICD9}|250.00`,
      `+${ICD10}|E11.9`,
    ]);
  });
});

describe('units', () => {
  const quantityOf = async (quantity: object) =>
    (
      (await setOf(said('Observation', 'q', { 'value[x]': { Quantity: quantity } })))['value[x]'] as {
        Quantity: object;
      }
    ).Quantity;

  test('[TU6] a spelling that is known gets its code of UCUM, and stays as the unit', async () => {
    expect(await quantityOf({ value: 6.3, unit: 'mcg/mL' })).toMatchObject({
      ...{ value: 6.3, unit: 'mcg/mL', system: UCUM, code: 'ug/mL' },
      extension: [{ url: 'urn:isthmus:extension:translation' }],
    });
    expect(await quantityOf({ value: 6.3, unit: 'mmol/L' })).toMatchObject({ system: UCUM, code: 'mmol/L' });
    expect(await quantityOf({ value: 6.3, unit: 'mmol/l' })).toMatchObject({ system: UCUM, code: 'mmol/l' });
    expect(await quantityOf({ value: 5, unit: 'Einheiten' })).toMatchObject({
      unit: 'Einheiten',
      code: '[iU]/L',
    });
  });

  test('[TU6] a code that stood there is kept, one of UCUM stays, an ambiguous spelling is counted', async () => {
    const local = { value: 1, unit: 'Mikrogramm', system: LOCAL, code: 'mcg' };
    expect(await quantityOf(local)).toMatchObject({
      ...{ unit: 'Mikrogramm', system: UCUM, code: 'ug' },
      extension: [
        {
          extension: expect.arrayContaining([{ url: 'source', valueCoding: { system: LOCAL, code: 'mcg' } }]),
        },
      ],
    });
    const ucum = { value: 1, unit: 'mg/dL', system: UCUM, code: 'mg/dL' };
    expect(await quantityOf(ucum)).toEqual(ucum);
    expect(await quantityOf({ value: 1, unit: 'K/uL' })).toMatchObject({ code: '10*3/uL' });
    const ambiguous = { value: 1, unit: 'C' };
    expect(await quantityOf(ambiguous)).toEqual(ambiguous);
    expect(await unmapped('C')).toMatchObject([
      { system: 'urn:isthmus:units:general', element: 'Observation.value[x]', count: 1 },
    ]);
  });
});

describe('one state of the maps', () => {
  test('[TU7] the same message makes the same content, and a repeat no version', async () => {
    const write = said('Condition', 'repeat', { code: coded(`${ICD9}|250.00`) });
    await world.receive([write]);
    await world.receive([write]);
    expect(await world.version('Condition', write.id)).toBe(1);
    const stored = await world.read('Condition', write.id);
    expect(codesOf(stored.code)).toEqual([`${ICD9}|250.00`, `+${ICD10}|E11.9`, `+${SNOMED}|44054006`]);
  });

  test('[TU7] what is loaded is used from the next message on, also for what was known to be unmapped', async () => {
    const write = said('Condition', 'later', { code: coded(`${ICD9}|401.9`) });
    await world.receive([write]);
    await world.put(conceptMap('http://later.example', [[`${ICD9}|401.9`, `${ICD10}|I10`, 'equivalent']]));
    await world.receive([write]);
    expect(codesOf((await world.read('Condition', write.id)).code)).toEqual([
      `${ICD9}|401.9`,
      `+${ICD10}|I10`,
    ]);
    expect(await unmapped('401.9')).toMatchObject([{ count: 1, state: 'open' }]);
  });

  test('[TU8] where the maps cannot be read the batch fails, and nothing is written untranslated', async () => {
    const broken = createTranslator({
      generation: (queryable) => world.terminology.generation(queryable),
      source: () => Promise.reject(new IsthmusError('DATABASE_UNAVAILABLE')),
    });
    const write = said('Condition', 'down', { code: coded(`${ICD9}|250.00`) });
    const received = world.db.database.transaction(async (transaction) => {
      const [writes = []] = await broken.translate(transaction, [
        { rules: [general], sender: 'general', writes: [write] },
      ]);
      await applyWrites(transaction, writes);
    });
    await expect(received).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await world.version('Condition', write.id)).toBe(0);
  });

  test('[TU9] a batch that is rolled back and run again is counted once', async () => {
    const write = said('Condition', 'again', { code: coded(`${ICD9}|ZZZ`) });
    const boom = () => Promise.reject(new Error('the process died'));
    await expect(world.receive([write], { afterwards: boom })).rejects.toThrow('died');
    expect(await unmapped('ZZZ')).toEqual([]);
    await world.receive([write]);
    expect(await unmapped('ZZZ')).toMatchObject([{ count: 1 }]);
  });
});

describe('whatever a message says', () => {
  const system = fc.constantFrom(undefined, LOCAL, ICD9, ICD10, LOINC, SNOMED, 'urn:oid:1.2.3');
  const code = fc.constantFrom('GLU', 'GLU2', 'K', '250.00', 'TWO', 'NONE', '', ' ', '\u0000', 'é');
  const coding = fc.record({ system, code, display: fc.option(fc.string(), { nil: undefined }) });
  const text = fc.constantFrom(undefined, 'Penicillin', 'x', '');
  const concept = fc.record({
    coding: fc.option(fc.array(coding, { maxLength: 4 }), { nil: undefined }),
    text,
  });
  const unit = fc.constantFrom(undefined, 'mcg', 'mg/dL', 'Einheiten', 'C', '?');
  const quantity = fc.record({
    value: fc.integer(),
    unit,
    system,
    code: fc.option(code, { nil: undefined }),
  });
  const anything = fc.record({ code: concept, category: fc.array(concept, { maxLength: 2 }), quantity });
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  test('[TU1] [TU7] what was sent is there as it came, and translating twice says no more than once', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async ({ code: own, category, quantity: value }) => {
        const set = plain({ code: own, category, 'value[x]': { Quantity: value } }) as RecordWrite['set'];
        const write = said('Observation', 'any', set);
        const [once = write] = await world.translated([write]);
        const [twice = write] = await world.translated([once]);
        expect(plain(twice.set)).toEqual(plain(once.set));
        const concepts = [once.set.code, ...(once.set.category as Concept[])] as Concept[];
        for (const [index, before] of [own, ...category].entries()) {
          const sent = (before.coding ?? []).length;
          expect(plain(concepts[index]?.coding?.slice(0, sent) ?? [])).toEqual(plain(before.coding ?? []));
          for (const one of concepts[index]?.coding?.slice(sent) ?? []) expect(one.extension).toHaveLength(1);
        }
        expect((once.set['value[x]'] as { Quantity: { unit?: string } }).Quantity.unit).toBe(value.unit);
      }),
      { numRuns: 150 },
    );
  });

  test('[TU4] what is no concept is passed over', async () => {
    const odd = [
      null,
      3,
      'text',
      [],
      [null],
      { coding: 'x' },
      { coding: [null, 3, 'x', [], { code: 5 }, {}] },
      { text: 7 },
    ];
    const writes = odd.map((value, n) =>
      said('Observation', `odd-${n}`, {
        code: value,
        component: value,
        'value[x]': value,
        contained: [value],
      }),
    );
    expect(await world.translated(writes)).toEqual(writes);
  });
});

describe('counting', () => {
  test('[TU9] each place of each message counts, by translation, code, element and source, with one message to look at', async () => {
    const write = (code: string, messageId: number) => ({
      ...said('Condition', `count-${messageId}`, {
        code: { coding: [{ system: LOCAL, code, display: 'Flu?' }] },
      }),
    });
    await world.receive([write('FLU', 1), write('FLU', 2)], { messageId: 41 });
    await world.receive([write('FLU', 3)], { messageId: 42 });
    await world.receive([write('FLU', 4)], { messageId: 43, sender: 'clinic' });
    expect(await unmapped('FLU')).toMatchObject([
      {
        translation: 'general-to-standard',
        system: LOCAL,
        element: 'Condition.code',
        source: 'general',
        count: 3,
        message_id: 42,
        display: 'Flu?',
        state: 'open',
      },
      { source: 'clinic', count: 1 },
    ]);
  });

  test('[TU9] a concept that says enough is not unmapped: one of its codes is of a wanted system, or belongs there', async () => {
    await world.receive([
      said('Procedure', 'cpt', { code: coded('http://www.ama-assn.org/go/cpt|99213') }),
      said('Observation', 'both', { code: coded(`${LOCAL}|MYSTERY`, `${LOINC}|1-8`) }),
      said('Immunization', 'ndc', { vaccineCode: coded(`${NDC}|49281-0589-05`) }),
    ]);
    expect(await unmapped('99213')).toEqual([]);
    expect(await unmapped('MYSTERY')).toEqual([]);
    expect(await unmapped('49281-0589-05')).toHaveLength(1);
  });

  test('[TU9] nothing that a message contains makes counting fail', async () => {
    const hostile = [
      '\u0000',
      'a\u0000b',
      '\ud800',
      'x'.repeat(5_000),
      ' ',
      'constructor',
      '__proto__',
      "'; DROP TABLE x",
    ];
    await world.receive(
      hostile.map((code, n) =>
        said('Condition', `hostile-${n}`, { code: { coding: [{ system: LOCAL, code }], text: code } }),
      ),
    );
    expect(await unmapped('ab')).toHaveLength(1);
    expect(await unmapped('constructor')).toHaveLength(1);
  });
});
