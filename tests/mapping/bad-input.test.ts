import { describe, expect, test } from 'vitest';
import { mapMessage } from '../../src/clinical/mapping/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';

/** Messages that are not as they should be: a finding names segment and field, what can be used is used, nothing throws. */
const msh = (type: string, { at = '20260101120000', charset = '' } = {}) =>
  `MSH|^~\\&|A|B|C|D|${at}||${type}|1|P|2.5.1||||||${charset}`;
const PID = 'PID|1||1^^^X^MR||Unit^Una||19800101|F';
const PV1 = 'PV1|1|I|||||||||||||||||V1';
const OBR = 'OBR|1|P1|F1|1^Panel^L';

const bytesOf = (lines: readonly string[]) => Buffer.from(`${lines.join('\r')}\r`, 'utf8');
function map(...lines: string[]) {
  const options = { system: 's', zone: 'UTC', receivedAt: new Date('2026-11-20T00:00:00Z') };
  const { writes, findings } = mapMessage(parseMessage(bytesOf(lines)), options);
  return {
    types: new Set(writes.map(({ type }) => type)),
    writes,
    findings,
    places: findings.map(({ place }) => place),
  };
}

/** Of each kind of message, the segments without which it says nothing. */
const bodies: readonly (readonly [string, readonly string[]])[] = [
  ['ADT^A01', []],
  ['ORU^R01', [OBR, 'OBX|1|NM|1^A^L||5||||||F']],
  ['ORM^O01', ['ORC|NW|P1', OBR]],
  ['OML^O21', ['ORC|NW|P1', OBR]],
  ['OMG^O19', ['ORC|NW|P1', OBR]],
  ['SIU^S12', ['SCH|P1|F1']],
  ['VXU^V04', ['ORC|RE||F1', 'RXA|0|1|20260101||08^HepB^CVX|1']],
  ['RDE^O11', ['ORC|NW|P1', 'RXE||1^Drug^L|1||mg']],
  ['MDM^T02', ['TXA|1|CN||||||||||D1', 'OBX|1|TX|1^Note^L||Text||||||F']],
  ['DFT^P03', ['FT1|1|7||20260101||CG|1^Visit^L']],
];

describe('[M110] the structure', () => {
  test('another one than the trigger event has is found at MSH-9, and the message taken as its event says', () => {
    const { types, places } = map(msh('ADT^A01^ORU_R01'), PID, PV1);
    expect(places).toEqual(['MSH^1^9']);
    expect(types).toContain('Encounter');
  });

  test.each(['A01', 'A04', 'A08', 'A13'])('ADT^%s is built as A01', (event) => {
    expect(map(msh(`ADT^${event}^ADT_A01`), PID, PV1).places).toEqual([]);
  });

  test('segments of another kind of message are found once, and the others taken', () => {
    const { types, places } = map(msh('ADT^A01'), PID, PV1, 'ORC|NW|1', OBR, OBR, 'OBX|1|NM|1^A^L||5||||||F');
    expect(places).toEqual(['ORC^1', 'OBR^1']);
    expect(types).toContain('Encounter');
    expect(map(msh('ORU^R01'), PID, OBR, 'SCH|1|1').places).toEqual(['SCH^1']);
  });

  test.each([
    ['ORU^R01', 'OBR'],
    ['ORM^O01', 'ORC'],
    ['OML^O21', 'ORC'],
    ['SIU^S12', 'SCH^1^2'],
    ['VXU^V04', 'RXA'],
    ['RDE^O11', 'RXE'],
    ['MDM^T02', 'TXA'],
    ['DFT^P03', 'FT1'],
  ])('%s without what it is about is found, and the patient taken', (type, place) => {
    const { types, places } = map(msh(type), PID);
    expect(places).toContain(place);
    expect(types).toContain('Patient');
  });

  test('an order of a drug without the drug is found; a cancellation needs none', () => {
    expect(map(msh('RDE^O11'), PID, 'ORC|NW|P1').places).toEqual(['ORC^1^1']);
    expect(map(msh('RDE^O11'), PID, 'ORC|CA|P1').places).toEqual([]);
  });
});

