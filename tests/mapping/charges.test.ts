import { describe, expect, test } from 'vitest';
import { previewWrites, type RecordWrite } from '../../src/clinical/record/index.ts';
import { line, map, msh, pid, pv1 } from './messages.ts';

const ft1Fields = {
  1: '1',
  2: 'T-1',
  4: '20260303090000^20260303093000',
  5: '20260304',
  6: 'CG',
  7: '99213^Visit^C4',
  10: '2',
  11: '100.50&USD',
  12: '50.25&USD',
  13: 'CARD^Cardiology^L',
  19: 'I10^Hypertension^I10C~E11.9^^I10C',
  20: '1234567893^Reyes^Maria^^^Dr^^^&2.16.840.1.113883.4.6&ISO^L^^^NPI',
  21: '2345678901^Novak^Jan',
  23: 'F-7^LAB',
  24: '77^Clerk^Cleo',
  25: '99213^Visit^C4',
  26: '25^^C4~95^^C4',
  29: '0409-4888-10^Saline^NDC',
};
const ft1 = (fields: Readonly<Record<number, string>> = {}) => line('FT1', { ...ft1Fields, ...fields });
const dft = (...rest: string[]) => map(msh('DFT^P03^DFT_P03'), 'EVN|P03|20260303104500', pid, pv1(), ...rest);
const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
const charge = (...rest: string[]) => of(dft(...rest).writes, 'ChargeItem')[0]!;

describe('[M65] DFT: each transaction that charges is a ChargeItem', () => {
  test('with its codes, modifiers, times, amounts and people', () => {
    const { writes, findings } = dft(ft1(), 'NTE|1||agreed by phone');
    expect(findings).toEqual([]);
    const [written] = of(writes, 'ChargeItem');
    const encounter = of(writes, 'Encounter')[0];
    expect(written?.set).toMatchObject({
      status: 'billable',
      'identifier@FT1-2': [{ value: 'T-1' }],
      code: {
        coding: [
          { system: 'http://www.ama-assn.org/go/cpt', code: '99213' },
          { system: 'urn:isthmus:procedure-modifier', code: '25' },
          { system: 'urn:isthmus:procedure-modifier', code: '95' },
        ],
        text: 'Visit',
      },
      'occurrence[x]': {
        Period: { start: '2026-03-03T09:00:00-05:00', end: '2026-03-03T09:30:00-05:00' },
      },
      enteredDate: '2026-03-04',
      'reason@FT1-19': [{ coding: [{ code: 'I10' }] }, { coding: [{ code: 'E11.9' }] }],
      costCenter: { display: 'Cardiology' },
      'performer@FT1-20': [{ actor: { display: 'Dr Maria Reyes' } }],
      'performer@FT1-21': [{ function: { coding: [{ code: 'OP' }] }, actor: { display: 'Jan Novak' } }],
      enterer: { display: 'Cleo Clerk' },
      'supportingInformation@FT1-23': [{ type: 'ServiceRequest', identifier: { value: 'F-7' } }],
      'product[x]': { CodeableConcept: { coding: [{ code: '0409-4888-10' }] } },
      'note@NTE-3': [{ text: 'agreed by phone' }],
      context: { reference: `Encounter/${encounter?.id}` },
    });
    expect(JSON.stringify(written?.set.priceOverride)).toContain('100.50');
    expect(written?.set.priceOverride).toMatchObject({ currency: 'USD' });
  });

  test('a transaction time of before 2.5 is a moment', () => {
    expect(charge(ft1({ 4: '20260303^D' })).set['occurrence[x]']).toEqual({ DateTime: '2026-03-03' });
  });

  test('the price of one is the total only where one was charged', () => {
    expect(charge(ft1({ 11: '' })).set).not.toHaveProperty('priceOverride');
    expect(JSON.stringify(charge(ft1({ 10: '1', 11: '' })).set.priceOverride)).toContain('50.25');
  });

  test('the code may stand in FT1-25 alone', () => {
    expect(charge(ft1({ 7: '', 26: '' })).set.code).toMatchObject({ coding: [{ code: '99213' }] });
  });

  test('an amount that is no number is found, and the charge is kept', () => {
    const { writes, findings } = dft(ft1({ 11: 'twelve&USD' }));
    expect(findings).toMatchObject([{ place: expect.stringContaining('FT1^1^11') }]);
    expect(of(writes, 'ChargeItem')).toHaveLength(1);
  });

  test('without a code it says so in what a reader gets', () => {
    const { writes } = dft('FT1|1|T-1||20260303||CG');
    expect(previewWrites(writes).find((one) => one.resourceType === 'ChargeItem')).toMatchObject({
      status: 'billable',
      code: { coding: [{ code: 'unknown' }] },
    });
  });
});

