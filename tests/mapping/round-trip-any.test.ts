import type { Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bookings,
  charges,
  documents,
  factsOf,
  generalOrders,
  laboratoryOrders,
  mapMessage,
  orders,
  type Profile,
  prescriptions,
  registrations,
  render,
  results,
  vaccinations,
} from '../../src/clinical/mapping/index.ts';
import { previewWrites } from '../../src/clinical/record/index.ts';
import { Hl7Error, type Hl7Message, parseMessage } from '../../src/standards/hl7v2/index.ts';
import { evn, line, msh, options } from './messages.ts';
import { envelope } from './write-back-support.ts';

/** Fields that may be there or not, by what may stand in them. */
type Shape = Readonly<Record<number, fc.Arbitrary<string>>>;

const word = fc.constantFrom('Okafor', 'O\\T\\Brien', 'de la Cruz', 'Ünal', 'A', 'x y', '李');
const number = fc.constantFrom('1', '77', 'A-9', '0042', 'n\\F\\1');
const authority = fc.constantFrom('GENERAL&2.16.840.1.113883.19.5&ISO', '&1.2.3.4&ISO', 'LAB');
const day = fc.constantFrom('2026', '202603', '20260303', '19840214');
const moment = fc.constantFrom(
  '20260303093000',
  '202603030930',
  '20260303093000-0600',
  '20260303093000.5+0000',
);
const when = fc.oneof(day, moment);
const concept = fc.constantFrom(
  '1234-5^Something^LN',
  'LOC^Local^L',
  'E11.9^Type 2 diabetes^I10C^X^Own^L',
  '^words alone',
  'K^^HL70230',
);
const cx = fc.tuple(number, authority).map(([value, by]) => `${value}^^^${by}`);
const ei = fc.tuple(number, fc.constantFrom('EHR', 'OWN^1.2.5^ISO')).map(([value, by]) => `${value}^${by}`);
const xpn = fc
  .tuple(word, word, fc.constantFrom('^^^^L', '^^^^M', '', '^^Dr^MD^L'))
  .map((parts) => parts.join('^'));
/** Who has a number has one name. */
const xcn = fc.constantFrom(
  '1^Reyes^Maria^^^Dr^^^EHR',
  '88^O\\T\\Brien^Rita^^^Dr^^^EHR',
  '^Ünal^Cem',
  '99^Doe^Dora^Q^Jr^^MD^^EHR&1.2.3&ISO^L^^^NPI',
);
const xad = fc
  .tuple(word, fc.constantFrom('H', 'B', ''))
  .map(([street, use]) => `${street}^Apt 2^Town^IL^62701^USA^${use}`);
const xtn = fc.constantFrom(
  '(217)555-0142^PRN^PH',
  '^WPN^PH^^1^217^5550177',
  '^NET^Internet^a@example.org',
  '5550^PRS^CP',
);
const xon = fc.constantFrom('West Clinic^^^^^EHR^XX^^^WC-1', 'Elm Works');
const pl = fc.constantFrom('CARD^101^A^GENERAL', 'ER', '^^^GENERAL^^^N^2');
const nm = fc.constantFrom('0', '1', '98.60', '-4', '1000000');
const cq = fc.constantFrom('10^mL&&UCUM', '2^TAB');
const text = fc.constantFrom('before breakfast', 'a \\T\\ b', 'two  spaces', 'ü');
const list = (of: fc.Arbitrary<string>) =>
  fc.array(of, { minLength: 1, maxLength: 2 }).map((all) => all.join('~'));

/** A segment of some of the fields; those of `always` in any case. */
const segment = (name: string, some: Shape, always: Shape = {}): fc.Arbitrary<string> =>
  fc
    .tuple(fc.record(some, { requiredKeys: [] }), fc.record(always as Record<number, fc.Arbitrary<string>>))
    .map(([fields, others]) => {
      const said = { ...fields, ...others } as Record<number, string>;
      return Object.keys(said).length === 0 ? name : line(name, said);
    });

const maybe = (of: fc.Arbitrary<string>, most = 2): fc.Arbitrary<string[]> =>
  fc.array(of, { maxLength: most });
const joined = (...parts: fc.Arbitrary<string | string[]>[]): fc.Arbitrary<string[]> =>
  fc.tuple(...parts).map((all) => all.flat());

