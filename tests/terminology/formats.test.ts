import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CodeSystemView, ConceptMapView } from '../../src/standards/terminology/index.ts';
import { type Kit, openKit } from './kit.ts';

const ICD9 = 'http://hl7.org/fhir/sid/icd-9-cm';
const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const LOINC = 'http://loinc.org';
const RXNORM = 'http://www.nlm.nih.gov/research/umls/rxnorm';
const NDC = 'http://hl7.org/fhir/sid/ndc';
const CVX = 'http://hl7.org/fhir/sid/cvx';

let kit: Kit;
beforeAll(async () => {
  kit = await openKit();
});
afterAll(() => kit.drop());
beforeEach(() => kit.clear());

const system = async (url: string): Promise<CodeSystemView> =>
  (await (await kit.terminology.source()).codeSystem(url))!;
const mapBetween = async (sourceSystem: string, targetSystem: string): Promise<ConceptMapView> =>
  (await (await kit.terminology.source()).conceptMaps({ sourceSystem, targetSystem }))[0]!;
const loadFiles = async (format: string, files: Record<string, string>, options = {}) =>
  kit.load(format, await kit.folder(files), options);

describe('ICD', () => {
  const order = (number: number, code: string, kind: 0 | 1, short: string, long = short) =>
    `${String(number).padStart(5, '0')} ${code.padEnd(7)} ${kind} ${short.padEnd(60)} ${long}\n`;
  const file = (...lines: string[]) => ({
    'icd10cm-order-2026.txt': lines.join(''),
    // What else is in the download.
    'icd10cm-order-addenda-2026.txt': 'Add: S72\n',
    'icd10cm-codes-2026.txt': 'S721    Elsewhere\n',
  });

  test('[TL13] the order file gives dotted codes, the hierarchy by what they begin with, and headers', async () => {
    const report = await loadFiles(
      'icd-10-cm',
      file(
        order(1, 'S72', 0, 'Fracture, inv', 'Invented fracture'),
        order(2, 'S720', 0, 'Of the head'),
        order(3, 'S72001A', 1, 'Of the head, first'),
        order(4, 'S721', 1, 'Elsewhere'),
        order(5, 'T07', 1, 'Many'),
      ),
    );
    expect(report).toMatchObject({
      outcome: 'loaded',
      findings: [],
      targets: [{ url: ICD10, version: '2026', count: 5 }],
    });
    const view = await system(ICD10);
    const found = await view.find(['S72', 'S72.001A', 's72.1', 'T07', 'S72001A']);
    expect(found.get('S72')).toMatchObject({
      ...{ display: 'Invented fracture', isAbstract: true, parents: [] },
      designations: [{ value: 'Fracture, inv' }],
    });
    expect(found.get('S72.001A')).toMatchObject({ isAbstract: false, parents: ['S72.0'] });
    // Not case-sensitive: the code is told as the system writes it. Dots are not guessed here.
    expect(found.get('s72.1')).toMatchObject({ code: 'S72.1', parents: ['S72'] });
    expect(found.has('S72001A')).toBe(false);
    expect(await view.children(undefined, { limit: 10 })).toEqual(['S72', 'T07']);
    expect(await view.children('S72', { limit: 10 })).toEqual(['S72.0', 'S72.1']);
    expect(await view.children('S72', { limit: 10, after: 'S72.0' })).toEqual(['S72.1']);
  });

  test.each([
    ['rows are missing', [order(1, 'S72', 0, 'A'), order(3, 'S720', 1, 'B')], 2, /number 2/],
    ['a line was cut', [order(1, 'S72', 0, 'A'), '00002 S720'], 2, /in columns/],
    ['a code that is none', [order(1, '72', 0, 'A')], 1, /in columns/],
  ])('[TL9] an order file where %s is refused', async (_what, lines, line, rule) => {
    expect(await loadFiles('icd-10-cm', file(...lines))).toMatchObject({
      ...{ outcome: 'refused', findings: [{ line, rule: expect.stringMatching(rule) }] },
    });
  });

  test('[TL13] ICD-9-CM has the dot where diagnoses and procedures have it', async () => {
    await loadFiles('icd-9-cm', {
      'CMS32_DESC_LONG_DX.txt':
        '0010  Invented\n25000 Made up\nE8001 By accident\nV1009 Of old\n390   Whole\n',
      'CMS32_DESC_LONG_SG.txt': '0011 Cut\n',
    });
    const found = await (await system(ICD9)).find(['001.0', '250.00', 'E800.1', 'V10.09', '390', '00.11']);
    expect([...found.keys()]).toEqual(['001.0', '250.00', 'E800.1', 'V10.09', '390', '00.11']);
  });

  test('[TL8] a GEM keeps approximate, no map, combination, scenario and choice list, in its own direction only', async () => {
    const lines = [
      '0010  A000    00000',
      '0020  A0100   10000',
      '24202 E0500   10111',
      '24202 H0589   10112',
      'E9999 NoDx    11000',
    ];
    const report = await loadFiles('gem', { '2018_I9gem.txt': `${lines.join('\r\n')}\r\n` });
    expect(report).toMatchObject({
      outcome: 'loaded',
      findings: [],
      targets: [{ version: '2018', count: 5 }],
    });
    const map = await mapBetween(ICD9, ICD10);
    expect(map.isOneWay).toBe(true);
    const rows = await map.rows(ICD9, ['001.0', '002.0', '242.02', 'E999.9']);
    const flags = { isApproximate: true, isNoMap: false, isCombination: false, scenario: 0, choiceList: 0 };
    expect(rows.get('001.0')).toMatchObject([{ equivalence: 'equivalent', target: { code: 'A00.0' } }]);
    expect(rows.get('002.0')).toMatchObject([
      { equivalence: 'inexact', target: { code: 'A01.00' }, gem: flags },
    ]);
    const combined = { ...flags, isCombination: true, scenario: 1 };
    expect(rows.get('242.02')).toMatchObject([
      { equivalence: 'inexact', gem: { ...combined, choiceList: 1 } },
      { equivalence: 'inexact', gem: { ...combined, choiceList: 2 } },
    ]);
    expect(rows.get('E999.9')).toMatchObject([{ equivalence: 'unmatched', gem: { isNoMap: true } }]);
    expect(rows.get('E999.9')?.[0]?.target).toBeUndefined();
    const back = await (await kit.terminology.source()).conceptMaps({
      sourceSystem: ICD10,
      targetSystem: ICD9,
    });
    expect(back.filter(({ isOneWay }) => isOneWay)).toEqual([]);
  });

  test.each([
    ['a target without the flag no map', '0010  NoDx    10000', /no map stands with NoDx/],
    ['a flag no map with a target', '0010  A000    11000', /no map stands with NoDx/],
    ['a combination without a scenario', '0010  A000    10100', /scenario and choice list/],
    ['a scenario without a combination', '0010  A000    10011', /scenario and choice list/],
    ['flags that are none', '0010  A000    2000', /five flags/],
    ['rows of a code that stand apart', '0020  A0109   10000\n0010  A000    00000', /stand together/],
    ['a line that is cut', '0010  A00', /five flags/],
  ])('[TL9] a GEM with %s is refused', async (_what, line, rule) => {
    const text = `0010  A000    00000\n0020  A0100   00000\n${line}\n`;
    const report = await loadFiles('gem', { '2018_I9gem.txt': text });
    expect(report).toMatchObject({ outcome: 'refused', findings: [{ rule: expect.stringMatching(rule) }] });
  });
});

