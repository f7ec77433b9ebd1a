import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import {
  bookings,
  charges,
  documents,
  factsOf,
  generalOrders,
  laboratoryOrders,
  orders,
  prescriptions,
  registrations,
  results,
  vaccinations,
} from '../../src/clinical/mapping/index.ts';
import { evn, line, message, msh, pid, pidFields, pv1 } from './messages.ts';
import { byId, Chart, written } from './write-back-support.ts';

const order = (...segments: string[]) => [pid, pv1(), ...segments];
const orcNew = line('ORC', {
  1: 'NW',
  2: 'PL-77^EHR',
  3: 'FI-99^LAB',
  4: 'GRP-5^EHR',
  9: '20260303091500',
  12: '1234567893^Reyes^Maria^^^Dr^MD^^&2.16.840.1.113883.4.6&ISO^L^^^NPI',
  14: '^WPN^PH^^1^217^5550177',
  21: 'West Clinic^^^^^GENERAL&2.16.840.1.113883.19.5&ISO^XX^^^WC-1',
  22: '1 Main St^^Springfield^IL^62701^USA^B',
  23: '^WPN^PH^^1^217^5550100',
  24: '3 Side St^^Springfield^IL^62701^USA^B',
});
const obr = line('OBR', {
  1: '1',
  2: 'PL-77^EHR',
  3: 'FI-99^LAB',
  4: '24323-8^Comprehensive metabolic panel^LN^CMP^Panel^L',
  16: '1234567893^Reyes^Maria^^^Dr^MD^^&2.16.840.1.113883.4.6&ISO^L^^^NPI',
  31: 'R53.83^Other fatigue^I10C',
});
const spm = line('SPM', {
  1: '1',
  2: 'S-1&EHR^S-9&LAB',
  4: '119297000^Blood specimen^SCT',
  7: 'VENIP^Venipuncture^HL70488',
  8: '53120007^Arm^SCT',
  12: '10^mL&&UCUM',
  14: 'kept cold',
  17: '202603030815^202603030820',
  18: '20260303090000',
  27: 'TUBE^Tube^L',
});
const obx = (fields: Record<number, string>) =>
  line('OBX', { 1: '1', 11: 'F', 14: '20260303081500', ...fields });

function trip(lines: readonly string[], write: (chart: Chart) => ReturnType<typeof written>) {
  const first = new Chart(message(...lines));
  const sent = write(first);
  const second = new Chart(sent.message);
  return { first, second, sent };
}

const same = ({ first, second, sent }: ReturnType<typeof trip>) => {
  expect(sent.findings).toEqual([]);
  expect(byId(second.resources)).toEqual(byId(first.resources));
};

/** What a profile needs to know, out of the chart. */
function factsIn<K extends keyof typeof factsOf>(
  { resources }: Chart,
  kind: K,
  event?: Parameters<(typeof factsOf)[K]>[1],
): NonNullable<ReturnType<(typeof factsOf)[K]>> {
  const found = (factsOf[kind] as (...of: unknown[]) => unknown)(resources, event);
  if (!found) throw new Error(`no facts of ${kind}`);
  return found as NonNullable<ReturnType<(typeof factsOf)[K]>>;
}

/**
 * Ids follow from what a sender calls code systems, and numbers in lists from which came first; what is referred to is compared by its type and
 * what it is called.
 */
function withoutIds(resources: readonly Resource[]): unknown[] {
  const plain = (name: string, value: unknown): unknown => {
    if (name === 'id') return undefined;
    return name === 'reference' && typeof value === 'string' ? value.split('/')[0] : value;
  };
  return resources
    .map((one) => JSON.stringify(one, plain))
    .sort()
    .map((text) => JSON.parse(text));
}

