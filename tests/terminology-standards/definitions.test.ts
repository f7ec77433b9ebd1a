import { describe, expect, test } from 'vitest';
import {
  builtInSource,
  combineSources,
  expand,
  resourceSource,
  validateInCodeSystem,
  validateInValueSet,
} from '../../src/standards/terminology/index.ts';

type Json = Readonly<Record<string, unknown>>;

const builtIn = builtInSource();
const inputs = (values: Json) => Object.entries(values).map(([name, value]) => ({ name, value }));
const result = ({ parameter }: Json) =>
  (parameter as readonly Json[]).find(({ name }) => name === 'result')?.valueBoolean;
const isCode = async (url: string, code: string) =>
  result(await validateInCodeSystem({ source: builtIn, inputs: inputs({ url, code }) }));

describe('[TX10] what is built in', () => {
  test('are the code systems and value sets of R4, v2 and v3', async () => {
    for (const [url, code] of [
      ['http://hl7.org/fhir/administrative-gender', 'female'],
      ['http://terminology.hl7.org/CodeSystem/v2-0001', 'A'],
      ['http://terminology.hl7.org/CodeSystem/v2-0360|2.7', 'MD'],
      ['http://terminology.hl7.org/CodeSystem/v3-ActCode', 'AMB'],
    ] as const)
      expect([url, await isCode(url, code), await isCode(url, 'no such code')]).toEqual([url, true, false]);
  });

  test('has languages and media types by their grammars', async () => {
    expect(
      await Promise.all(
        ['en', 'de-CH', 'zh-Hant-TW', 'x-own'].map((code) => isCode('urn:ietf:bcp:47', code)),
      ),
    ).toEqual([true, true, true, true]);
    expect(
      await Promise.all(['e', 'en_US', 'toolongtag-x'].map((code) => isCode('urn:ietf:bcp:47', code))),
    ).toEqual([false, false, false]);
    expect(await isCode('urn:ietf:bcp:13', 'application/fhir+json; fhirVersion=4.0')).toBe(true);
    expect(await isCode('urn:ietf:bcp:13', 'json')).toBe(false);
    const answer = await validateInValueSet({
      source: builtIn,
      inputs: inputs({
        url: 'http://hl7.org/fhir/ValueSet/mimetypes',
        system: 'urn:ietf:bcp:13',
        code: 'text/plain',
      }),
    });
    expect(result(answer)).toBe(true);
  });

  test('says of codes that others license that they are not there', async () => {
    const url = 'http://hl7.org/fhir/ValueSet/condition-severity';
    await expect(expand({ source: builtIn, inputs: inputs({ url }) })).rejects.toMatchObject({
      type: 'not-supported',
    });
    const answer = await validateInValueSet({
      source: builtIn,
      inputs: inputs({ url, system: 'http://snomed.info/sct', code: '24484000' }),
    });
    expect(result(answer)).toBe(false);
    expect(JSON.stringify(answer)).toContain('licence');
  });

  test('is unpacked when it is asked for, in milliseconds', async () => {
    const cpu = process.cpuUsage();
    for (const url of ['languages', 'v3-ActMood', 'v2-0003', 'units-of-time'])
      await builtInSource().valueSet(`http://hl7.org/fhir/ValueSet/${url}`);
    const { user, system } = process.cpuUsage(cpu);
    expect((user + system) / 1000).toBeLessThan(500);
  });
});

describe('[TX11] several sources', () => {
  const own = (more: Json) => ({
    ...{
      resourceType: 'CodeSystem',
      url: 'http://example.org/cs',
      status: 'active',
      content: 'complete',
      concept: [{ code: 'a' }],
    },
    ...more,
  });
  const source = combineSources([
    resourceSource([
      own({ version: '1.2', content: 'not-present', concept: [] }),
      own({ version: '1.10' }),
      own({ version: '2.0', status: 'draft' }),
    ]),
    resourceSource([
      own({ version: '1.2', name: 'Second' }),
      own({ url: 'http://hl7.org/fhir/administrative-gender', version: '9', name: 'Own' }),
    ]),
    builtIn,
  ]);

  test('the first that has something wins, content before a stub', async () => {
    expect((await source.codeSystem('http://example.org/cs', '1.2'))?.name).toBe('Second');
    expect((await source.codeSystem('http://hl7.org/fhir/administrative-gender'))?.name).toBe('Own');
    expect((await source.codeSystem('http://hl7.org/fhir/administrative-gender', '4.0.1'))?.name).toBe(
      'AdministrativeGender',
    );
  });

  test('without a version the latest that is active is meant', async () => {
    expect((await source.codeSystem('http://example.org/cs'))?.version).toBe('1.10');
    expect(await source.codeSystemVersions('http://example.org/cs')).toEqual(['1.2', '1.10', '2.0']);
  });

  test('a version may be a pattern', async () => {
    const version = async (wanted: string) => {
      const answer = await validateInCodeSystem({
        source,
        inputs: inputs({ url: 'http://example.org/cs', version: wanted, code: 'a' }),
      });
      return (answer.parameter as readonly Json[]).find(({ name }) => name === 'version')?.valueString;
    };
    expect([await version('1.x'), await version('2.0'), await version('3.x')]).toEqual([
      '1.10',
      '2.0',
      undefined,
    ]);
  });
});
