import { describe, expect, test } from 'vitest';
import { map, msh, pid } from './messages.ts';

const UCUM = 'http://unitsofmeasure.org';
const RULE = 'a unit of UCUM is written as UCUM has it';

/** What becomes of OBX-6, and what is found. */
function unitsOf(obx6: string, obx5 = '98.0') {
  const { writes, findings } = map(
    msh('ORU^R01').replace(/\|+UNICODE/, '||UNICODE'),
    pid,
    'OBR|1|PL-77^EHR|FI-99^LAB|24323-8^CMP^LN|||202603030815',
    `OBX|1|NM|2345-7^Glucose^LN||${obx5}|${obx6}|70-99||||F`,
  );
  const observation = writes.find(({ type }) => type === 'Observation');
  return {
    set: observation?.set,
    quantity: (observation?.set['value[x]'] as { Quantity?: object })?.Quantity,
    findings,
  };
}

describe('units of a result', () => {
  test.each([
    ['mg/dL^^UCUM', { unit: 'mg/dL', system: UCUM, code: 'mg/dL' }],
    ['mg/dL^milligram per deciliter^UCUM', { unit: 'milligram per deciliter', system: UCUM, code: 'mg/dL' }],
    ['mm[Hg]^^2.16.840.1.113883.6.8', { unit: 'mm[Hg]', system: UCUM, code: 'mm[Hg]' }],
    ['MGDL^mg/dl^L^mg/dL^^UCUM', { unit: 'mg/dl', system: UCUM, code: 'mg/dL' }],
    ['mg/dL', { unit: 'mg/dL' }],
    ['F', { unit: 'F' }],
    ['""', {}],
    ['', {}],
    ['MGDL^^L', { unit: 'MGDL', system: 'urn:isthmus:codes:general:L', code: 'MGDL' }],
  ])('[UC15] OBX-6 %j', (obx6, units) => {
    const { quantity, findings } = unitsOf(obx6);
    expect(quantity).toMatchObject(units);
    expect(Object.keys(quantity ?? {}).sort()).toEqual([...Object.keys(units), 'value'].sort());
    expect(findings).toEqual([]);
  });

  test.each([
    ['mmHg^^UCUM'],
    ['MG/DL^^UCUM'],
    ['mg / dL^^UCUM'],
    ['µg/L^^UCUM'],
    [`${'m'.repeat(300)}^^UCUM`],
  ])('[UC15] OBX-6 %j says it is UCUM and is none: its text stays, and it is found', (obx6) => {
    const { quantity, findings } = unitsOf(obx6);
    expect(quantity).toMatchObject({ unit: obx6.replace('^^UCUM', '') });
    expect(Object.keys(quantity ?? {}).sort()).toEqual(['unit', 'value']);
    expect(findings).toEqual([{ place: 'OBX^1^6', rule: RULE }]);
  });

  test('[UC15] several values of one OBX share what is found of their unit', () => {
    const { findings } = unitsOf('mmHg^^UCUM', '98.0~97.0~96.0');
    expect(findings).toEqual([{ place: 'OBX^1^6', rule: RULE }]);
  });

  test('[UC15] an amount with its unit (CQ) goes by the same rule', () => {
    const specimen = (unit: string) =>
      map(
        msh('ORU^R01'),
        pid,
        'OBR|1|PL-77^EHR|FI-99^LAB|24323-8^CMP^LN|||202603030815',
        'OBX|1|NM|2345-7^Glucose^LN||98.0|mg/dL^^UCUM|70-99||||F',
        `SPM|1|P-1&EHR^F-1&LAB||119297000^Blood^SCT||||||||5^${unit}&&UCUM`,
      );
    const right = specimen('mL').writes.find(({ type }) => type === 'Specimen');
    expect(right?.set['collection.quantity']).toEqual({ value: 5, unit: 'mL', system: UCUM, code: 'mL' });
    const { writes, findings } = specimen('cc');
    expect(writes.find(({ type }) => type === 'Specimen')?.set['collection.quantity']).toEqual({
      value: 5,
      unit: 'cc',
    });
    expect(findings).toEqual([{ place: 'SPM^1^12', rule: RULE }]);
  });
});