describe('v2 to FHIR and back keeps every mapped field', () => {
  test('[M80] ADT^A04: the patient, the visit, next of kin and coverages', () => {
    const lines = [
      msh('ADT^A04'),
      evn('A04'),
      pid,
      line('PD1', {
        3: 'West Clinic^^^^^GENERAL&2.16.840.1.113883.19.5&ISO^XX^^^WC-1',
        4: '88^Roe^Rita^^^Dr',
      }),
      line('NK1', {
        1: '1',
        2: 'Okafor^Ngozi^^^^^L',
        3: 'MTH^Mother^HL70063',
        4: '12 Elm St^^Springfield^IL^62701^USA^H',
        5: '^PRN^PH^^1^217^5550142',
        15: 'F',
        16: '19600101',
      }),
      pv1(),
      line('PV2', {
        1: 'CARD^102',
        3: 'R53.83^Other fatigue^I10C',
        8: '20260303090000',
        9: '20260305',
        11: '2',
        13: '88^Roe^Rita^^^Dr',
        25: '2',
        38: 'A^Ambulance^HL70430',
      }),
      line('IN1', {
        1: '1',
        2: 'PPO^Preferred',
        3: 'INS-7^^^NAIC',
        4: 'Blue Mutual',
        8: 'G-100',
        9: 'Town of Springfield',
        12: '20260101',
        13: '20261231',
        16: 'Okafor^Chidi^^^^^L',
        17: 'SPO^Spouse^HL70063',
        18: '19800101',
        22: '1',
        36: 'POL-9',
        43: 'M',
        49: 'SUB-3^^^NAIC',
      }),
    ];
    same(trip(lines, (chart) => written(registrations, factsIn(chart, 'registration', 'A04'))));
  });

  test('[M80] ADT^A08: roles, observations, allergies, diagnoses, procedures, guarantors, the account and what is insured', () => {
    const lines = [
      msh('ADT^A08'),
      evn('A08'),
      line('PID', { ...pidFields, 6: 'Nwosu^Ifeoma', 18: 'ACC-1^^^GENERAL', 21: 'M-77^^^GENERAL' }),
      line('PD1', { 3: 'West Clinic^^^^^^^^^WC-1', 6: 'V^Visual', 14: 'St. Anne' }),
      line('ROL', {
        2: 'UC',
        3: 'PP^Primary care^HL70443',
        4: '1234567893^Reyes^Maria^^^Dr^MD^^NPI&2.16.840.1.113883.4.6&ISO^L^^^NPI',
        5: '20260101',
        9: '207Q00000X^Family^NUCC',
        12: '(217)555-0177^WPN^PH',
        13: 'CARD^101^A^GENERAL',
        14: 'West Clinic^^^^^^^^^WC-1',
      }),
      line('ROL', { 2: 'UC', 3: 'CP^Consulting^HL70443', 4: '88^Roe^Rita^^^Dr', 6: '20261231' }),
      'NK1|1|Okafor^Ngozi^^^^^L|MTH^Mother^HL70063|12 Elm St^^Springfield^IL^62701^USA^H|^NET^Internet^n@example.org~(217)555-0142^PRN^PH|^WPN^PH^^1^217^5550177|||||||Elm Works||F||||||||||||||||||||||||||',
      'NK1|2||EMR^Employer^HL70063|||||||||||Elm Works^^^^^^^^^EW-9|||||||||||||||||Boss^Bea|(217)555-0190^WPN^PH|9 Mill Rd^^Springfield^IL^62701',
      pv1(),
      line('PV2', { 1: 'CARD^102', 3: 'R53.83^Other fatigue^I10C', 25: '2' }),
      line('ROL', { 2: 'UC', 3: 'FHCP^Family care^HL70443', 4: '99^Doe^Dora', 5: '20260303093000' }),
      'OBX|1|NM|8302-2^Body height^LN||170|cm^^UCUM|||||F|||20260303093500',
      'NTE|1||without shoes',
      'OBX|2|CWE|82810-3^Pregnancy^LN||77386006^Pregnant^SCT||||||F',
      'AL1|1|DA^Drug^HL70127|7980^Penicillin^RXNORM|SV^Severe^HL70128|hives~wheeze|20200101',
      'AL1|2|FA^Food^HL70127|256349002^Peanut^SCT|MI^Mild^HL70128',
      'AL1|3|MA||MO|rash',
      'AL1|4|MA|111088007^Latex^SCT|MO|rash',
      'DG1|1||I10^Essential hypertension^I10C||20260301|A^Admitting^HL70052|||||||||1|1234567893^Reyes^Maria|||20260303|DX-1^EHR',
      'DG1|2||I10^Essential hypertension^I10C||20260301|F^Final^HL70052|||||||||2|1234567893^Reyes^Maria|||20260303|DX-1^EHR',
      'DG1|3||^Fatigue',
      'PR1|1||93000^Electrocardiogram^C4||20260303100000|D^Diagnostic^HL70230|15|77^Ames^Ann|||88^Roe^Rita^^^Dr|99^Doe^Dora|||R53.83^Other fatigue^I10C||||PR-1^EHR||||CARD^101',
      'ROL||UC|AT^Attending^HL70443|99^Doe^Dora',
      'GT1|1|G-1^^^GENERAL|Okafor^Chidi^^^^^L||12 Elm St^^Springfield^IL^62701^USA^H|(217)555-0142^PRN^PH|^NET^Internet^c@example.org|19800101|M||SPO^Spouse^HL70063|900112244|20260101|20261231|||||GE-1^^^GENERAL',
      'GT1|2||||||||||||||||||||Elm Works^^^^^^^^^EW-9',
      line('IN1', {
        1: '1',
        2: 'PPO^Preferred',
        3: 'INS-7^^^NAIC',
        4: 'Blue Mutual',
        5: '1 Plan Rd^^Springfield^IL^62701',
        6: 'Clerk^Cleo',
        7: '(217)555-0111^WPN^PH',
        8: 'G-100',
        9: 'Town of Springfield',
        11: 'Elm Works^^^^^^^^^EW-9',
        12: '20260101',
        15: 'HMO^Health maintenance^HL70086',
        16: 'Okafor^Chidi^^^^^L',
        17: 'SPO^Spouse^HL70063',
        22: '1',
        36: 'POL-9',
        37: '150&USD^DC',
        44: '9 Mill Rd^^Springfield^IL^62701',
        49: 'SUB-3^^^NAIC',
      }),
      line('IN2', {
        1: 'E-1^^^GENERAL',
        2: '900112244',
        6: 'MC-1^^^NAIC',
        8: 'MA-1^^^NAIC',
        61: 'MB-1^^^NAIC',
        63: '(217)555-0142^PRN^PH',
      }),
      line('IN1', { 1: '2', 2: 'HMO^Second', 4: 'Green Cross', 17: 'SEL^Self^HL70063', 36: 'POL-10' }),
    ];
    const { first, second, sent } = trip(lines, (chart) =>
      written(registrations, factsIn(chart, 'registration', 'A08')),
    );
    expect(sent.findings).toEqual([]);
    expect(withoutIds(second.resources)).toEqual(withoutIds(first.resources));
  });

  test.each(['S12', 'S13', 'S15', 'S26'] as const)(
    '[M81] SIU^%s: the appointment with whom, where and what for',
    (event) => {
      const lines = [
        msh(`SIU^${event}`),
        line('SCH', {
          1: 'A-1^EHR',
          2: 'B-2^SCHED',
          6: 'CX^Closed for snow^L',
          7: 'FOLLOW^Follow-up^HL70276',
          8: 'NORMAL^Routine^HL70277',
          9: '30',
          10: 'MIN',
          11: '^^^20260401093000^20260401100000',
          25: 'Booked',
        }),
        'NTE|1||Bring the list of medicines',
        'NTE|2||and come early',
        pid,
        pv1(),
        'RGS|1|A',
        'AIS|1|A|99213^Office visit^L|20260401093000|||30|MIN',
        'AIG|1|A|^Ultrasound cart',
        'AIL|1|A|CARD^101^A^GENERAL^^^N^2|^Exam room',
        'AIP|1|A|1234567893^Reyes^Maria^^^Dr^MD^^&2.16.840.1.113883.4.6&ISO^L^^^NPI|PP^Primary performer^L',
      ];
      same(trip(lines, (chart) => written(bookings, factsIn(chart, 'booking', event))));
    },
  );

  test.each([
    ['OML^O21', laboratoryOrders],
    ['OMG^O19', generalOrders],
  ])('[M82] %s: the order, its timing, reasons, answers and specimens', (type, profile) => {
    const lines = [
      msh(type),
      ...order(
        orcNew,
        line('TQ1', {
          1: '1',
          3: 'QD',
          7: '20260304080000',
          8: '20260310',
          9: 'S^Stat^HL70485',
          11: 'before breakfast',
        }),
        obr,
        'NTE|1||Fasting',
        'DG1|1||E11.9^Type 2 diabetes^I10C|||W',
        obx({ 2: 'CWE', 3: '49541-6^Fasting status^LN', 5: 'Y^Yes^HL70136', 29: 'QST' }),
        spm,
      ),
    ];
    same(trip(lines, (chart) => written(profile, factsIn(chart, 'orders'))));
  });

  test.each(['NW', 'CA', 'HD'])('[M83] ORM^O01 %s: with timing and sample as before 2.5', (control) => {
    const lines = [
      msh('ORM^O01'),
      ...order(
        orcNew.replace('ORC|NW', `ORC|${control}`),
        `${obr}|`.replace(
          '|||||||||||1234',
          '|S|||20260303081500||10^mL&&UCUM|||||20260303090000|119297000&Blood&SCT|1234',
        ),
        'NTE|1||Fasting',
      ),
    ];
    same(trip(lines, (chart) => written(orders, factsIn(chart, 'orders'))));
  });

  test('[M84] ORU^R01: every type of value, who performed, notes, documents, specimens', () => {
    const lines = [
      msh('ORU^R01'),
      ...order(
        'ORC|RE|PL-77^EHR|FI-99^LAB',
        line('OBR', {
          1: '1',
          2: 'PL-77^EHR',
          3: 'FI-99^LAB',
          4: '24323-8^CMP^LN',
          7: '20260303081500',
          22: '20260303103000',
          24: 'LAB',
          25: 'F',
        }),
        'NTE|1||Haemolysed',
        obx({
          2: 'NM',
          3: '2345-7^Glucose^LN',
          5: '98.0',
          6: 'mg/dL^^UCUM',
          7: '70-99',
          8: 'H^High^HL70078~A',
        }),
        'NTE|1||Repeated',
        obx({ 2: 'SN', 3: '5048-4^ANA^LN', 5: '^1^:^128' }),
        obx({ 2: 'SN', 3: '5049-2^X^LN', 5: '>^100', 6: 'mg/dL^^UCUM' }),
        obx({ 2: 'SN', 3: '5049-3^Y^LN', 5: '^2^-^5', 6: 'mg/dL^^UCUM' }),
        obx({ 2: 'CWE', 3: '600-7^Culture^LN', 5: '112283007^E. coli^SCT^ECO^Coli^L', 11: 'P' }),
        obx({ 2: 'TX', 3: '18725-2^Text^LN', 5: 'line one~line two & more' }),
        obx({ 2: 'ST', 3: '18725-3^Text^LN', 4: '1', 5: 'one line' }),
        obx({ 2: 'TS', 3: '11556-8^When^LN', 5: '20260303081500-0500' }),
        obx({ 2: 'DT', 3: '11556-9^Day^LN', 5: '20260303' }),
        obx({ 2: 'TM', 3: '11557-0^Time^LN', 5: '081500' }),
        obx({ 2: 'DR', 3: '11557-1^Period^LN', 5: '20260303081500^20260303091500' }),
        obx({ 2: 'NM', 3: '8867-4^Heart rate^LN', 5: '70~72', 6: '/min^^UCUM' }),
        obx({
          2: 'NM',
          3: '2160-0^Creatinine^LN',
          5: '1.10',
          6: 'mg/dL^^UCUM',
          15: 'LAB1^Main Lab^L',
          16: '88^Roe^Rita^^^Dr',
          17: 'ENZ^Enzymatic^L',
          18: 'DEV-1^LAB',
          19: '20260303100000',
          20: '53120007^Arm^SCT',
          21: 'OBS-1^LAB',
          23: 'Main Lab^^^^^LAB^XX^^^77',
          24: '2 Lab Rd^^Springfield^IL^62701',
          25: '99^Doe^Dora',
        }),
        'OBX|16|ED|^Report||^AP^PDF^Base64^JVBERi0xLjQK||||||F',
        spm,
      ),
    ];
    same(trip(lines, (chart) => written(results, factsIn(chart, 'results'))));
  });
});

