import { expect, test } from 'vitest';
import { previewWrites } from '../../src/clinical/record/index.ts';
import { line, map, msh, pidFields, pv1 } from './messages.ts';

/** What the guide and two independent mappings agree on (tests/conformance/mapping). */
const of = (type: string, ...lines: string[]) => {
  const { writes, findings } = map(...lines);
  return { findings, found: previewWrites(writes).filter((one) => one.resourceType === type) };
};
const pid = (fields: Readonly<Record<number, string>> = {}) => line('PID', { ...pidFields, ...fields });
const adt = (type: string, ...rest: string[]) => of(type, msh('ADT^A01'), ...rest);
const ORDER = ['ORC|NW|PL-1^EHR', 'OBR|1|PL-1^EHR||2345-7^Glucose^LN'];

test('[M114] a religion has the code of v3-ReligiousAffiliation, and the one that was sent', () => {
  const { found } = adt('Patient', pid({ 17: 'BAP' }));
  expect(JSON.stringify(found)).toContain('v3-ReligiousAffiliation","code":"1009"');
  expect(JSON.stringify(found)).toContain('v2-0006","code":"BAP"');
});

test('[M114] how important somebody is, is told of the person and of the visit, but not by an event about the person', () => {
  const visit = `${pv1().split('|').slice(0, 16).join('|')}|VIP|||V-1`;
  expect(JSON.stringify(adt('Patient', pid(), visit).found)).toContain('patient-importance');
  expect(JSON.stringify(of('Patient', msh('ADT^A31'), pid(), visit).found)).not.toContain('importance');
});

test.each([
  ['completes a single address', '12 Elm St^^Springfield', [{ district: 'Sangamon', line: ['12 Elm St'] }]],
  [
    'is one of its own beside another county',
    '12 Elm St^^Springfield^^^^^^Cook',
    [{ district: 'Cook' }, { district: 'Sangamon' }],
  ],
  ['stands alone', '', [{ district: 'Sangamon' }]],
])('[M114] PID-12 %s', (_what, address, expected) => {
  const { found } = adt('Patient', pid({ 11: address, 12: 'Sangamon' }));
  expect(found).toMatchObject([{ address: expected }]);
});

test('[M114] the number of a visit is one, whatever type its sender gave it', () => {
  const { found } = adt('Encounter', pid(), line('PV1', { 2: 'I', 19: 'V-1^^^GENERAL^AM' }));
  expect(found).toMatchObject([{ identifier: [{ type: { coding: [{ code: 'AM' }, { code: 'VN' }] } }] }]);
});

test('[M114] a social security number is written without dashes, and what is none as it came', () => {
  const numbers = (number: string) => JSON.stringify(adt('Patient', pid({ 19: number })).found);
  expect(numbers('900-11-2233')).toContain('"900112233"');
  expect(numbers('SSN-48383')).toContain('"SSN-48383"');
});

test('[M114] who had a part in a procedure is its performer', () => {
  const rol = line('ROL', { 2: 'AD', 3: 'OP^Operator^HL70443', 4: '77^Role^Rita', 14: 'Clinic^^^^^^^^^C7' });
  const { found } = adt('Procedure', pid(), pv1(), 'PR1|1||1^Biopsy^L||20260101', rol);
  expect(found).toMatchObject([{ performer: [{ function: { coding: [{ code: 'OP' }] } }] }]);
});

test('[M114] an employer has its number and address, a deductible its amount', () => {
  const in1 = {
    2: 'P1^Plan',
    4: 'Payer',
    10: 'E-1^^^X^EN',
    11: 'Acme',
    36: 'POL-1',
    37: '150&USD^DC',
    44: '2 Oak St^^Town',
  };
  const { found } = adt('Coverage', pid(), line('IN1', in1));
  expect(JSON.stringify(found)).toContain('"value":150,"currency":"USD"');
  const { found: organizations } = adt('Organization', pid(), line('IN1', in1));
  const acme = organizations.find((one) => 'name' in one && one.name === 'Acme');
  expect(acme).toMatchObject({ identifier: [{ value: 'E-1' }], address: [{ line: ['2 Oak St'] }] });
});