describe('LOINC', () => {
  const columns = [
    'LOINC_NUM',
    'COMPONENT',
    'PROPERTY',
    'TIME_ASPCT',
    'SYSTEM',
    'SCALE_TYP',
    'METHOD_TYP',
    'CLASS',
    'CLASSTYPE',
    'STATUS',
    'SHORTNAME',
    'LONG_COMMON_NAME',
    'OTHER',
  ];
  const quoted = (fields: readonly string[]) =>
    `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\r\n`;
  const table = (...rows: (readonly string[])[]) => [columns, ...rows].map(quoted).join('');
  const term = (code: string, name: string, status = 'ACTIVE', method = '') => [
    code,
    'Inventin',
    'MCnc',
    'Pt',
    'Ser/Plas',
    'Qn',
    method,
    'CHEM',
    '1',
    status,
    `${name} short`,
    name,
    'x\r\ny',
  ];

  test('[TL14] terms with status and properties, and what replaces the deprecated', async () => {
    const report = await loadFiles(
      'loinc',
      {
        'LoincTable/Loinc.csv': table(
          term('90001-1', 'Inventin, "so called"'),
          term('90002-9', 'Old inventin', 'DEPRECATED', 'Guess'),
        ),
        'LoincTableCore/MapTo.csv': '"LOINC","MAP_TO","COMMENT"\r\n',
        'LoincTable/MapTo.csv': '"LOINC","MAP_TO","COMMENT"\r\n"90002-9","90001-1","renamed"\r\n',
      },
      { version: '2.80' },
    );
    expect(report).toMatchObject({ outcome: 'loaded', findings: [], targets: [{ count: 2 }, { count: 1 }] });
    const view = await system(LOINC);
    const found = await view.find(['90001-1', '90002-9']);
    expect(found.get('90001-1')).toMatchObject({ display: 'Inventin, "so called"', isActive: true });
    const properties = found.get('90001-1')!.properties.map(({ code, value }) => `${code}=${value}`);
    expect(properties).toEqual(
      expect.arrayContaining([
        'COMPONENT=Inventin',
        'SYSTEM=Ser/Plas',
        'SCALE_TYP=Qn',
        'STATUS=ACTIVE',
        'CLASS=CHEM',
      ]),
    );
    expect(found.get('90002-9')).toMatchObject({
      isActive: false,
      properties: expect.arrayContaining([{ code: 'MAP_TO', type: 'code', value: '90001-1' }]),
    });
    const withMethod = [{ property: 'METHOD_TYP', op: 'exists', value: 'true' } as const];
    expect(await view.select(withMethod, { limit: 5 })).toMatchObject([{ code: '90002-9' }]);
    const replaced = await (await mapBetween(LOINC, LOINC)).rows(LOINC, ['90002-9']);
    expect(replaced.get('90002-9')).toMatchObject([{ target: { code: '90001-1' }, comment: 'renamed' }]);
  });

  test.each([
    ['a quote that is not closed', `${table(term('90001-1', 'A'))}"90002-9","B`, /ended|quotes/],
    ['a column too few', table(term('90001-1', 'A')) + quoted(term('90002-9', 'B').slice(1)), /13 columns/],
    ['a missing column', table(term('90001-1', 'A')).replace('STATUS', 'STATE'), /a column STATUS/],
    ['an unknown status', table(term('90001-1', 'A', 'NEW')), /STATUS of/],
    ['text behind a quote', table(term('90001-1', 'A')).replace('"Qn"', '"Qn"x'), /closing quote/],
  ])('[TL9] a table with %s is refused', async (_what, text, rule) => {
    const report = await loadFiles('loinc', { 'Loinc.csv': text }, { version: '2.80' });
    expect(report).toMatchObject({
      outcome: 'refused',
      findings: [{ file: 'Loinc.csv', rule: expect.stringMatching(rule) }],
    });
  });
});

