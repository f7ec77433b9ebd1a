import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConceptMapView, MapRow } from '../../../src/standards/terminology/index.ts';
import { translateCodings } from '../../../src/standards/terminology/index.ts';
import { type Kit, openKit } from '../../terminology/kit.ts';
import { corporaFolder } from '../corpora.ts';

const ICD9 = 'http://hl7.org/fhir/sid/icd-9-cm';
const ICD10 = 'http://hl7.org/fhir/sid/icd-10-cm';
const CVX = 'http://hl7.org/fhir/sid/cvx';
const NDC = 'http://hl7.org/fhir/sid/ndc';
const MVX = 'http://terminology.hl7.org/CodeSystem/MVX';

let kit: Kit;
beforeAll(async () => {
  kit = await openKit();
});
afterAll(() => kit.drop());

const corpus = (...path: string[]) => join(corporaFolder(), ...path);
const mapBetween = async (sourceSystem: string, targetSystem: string): Promise<ConceptMapView> =>
  (await (await kit.terminology.source()).conceptMaps({ sourceSystem, targetSystem }))[0]!;

describe('the General Equivalence Mappings of 2018', () => {
  const folder = () => corpus('term-icd-gems');

  /** A row of a file, read on its own: `25000 E119    10000`. */
  function told(line: string, isOfIcd9: boolean) {
    const [from = '', to = '', flags = ''] = line.trim().toUpperCase().split(/ +/);
    const icd9 = (code: string) =>
      code.replace(code.startsWith('E') ? /^(.{4})(.+)$/ : /^(.{3})(.+)$/, '$1.$2');
    const icd10 = (code: string) => code.replace(/^(.{3})(.+)$/, '$1.$2');
    const [source, target] = isOfIcd9 ? [icd9(from), icd10(to)] : [icd10(from), icd9(to)];
    return { source, target: to === 'NODX' ? undefined : target, flags };
  }
  const flagsOf = ({ gem }: MapRow) =>
    gem &&
    [gem.isApproximate, gem.isNoMap, gem.isCombination].map((flag) => (flag ? '1' : '0')).join('') +
      gem.scenario +
      gem.choiceList;

  test.each([
    ['2018_I9gem.txt', ICD9, ICD10, 24_860],
    ['2018_I10gem.txt', ICD10, ICD9, 81_593],
  ])('[TL8] %s: every row, with its flags, in its order', async (file, from, to, count) => {
    const report = await kit.load('gem', folder());
    expect(['loaded', 'unchanged']).toContain(report.outcome);
    const lines = gunzipSync(readFileSync(join(folder(), `${file}.gz`)))
      .toString()
      .trim()
      .split('\n');
    expect(lines).toHaveLength(count);
    const rows = lines.map((line) => told(line, from === ICD9));
    const map = await mapBetween(from, to);
    const sources = [...new Set(rows.map(({ source }) => source))];
    const found = new Map<string, readonly MapRow[]>();
    for (let at = 0; at < sources.length; at += 5_000)
      for (const [code, of] of await map.rows(from, sources.slice(at, at + 5_000))) found.set(code, of);
    const loaded = sources.flatMap((code) =>
      (found.get(code) ?? []).map((row) => ({
        ...{ source: row.source.code, target: row.target?.code, flags: flagsOf(row) },
      })),
    );
    expect(loaded).toEqual(rows);
    for (const [code, of] of found)
      for (const row of of) {
        const isOnly = of.length === 1;
        const expected = row.gem?.isNoMap
          ? 'unmatched'
          : isOnly && !row.gem?.isApproximate
            ? 'equivalent'
            : 'inexact';
        expect([code, row.equivalence]).toEqual([code, expected]);
      }
  });

  test('[TL8] 250.00 is E11.9 as an approximate match, and the way back is the other map', async () => {
    const source = await kit.terminology.source();
    const [there, back] = await translateCodings(source, [
      { coding: { system: ICD9, code: '250.00' }, targets: [ICD10] },
      { coding: { system: ICD10, code: 'E11.9' }, targets: [ICD9] },
    ]);
    expect(there).toMatchObject({
      result: true,
      matches: [{ equivalence: 'inexact', coding: { code: 'E11.9' }, isTranslation: true }],
    });
    expect(back).toMatchObject({
      matches: expect.arrayContaining([
        expect.objectContaining({ coding: { system: ICD9, code: '250.00' } }),
      ]),
    });
  });
});

