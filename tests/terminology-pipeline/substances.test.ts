import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupSubstances, type SubstanceEntry } from '../../src/clinical/terminology/index.ts';
import { type Definition, resourceSource } from '../../src/standards/terminology/index.ts';
import { patientId } from '../../src/trust/access/index.ts';
import { startApi, type TestApi } from '../fhir/support/api.ts';
import { ada } from '../record/fixtures.ts';
import { codeSystem, conceptMap, LOCAL, NDC, RXNORM, SNOMED } from './world.ts';

/** Entries for the same substance in different code systems. */

const CVX = 'http://hl7.org/fhir/sid/cvx';

const drug = (code: string, type: string, display: string, ...relations: [string, string][]) => ({
  ...{ code, display },
  property: [
    { code: 'TTY', valueString: type },
    ...relations.map(([name, value]) => ({ code: name, valueCode: value })),
  ],
});

const relations = [
  'consists_of',
  'has_ingredient',
  'has_ingredients',
  'has_part',
  'form_of',
  'tradename_of',
  'replaced_by',
];

const rxnorm = {
  ...codeSystem(RXNORM, [
    drug('723', 'IN', 'amoxicillin'),
    drug('48203', 'IN', 'clavulanate'),
    drug('1191', 'IN', 'aspirin'),
    drug('317616', 'SCDC', 'amoxicillin 500 MG', ['has_ingredient', '723']),
    drug('308182', 'SCD', 'amoxicillin 500 MG Oral Capsule', ['consists_of', '317616']),
    drug('19711', 'MIN', 'amoxicillin / clavulanate', ['has_part', '723'], ['has_part', '48203']),
    drug('562251', 'SCD', 'amoxicillin / clavulanate Oral Tablet', ['has_ingredients', '19711']),
    drug('151392', 'BN', 'Augmentin', ['tradename_of', '723'], ['tradename_of', '48203']),
    drug('562508', 'SBD', 'Augmentin Oral Tablet', ['tradename_of', '562251'], ['has_ingredient', '151392']),
    drug('221078', 'PIN', 'aspirin calcium', ['form_of', '1191']),
    drug('900', 'SCD', 'of which nothing is known'),
    drug('901', 'SCD', 'half known', ['consists_of', '317616'], ['consists_of', 'GONE']),
    drug('902', 'SCD', 'merged', ['replaced_by', '308182']),
    drug('903', 'SCD', 'in a circle', ['consists_of', '904']),
    drug('904', 'SCDC', 'in a circle', ['consists_of', '903']),
  ]),
  property: [{ code: 'TTY', type: 'string' }, ...relations.map((code) => ({ code, type: 'code' }))],
};
const cvx = {
  ...codeSystem(CVX, [
    { code: '88', display: 'influenza, unspecified' },
    { code: '45', display: 'hepatitis B, unspecified' },
    { code: '107', display: 'DTaP, unspecified' },
    { code: '141', display: 'seasonal', property: [{ code: 'vaccineGroup', valueCode: '88' }] },
    { code: '150', display: 'quadrivalent', property: [{ code: 'vaccineGroup', valueCode: '88' }] },
    {
      ...{ code: '110', display: 'combination' },
      property: [
        { code: 'vaccineGroup', valueCode: '107' },
        { code: 'vaccineGroup', valueCode: '45' },
      ],
    },
  ]),
  property: [{ code: 'vaccineGroup', type: 'code' }],
};
const definitions = [
  rxnorm,
  cvx,
  conceptMap('http://ndc.example', [
    [`${NDC}|00093310905`, `${RXNORM}|308182`, 'wider'],
    [`${NDC}|11111111111`, `${RXNORM}|308182`, 'wider'],
    [`${NDC}|11111111111`, `${RXNORM}|562251`, 'wider'],
  ]),
  conceptMap('http://rxnorm-snomed.example', [[`${RXNORM}|1191`, `${SNOMED}|387458008`, 'equivalent']]),
  conceptMap('http://snomed-rxnorm.example', [
    [`${SNOMED}|372687004`, `${RXNORM}|723`, 'equivalent'],
    [`${SNOMED}|373270004`, `${RXNORM}|723`, 'inexact'],
  ]),
] as unknown as Definition[];
const source = resourceSource(definitions);

