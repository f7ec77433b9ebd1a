import { describe, expect, test } from 'vitest';
import { authoritySystem, keysOf, sourcePatientOf } from '../../src/clinical/source-patients/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';

const message = (type: string, ...lines: string[]) =>
  parseMessage(Buffer.from([`MSH|^~\\&|REG|GEN|HUB|H|20260101||${type}|1|P|2.5.1`, ...lines, ''].join('\r')));
const pid = (list: string, n = 1) => `PID|${n}||${list}`;
const rules = { defaultAuthority: '1.2.3', aliases: { HOSP: '1.2.3' } };

describe('the source patient', () => {
  test.each([
    ['an OID before the namespace', '7^^^HOSP&1.9&ISO', { authority: '1.9', identifier: '7' }],
    ['a namespace by what it stands for', '7^^^HOSP', { authority: '1.2.3', identifier: '7' }],
    ['a namespace nobody declared, as it is', '7^^^OTHER', { authority: 'OTHER', identifier: '7' }],
    ['the declared authority when none is sent', '7', { authority: '1.2.3', identifier: '7' }],
    [
      'the own authority before a foreign one',
      '1^^^OTHER^MR~2^^^HOSP^PI',
      { authority: '1.2.3', identifier: '2' },
    ],
    [
      'the record number before other numbers',
      '1^^^HOSP^SS~2^^^HOSP^MR',
      { authority: '1.2.3', identifier: '2' },
    ],
    ['no empty or null repetition', '""~^^^HOSP~5^^^HOSP', { authority: '1.2.3', identifier: '5' }],
    ['a name that every object has', '7^^^constructor', { authority: 'constructor', identifier: '7' }],
  ])('[K1] %s', (_what, list, expected) => {
    expect(sourcePatientOf(message('ADT^A08', pid(list)), rules)).toEqual(expected);
  });

  test('[K2] an id never stands without an authority: the sender is it when nothing is declared', () => {
    expect(sourcePatientOf(message('ADT^A08', pid('7')))).toEqual({
      authority: 'sender:REG|GEN',
      identifier: '7',
    });
    expect(sourcePatientOf(message('ADT^A08', 'PID|1||'))).toBeUndefined();
    expect(sourcePatientOf(message('ADT^A08'))).toBeUndefined();
  });

  test.each([
    '0',
    '0000000',
    'UNKNOWN',
    'n/a',
    '999-99-9999^^^SSA^SS',
    '000000000^^^SSA&2.16.840.1.113883.4.1&ISO',
    '-',
  ])('[ID36] %s is nobody’s number: it never makes one patient of all who have none', (number) => {
    expect(sourcePatientOf(message('ADT^A08', pid(number)), rules)).toBeUndefined();
    expect(sourcePatientOf(message('ADT^A08', pid(`${number}~7^^^OTHER`)), rules)).toEqual({
      ...{ authority: 'OTHER', identifier: '7' },
    });
  });

  test('[ID36] a number that only looks like a default is somebody’s', () => {
    for (const number of ['999999999', '123456789', '100', 'NONE1'])
      expect(sourcePatientOf(message('ADT^A08', pid(number)), rules)?.identifier).toBe(number);
  });

  test('authorities as identifier systems', () => {
    expect(authoritySystem('1.2.3')).toBe('urn:oid:1.2.3');
    expect(authoritySystem('https://hospital.example/mrn')).toBe('https://hospital.example/mrn');
    expect(authoritySystem('WARD 7')).toBe('urn:isthmus:authority:WARD%207');
  });
});

describe('ordering keys', () => {
  test('[K3] one patient, one key, the same for every type of message', () => {
    for (const type of ['ADT^A08', 'ORU^R01', 'SIU^S12']) {
      expect(keysOf(message(type, pid('7^^^HOSP^MR~9^^^SSA^SS')), rules)).toEqual(['patient:1.2.3|7']);
    }
  });

  test.each(['ADT^A40', 'ADT^A18', 'ADT^A34', 'ADT^A43', 'ADT^A30'])(
    '[K4] %s has the keys of both patients, on every authority they have',
    (type) => {
      const keys = keysOf(message(type, pid('7^^^HOSP^MR~70^^^LAB'), 'MRG|8^^^HOSP~80^^^LAB'), rules);
      expect(keys).toEqual(['patient:1.2.3|7', 'patient:LAB|70', 'patient:1.2.3|8', 'patient:LAB|80']);
    },
  );

  test('[K5] a swap, a link and an unlink have the keys of both PIDs', () => {
    for (const type of ['ADT^A17', 'ADT^A24', 'ADT^A37']) {
      expect(keysOf(message(type, pid('7'), 'PV1|1|I', pid('8', 2), 'PV1|2|I'), rules)).toEqual([
        'patient:1.2.3|7',
        'patient:1.2.3|8',
      ]);
    }
  });

  test.each([
    ['visit', 'PV1|1|I|||||||||||||||||V1', 'visit:REG|GEN|V1'],
    ['filler order', 'ORC|NW|P1|F1', 'order:REG|GEN|F1'],
    ['placer order', 'OBR|1|P1', 'order:REG|GEN|P1'],
    ['appointment', 'SCH|A1|B1', 'appointment:REG|GEN|B1'],
    ['sender', 'ZZZ|1', 'sender:REG|GEN'],
    ['sender, when a number is no number', `PV1|1|I|||||||||||||||||${'9'.repeat(999)}`, 'sender:REG|GEN'],
  ])('[K6] without a patient: the %s', (_what, line, key) => {
    expect(keysOf(message('ORU^R01', line), rules)).toEqual([key]);
  });
});