describe.each(bodies)('%s', (type, body) => {
  test('[M110] as it should be there is nothing to find', () => {
    expect(map(msh(type), PID, PV1, ...body).places).toEqual([]);
  });

  test('[M111] without PID it is found, and nothing is filed under nobody', () => {
    const { writes, places } = map(msh(type), PV1, ...body);
    expect(places).toContain('PID');
    expect(writes).toEqual([]);
  });

  test('[M111] with a PID without identifier it is found at PID-3', () => {
    const { writes, places } = map(msh(type), 'PID|1||||Unit^Una', PV1, ...body);
    expect(places).toContain('PID^1^3');
    expect(writes).toEqual([]);
  });

  test('[M112] of two PV1 the second is found, and the first is the visit', () => {
    const { writes, places } = map(
      msh(type),
      PID,
      PV1,
      PV1.replace('PV1|1', 'PV1|2').replace('|V1', '|V2'),
      ...body,
    );
    expect(places).toContain('PV1^2');
    const visits = writes.filter((write) => write.type === 'Encounter');
    expect(visits.map(({ set }) => set['identifier@PV1-19'])).toMatchObject([[{ value: 'V1' }]]);
  });
});

describe('[M113] content', () => {
  test('OBX without OBR is found, and the patient taken', () => {
    const { types, findings } = map(msh('ORU^R01'), PID, 'OBX|1|NM|1^A^L||5||||||F');
    expect(findings).toEqual([{ place: 'OBX^1', rule: 'an OBX follows an OBR' }]);
    expect(types).toContain('Patient');
    expect(types).not.toContain('Observation');
  });

  test.each<[string, string, string[]]>([
    ['sex', 'PID^1^8', [msh('ADT^A01'), PID.replace('|F', '|Q'), PV1]],
    ['patient class', 'PV1^1^2', [msh('ADT^A01'), PID, PV1.replace('|I|', '|Z|')]],
    ['allergen type', 'AL1^1^2', [msh('ADT^A01'), PID, PV1, 'AL1|1|QQ|X^Pollen']],
    ['severity', 'AL1^1^4', [msh('ADT^A01'), PID, PV1, 'AL1|1|DA|X^Pollen|QQ']],
    ['result status', 'OBX^1^11', [msh('ORU^R01'), PID, OBR, 'OBX|1|NM|1^A^L||5||||||Q']],
    ['type of value', 'OBX^1^2', [msh('ORU^R01'), PID, OBR, 'OBX|1|QQ|1^A^L||5||||||F']],
    ['report status', 'OBR^1^25', [msh('ORU^R01'), PID, `${OBR}${'|'.repeat(21)}Q`]],
    ['order control', 'ORC^1^1', [msh('ORM^O01'), PID, 'ORC|QQ|P1', OBR]],
    ['order status', 'ORC^1^5', [msh('ORM^O01'), PID, 'ORC|NW|P1|||QQ', OBR]],
    ['appointment status', 'SCH^1^25', [msh('SIU^S12'), PID, `SCH|P1|F1${'|'.repeat(23)}QQ`]],
    [
      'completion',
      'RXA^1^20',
      [msh('VXU^V04'), PID, 'ORC|RE||F1', `RXA|0|1|20260101||08^x^CVX|1${'|'.repeat(14)}QQ`],
    ],
    ['transaction', 'FT1^1^6', [msh('DFT^P03'), PID, 'FT1|1|7||20260101||QQ|1^Visit^L']],
    ['availability', 'TXA^1^19', [msh('MDM^T02'), PID, `TXA|1|CN||||||||||D1${'|'.repeat(7)}QQ`]],
  ])('an unknown code of %s is found at %s, and the rest taken', (_what, place, lines) => {
    const { places, types } = map(...lines);
    expect(places).toEqual([place]);
    expect(types).toContain('Patient');
  });

  test('a class of the site is kept as it was sent', () => {
    const { writes } = map(msh('ADT^A01'), PID, PV1.replace('|I|', '|Z|'));
    const visit = writes.find(({ type }) => type === 'Encounter');
    expect(visit?.set.class).toEqual({ system: 'http://terminology.hl7.org/CodeSystem/v2-0004', code: 'Z' });
  });

  test.each<[string, string[]]>([
    ['MSH^1^7', [msh('ADT^A01', { at: 'tomorrow' }), PID, PV1]],
    ['PID^1^7', [msh('ADT^A01'), PID.replace('19800101', '19801399'), PV1]],
    ['PV1^1^44', [msh('ADT^A01'), PID, `${PV1}${'|'.repeat(25)}2026-01-01`]],
    ['DG1^1^5', [msh('ADT^A01'), PID, PV1, 'DG1|1||X^Pain||20260230']],
    ['OBX^1^14', [msh('ORU^R01'), PID, OBR, 'OBX|1|NM|1^A^L||5||||||F|||20260199']],
    ['OBR^1^7', [msh('ORU^R01'), PID, `${OBR}|||20269901`]],
    ['TXA^1^4', [msh('MDM^T02'), PID, 'TXA|1|CN||2026aa||||||||D1']],
    ['FT1^1^4', [msh('DFT^P03'), PID, 'FT1|1|7||20261301||CG|1^Visit^L']],
    ['RXA^1^3', [msh('VXU^V04'), PID, 'ORC|RE||F1', 'RXA|0|1|20261301||08^x^CVX|1']],
    ['SCH^1^11', [msh('SIU^S12'), PID, `SCH|P1|F1${'|'.repeat(9)}^^^20261301`]],
  ])('a date that is none is found at %s, and the rest taken', (place, lines) => {
    const { places, types, findings } = map(...lines);
    expect(places).toEqual([place]);
    expect(types).toContain('Patient');
    expect(JSON.stringify(findings)).not.toMatch(/2026|1980|tomorrow/);
  });

  test('one result of 5,000 that is none is found by its place, and none is lost', () => {
    const results = Array.from({ length: 5000 }, (_, index) => {
      const value = index === 4320 ? 'abc' : String(index);
      return `OBX|${index + 1}|NM|${index + 1}^A^L||${value}||||||F`;
    });
    const { writes, places } = map(msh('ORU^R01'), PID, OBR, ...results);
    expect(places).toEqual(['OBX^4321^5']);
    expect(writes.filter(({ type }) => type === 'Observation')).toHaveLength(5000);
    const report = writes.find(({ type }) => type === 'DiagnosticReport');
    expect(report?.set.result).toHaveLength(5000);
  });

  test('text in another charset than the declared one is found where it stands, and the rest taken', () => {
    const { writes, places } = map(msh('ADT^A01', { charset: 'ASCII' }), PID.replace('Una', 'Ünä'), PV1);
    expect(places).toEqual(['PID^1^5^1^2^1']);
    const patient = writes.find(({ type }) => type === 'Patient');
    expect(patient?.set).not.toHaveProperty('name');
    expect(patient?.set.birthDate).toBe('1980-01-01');
  });

  test('a charset that nobody knows is refused at MSH-18', () => {
    expect(() => map(msh('ADT^A01', { charset: 'KLINGON' }), PID, PV1)).toThrow(/MSH\^1\^18/);
  });
});

