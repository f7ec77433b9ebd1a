import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Kit, openKit } from './kit.ts';
import { type Rf2Concept, ROOT, rf2, sctId } from './rf2.ts';
import { zip } from './zip.ts';

const SNOMED = 'http://snomed.info/sct';
const VERSION = `${SNOMED}/731000124108/version/20260301`;
const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const [finding, disorder, sore, old] = [sctId(1001), sctId(1002), sctId(1003), sctId(1004)];

const concepts: readonly Rf2Concept[] = [
  { id: ROOT, fsn: 'Root (root)', preferred: 'Root', parents: [] },
  { id: finding, fsn: 'Invented finding (finding)', preferred: 'Invented finding', parents: [ROOT] },
  {
    ...{ id: disorder, fsn: 'Invented disorder (disorder)', preferred: 'Invented disorder' },
    ...{ synonyms: ['Made-up disease'], definition: 'What was made up.', parents: [finding] },
  },
  { id: sore, fsn: 'Sore thing (finding)', parents: [finding, disorder] },
  { id: old, fsn: 'Old thing (finding)', preferred: 'Old thing', parents: [], isActive: false },
];

let kit: Kit;
beforeAll(async () => {
  kit = await openKit();
});
afterAll(() => kit.drop());
beforeEach(() => kit.clear());

const system = async () => (await kit.terminology.source()).codeSystem(SNOMED);

describe('SNOMED CT', () => {
  test('[TL10] concepts with preferred terms, synonyms, definitions and hierarchy, of the edition in the file names', async () => {
    const report = await kit.load('snomed-rf2', await kit.folder({ 'release.zip': zip(rf2(concepts)) }));
    expect(report).toMatchObject({
      outcome: 'loaded',
      findings: [],
      targets: [{ version: VERSION, count: 5 }],
    });
    const view = await system();
    expect(view).toMatchObject({ url: SNOMED, version: VERSION, hierarchyMeaning: 'is-a', count: 5 });
    const found = await view!.find([disorder, sore, old, '999']);
    expect(found.get(disorder)).toEqual({
      ...{ code: disorder, display: 'Invented disorder', definition: 'What was made up.' },
      ...{ isActive: true, isAbstract: false, properties: [], parents: [finding] },
      designations: [
        {
          ...{ language: 'en', value: 'Invented disorder (disorder)' },
          use: { system: SNOMED, code: '900000000000003001', display: 'Fully specified name' },
        },
        {
          ...{ language: 'en', value: 'Made-up disease' },
          use: { system: SNOMED, code: '900000000000013009', display: 'Synonym' },
        },
      ],
    });
    // Without a preferred synonym the fully specified name is the display.
    expect(found.get(sore)).toMatchObject({
      display: 'Sore thing (finding)',
      parents: [finding, disorder].sort(),
    });
    expect(found.get(old)).toMatchObject({ isActive: false, parents: [] });
    expect(await view!.isAncestor(ROOT, sore)).toBe(true);
    expect(await view!.isAncestor(sore, ROOT)).toBe(false);
    expect(await view!.select([], { limit: 5, text: 'made dis' })).toMatchObject([{ code: disorder }]);
  });

  const without = (files: Record<string, string>, name: RegExp, change: (text: string) => string) =>
    Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, name.test(path) ? change(text) : text]),
    );
  const files = rf2(concepts);
  const lastLine = (text: string) => text.replace(/[^\n]*\r\n$/, '');
  test.each([
    ['a file that ends within a line', /Concept_Snap/, (text: string) => text.slice(0, -9), /cut off/],
    [
      'a description file that is cut off',
      /Description/,
      (text: string) => lastLine(lastLine(lastLine(text))),
      /has none|every active concept has a name/,
    ],
    [
      'a hierarchy that is cut off',
      /Relationship/,
      (text: string) => lastLine(lastLine(text)),
      /below another/,
    ],
    [
      'a concept file that is cut off',
      /Concept_Snap/,
      (text: string) => lastLine(lastLine(text)),
      /concepts that are there/,
    ],
    ['other columns', /Concept_Snap/, (text: string) => text.replace('active', 'activ'), /the columns id/],
    [
      'a row of other columns',
      /Relationship/,
      (text: string) => text.replace('\t0\t', '\t'),
      /10 columns; there are 9/,
    ],
    [
      'a wrong check digit',
      /Concept_Snap/,
      (text: string) => text.replace(finding, `${BigInt(finding) + 1n}`),
      /check digit/,
    ],
    [
      'a hierarchy in a circle',
      /Relationship/,
      (text: string) => text.replace(`\t${finding}\t${ROOT}\t`, `\t${finding}\t${sore}\t`),
      /without circles/,
    ],
  ])('[TL9] %s: a finding, and nothing is loaded', async (_what, name, change, rule) => {
    const report = await kit.load('snomed-rf2', await kit.folder(without(files, name, change)));
    expect(report.outcome).toBe('refused');
    expect(report.findings.map((one) => one.rule).join('\n')).toMatch(rule);
    expect(await kit.count('terminology_concept')).toBe(0);
  });

  test('[TL11] the map to ICD-10-CM keeps groups, priorities, rules and advice, and is one way', async () => {
    const rule = 'IFA 248152002 | Female (finding) |';
    const path = await kit.folder(
      rf2(concepts, [
        { concept: disorder, group: 1, priority: 1, rule, target: 'O24.4', advice: 'IF FEMALE CHOOSE O24.4' },
        {
          concept: disorder,
          group: 1,
          priority: 2,
          rule: 'OTHERWISE TRUE',
          target: 'E11.9',
          correlation: '447559001',
        },
        { concept: sore, group: 1, priority: 1, rule: 'TRUE', category: '447638001' },
        { concept: sore, group: 2, priority: 1, rule: 'TRUE', target: 'Z99', isActive: false },
        { concept: sore, group: 1, priority: 1, rule: 'TRUE', target: 'E10', refset: '447562003' },
        { concept: sore, group: 1, priority: 1, rule: 'TRUE', target: 'X', refset: '999999' },
      ]),
    );
    const report = await kit.load('snomed-rf2', path);
    expect(report).toMatchObject({ outcome: 'loaded', targets: [{ count: 5 }, { count: 1 }, { count: 3 }] });
    const source = await kit.terminology.source();
    const [map] = await source.conceptMaps({ sourceSystem: SNOMED, targetSystem: ICD10 });
    expect(map).toMatchObject({ url: `${SNOMED}?fhir_cm=6011000124106`, version: VERSION, isOneWay: true });
    const rows = await map!.rows(SNOMED, [disorder, sore]);
    expect(rows.get(disorder)).toEqual([
      {
        ...{ source: { system: SNOMED, code: disorder }, target: { system: ICD10, code: 'O24.4' } },
        equivalence: 'relatedto',
        complex: { group: 1, priority: 1, rule, advice: 'IF FEMALE CHOOSE O24.4', category: '447637006' },
      },
      {
        ...{ source: { system: SNOMED, code: disorder }, target: { system: ICD10, code: 'E11.9' } },
        equivalence: 'wider',
        complex: { group: 1, priority: 2, rule: 'OTHERWISE TRUE', category: '447637006' },
      },
    ]);
    expect(rows.get(sore)).toMatchObject([{ equivalence: 'unmatched', complex: { category: '447638001' } }]);
    expect(rows.get(sore)?.[0]?.target).toBeUndefined();
    expect((await map!.reverse(ICD10, ['E11.9'])).get('E11.9')).toMatchObject([
      { source: { code: disorder } },
    ]);
  });
});