const entry = (id: string, ...names: string[]): SubstanceEntry => ({
  id,
  codings: names.map((name) => {
    const [system = '', code = ''] = name.split('|');
    return system === '' ? { code } : { system, code };
  }),
});
const grouped = async (...entries: SubstanceEntry[]) =>
  (await groupSubstances(source, entries)).map(({ by, common, entries: ids }) => [
    by,
    common.map(({ code }) => code).join('+'),
    ids.join(' '),
  ]);

describe('groups', () => {
  test('[TU16] RxNorm at the level of ingredients, NDC and SNOMED CT by maps, also by one that is read backwards', async () => {
    expect(
      await grouped(
        entry('capsule', `${RXNORM}|308182`),
        entry('package', `${NDC}|00093310905`),
        entry('aspirin', `${SNOMED}|387458008`),
        entry('allergy', `${SNOMED}|372687004`),
        entry('salt', `${RXNORM}|221078`),
        entry('merged', `${RXNORM}|902`),
      ),
    ).toEqual([
      ['ingredient', '723', 'capsule package allergy merged'],
      ['ingredient', '1191', 'aspirin salt'],
    ]);
  });

  test('[TU16] a combination is what all of it is: a part of it is something else', async () => {
    expect(
      await grouped(
        entry('tablet', `${RXNORM}|562251`),
        entry('brand', `${RXNORM}|562508`),
        entry('name', `${RXNORM}|151392`),
        entry('one', `${RXNORM}|723`),
        {
          ...entry('mixture'),
          parts: [entry('', `${RXNORM}|48203`).codings, entry('', `${NDC}|00093310905`).codings],
        },
      ),
    ).toEqual([
      ['ingredient', '48203+723', 'tablet brand name mixture'],
      ['ingredient', '723', 'one'],
    ]);
  });

  test('[TU16] vaccines by their groups', async () => {
    expect(
      await grouped(
        entry('a', `${CVX}|141`),
        entry('b', `${CVX}|150`),
        entry('c', `${CVX}|110`),
        entry('d', `${CVX}|88`),
      ),
    ).toEqual([
      ['vaccine-group', '88', 'a b'],
      ['vaccine-group', '107+45', 'c'],
      ['code', '88', 'd'],
    ]);
  });

  test('[TU17] what is not known, or known to several, stays alone; the very same code is the same', async () => {
    expect(
      await grouped(
        entry('a', `${RXNORM}|900`),
        entry('b', `${RXNORM}|901`),
        entry('c', `${NDC}|11111111111`),
        entry('d', `${SNOMED}|373270004`),
        entry('e', `${LOCAL}|PCN`),
        entry('f', `${LOCAL}|PCN`),
        entry('g', '|PCN'),
        entry('h', '|PCN'),
        entry('i', `${RXNORM}|903`),
        entry('j'),
      ),
    ).toEqual([
      ['code', '900', 'a'],
      ['code', '901', 'b'],
      ['code', '11111111111', 'c'],
      ['code', '373270004', 'd'],
      ['code', 'PCN', 'e f'],
      ['alone', '', 'g'],
      ['alone', '', 'h'],
      ['code', '903', 'i'],
      ['alone', '', 'j'],
    ]);
  });

  test('[TU17] names count for nothing', async () => {
    const named = (id: string, code: string): SubstanceEntry => ({
      id,
      codings: [{ system: LOCAL, code, display: 'amoxicillin' }],
    });
    const [one, other] = await groupSubstances(source, [named('a', 'X1'), named('b', 'X2')]);
    expect([one?.entries, other?.entries]).toEqual([['a'], ['b']]);
  });

  test('[TU17] a translation beside the code counts, and an entry whose codes contradict each other is for a person', async () => {
    const groups = await groupSubstances(source, [
      entry('translated', `${LOCAL}|AMOX`, `${RXNORM}|723`),
      entry('plain', `${RXNORM}|308182`),
      entry('contradicts', `${RXNORM}|723`, `${SNOMED}|387458008`),
    ]);
    expect(groups).toMatchObject([
      { by: 'ingredient', entries: ['translated', 'plain'] },
      { by: 'alone', entries: ['contradicts'], isContradictory: true },
    ]);
  });

  test('[TU17] where nothing is loaded every code is itself', async () => {
    const groups = await groupSubstances(resourceSource([]), [
      entry('a', `${RXNORM}|723`),
      entry('b', `${NDC}|1`),
    ]);
    expect(groups.map(({ by }) => by)).toEqual(['code', 'code']);
  });
});