describe('prescriptions', () => {
  test('[M84] RDE^O11: drug, dose, timing, route, and what is to be dispensed', () => {
    const lines = [
      msh('RDE^O11'),
      ...order(
        line('ORC', {
          1: 'NW',
          2: 'RX-1^EHR',
          9: '20260303091500',
          12: '1234567893^Reyes^Maria^^^Dr^MD^^&2.16.840.1.113883.4.6&ISO^L^^^NPI',
        }),
        line('RXE', {
          2: '617310^Atorvastatin 20 MG^RXNORM',
          3: '1',
          5: 'TAB^Tablet^L',
          6: 'TAB^Tablet^L',
          7: '^One at night',
          10: '30',
          11: 'TAB^Tablet^L',
          12: '2',
          15: 'P-9',
        }),
        line('TQ1', { 1: '1', 3: 'QD', 7: '20260303', 8: '20260403' }),
        line('RXR', { 1: '26643006^Oral^SCT' }),
      ),
    ];
    same(trip(lines, (chart) => written(prescriptions, factsIn(chart, 'prescriptions'))));
  });
});

describe('documents, charges and vaccinations', () => {
  const txa = (fields: Record<number, string>) =>
    line('TXA', {
      1: '1',
      2: 'PN^Progress note^HL70270',
      3: 'TX',
      4: '20260303093000',
      6: '20260303103000',
      9: '1234567893^Reyes^Maria^^^Dr^MD^^&2.16.840.1.113883.4.6&ISO^L^^^NPI',
      12: 'DOC-2^EHR',
      16: 'note-2.txt',
      17: 'AU',
      18: 'R^Restricted^HL70272',
      19: 'AV',
      22: '88^Roe^Rita^^^Dr',
      25: 'Progress note',
      ...fields,
    });
  const content = [
    'OBX|1|TX|11506-3^Progress note^LN||Feels better.||||||F',
    'OBX|2|TX|11506-3^Progress note^LN||||||||F',
    'OBX|3|TX|11506-3^Progress note^LN||Back in a week \\T\\ a day.||||||F',
    'OBX|4|ED|^Picture||^IM^JPEG^Base64^/9j/4AAQ||||||F',
    'OBX|5|RP|^Elsewhere||https://example.org/doc.pdf^^AP^PDF||||||F',
    'NTE|1||dictated',
  ];
  const asked = ['ORC|RE|PL-77^EHR|FI-99^LAB', 'OBR|1|PL-77^EHR|FI-99^LAB|24323-8^CMP^LN'];

  test.each([
    ['T02', txa({}), content],
    ['T01', txa({ 17: 'DO', 10: '88^Roe^Rita^^^Dr', 22: '' }), []],
    ['T06', txa({ 13: 'DOC-1^EHR', 19: 'UN' }), content],
    ['T10', txa({ 13: 'DOC-1^EHR' }), content],
    ['T11', txa({ 19: 'CA' }), []],
  ] as const)(
    '[M84] MDM^%s: the document, its number, people, relation, and what it says',
    (event, document, says) => {
      const lines = [msh(`MDM^${event}`), evn(event), pid, pv1(), ...asked, document, ...says];
      same(trip(lines, (chart) => written(documents, factsIn(chart, 'document', event))));
    },
  );

  test('[M84] DFT^P03: charges and credits with their codes, prices, people, notes, procedures and diagnoses', () => {
    const lines = [
      msh('DFT^P03'),
      evn('P03'),
      pid,
      pv1(),
      ...asked,
      line('FT1', {
        1: '1',
        2: 'TX-1',
        4: '20260303093000^20260303100000',
        5: '20260304',
        6: 'CG',
        7: '99213^Office visit^C4',
        10: '2',
        11: '150.50&USD',
        13: 'CC-1^Cardiology^L',
        19: 'R53.83^Other fatigue^I10C',
        20: '1234567893^Reyes^Maria',
        21: '88^Roe^Rita^^^Dr',
        23: 'FI-99^LAB',
        24: '99^Doe^Dora',
        25: '99213^Office visit^C4',
        26: '25~95',
        32: 'West Clinic^^^^^^^^^WC-1',
      }),
      'NTE|1||by video',
      'PR1|1||93000^Electrocardiogram^C4||20260303100000',
      line('FT1', {
        1: '2',
        2: 'TX-2',
        4: '20260303',
        6: 'CD',
        7: '99212^Office visit^C4',
        10: '1',
        11: '20&USD',
      }),
      'DG1|1||I10^Essential hypertension^I10C|||F^Final^HL70052',
    ];
    const { first, second, sent } = trip(lines, (chart) => written(charges, factsIn(chart, 'charges')));
    expect(sent.findings).toEqual([]);
    expect(withoutIds(second.resources)).toEqual(withoutIds(first.resources));
  });

  test('[M84] VXU^V04: given, refused and by hearsay, with what was told and observed', () => {
    const lines = [
      msh('VXU^V04'),
      pid,
      line('ORC', { 1: 'RE', 2: 'P-1^EHR', 3: 'V-1^EHR', 9: '20260303', 12: '88^Roe^Rita^^^Dr' }),
      line('RXA', {
        1: '0',
        2: '1',
        3: '20260303093000',
        5: '08^Hep B^CVX^90744^HepB^C4',
        6: '0.5',
        7: 'mL^^UCUM',
        9: '00^^NIP001~^told twice',
        10: '99^Doe^Dora',
        11: 'WARD^1^A^GENERAL^^^^^1 Main St^^Springfield^IL^62701',
        15: 'LOT-1',
        16: '20270101',
        17: 'MSD^Merck^MVX',
        20: 'CP',
        21: 'A',
      }),
      'RXR|IM^Intramuscular^HL70162|LA^Left arm^HL70163',
      'OBX|1|CE|64994-7^^LN|1|V02^Medicaid^HL70064||||||F',
      'OBX|2|CE|30963-3^^LN|1|VXC50^Public^CDCPHINVS||||||F',
      'OBX|3|CE|69764-9^^LN|2|^Hepatitis B sheet||||||F',
      'OBX|4|TS|29768-9^^LN|2|20120202||||||F',
      'OBX|5|TS|29769-7^^LN|2|20260303||||||F',
      'OBX|6|NM|30973-2^^LN|3|2||||||F',
      'OBX|7|ST|48767-8^^LN|4|took it well||||||F',
      'NTE|1||and smiled',
      'OBX|8|CWE|31044-1^Reaction^LN||39579001^Anaphylaxis^SCT||||||F|||20260303100000',
      line('ORC', { 1: 'RE', 3: '9999' }),
      line('RXA', {
        3: '20260303',
        5: '03^MMR^CVX',
        6: '999',
        9: '01^^NIP001',
        18: '00^Parental decision^NIP002',
        20: 'RE',
        21: 'A',
      }),
    ];
    const { first, second, sent } = trip(lines, (chart) =>
      written(vaccinations, factsIn(chart, 'vaccinations')),
    );
    expect(sent.findings).toEqual([]);
    expect(withoutIds(second.resources)).toEqual(withoutIds(first.resources));
  });
});