describe("NLM's map from ICD-9-CM", () => {
  const head =
    'ICD_CODE\tICD_NAME\tIS_CURRENT_ICD\tIP_USAGE\tOP_USAGE\tAVG_USAGE\tIS_NEC\tSNOMED_CID\tSNOMED_FSN\tIS_1-1MAP\tCORE_USAGE\tIN_CORE';
  const row = (code: string, concept: string, kind: string) =>
    `${code}\tName\t1\tNULL\tNULL\tNULL\tN\t${concept}\tInvented (disorder)\t${kind}\tNULL\tY`;

  test('[TL12] one target is the same, of several each is narrower, and none is stated', async () => {
    const path = await kit.folder({
      'ICD9CM_SNOMED_MAP_1TO1_202512.txt': [head, row('250.00', '44054006', 'Y'), ''].join('\r\n'),
      'ICD9CM_SNOMED_MAP_1TOM_202512.txt': [
        head,
        row('001.9', disorder, 'N'),
        row('001.9', sore, 'N'),
        row('V10.9', '', 'N'),
        '',
      ].join('\r\n'),
    });
    expect(await kit.load('nlm-icd9-snomed', path)).toMatchObject({
      ...{ outcome: 'loaded', findings: [], targets: [{ version: '202512', count: 4 }] },
    });
    const icd9 = 'http://hl7.org/fhir/sid/icd-9-cm';
    const [map] = await (await kit.terminology.source()).conceptMaps({
      sourceSystem: icd9,
      targetSystem: SNOMED,
    });
    expect(map?.isOneWay).toBe(true);
    const rows = await map!.rows(icd9, ['250.00', '001.9', 'V10.9']);
    expect(rows.get('250.00')).toMatchObject([{ equivalence: 'equivalent', target: { code: '44054006' } }]);
    expect(rows.get('001.9')).toMatchObject([{ equivalence: 'narrower' }, { equivalence: 'narrower' }]);
    expect(rows.get('V10.9')).toMatchObject([{ equivalence: 'unmatched' }]);
  });

  test.each([
    ['a missing column', [head.replace('SNOMED_CID', 'CID'), row('250.00', '44054006', 'Y')], 1],
    ['a wrong identifier', [head, row('250.00', '44054007', 'Y')], 2],
    ['a code that is none', [head, row('25000X', '44054006', 'Y')], 2],
    ['a column too few', [head, row('250.00', '44054006', 'Y').replace('\tName', '')], 2],
  ])('[TL9] %s is told with its line', async (_what, lines, line) => {
    const path = await kit.folder({ 'ICD9CM_SNOMED_MAP_1TO1_202512.txt': `${lines.join('\r\n')}\r\n` });
    expect(await kit.load('nlm-icd9-snomed', path)).toMatchObject({
      outcome: 'refused',
      findings: [{ line }],
    });
  });
});