test('[M114] beside an order its account, its guarantor and its charges are taken', () => {
  const rest = [pid({ 18: 'AC-1' }), 'GT1|1||Payer^Paula', ...ORDER, 'FT1|1|9||20260101||CG|1^Test^L'];
  const { writes } = map(msh('ORM^O01'), ...rest);
  const types = writes.map(({ type, copy }) => `${type}${copy ? ' copy' : ''}`);
  expect(types).toEqual(expect.arrayContaining(['Account copy', 'RelatedPerson copy', 'ChargeItem']));
});

test('[M114] PRT in results: who reads, who did it, with what and where', () => {
  const prt = (fields: Readonly<Record<number, string>>) => line('PRT', { 2: 'AD', ...fields });
  const lines = [
    ...[msh('ORU^R01'), pid(), prt({ 4: 'PP', 5: '1^Primary^Pat' }), pv1(), prt({ 4: 'AT', 5: '2^At^Ann' })],
    ...[
      'ORC|RE|PL-1',
      prt({ 4: 'OP', 5: '3^Order^Olga' }),
      'OBR|1|PL-1||2345-7^Glucose^LN',
      prt({ 4: 'PRI', 5: '4^Read^Rob' }),
    ],
    ...[
      'OBX|1|NM|2345-7^Glucose^LN||98||||||F',
      prt({ 4: 'PO', 5: '5^Do^Dan', 9: 'LAB^^^GENERAL', 10: 'D-1^X', 19: 'LOT-1' }),
    ],
  ];
  expect(of('Patient', ...lines).found).toMatchObject([
    { generalPractitioner: [{ display: 'Pat Primary' }] },
  ]);
  expect(of('ServiceRequest', ...lines).found).toMatchObject([{ requester: { display: 'Olga Order' } }]);
  expect(of('DiagnosticReport', ...lines).found).toMatchObject([
    { resultsInterpreter: [{ display: 'Rob Read' }] },
  ]);
  const [result] = of('Observation', ...lines).found;
  expect(result).toMatchObject({ performer: [{ display: 'Dan Do' }], device: { display: 'D-1' } });
  expect(JSON.stringify(result)).toContain('event-location');
  expect(of('Device', ...lines).found).toMatchObject([{ lotNumber: 'LOT-1' }]);
  expect(JSON.stringify(of('Encounter', ...lines).found)).toContain('Ann At');
});

test('[M114] whom to ask about an appointment is named with telephone and address', () => {
  const sch = line('SCH', {
    1: 'P1',
    2: 'F1',
    12: '77^Role^Rita',
    13: '^WPN^PH^^1^217^5550199',
    14: '1 Elm St^^Town',
  });
  const { found } = of('Practitioner', msh('SIU^S12'), pid(), sch);
  const rita = found.find((one) => JSON.stringify(one).includes('Rita'));
  expect(rita).toMatchObject({ telecom: [{ system: 'phone' }], address: [{ line: ['1 Elm St'] }] });
});

test('[M114] how much of a drug stood in quantity and timing before TQ1', () => {
  const { found } = of(
    'MedicationRequest',
    msh('RDE^O01'),
    pid(),
    'ORC|NW|P1',
    'RXE|5&MG^Q8H^^20260101|1^Drug^L',
  );
  expect(found).toMatchObject([{ dosageInstruction: [{ doseAndRate: [{ doseQuantity: { unit: 'MG' } }] }] }]);
});

test('[M114] notes of an order beside a document are the order\u2019s', () => {
  const note = 'NTE|1||No antibodies||77^Role^Rita';
  const { found } = of('ServiceRequest', msh('MDM^T02'), pid(), ...ORDER, note, 'TXA|1|CN||||||||||D1');
  expect(found).toMatchObject([{ note: [{ text: 'No antibodies' }] }]);
});