const pid = segment(
  'PID',
  {
    6: word,
    7: when,
    8: fc.constantFrom('F', 'M', 'O', 'U'),
    11: list(xad),
    13: xtn,
    14: xtn,
    16: fc.constantFrom('M', 'S'),
    18: cx,
    25: fc.constantFrom('1', '2'),
    29: when,
  },
  { 3: cx.map((id) => `${id}^MR`), 5: list(xpn) },
);
const pv1 = segment(
  'PV1',
  {
    3: pl,
    4: concept,
    7: xcn,
    8: xcn,
    10: concept,
    14: concept,
    17: xcn,
    36: concept,
    44: moment,
    45: moment,
  },
  { 2: fc.constantFrom('I', 'O', 'E'), 19: cx },
);
const obx = segment(
  'OBX',
  {
    4: fc.constantFrom('1', '2'),
    7: fc.constantFrom('70-99', '<5', 'normal'),
    14: moment,
    16: xcn,
    17: concept,
  },
  {
    2: fc.constant('NM'),
    3: fc.constantFrom('2345-7^Glucose^LN', '8302-2^Height^LN'),
    5: nm,
    11: fc.constantFrom('F', 'P'),
  },
);
const nte = text.map((words) => `NTE|1||${words}`);
const orc = segment('ORC', { 4: ei, 9: moment, 12: xcn, 16: concept }, { 1: fc.constant('NW'), 2: ei });
const obr = segment('OBR', { 13: concept, 16: xcn, 31: list(concept) }, { 4: concept });
const about = (...more: fc.Arbitrary<string | string[]>[]) => joined(pid, pv1, ...more);
const dg1 = segment('DG1', { 5: when, 6: fc.constantFrom('A', 'W', 'F'), 16: xcn, 19: when }, { 3: concept });

interface Kind {
  readonly segments: fc.Arbitrary<string[]>;
  readonly write: (resources: readonly Resource[]) => Uint8Array | undefined;
}

const kind = <Facts extends { readonly related?: readonly Resource[] }>(
  segments: fc.Arbitrary<string[]>,
  profile: Profile<Facts>,
  of: (resources: readonly Resource[]) => Facts | undefined,
): Kind => ({
  segments,
  write: (resources) => {
    const facts = of(resources);
    return facts && render(profile, facts, envelope).body;
  },
});