describe('RxNorm', () => {
  const name = (code: string, type: string, text: string, { source = 'RXNORM', suppressed = 'N' } = {}) =>
    `${code}|ENG||||||A${code}||${code}||${source}|${type}|${code}|${text}||${suppressed}|4096|\n`;
  const relation = (target: string, rela: string, source: string) =>
    `${target}||CUI|RO|${source}||CUI|${rela}|R1||RXNORM|RXNORM||||4096|\n`;
  const ndc = (code: string, value: string, source = 'RXNORM') =>
    `${code}||||AUI|${code}|||NDC|${source}|${value}|N|4096|\n`;
  const files = {
    'rrf/RXNCONSO.RRF': [
      name('5001', 'IN', 'inventin'),
      name('5002', 'SCDC', 'inventin 5 MG'),
      name('5003', 'SY', 'inventin 5 mg tablet'),
      name('5001', 'SY', 'elsewhere', { source: 'MTHSPL' }),
      name('5003', 'SCD', 'inventin 5 MG Oral Tablet'),
      name('5003', 'PSN', 'inventin 5 MG Tablet, plain'),
      name('5004', 'SCD', 'inventin 7 MG Oral Tablet', { suppressed: 'O' }),
    ].join(''),
    'prescribe/rrf/RXNCONSO.RRF': name('5001', 'IN', 'inventin'),
    'rrf/RXNREL.RRF': [
      relation('5001', 'has_ingredient', '5002'),
      relation('5002', 'ingredient_of', '5001'),
      relation('5002', 'consists_of', '5003'),
      relation('5999', 'consists_of', '5003'),
    ].join(''),
    'rrf/RXNSAT.RRF': [
      ndc('5003', '00006410902'),
      ndc('5003', '0006-4109-03'),
      ndc('5003', '0006410904'),
      ndc('5003', '00006410905', 'VANDF'),
      ndc('5004', '00006410902'),
    ].join(''),
    'rrf/RXNATOMARCHIVE.RRF': 'A1||inventin 3 MG Tablet|||||||||||4900|RXNORM|SCD|5003|\n'.replace(
      '|||||||||||4900',
      '||||||||||4900',
    ),
    'rrf/RXNCUI.RRF': '4901|20230101|20240101|1|5001|\n',
  };

  test('[TL15] concepts, other names, ingredients, and what was retired with what replaces it', async () => {
    const report = await loadFiles('rxnorm', files, { version: '03022026' });
    expect(report).toMatchObject({ outcome: 'loaded', targets: [{ count: 6 }, { count: 3 }] });
    const found = await (await system(RXNORM)).find(['5003', '5004', '4900', '4901', '5002']);
    expect(found.get('5003')).toMatchObject({
      ...{ display: 'inventin 5 MG Oral Tablet', isActive: true },
      designations: [{ value: 'inventin 5 mg tablet' }, { value: 'inventin 5 MG Tablet, plain' }],
      properties: [
        { code: 'TTY', value: 'SCD' },
        { code: 'consists_of', type: 'code', value: '5002' },
      ],
    });
    expect(found.get('5002')?.properties).toContainEqual({
      code: 'has_ingredient',
      type: 'code',
      value: '5001',
    });
    expect(found.get('5004')).toMatchObject({ isActive: false });
    expect(found.get('4900')).toMatchObject({
      ...{ display: 'inventin 3 MG Tablet', isActive: false },
      properties: [{ code: 'replaced_by', type: 'code', value: '5003' }],
    });
    expect(found.get('4901')).toMatchObject({ isActive: false, properties: [{ value: '5001' }] });
  });

  test('[TL16] an NDC is found in each of its forms, and none is guessed from ten digits', async () => {
    const report = await loadFiles('rxnorm', files, { version: '03022026' });
    expect(report.findings).toMatchObject([{ severity: 'warning', file: 'rrf/RXNSAT.RRF', line: 3 }]);
    const map = await mapBetween(NDC, RXNORM);
    const forms = ['00006410902', '00006-4109-02', '0006-4109-02', '0006410902'];
    const rows = await map.rows(NDC, [...forms, '0006-4109-03']);
    for (const form of forms.slice(0, 3))
      expect(rows.get(form)).toMatchObject([
        { equivalence: 'wider', target: { code: '5003' } },
        { equivalence: 'wider', target: { code: '5004' } },
      ]);
    expect(rows.has('0006410902')).toBe(false);
    expect(rows.get('0006-4109-03')).toMatchObject([{ source: { code: '00006410903' } }]);
  });

  test.each([
    ['a file that is cut off', { 'rrf/RXNREL.RRF': '5001||CUI|RO|50' }, /cut off/],
    ['a row of other fields', { 'rrf/RXNCONSO.RRF': '5001|ENG|\n' }, /18 fields/],
  ])('[TL9] %s is refused', async (_what, other, rule) => {
    const report = await loadFiles('rxnorm', { ...files, ...other }, { version: '1' });
    expect(report).toMatchObject({ outcome: 'refused', findings: [{ rule: expect.stringMatching(rule) }] });
  });
});

