import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { laboratoryOrders, registrations, results } from '../../src/clinical/mapping/index.ts';
import { buildMessage, type FieldValue, parseMessage, segment } from '../../src/standards/hl7v2/index.ts';
import { byId, Chart, envelope, written } from './write-back-support.ts';

/** Text with delimiters, quotes and letters of several scripts; never blank at its ends, because fields are trimmed. */
const text = fc
  .string({ unit: fc.constantFrom(...'abcXYZ019 -.|^~\\&"éñ漢'), minLength: 1, maxLength: 12 })
  .map((value) => value.trim())
  .filter((value) => value !== '' && value !== '""');
const digits = fc.integer({ min: 1, max: 999_999_999 }).map(String);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const parts = (...all: fc.Arbitrary<unknown>[]) => fc.tuple(...all) as fc.Arbitrary<FieldValue>;
const none = fc.constant(undefined);

const oid = fc
  .array(fc.integer({ min: 1, max: 999 }), { minLength: 2, maxLength: 5 })
  .map((tail) => `2.16.${tail.join('.')}`);
const namespace = fc.constantFrom('GENERAL', 'LAB', 'WEST', 'A B');
const hd = fc.oneof(
  namespace.map((name) => [name]),
  fc.tuple(namespace, oid, fc.constant('ISO')),
  fc.tuple(fc.constant(''), oid, fc.constant('ISO')),
  fc.tuple(fc.constant(''), fc.uuid(), fc.constant('UUID')),
);
const type = fc.constantFrom('MR', 'PI', 'AN', 'XX');
const day = fc.date({ min: new Date('1930-01-01'), max: new Date('2030-12-31'), noInvalidDate: true });
const dtm = fc
  .tuple(day, fc.constantFrom(4, 6, 8, 12, 14), maybe(fc.constantFrom('+0100', '-0500', '+0000')))
  .map(([at, length, offset]) => {
    const whole = at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
    return whole.slice(0, length) + (length > 8 ? (offset ?? '') : '');
  });
const fraction = fc
  .tuple(
    dtm.filter((one) => /^\d{14}$/.test(one)),
    fc.integer({ min: 1, max: 9999 }),
  )
  .map(([at, digit]) => `${at}.${digit}`);
const decimal = fc
  .tuple(fc.integer({ min: -9999, max: 9999 }), maybe(fc.stringMatching(/^\d{1,6}$/)))
  .map(([whole, rest]) => (rest === undefined ? String(whole) : `${whole}.${rest}`));

const degrees = fc.constantFrom('MD', 'PHD', 'RN');
const xpn = parts(
  text,
  maybe(text),
  maybe(text),
  maybe(fc.constantFrom('Jr', 'III')),
  maybe(text),
  maybe(degrees),
  fc.constantFrom('L', 'D', 'M', 'N', undefined),
  none,
  none,
  none,
  maybe(fc.constantFrom('F', 'G')),
  maybe(dtm),
  maybe(dtm),
);
const xad = parts(
  maybe(text),
  maybe(text),
  text,
  maybe(text),
  maybe(digits),
  maybe(text),
  fc.constantFrom('H', 'B', 'C', 'M', 'BA', 'HV', undefined),
  none,
  maybe(text),
  maybe(digits),
);
const phone = parts(
  none,
  fc.constantFrom('PRN', 'WPN', undefined),
  fc.constantFrom('PH', 'CP', 'FX', 'BP'),
  none,
  maybe(digits),
  maybe(digits),
  digits,
  maybe(digits),
);
const plain = parts(digits, fc.constantFrom('PRN', undefined), fc.constant('PH'));
const email = parts(none, fc.constant('NET'), fc.constant('Internet'), fc.emailAddress());
const cx = parts(
  digits,
  maybe(fc.constantFrom('7')),
  maybe(fc.constantFrom('M10')),
  hd,
  maybe(type),
  none,
  maybe(dtm),
  maybe(dtm),
);
const xcn = parts(
  digits,
  text,
  maybe(text),
  maybe(text),
  maybe(fc.constantFrom('Jr')),
  maybe(text),
  maybe(degrees),
  none,
  hd,
  fc.constantFrom('L', undefined),
  none,
  none,
  maybe(fc.constantFrom('NPI', 'EI', 'XX')),
);
const xon = parts(text, none, none, none, none, hd, maybe(type), none, none, digits);
const pl = parts(
  maybe(text),
  maybe(text),
  maybe(text),
  maybe(fc.oneof(text, hd)),
  fc.constantFrom('active', undefined),
  none,
  maybe(text),
  maybe(text),
  maybe(text),
);
const system = fc.constantFrom('LN', 'SCT', 'I10C', 'L', 'HL70001', '2.16.840.1.113883.6.238');
const cwe = fc.oneof(
  parts(digits, maybe(text), system),
  parts(digits, text, system, digits, text, system, maybe(digits), maybe(digits), maybe(text)),
  parts(none, text),
);
const ei = fc
  .tuple(digits, hd)
  .map(([number, authority]) => [number, ...authority]) as fc.Arbitrary<FieldValue>;
const cq = fc
  .tuple(decimal, fc.constantFrom('mg', 'mL', 'min'))
  .map(([value, unit]) => [value, [unit, '', 'UCUM']]) as fc.Arbitrary<FieldValue>;