const kinds: Readonly<Record<string, Kind>> = {
  'ADT^A08': kind(
    about(
      maybe(
        segment(
          'NK1',
          { 4: xad, 5: xtn, 6: xtn, 8: day, 15: fc.constant('F') },
          { 2: xpn, 3: fc.constantFrom('MTH^Mother^HL70063', 'FND') },
        ),
      ),
      maybe(joined(obx, maybe(nte, 1)).map((all) => all.join('\r'))),
      maybe(
        segment(
          'AL1',
          { 2: fc.constantFrom('DA', 'FA'), 4: fc.constantFrom('SV', 'MI'), 5: text, 6: day },
          { 3: concept },
        ),
        1,
      ),
      maybe(dg1, 1),
      maybe(
        segment('PR1', { 6: concept, 8: xcn, 11: xcn, 15: concept, 23: pl }, { 3: concept, 5: moment }),
        1,
      ),
      maybe(segment('GT1', { 5: xad, 6: xtn, 8: day, 12: fc.constant('900112244') }, { 3: xpn }), 1),
      maybe(
        segment(
          'IN1',
          { 8: number, 12: day, 15: concept, 16: xpn, 22: fc.constant('1'), 49: cx },
          { 2: concept, 3: cx, 4: word, 36: number },
        ),
        1,
      ),
    ),
    registrations,
    (resources) => factsOf.registration(resources, 'A08'),
  ),
  'SIU^S12': kind(
    joined(
      segment(
        'SCH',
        {
          1: ei,
          7: concept,
          8: concept,
          20: xcn,
          25: fc.constantFrom('Booked', 'Pending'),
        },
        { 2: ei, 9: fc.constant('30'), 11: fc.constant('^^^20260401093000^20260401100000') },
      ),
      pid,
      pv1,
      fc.constant('RGS|1|A'),
      maybe(segment('AIS', {}, { 3: concept }), 1),
      maybe(segment('AIL', { 4: concept }, { 3: pl }), 1),
      maybe(segment('AIP', { 4: concept }, { 3: xcn }), 1),
    ),
    bookings,
    (resources) => factsOf.booking(resources, 'S12'),
  ),
  'OML^O21': kind(about(orc, obr, maybe(nte), maybe(obx, 1)), laboratoryOrders, factsOf.orders),
  'OMG^O19': kind(about(orc, obr, maybe(nte), maybe(obx, 1)), generalOrders, factsOf.orders),
  'ORM^O01': kind(about(orc, obr, maybe(nte)), orders, factsOf.orders),
  'ORU^R01': kind(
    about(
      segment(
        'OBR',
        { 7: moment, 22: moment, 24: fc.constant('LAB') },
        { 3: ei, 4: concept, 25: fc.constantFrom('F', 'P') },
      ),
      maybe(nte),
      maybe(joined(obx, maybe(nte, 1)).map((all) => all.join('\r'))),
      maybe(
        segment('SPM', { 4: concept, 7: concept, 8: concept, 12: cq, 14: text, 17: moment, 18: moment }),
        1,
      ),
    ),
    results,
    factsOf.results,
  ),
  'RDE^O11': kind(
    about(
      orc,
      segment(
        'RXE',
        {
          3: nm.filter((one) => one !== '-4'),
          6: concept,
          7: list(text.map((words) => `^${words}`)),
          10: fc.constant('30'),
          12: fc.constant('2'),
          15: number,
          27: concept,
        },
        { 2: concept },
      ),
      maybe(nte),
      maybe(
        segment(
          'TQ1',
          {
            3: fc.constantFrom('QD', 'Q6H', 'BID'),
            7: moment,
            9: fc.constantFrom('R', 'S', 'PRN'),
            10: text,
          },
          { 1: fc.constant('1') },
        ),
      ),
      maybe(segment('RXR', { 2: concept, 4: concept }, { 1: concept }), 1),
    ),
    prescriptions,
    factsOf.prescriptions,
  ),
  'MDM^T02': kind(
    about(
      segment(
        'TXA',
        {
          4: moment,
          6: moment,
          9: list(xcn),
          16: text,
          17: fc.constantFrom('AU', 'DO'),
          18: fc.constantFrom('R', 'V'),
          25: text,
        },
        { 2: concept, 12: ei, 19: fc.constantFrom('AV', 'UN', 'OB') },
      ),
      maybe(segment('OBX', { 5: text }, { 2: fc.constant('TX'), 3: fc.constant('11506-3^Note^LN') }), 3),
    ),
    documents,
    (resources) => factsOf.document(resources, 'T02'),
  ),
  'DFT^P03': kind(
    about(
      segment(
        'FT1',
        {
          4: when,
          5: day,
          10: nm,
          11: fc.constant('20.50&USD'),
          19: list(concept),
          20: xcn,
          21: xcn,
          24: xcn,
          26: fc.constant('25'),
          32: xon,
        },
        { 2: number, 6: fc.constantFrom('CG', 'CD'), 7: concept },
      ),
      maybe(nte),
      maybe(dg1, 1),
    ),
    charges,
    factsOf.charges,
  ),
  'VXU^V04': kind(
    about(
      segment('ORC', { 3: ei, 9: moment, 12: xcn }, { 1: fc.constant('RE'), 2: ei }),
      segment(
        'RXA',
        {
          6: fc.constantFrom('0.5', '999'),
          7: fc.constant('mL^^UCUM'),
          9: fc.constantFrom('00^^NIP001', '01'),
          10: xcn,
          11: pl,
          15: number,
          16: day,
          19: concept,
          20: fc.constantFrom('CP', 'RE', 'PA'),
        },
        { 3: day, 5: concept },
      ),
      maybe(segment('RXR', { 2: concept }, { 1: concept }), 1),
      maybe(obx, 1),
    ),
    vaccinations,
    factsOf.vaccinations,
  ),
};

/** In UTF-8, as MSH-18 says. */
const header = (type: string): string => msh(type).replace('|||UNICODE', '||UNICODE');

const resourcesOf = (message: Hl7Message): Resource[] =>
  previewWrites(mapMessage(message, options).writes) as unknown as Resource[];

/** Without ids, which follow from what a sender calls code systems; in no order, but lists in theirs. */
const saidBy = (resources: readonly Resource[]): string[] =>
  resources.map((one) => JSON.stringify(plain(one), undefined, 1)).sort();

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== 'id');
  const sorted = members.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, inner]) => [
      name,
      name === 'reference' && typeof inner === 'string' ? inner.split('/')[0] : plain(inner),
    ]),
  );
}

const parsed = (bytes: Uint8Array): Hl7Message => parseMessage(bytes);

test.each(Object.entries(kinds))(
  '[M94] %s: whatever was mapped, written back and mapped again says the same, and is written the same',
  (type, { segments, write }) => {
    fc.assert(
      fc.property(segments, (lines) => {
        const first = parsed(Buffer.from([header(type), evn(type.slice(4)), ...lines, ''].join('\r')));
        const said = resourcesOf(first);
        const once = write(said);
        if (!once) throw new Hl7Error('HL7_MISSING_FIELD', { rule: 'what was mapped has no facts' });
        const back = resourcesOf(parsed(once));
        expect(saidBy(back)).toEqual(saidBy(said));
        expect(Buffer.from(write(back) ?? []).toString()).toBe(Buffer.from(once).toString());
      }),
      { numRuns: 60 },
    );
  },
);
