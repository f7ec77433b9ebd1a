import { type Hl7Message, parseMessage } from '../../../../src/standards/hl7v2/index.ts';

/**
 * Messages of ours for fields that no message of the collections has, or that no other field of theirs lets show: what a field does is seen by
 * taking it out.
 */
const fields = (name: string, values: Readonly<Record<number, string>>): string => {
  const last = Math.max(...Object.keys(values).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => values[index + 1] ?? '')].join('|');
};
const message = (type: string, ...segments: readonly string[]): Hl7Message =>
  parseMessage(
    Buffer.from(
      `${[
        `MSH|^~\\&|A|B|C|D|20260101120000||${type}|S1|P|2.5.1`,
        'PID|1||1^^^X^MR||Unit^Una||19800101|F',
        ...segments,
      ].join('\r')}\r`,
    ),
  );

const visit = (values: Readonly<Record<number, string>> = {}) =>
  fields('PV1', { 1: '1', 2: 'O', 19: 'V1', ...values });
const who = '77^Role^Rita^^^^^^NPI';
const place = 'WARD^1^A^HOSP';
const clinic = 'Clinic^^^^^X^XX^^^C7';
const where = '1 Elm St^^Town^IL^62701';
const phone = '^WPN^PH^^1^217^5550199';
const SCH = 'SCH|P1|F1';
const ORDER = 'ORC|NW|P1';
const OBR = 'OBR|1|P1|F1|1^Panel^L';
const rol = (role: string) =>
  fields('ROL', {
    1: '1',
    2: 'AD',
    3: `${role}^Role^HL70443`,
    4: who,
    5: '20260101',
    6: '20260201',
    9: '9^Nurse^L',
    12: phone,
    13: place,
    14: clinic,
  });
const prt = (role: string) =>
  fields('PRT', {
    1: '1',
    2: 'AD',
    4: `${role}^Role^HL70443`,
    5: who,
    8: clinic,
    9: place,
    11: '20260101',
    12: '20260201',
    14: where,
    15: phone,
  });
const device = fields('PRT', {
  ...{
    1: '1',
    2: 'AD',
    4: 'EQUIP^Equipment^HL70912',
    10: 'D-1^X',
    16: '(01)12345678901231',
    17: '20240101',
    18: '20300101',
  },
  ...{ 19: 'LOT-1', 20: 'SER-1', 21: 'DI-1', 22: '9^Pump^L' },
});

