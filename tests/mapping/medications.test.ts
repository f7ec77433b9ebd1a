import { describe, expect, test } from 'vitest';
import { previewWrites, type RecordWrite } from '../../src/clinical/record/index.ts';
import { line, map, msh, pid, pv1 } from './messages.ts';

const orcFields = {
  1: 'NW',
  2: 'P-1^CPOE',
  3: 'F-1^PHARM',
  4: 'G-1^CPOE',
  9: '20260303090000',
  10: '55^Entry^Ed',
  12: '1234567893^Reyes^Maria^^^Dr^^^&2.16.840.1.113883.4.6&ISO^L^^^NPI',
};
const orc = (fields: Readonly<Record<number, string>> = {}) => line('ORC', { ...orcFields, ...fields });
const rxeFields = {
  2: '313782^Acetaminophen 325 MG Oral Tablet^RXNORM',
  3: '325.0',
  4: '650',
  5: 'mg^mg^UCUM',
  7: 'T1^Take with food^L~^Not more than prescribed',
  9: 'N',
  10: '30',
  11: '{tbl}^tablets^UCUM',
  12: '2',
  15: 'RX-77',
  19: '3000^mg',
  21: '^Child-proof cap',
  27: 'R52^Pain^I10C',
  40: 'PH1^Main Pharmacy^L',
};
const rxe = (fields: Readonly<Record<number, string>> = {}) => line('RXE', { ...rxeFields, ...fields });
const tq1 = (fields: Readonly<Record<number, string>> = {}) =>
  line('TQ1', { 1: '1', 3: 'Q6H', 7: '20260303100000', 8: '20260313', 9: 'R', 11: 'by mouth', ...fields });
const rde = (...rest: string[]) => map(msh('RDE^O11^RDE_O11'), pid, pv1(), ...rest);
const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
const ordered = (...rest: string[]) => of(rde(...rest).writes, 'MedicationRequest')[0]!;
const dosage = (...rest: string[]) =>
  (ordered(...rest).set.dosageInstruction as Record<string, unknown>[])[0];

describe('[M72] RDE: each order of a drug is a MedicationRequest', () => {
  const { writes, findings } = rde(
    orc(),
    rxe(),
    'NTE|1||call before filling',
    tq1(),
    'RXR|PO^Oral^HL70162|MTH^Mouth^HL70163||CH^Chew^HL70165',
  );
  const request = of(writes, 'MedicationRequest')[0]!;

  test('with what, for what, by whom, and how much is dispensed', () => {
    expect(findings).toEqual([]);
    expect(request.copy).toBeUndefined();
    expect(request.initial).toMatchObject({ intent: 'order' });
    expect(request.set).toMatchObject({
      status: 'active',
      priority: 'routine',
      'identifier@ORC-2': [{ value: 'P-1' }],
      'identifier@ORC-3': [{ value: 'F-1' }],
      'identifier@RXE-15': [{ value: 'RX-77' }],
      groupIdentifier: { value: 'G-1' },
      'medication[x]': {
        CodeableConcept: {
          coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '313782' }],
        },
      },
      authoredOn: '2026-03-03T09:00:00-05:00',
      requester: { display: 'Dr Maria Reyes' },
      recorder: { display: 'Ed Entry' },
      reasonCode: [{ coding: [{ code: 'R52' }] }],
      'dispenseRequest.quantity': { unit: 'tablets', code: '{tbl}' },
      'dispenseRequest.numberOfRepeatsAllowed': 2,
      'dispenseRequest.performer': { display: 'Main Pharmacy' },
      'substitution.allowedCodeableConcept': { coding: [{ code: 'N' }, {}] },
      'note@RXE-21': [{ text: 'Child-proof cap' }],
      'note@NTE-3': [{ text: 'call before filling' }],
      subject: { reference: `Patient/${of(writes, 'Patient')[0]?.id}` },
      encounter: { reference: `Encounter/${of(writes, 'Encounter')[0]?.id}` },
    });
  });

  test('and how to take it: dose, route, site, method, when and how often', () => {
    expect(request.set.dosageInstruction).toMatchObject([
      {
        text: 'by mouth\nTake with food\nNot more than prescribed',
        timing: {
          code: { coding: [{ code: 'Q6H' }] },
          repeat: {
            frequency: 1,
            period: 6,
            periodUnit: 'h',
            boundsPeriod: { start: '2026-03-03T10:00:00-05:00', end: '2026-03-13' },
          },
        },
        route: { coding: [{ code: 'PO' }, {}] },
        site: { coding: [{ code: 'MTH' }] },
        method: { coding: [{ system: 'http://snomed.info/sct', code: '419747000' }, {}] },
        doseAndRate: [{ doseRange: { low: { code: 'mg' }, high: { code: 'mg' } } }],
        maxDosePerPeriod: { numerator: { unit: 'mg' }, denominator: { code: 'd' } },
      },
    ]);
    expect(JSON.stringify(request.set.dosageInstruction)).toContain('325.0');
  });

  test('a dose without a second amount, or with the same, is one quantity', () => {
    expect(dosage(orc(), rxe({ 4: '' }))).toMatchObject({ doseAndRate: [{ doseQuantity: { unit: 'mg' } }] });
    expect(dosage(orc(), rxe({ 3: '5', 4: '5' }))).toMatchObject({ doseAndRate: [{ doseQuantity: {} }] });
    expect(dosage(orc(), rxe({ 3: '', 4: '', 23: '20', 24: 'mL/h^mL/h^UCUM' }))).toMatchObject({
      doseAndRate: [{ rateQuantity: { code: 'mL/h' } }],
    });
  });

  test('a dose that is no number is found, and the rest taken', () => {
    const { writes: kept, findings: found } = rde(orc(), rxe({ 3: 'some', 4: '' }), tq1());
    expect(found).toMatchObject([{ place: expect.stringContaining('RXE^1^3') }]);
    expect(of(kept, 'MedicationRequest')[0]?.set).toHaveProperty('medication[x]');
  });
});