const sn = fc.oneof(
  parts(fc.constantFrom('<', '>', '<=', '>='), decimal),
  parts(none, decimal, fc.constantFrom(':', '-'), decimal),
) as fc.Arbitrary<FieldValue>;

const build = (messageType: string, ...segments: ReturnType<typeof segment>[]) =>
  parseMessage(
    buildMessage({
      type: messageType,
      controlId: 'C1',
      dateTime: envelope.at,
      zone: 'America/New_York',
      sender: envelope.sender,
      receiver: envelope.receiver,
      segments,
    }),
  );

const known: FieldValue = ['MRN-1', '', '', 'GENERAL', 'MR'];
/** A registration with one field of that datatype. */
const registered = (name: string, number: number, value: FieldValue) =>
  new Chart(
    build(
      'ADT^A04',
      segment('PID', { 3: known, 5: ['Okafor'], ...(name === 'PID' ? { [number]: value } : {}) }),
      ...(name === 'PD1' ? [segment('PD1', { [number]: value })] : []),
      segment('PV1', {
        2: 'O',
        19: ['V-1', '', '', 'GENERAL', 'VN'],
        44: '20260303',
        ...(name === 'PV1' ? { [number]: value } : {}),
      }),
    ),
  );
const registeredAgain = (chart: Chart) =>
  written(registrations, {
    event: 'A04',
    patient: chart.one('Patient'),
    encounter: chart.one('Encounter'),
    related: chart.resources,
  });

const runs = { numRuns: 40 };

describe('each datatype comes back as it came', () => {
  test.each<[string, string, number, fc.Arbitrary<FieldValue>]>([
    ['CX', 'PID', 3, cx],
    ['XPN', 'PID', 5, xpn],
    ['XAD', 'PID', 11, xad],
    ['XTN of parts', 'PID', 13, phone],
    ['XTN as it is written', 'PID', 14, plain],
    ['XTN of an e-mail address', 'PID', 13, email],
    ['XON', 'PD1', 3, xon],
    ['XCN', 'PV1', 7, xcn],
    ['PL', 'PV1', 3, pl],
    ['CWE', 'PV1', 10, cwe],
    ['CWE of 0002', 'PID', 16, fc.constantFrom('M', 'S', 'D', 'Z').map((code) => [code])],
    ['DTM', 'PV1', 45, dtm],
    ['DTM with a fraction', 'PV1', 45, fraction],
  ])('[M85] %s', (_name, name, number, values) => {
    fc.assert(
      fc.property(values, (value) => {
        const first = registered(name, number, value);
        const sent = registeredAgain(first);
        expect(sent.findings).toEqual([]);
        expect(byId(new Chart(sent.message).resources)).toEqual(byId(first.resources));
      }),
      runs,
    );
  });

  const ordered = (number: FieldValue, quantity: FieldValue) =>
    new Chart(
      build(
        'OML^O21',
        segment('PID', { 3: known }),
        segment('ORC', { 1: 'NW', 2: number }),
        segment('OBR', { 2: number, 4: ['1', 'Panel', 'L'] }),
        segment('SPM', { 1: 1, 2: [['S1', 'LAB']], 12: quantity }),
      ),
    );

  test('[M85] EI and CQ', () => {
    fc.assert(
      fc.property(ei, cq, (number, quantity) => {
        const first = ordered(number, quantity);
        const orders = first.all('ServiceRequest').map((request) => ({ request }));
        const sent = written(laboratoryOrders, {
          orders,
          patient: first.one('Patient'),
          related: first.resources,
        });
        expect(byId(new Chart(sent.message).resources)).toEqual(byId(first.resources));
      }),
      runs,
    );
  });

  const observed = (type: string, value: FieldValue) =>
    new Chart(
      build(
        'ORU^R01',
        segment('PID', { 3: known }),
        segment('OBR', { 3: ['F1', 'LAB'], 4: ['1', 'Panel', 'L'], 7: '20260303081500', 25: 'F' }),
        segment('OBX', {
          1: 1,
          2: type,
          3: ['2345-7', 'Glucose', 'LN'],
          5: value,
          6: ['mg/dL', '', 'UCUM'],
          11: 'F',
        }),
      ),
    );

  const lines = fc.array(text, { minLength: 1, maxLength: 3 }).map((all) => ({ repetitions: all }));
  test.each<[string, fc.Arbitrary<FieldValue>]>([
    ['NM', decimal],
    ['SN', sn],
    ['CWE', cwe],
    ['TX', lines],
    ['TS', dtm],
    ['TM', fc.constantFrom('081500', '235959')],
    ['DR', fc.tuple(dtm, dtm)],
  ])('[M85] %s in OBX-5, digit by digit', (name, values) => {
    fc.assert(
      fc.property(values, (value) => {
        const first = observed(name, value);
        const reports = first.all('DiagnosticReport').map((report) => ({ report }));
        const sent = written(results, {
          results: reports,
          patient: first.one('Patient'),
          related: first.resources,
        });
        expect(sent.findings).toEqual([]);
        expect(byId(new Chart(sent.message).resources)).toEqual(byId(first.resources));
      }),
      runs,
    );
  });
});
