import { describe, expect, test } from 'vitest';
import {
  bookings,
  generalOrders,
  laboratoryOrders,
  orders,
  prescriptions,
  registrations,
  results,
} from '../../src/clinical/mapping/index.ts';
import { evn, line, message, msh, pid, pv1 } from './messages.ts';
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
        49: 'SUB-3',
      }),
    ];
    same(
      trip(lines, (chart) =>
        written(registrations, {
          event: 'A04',
          patient: chart.one('Patient'),
          encounter: chart.one('Encounter'),
          relatedPersons: chart.all('RelatedPerson').filter(({ name }) => name?.[0]?.given?.[0] === 'Ngozi'),
          coverages: chart.all('Coverage'),
          related: chart.resources,
        }),
      ),
    );
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
      same(
        trip(lines, (chart) =>
          written(bookings, {
            event,
            appointment: chart.one('Appointment'),
            patient: chart.one('Patient'),
            encounter: chart.one('Encounter'),
            related: chart.resources,
          }),
        ),
      );
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
    same(
      trip(lines, (chart) =>
        written(profile, {
          orders: chart.all('ServiceRequest').map((request) => ({ request })),
          patient: chart.one('Patient'),
          encounter: chart.one('Encounter'),
          related: chart.resources,
        }),
      ),
    );
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
    same(
      trip(lines, (chart) =>
        written(orders, {
          orders: chart.all('ServiceRequest').map((request) => ({ request })),
          patient: chart.one('Patient'),
          encounter: chart.one('Encounter'),
          related: chart.resources,
        }),
      ),
    );
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
    same(
      trip(lines, (chart) =>
        written(results, {
          results: chart.all('DiagnosticReport').map((report) => ({ report })),
          patient: chart.one('Patient'),
          encounter: chart.one('Encounter'),
          related: chart.resources,
        }),
      ),
    );
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
    same(
      trip(lines, (chart) =>
        written(prescriptions, {
          prescriptions: chart.all('MedicationRequest'),
          patient: chart.one('Patient'),
          encounter: chart.one('Encounter'),
          related: chart.resources,
        }),
      ),
    );
  });
});