describe('[M66] which charge it is', () => {
  test('its number within the visit, so that a repeat is the same and two visits are not', () => {
    const first = charge(ft1());
    expect(charge(ft1({ 10: '3' })).id).toBe(first.id);
    const other = map(msh('DFT^P03'), pid, pv1('V-9'), ft1());
    expect(of(other.writes, 'ChargeItem')[0]?.id).not.toBe(first.id);
  });

  test('no charge of a message is lost to another with its number, or without one', () => {
    for (const number of ['T-1', '']) {
      const ids = of(dft(ft1({ 2: number }), ft1({ 2: number, 7: '99214' })).writes, 'ChargeItem').map(
        ({ id }) => id,
      );
      expect(new Set(ids).size).toBe(2);
    }
  });

  test('a credit takes back, and is not the charge itself', () => {
    const credit = charge(ft1({ 6: 'CD' }));
    expect(credit.id).not.toBe(charge(ft1()).id);
    expect(JSON.stringify(credit.set.quantity)).toContain('-2');
    expect(JSON.stringify(credit.set.priceOverride)).toContain('-100.50');
    expect(JSON.stringify(charge(ft1({ 6: 'CD', 10: '-2' })).set.quantity)).toContain('-2');
  });

  test.each(['PY', 'AJ', 'CO'])('%s is no charge, which is found', (type) => {
    const { writes, findings } = dft(ft1({ 6: type }));
    expect(of(writes, 'ChargeItem')).toEqual([]);
    expect(findings).toMatchObject([{ place: 'FT1^1^6' }]);
  });

  test('an unknown type is a charge of unknown status', () => {
    const { writes, findings } = dft(ft1({ 6: 'ZZ' }));
    expect(of(writes, 'ChargeItem')[0]).toMatchObject({ initial: { status: 'unknown' } });
    expect(of(writes, 'ChargeItem')[0]?.set).not.toHaveProperty('status');
    expect(findings).toMatchObject([{ place: 'FT1^1^6' }]);
  });

  test('a message without charges says so', () => {
    expect(dft().findings).toEqual([{ place: 'FT1', rule: 'a charge has an FT1' }]);
  });
});

describe('[M67] what stands beside the charges', () => {
  const { writes } = dft(
    'ORC|RE|P-7^LAB|F-7^LAB',
    'OBR|1|P-7^LAB|F-7^LAB|GLU^Glucose^L',
    ft1(),
    'PR1|1||71045^X-ray^C4||20260303',
    'DG1|1||I10^Hypertension^I10C',
    'DG1|2||E11.9^^I10C',
  );

  test('procedures are what the charge is for', () => {
    const [procedure] = of(writes, 'Procedure');
    expect(of(writes, 'ChargeItem')[0]?.set.service).toEqual([{ reference: `Procedure/${procedure?.id}` }]);
  });

  test('diagnoses, procedures and orders are copies, and a bill ends nothing that it does not list', () => {
    expect(of(writes, 'Condition')).toHaveLength(2);
    for (const type of ['Condition', 'Procedure', 'ServiceRequest', 'Patient', 'Encounter'])
      for (const write of of(writes, type)) expect(write.copy, type).toBe(true);
    expect(of(writes, 'List')).toEqual([]);
  });
});