describe('vaccines', () => {
  const vaccine = (code: string, status: string, name: string) =>
    `<CVXInfo><ShortDescription>${name}</ShortDescription><FullVaccinename>${name} in full</FullVaccinename><CVXCode>${code.padEnd(10)}</CVXCode><Notes/><Status>${status}</Status><LastUpdated>3/20/2026</LastUpdated></CVXInfo>`;
  const cvx = (...entries: string[]) =>
    `<?xml version="1.0" encoding="ISO-8859-1"?>\n<CVXCodes>\n${entries.join('\n')}\n</CVXCodes>\n`;

  test('[TL17] CVX in XML and in text are the same', async () => {
    const xml = await loadFiles('cvx', {
      'cvx.xml': cvx(vaccine('03', 'Active', 'A &amp; B'), vaccine('900', 'Never Active', 'C')),
    });
    expect(xml).toMatchObject({
      outcome: 'loaded',
      targets: [{ url: CVX, version: '2026-03-20', count: 2 }],
    });
    const codes = ['03', '900'];
    const first = await (await system(CVX)).find(codes);
    expect(first.get('03')).toMatchObject({
      display: 'A & B',
      isActive: true,
      designations: [{ value: 'A & B in full' }],
    });
    expect(first.get('900')).toMatchObject({ isActive: false });
    await kit.clear();
    const line = (code: string, name: string, status: string) =>
      `${code}|${name}|${name} in full||${status}|False|2026/03/20\r\n`;
    await loadFiles('cvx', { 'cvx.txt': line('03', 'A & B', 'Active') + line('900', 'C', 'Never Active') });
    expect(await (await system(CVX)).find(codes)).toEqual(first);
  });

  test.each([
    ['that was cut off', cvx(vaccine('03', 'Active', 'A')).slice(0, -15), /cut off/],
    [
      'with a DTD',
      cvx(vaccine('03', 'Active', 'A')).replace('<CVXCodes>', '<!DOCTYPE x [<!ENTITY e "x">]><CVXCodes>'),
      /plain elements/,
    ],
    ['with an unknown entity', cvx(vaccine('03', 'Active', '&e;')), /entities/],
    ['with an unknown status', cvx(vaccine('03', 'Perhaps', 'A')), /a status of/],
    [
      'with attributes',
      cvx(vaccine('03', 'Active', 'A')).replace('<Status>', '<Status a="b">'),
      /plain elements/,
    ],
  ])('[TL9] a list %s is refused', async (_what, text, rule) => {
    const report = await loadFiles('cvx', { 'cvx.xml': text });
    expect(report).toMatchObject({ outcome: 'refused', findings: [{ rule: expect.stringMatching(rule) }] });
  });
});

