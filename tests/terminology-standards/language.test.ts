import { describe, expect, test } from 'vitest';
import { expand, resourceSource, validateInValueSet } from '../../src/standards/terminology/index.ts';

type Json = Readonly<Record<string, unknown>>;

const CS = 'http://example.org/cs';
const codeSystem = {
  ...{ resourceType: 'CodeSystem', url: CS, status: 'active', content: 'complete', language: 'en' },
  concept: [
    { code: 'a', display: 'Display A', designation: [{ language: 'de', value: 'Anzeige A' }] },
    { code: 'b', display: 'Display B', designation: [{ value: 'Alternate B' }] },
  ],
};
const set = (url: string, more: object = {}, compose: object = {}) => ({
  ...{
    resourceType: 'ValueSet',
    url,
    status: 'active',
    compose: { include: [{ system: CS }], ...compose },
    ...more,
  },
});
const parameter = {
  url: 'http://hl7.org/fhir/StructureDefinition/valueset-expansion-parameter',
  extension: [
    { url: 'name', valueCode: 'displayLanguage' },
    { url: 'value', valueCode: 'de' },
  ],
};
const source = resourceSource([
  codeSystem,
  set('http://example.org/any'),
  set('http://example.org/english', { language: 'en' }),
  set('http://example.org/german', {}, { extension: [parameter] }),
]);

const validated = async (values: Json) => {
  const inputs = Object.entries({ url: 'http://example.org/any', system: CS, ...values }).map(
    ([name, value]) => ({ name, value }),
  );
  const { parameter: all } = (await validateInValueSet({ source, inputs })) as {
    readonly parameter: readonly Json[];
  };
  const one = (name: string) => all.find((part) => part.name === name);
  const issues = (one('issues')?.resource as { issue?: readonly Json[] } | undefined)?.issue ?? [];
  return [
    one('result')?.valueBoolean,
    one('display')?.valueString,
    issues.map(({ severity }) => severity).join(),
  ];
};

describe('[TX21] displays in languages', () => {
  test('without a language any text of the code will do', async () => {
    expect(await validated({ code: 'a', display: 'Anzeige A' })).toEqual([true, 'Display A', '']);
    expect(await validated({ code: 'a', display: 'DISPLAY A' })).toEqual([true, 'Display A', '']);
    expect(await validated({ code: 'a', display: 'Display  A' })).toEqual([false, 'Display A', 'error']);
  });

  test('with languages one of theirs', async () => {
    expect(await validated({ code: 'a', display: 'Anzeige A', displayLanguage: 'it,de;q=0.5' })).toEqual([
      true,
      'Anzeige A',
      '',
    ]);
    expect(await validated({ code: 'a', display: 'Anzeige A', displayLanguage: 'en' })).toEqual([
      false,
      'Display A',
      'error',
    ]);
  });

  test('where there is none in the language, the default one will do, and that is told', async () => {
    expect(await validated({ code: 'b', display: 'Alternate B', displayLanguage: 'de' })).toEqual([
      true,
      'Display B',
      'information',
    ]);
    expect(await validated({ code: 'b', display: 'Something', displayLanguage: 'de' })).toEqual([
      false,
      'Display B',
      'error',
    ]);
  });

  test('lenient validation warns', async () =>
    expect(await validated({ code: 'b', display: 'Something', 'lenient-display-validation': true })).toEqual([
      true,
      'Display B',
      'warning',
    ]));

  test('a value set may have a language of its own', async () => {
    const url = 'http://example.org/english';
    expect(await validated({ url, code: 'a', display: 'Anzeige A' })).toEqual([false, 'Display A', 'error']);
    expect(await validated({ url, code: 'a', display: 'Anzeige A', displayLanguage: 'de' })).toEqual([
      true,
      'Anzeige A',
      '',
    ]);
    const german = await expand({ source, inputs: [{ name: 'url', value: 'http://example.org/german' }] });
    expect((german.expansion as Json).contains).toMatchObject([
      { display: 'Anzeige A' },
      { display: 'Display B' },
    ]);
  });
});