describe('[M73] when it is taken', () => {
  test.each([
    ['BID', { frequency: 2, period: 1, periodUnit: 'd' }],
    ['5ID', { frequency: 5, period: 1, periodUnit: 'd' }],
    ['Q8H', { frequency: 1, period: 8, periodUnit: 'h' }],
    ['Q30M', { frequency: 1, period: 30, periodUnit: 'min' }],
    ['QOD', { frequency: 1, period: 2, periodUnit: 'd' }],
  ])('%s in numbers', (pattern, repeat) => {
    expect(dosage(orc(), rxe(), tq1({ 3: pattern, 7: '', 8: '' }))).toMatchObject({ timing: { repeat } });
  });

  test('other patterns by their code alone', () => {
    const { timing } = dosage(orc(), rxe(), tq1({ 3: 'QHS', 7: '', 8: '' })) as { timing: object };
    expect(timing).toEqual({ code: { coding: [expect.objectContaining({ code: 'QHS' })], text: 'QHS' } });
  });

  test('before 2.5 it stands in RXE-1', () => {
    expect(dosage(orc(), rxe({ 1: '^Q6H^D10^20260303^20260313' }))).toMatchObject({
      timing: {
        code: { coding: [{ code: 'Q6H' }] },
        repeat: { period: 6, boundsPeriod: { start: '2026-03-03', end: '2026-03-13' } },
      },
    });
  });

  test('as needed, and when', () => {
    expect(dosage(orc(), rxe(), tq1({ 9: 'PRN', 10: 'for pain' }))).toMatchObject({
      asNeededCodeableConcept: { text: 'for pain' },
    });
    expect(dosage(orc(), rxe(), tq1({ 9: 'PRN' }))).toMatchObject({ asNeededBoolean: true });
    expect(dosage(orc(), rxe(), tq1({ 10: 'fasting' }))).toMatchObject({
      additionalInstruction: [{ text: 'fasting' }],
    });
  });

  test('several timings are dosages in their order', () => {
    const { set } = ordered(orc(), rxe(), tq1(), tq1({ 3: 'QHS' }));
    expect(set.dosageInstruction).toMatchObject([{ sequence: 1 }, { sequence: 2 }]);
  });

  test('what is encoded takes the place of what was asked for', () => {
    const asked = 'RXO|X^Asked^L|1||tab|';
    const one = dosage(
      orc(),
      tq1({ 3: 'QD' }),
      asked,
      'RXR|IV^^HL70162',
      rxe(),
      tq1({ 3: 'BID' }),
      'RXR|PO^^HL70162',
    );
    expect(one).toMatchObject({
      timing: { repeat: { frequency: 2 } },
      route: { coding: [{ code: 'PO' }, {}] },
    });
    expect(dosage(orc(), tq1({ 3: 'QD' }), asked, 'RXR|IV^^HL70162')).toMatchObject({
      timing: { repeat: { frequency: 1 } },
      route: { coding: [{ code: 'IVINJ' }, {}] },
    });
  });

  test('a second route is found, because a dosage has one', () => {
    expect(rde(orc(), rxe(), 'RXR|PO', 'RXR|IV').findings).toEqual([
      { place: 'RXR^2^1', rule: 'a dosage has one route' },
    ]);
  });
});

