import { describe, expect, test } from 'vitest';
import {
  builtInSource,
  combineSources,
  type Definition,
  expand,
  lookup,
  resourceSource,
  unitSource,
  validateInCodeSystem,
  validateInValueSet,
} from '../../src/standards/terminology/index.ts';

const UCUM = 'http://unitsofmeasure.org';
const BY_VOLUME = 'http://example.org/vs/mass-by-volume';
const compose = (filter: object) => ({
  resourceType: 'ValueSet',
  url: BY_VOLUME,
  status: 'active',
  compose: { include: [{ system: UCUM, filter: [filter] }] },
});
const source = combineSources([
  unitSource(),
  resourceSource([compose({ property: 'canonical', op: '=', value: 'g/L' })]),
  builtInSource(),
]);

const inputs = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const answer = ({ parameter }: Definition) =>
  Object.fromEntries(
    (parameter as readonly Record<string, unknown>[]).map(({ name, ...rest }) => [
      name,
      Object.values(rest)[0],
    ]),
  );

describe('UCUM as a code system', () => {
  test.each([
    ['mg/dL', true],
    ['mm[Hg]', true],
    ['{cells}/uL', true],
    ['mmHg', false],
    ['MG/DL', false],
    ['constructor', false],
  ])('[UC16] $validate-code of %s: %s', async (code, result) => {
    const given = await validateInCodeSystem({ source, inputs: inputs({ url: UCUM, code }) });
    expect(answer(given).result).toBe(result);
  });

  test('[UC16] a display is the code or the code in words', async () => {
    const valid = async (display: string) =>
      answer(await validateInCodeSystem({ source, inputs: inputs({ url: UCUM, code: 'mg/dL', display }) }))
        .result;
    expect(await valid('mg/dL')).toBe(true);
    expect(await valid('(milligram) / (deciliter)')).toBe(true);
    expect(await valid('grams')).toBe(false);
  });

  test('[UC16] $lookup tells the unit in words and its canonical form', async () => {
    const given = await lookup({ source, inputs: inputs({ system: UCUM, code: 'mmol/L' }) });
    expect(answer(given)).toMatchObject({ name: 'UCUM', version: '2.1', display: '(millimole) / (liter)' });
    expect(JSON.stringify(given)).toContain('mol.m-3');
    await expect(lookup({ source, inputs: inputs({ system: UCUM, code: 'mmHg' }) })).rejects.toMatchObject({
      type: 'not-found',
    });
  });

  test('[UC16] a value set of what can be converted into g/L has mg/dL, and not mmol/L', async () => {
    const valid = async (code: string) =>
      answer(await validateInValueSet({ source, inputs: inputs({ url: BY_VOLUME, system: UCUM, code }) }))
        .result;
    expect(await valid('mg/dL')).toBe(true);
    expect(await valid('mmol/L')).toBe(false);
    expect(await valid('mmHg')).toBe(false);
  });

  test("[UC16] FHIR's value set of all units is all units, and cannot be listed", async () => {
    const url = 'http://hl7.org/fhir/ValueSet/ucum-units';
    const valid = async (code: string) =>
      answer(await validateInValueSet({ source, inputs: inputs({ url, system: UCUM, code }) })).result;
    expect(await valid('10*3/uL')).toBe(true);
    expect(await valid('K/uL/x')).toBe(false);
    await expect(expand({ source, inputs: inputs({ url }) })).rejects.toMatchObject({ type: 'too-costly' });
  });

  test('[UC16] another version or another filter is not answered', async () => {
    expect(await source.codeSystem(UCUM, '1.9')).toBeUndefined();
    const other = combineSources([
      unitSource(),
      resourceSource([compose({ property: 'kind', op: '=', value: 'x' })]),
    ]);
    await expect(
      validateInValueSet({ source: other, inputs: inputs({ url: BY_VOLUME, system: UCUM, code: 'mg' }) }),
    ).rejects.toMatchObject({ type: 'not-supported' });
  });
});