describe('[TU18] Patient/$substances', () => {
  let api: TestApi;
  const person = patientId(ada);
  const subject = { reference: `Patient/${person}` };
  beforeAll(async () => {
    api = await startApi({ terminology: { source: async () => source } });
    await api.call('PUT', `/Patient/${person}`, { body: { resourceType: 'Patient', id: person } });
  });
  afterAll(() => api?.stop());

  const concept = (system: string, code: string, text: string) => ({ coding: [{ system, code }], text });
  const put = async (type: string, id: string, parts: object) => {
    const { status, text } = await api.call('PUT', `/${type}/${id}`, {
      body: { resourceType: type, id, ...parts },
    });
    expect(text).toContain(id);
    expect(status).toBe(201);
  };
  const request = (parts: object) => ({ status: 'active', intent: 'order', subject, ...parts });

  test('allergies and medications that are one substance are one List, with their sources', async () => {
    await put('AllergyIntolerance', 'allergy', {
      clinicalStatus: concept(
        'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
        'active',
        'Active',
      ),
      patient: subject,
      code: concept(SNOMED, '372687004', 'Amoxicillin (allergy)'),
    });
    await put(
      'MedicationRequest',
      'order',
      request({ medicationCodeableConcept: concept(NDC, '00093310905', 'AMOX 500') }),
    );
    await put('Medication', 'brand', { code: concept(RXNORM, '562508', 'Augmentin') });
    await put('MedicationStatement', 'taken', {
      status: 'active',
      subject,
      medicationReference: { reference: 'Medication/brand' },
    });
    await put(
      'MedicationRequest',
      'within',
      request({
        contained: [
          {
            resourceType: 'Medication',
            id: 'm',
            ingredient: [{ itemCodeableConcept: concept(RXNORM, '221078', 'aspirin calcium') }],
          },
        ],
        medicationReference: { reference: '#m' },
      }),
    );
    await put('MedicationRequest', 'error', {
      ...request({ medicationCodeableConcept: concept(RXNORM, '723', 'no') }),
      status: 'entered-in-error',
    });
    const answer = await api.get(`/Patient/${person}/$substances`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'collection' });
    expect(answer.body.entry).toMatchObject([
      {
        fullUrl: expect.stringMatching(/^urn:uuid:/),
        resource: {
          ...{ resourceType: 'List', status: 'current', mode: 'snapshot', title: 'amoxicillin', subject },
          extension: [
            {
              url: 'urn:isthmus:extension:substance',
              valueCoding: { system: RXNORM, code: '723', display: 'amoxicillin' },
            },
            { url: 'urn:isthmus:extension:grouped-by', valueCode: 'ingredient' },
          ],
          entry: [
            { item: { reference: 'AllergyIntolerance/allergy', display: 'Amoxicillin (allergy)' } },
            { item: { reference: 'MedicationRequest/order', display: 'AMOX 500' } },
          ],
        },
      },
      { resource: { entry: [{ item: { reference: 'MedicationStatement/taken', display: 'Augmentin' } }] } },
      { resource: { title: 'aspirin', entry: [{ item: { reference: 'MedicationRequest/within' } }] } },
    ]);
    const again = await api.call('POST', `/Patient/${person}/$substances`, {
      body: { resourceType: 'Parameters' },
    });
    expect(again.body.entry).toHaveLength(3);
  });

  test('its Lists break no rule of R4', async () => {
    const { body } = await api.get(`/Patient/${person}/$substances`);
    for (const { resource } of body.entry) {
      const { body: outcome } = await api.call('POST', '/List/$validate', { body: resource });
      expect(outcome.issue.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([]);
    }
  });

  test('what the caller may not see is not there', async () => {
    expect((await api.get(`/Patient/${person}/$substances`, { as: 'ada' })).body.entry).toHaveLength(3);
    expect((await api.get(`/Patient/${person}/$substances`, { as: 'nobody' })).status).toBe(404);
    await put('Patient', 'somebody-else', {});
    expect((await api.get('/Patient/somebody-else/$substances', { as: 'ada' })).status).toBe(404);
    const empty = await api.get('/Patient/somebody-else/$substances');
    expect(empty.body).not.toHaveProperty('entry');
    expect((await api.get('/Patient/not-there/$substances')).status).toBe(404);
    expect(
      (await api.get(`/Patient/${person}/$substances?x=1`, { headers: { prefer: 'handling=strict' } }))
        .status,
    ).toBe(400);
  });

  test('it is in the CapabilityStatement', async () => {
    const { text } = await api.get('/metadata');
    expect(text).toContain('urn:isthmus:operation:patient-substances');
  });
});