describe('[M74] the drug', () => {
  test('with form, strength or components is contained, so that it is read wherever the order is', () => {
    const { set } = ordered(
      orc(),
      rxe({ 6: 'TAB^Tablet^HL70292' }),
      'RXC|B^^|D5W^Dextrose 5%^L|1000|mL^mL^UCUM',
      'RXC|A|KCL^Potassium chloride^L|20|meq',
    );
    expect(set['medication[x]']).toMatchObject({ Reference: { reference: '#medication' } });
    expect(set.contained).toMatchObject([
      {
        resourceType: 'Medication',
        form: { coding: [{ code: 'TAB' }] },
        ingredient: [
          { itemCodeableConcept: { text: 'Dextrose 5%' }, isActive: false },
          { itemCodeableConcept: { text: 'Potassium chloride' }, isActive: true },
        ],
      },
    ]);
  });

  test('a strength is of what is given', () => {
    const { set } = ordered(orc(), rxe({ 25: '5', 26: 'mg', 33: '1', 34: 'mL' }));
    expect(set.contained).toMatchObject([
      { ingredient: [{ strength: { numerator: { unit: 'mg' }, denominator: { unit: 'mL' } } }] },
    ]);
  });

  test('without any of them it is a code, and nothing is contained any more', () => {
    expect(ordered(orc(), rxe()).remove).toContain('contained');
  });

  test('that nobody names is one nobody knows', () => {
    const { writes } = rde(orc());
    expect(previewWrites(writes).find((one) => one.resourceType === 'MedicationRequest')).toMatchObject({
      medicationCodeableConcept: { coding: [{ code: 'unknown' }] },
    });
  });
});

describe('[M75] its status and identity', () => {
  test.each([
    [{ 1: 'NW' }, 'active'],
    [{ 1: 'CA' }, 'cancelled'],
    [{ 1: 'OC' }, 'cancelled'],
    [{ 1: 'DC' }, 'stopped'],
    [{ 1: 'OD' }, 'stopped'],
    [{ 1: 'HD' }, 'on-hold'],
    [{ 1: 'SC', 5: 'CM' }, 'completed'],
    [{ 1: 'SC', 5: 'ER' }, 'entered-in-error'],
    [{ 1: 'SC', 5: 'DC' }, 'stopped'],
  ])('%o is %s', (fields, status) => {
    expect(ordered(orc(fields), rxe()).set.status).toBe(status);
  });

  test('it is the placer\u2019s, whatever becomes of it', () => {
    expect(ordered(orc({ 1: 'DC', 3: '' }), rxe({ 2: 'other' })).id).toBe(ordered(orc(), rxe()).id);
    expect(ordered(orc({ 2: 'P-1^OTHER' }), rxe()).id).not.toBe(ordered(orc(), rxe()).id);
  });

  test('no order is lost to another with its number, or without one', () => {
    const bare = orc({ 2: '', 3: '' });
    const { writes } = rde(
      orc(),
      rxe(),
      orc(),
      rxe({ 2: 'B' }),
      bare,
      rxe({ 15: '' }),
      bare,
      rxe({ 15: '' }),
    );
    expect(new Set(of(writes, 'MedicationRequest').map(({ id }) => id)).size).toBe(4);
  });

  test('an order that takes the place of another names it', () => {
    const [old, fresh] = of(
      rde(orc({ 1: 'RP' }), rxe(), orc({ 1: 'RO', 2: 'P-2^CPOE' }), rxe()).writes,
      'MedicationRequest',
    );
    expect(old?.set.status).toBe('stopped');
    expect(fresh?.set).toMatchObject({
      status: 'active',
      priorPrescription: { reference: `MedicationRequest/${old?.id}` },
    });
  });

  test('what the prescriber went by is with it', () => {
    const { writes } = rde(orc(), rxe(), 'OBX|1|NM|29463-7^Weight^LN||70.5|kg^^UCUM|||||F');
    const [weight] = of(writes, 'Observation');
    expect(of(writes, 'MedicationRequest')[0]?.set.supportingInformation).toEqual([
      { reference: `Observation/${weight?.id}` },
    ]);
  });

  test('a message without an order says so, and what stands outside of one is found', () => {
    expect(rde('RXR|PO').findings.map(({ place }) => place)).toEqual(['RXR^1', 'RXE']);
  });
});