export const samples: readonly Hl7Message[] = [
  ...['AIL|1||WARD^^^HOSP', 'AIP|1||77^Role^Rita'].flatMap((resource) => [
    message('SIU^S12', SCH, visit(), `${resource}|||20260301090000|||30|MIN||PENDING`),
    message('SIU^S12', `${SCH}|||||||||^^^20260301090000`, visit(), `${resource}||||15|MIN|30|MIN`),
  ]),
  message('SIU^S12', SCH, visit(), 'AIG|1||9^Scanner^L|E^Equipment^L||||20260301090000|||30|MIN||PENDING'),
  message(
    'SIU^S12',
    `${SCH}|||||||||^^^20260301090000`,
    visit(),
    'AIG|1||9^Scanner^L|E^Equipment^L|||||15|MIN|30|MIN',
  ),
  message('SIU^S12', SCH, visit(), 'AIS|1||9^Visit^L|20260301090000|||30|MIN||PENDING'),
  message('SIU^S12', `${SCH}|||||||||^^^20260301090000`, fields('TQ1', { 1: '1' })),
  message(
    'SIU^S12',
    fields('SCH', { 1: 'P1', 2: 'F1', 11: '^^^20260301090000', 25: 'Booked', 26: 'PO-1', 27: 'FO-1' }),
  ),
  message(
    'ADT^A01',
    visit(),
    fields('DG1', {
      1: '1',
      3: 'X^Pain^L',
      5: '20260101',
      6: 'F',
      15: '1',
      16: who,
      19: '20260102',
      20: 'D-1',
      21: 'D',
    }),
  ),
  message('SIU^S12', fields('SCH', { 1: 'P1', 2: 'F1', 11: '^^^20260301090000', 27: 'FO-1' })),
  message('RDE^O11', ORDER, fields('RXE', { 2: '1^Drug^L', 3: '1', 5: 'mg', 19: '4^mg' })),
  message('ADT^A08', visit({ 2: 'I', 45: '20260102120000' })),
  message('ADT^A01', 'PD1||||77^Role^Rita', rol('PP'), visit(), rol('AT')),
  message('ADT^A01', rol('NP'), visit()),
  message('ADT^A01', prt('PP'), visit(), prt('AT')),
  message('ADT^A01', prt('NP'), visit()),
  message(
    'VXU^V04',
    'ORC|RE||F1',
    fields('RXA', { 1: '0', 2: '1', 3: '20260101', 5: '08^HepB^CVX', 6: '1', 20: 'RE' }),
  ),
  message(
    'VXU^V04',
    'ORC|RE||F1',
    fields('RXA', { 1: '0', 2: '1', 3: '20260101', 5: '08^HepB^CVX', 6: '1', 21: 'D' }),
  ),
  message(
    'RDE^O11',
    ORDER,
    fields('RXO', {
      1: '1^Drug^L',
      2: '1',
      3: '2',
      4: 'mg^mg^UCUM',
      5: 'TAB',
      7: '^Take it',
      11: '10',
      12: 'TAB',
      23: '4^mg',
    }),
    fields('RXR', { 1: 'PO', 5: '^Under the tongue' }),
  ),
  message(
    'RDE^O11',
    ORDER,
    'RXO|1^Drug^L',
    fields('TQ1', {
      ...{
        1: '1',
        2: '5^mg',
        3: 'BID',
        5: '1^h',
        6: '3^d',
        7: '20260101',
        8: '20260105',
        9: 'R',
        10: 'with food',
      },
      ...{ 11: 'slowly', 13: '10^min', 14: '6' },
    }),
  ),
  message(
    'OML^O21',
    ORDER,
    fields('OBR', {
      1: '1',
      4: '1^Panel^L',
      7: '20260101',
      13: 'fasting',
      15: 'SER&Serum&L',
      17: phone,
      27: '^^^20260101^20260105^S',
    }),
    fields('NTE', { 1: '1', 3: 'A note', 5: who, 6: '20260101120000' }),
    prt('OP'),
  ),
  message('OML^O21', fields('ORC', { 1: 'NW', 2: 'P1', 7: '^^^20260101^20260105^S' }), OBR),
  message('OML^O21', ORDER, OBR, fields('TQ1', { 1: '1', 4: '0930', 6: '3^d', 13: '10^min' })),
  ...['OML^O21', 'ORU^R01'].flatMap((type) => [
    message(
      type,
      prt('PP'),
      visit(),
      prt('AT'),
      ORDER,
      prt('OP'),
      OBR,
      prt('PRI'),
      'OBX|1|NM|1^A^L|1|5||||||F',
      prt('PO'),
      device,
    ),
    message(type, ORDER, OBR, 'OBX|1|NM|1^A^L|1|5~6||||||F', prt('PO'), device),
    message(
      type,
      ORDER,
      OBR,
      fields('PRT', { 1: '1', 2: 'AD', 4: 'SC^Collector^HL70443', 5: who, 8: clinic }),
      'SPM|1|S1||SER',
    ),
  ]),
  message(
    'VXU^V04',
    'ORC|RE||F1',
    prt('OP'),
    fields('RXA', { 1: '0', 2: '1', 3: '20260101', 5: '08^HepB^CVX', 6: '1' }),
    'OBX|1|NM|1^A^L|1|5||||||F',
    prt('PO'),
    device,
  ),
];