describe('vaccine codes of CDC', () => {
  const folder = () => corpus('term-cdc-cvx-mvx-ndc', 'cdc-source');
  const text = (name: string) => readFileSync(join(folder(), name), 'utf8');
  const all = (xml: string, name: string) =>
    [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value]) => value!.trim());

  beforeAll(async () => {
    expect(await kit.load('cvx', folder())).toMatchObject({ outcome: 'loaded', findings: [] });
  });

  test('[TL17] every CVX code with its name and status', async () => {
    const xml = text('cvx.xml');
    const [codes, names, statuses] = [all(xml, 'CVXCode'), all(xml, 'ShortDescription'), all(xml, 'Status')];
    expect(codes).toHaveLength(288);
    const view = await (await kit.terminology.source()).codeSystem(CVX);
    expect(view?.count).toBe(288);
    const found = await view!.find(codes);
    const unescaped = (value: string) =>
      value.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    for (const [at, code] of codes.entries()) {
      const concept = found.get(code);
      const status = concept?.properties.find((one) => one.code === 'status')?.value;
      expect([code, concept?.display, status]).toEqual([code, unescaped(names[at]!), statuses[at]]);
      expect(concept?.isActive).toBe(!['Inactive', 'Never Active'].includes(statuses[at]!));
    }
  });

  test('[TL17] every vaccine group', async () => {
    const view = await (await kit.terminology.source()).codeSystem(CVX);
    const pairs = [...text('vac2vg.xml').matchAll(/<CVXVGInfo>([\s\S]*?)<\/CVXVGInfo>/g)].map(
      ([, record]) => {
        const values = [...record!.matchAll(/<Value>([^<]*)<\/Value>/g)].map(([, value]) => value!.trim());
        return [values[1]!, values.at(-1)!] as const;
      },
    );
    expect(pairs).toHaveLength(256);
    const found = await view!.find(pairs.map(([code]) => code));
    for (const [code, group] of pairs)
      expect([
        code,
        found.get(code)?.properties.some((one) => one.code === 'vaccineGroup' && one.value === group),
      ]).toEqual([code, true]);
  });

  test('[TL17] every manufacturer', async () => {
    const values = [...text('mvx.xml').matchAll(/<Name>MVX_CODE<\/Name>\s*<Value>([^<]*)<\/Value>/g)];
    expect(values).toHaveLength(89);
    const view = await (await kit.terminology.source()).codeSystem(MVX);
    expect((await view!.find(values.map(([, code]) => code!.trim()))).size).toBe(89);
  });

  test('[TL16] every NDC of what is sold and used leads to its CVX, with the manufacturer of the linker', async () => {
    const rows = (name: string) =>
      text(name)
        .trim()
        .split('\r\n')
        .map((line) => line.split('|').map((field) => field.trim()));
    const [sale, use, linker] = ['NDC_Unit_sale.txt', 'NDC_Unit_use.txt', 'NDC_Linker.txt'].map(rows);
    const expected = [
      ...sale!.map((one) => [one[14]!, one[12]!] as const),
      ...use!.map((one) => [one[14]!, one[11]!] as const),
    ];
    expect(expected).toHaveLength(1070);
    const map = await mapBetween(NDC, CVX);
    const found = await map.rows(
      NDC,
      expected.map(([ndc]) => ndc),
    );
    for (const [ndc, cvx] of expected)
      expect([ndc, (found.get(ndc) ?? []).filter(({ target }) => target?.code === cvx).length]).toEqual([
        ndc,
        1,
      ]);
    const ndcs = {
      sale: new Map(sale!.map((one) => [one[0]!, one[14]!])),
      use: new Map(use!.map((one) => [one[0]!, one[14]!])),
    };
    let linked = 0;
    for (const [, saleId, useId, mvx] of linker!)
      for (const ndc of [ndcs.sale.get(saleId!), ndcs.use.get(useId!)]) {
        if (ndc === undefined) continue;
        const products = (found.get(ndc) ?? []).flatMap(({ product = [] }) => product);
        linked += products.some(({ system, value }) => system === MVX && value === mvx) ? 1 : 0;
      }
    expect(linked).toBeGreaterThan(1_000);
  });

  test('[TL16] an NDC of two vaccines has both, and neither is a translation', async () => {
    const [said] = await translateCodings(await kit.terminology.source(), [
      { coding: { system: NDC, code: '58160-0821-01' }, targets: [CVX] },
    ]);
    expect(said!.matches.map(({ coding, isTranslation }) => [coding.code, isTranslation])).toEqual([
      ['44', false],
      ['43', false],
    ]);
  });
});