describe('[M115] a value that can’t be decoded', () => {
  const umlaut = Buffer.from([0xfc]).toString('latin1');
  const mapLatin = (...lines: string[]) => {
    const options = { system: 's', zone: 'UTC', receivedAt: new Date('2026-11-20T00:00:00Z') };
    return mapMessage(parseMessage(Buffer.from(`${lines.join('\r')}\r`, 'latin1')), options);
  };

  test.each(bodies)('in any field of a %s is found there, and takes nothing else with it', (type, body) => {
    const lines = [msh(type), PID, PV1, ...body];
    const whole = mapLatin(...lines);
    for (const [at, line] of lines.entries()) {
      if (at === 0) continue;
      const fields = line.split('|');
      for (let field = 1; field < 30; field += 1) {
        const damaged = Array.from({ length: Math.max(fields.length, field + 1) }, (_, n) => fields[n] ?? '');
        // Whom the message is about, and what it is about, can't be done without.
        if (/[A-Z0-9]\^|^[A-Z]+\d$|^\d/.test(damaged[field] ?? '')) continue;
        damaged[field] = `${damaged[field]}${umlaut}`;
        const { writes, findings } = mapLatin(...lines.map((one, n) => (n === at ? damaged.join('|') : one)));
        expect(writes.length, `${fields[0]}-${field}: ${JSON.stringify(findings)}`).toBeGreaterThanOrEqual(
          Math.min(whole.writes.length, 1),
        );
      }
    }
  });

  test('in the words of a prescription', () => {
    const [, body = []] = bodies.find(([type]) => type === 'RDE^O11') ?? [];
    const { writes, findings } = mapLatin(
      msh('RDE^O11'),
      PID,
      PV1,
      ...body,
      `TQ1|1||||||||PRN^^HL70335|bei ${umlaut}belkeit`,
    );
    expect(writes.some(({ type }) => type === 'MedicationRequest')).toBe(true);
    expect(findings.map(({ place }) => place)).toContain('TQ1^1^10^1');
  });
});