describe('CSV maps of local codes', () => {
  const HEAD =
    'source_system,source_code,source_display,target_system,target_code,target_display,equivalence,comment';
  const options = { url: 'urn:test:map', version: '1' };

  test('[TL18] all columns, in any order, with quotes and lines within', async () => {
    const text = `\ufeff${HEAD}\r\nurn:l,"G,1","Glucose\nserum",${LOINC},2345-7,Glucose,wider,"so ""agreed"""\r\nurn:l,X,,,,,unmatched,\r\n`;
    const report = await loadFiles('csv-map', { 'map.csv': text }, options);
    expect(report).toMatchObject({ outcome: 'loaded', targets: [{ count: 2 }] });
    const map = await mapBetween('urn:l', LOINC);
    expect(map).toMatchObject({ url: 'urn:test:map', version: '1', isOneWay: false, status: 'active' });
    expect(map.groups).toEqual([{ source: 'urn:l', target: LOINC }]);
    const rows = await map.rows('urn:l', ['G,1', 'X']);
    expect(rows.get('G,1')).toEqual([
      {
        source: { system: 'urn:l', code: 'G,1', display: 'Glucose\nserum' },
        target: { system: LOINC, code: '2345-7', display: 'Glucose' },
        ...{ equivalence: 'wider', comment: 'so "agreed"' },
      },
    ]);
    expect(rows.get('X')).toEqual([{ source: { system: 'urn:l', code: 'X' }, equivalence: 'unmatched' }]);
  });

  test.each([
    ['a canonical that is none', { url: 'labs' }],
    ['a canonical with a version', { url: 'urn:test:map|1' }],
    ['a version that no canonical can name', { version: '1|2' }],
  ])('[TL5] %s is refused', async (_what, more) => {
    const text = `${HEAD}\nurn:l,A,,${LOINC},1-8,,equal,\n`;
    await expect(loadFiles('csv-map', { 'map.csv': text }, { ...options, ...more })).rejects.toMatchObject({
      code: 'TERMINOLOGY_INVALID',
    });
  });

  test.each([
    ['an unknown column', `${HEAD},extra\n`, /only the columns/],
    ['a missing column', `${HEAD.replace('equivalence', 'equal')}\n`, /a column equivalence/],
    ['an unknown equivalence', `${HEAD}\nurn:l,A,,${LOINC},1-8,,same,\n`, /equivalence is one of/],
    ['no source code', `${HEAD}\nurn:l,,,${LOINC},1-8,,equal,\n`, /source_code/],
    ['no target system', `${HEAD}\nurn:l,A,,,1-8,,equal,\n`, /target_system/],
    ['no target and no unmatched', `${HEAD}\nurn:l,A,,${LOINC},,,equal,\n`, /unmatched/],
    ['nothing in it', `${HEAD}\n`, /hold something/],
    ['nothing at all', '', /hold something/],
  ])('[TL9] a file with %s is refused', async (_what, text, rule) => {
    const report = await loadFiles('csv-map', { 'map.csv': text }, options);
    expect(report).toMatchObject({ outcome: 'refused', findings: [{ rule: expect.stringMatching(rule) }] });
  });
});
