import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapMessage, unmappedOf } from '../../src/clinical/mapping/index.ts';
import {
  authorityScope,
  patientReference,
  previewWrites,
  type RecordWrite,
  resourceId,
} from '../../src/clinical/record/index.ts';
import { stringifyExact } from '../../src/standards/fhir/index.ts';
import { glucose, line, map, message, msh, options, oru, pid, pv1 } from './messages.ts';

const ada = { authority: '2.16.840.1.113883.19.5', identifier: 'MRN-1001' };
const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
const one = (writes: readonly RecordWrite[], type: string) => {
  const found = of(writes, type);
  expect(found, type).toHaveLength(1);
  return found[0]!;
};

const orc = (fields: Readonly<Record<number, string>> = {}) =>
  line('ORC', {
    1: 'NW',
    2: 'PL-77^EHR',
    4: 'GRP-5^EHR',
    9: '202603031000',
    12: '1234567893^Reyes^Maria^^^Dr^^^^L^^^NPI',
    ...fields,
  });
const obr = (fields: Readonly<Record<number, string>> = {}) =>
  line('OBR', {
    1: '1',
    2: 'PL-77^EHR',
    4: '24323-8^Comprehensive metabolic panel^LN',
    13: 'fasting',
    17: '^WPN^PH^^1^217^5550100',
    31: 'E11.9^Type 2 diabetes^I10C',
    ...fields,
  });
const order = (type: string, ...segments: string[]) => map(msh(type), pid, pv1(), ...segments);
const statusOf = (writes: readonly RecordWrite[]) => one(writes, 'ServiceRequest').set.status;
const pl77 = resourceId('ServiceRequest', authorityScope('EHR'), 'placer|PL-77');

describe('orders', () => {
  test.each(['ORM^O01', 'OML^O21', 'OMG^O19'])('[M30] %s is what its owner asks for, and by whom', (type) => {
    const { writes, findings } = order(
      type,
      orc({ 29: 'O', 33: 'ALT-1' }),
      'TQ1|1||BID||||202603040800|202603060800|S',
      obr(),
      'NTE|1||handle with care',
      'DG1|1||R73.9^Hyperglycemia^I10C',
    );
    expect(findings).toEqual([]);
    expect(writes.filter(({ type }) => type === 'Patient' || type === 'Encounter')).toMatchObject([
      { copy: true },
      { copy: true },
    ]);
    const request = one(writes, 'ServiceRequest');
    expect(request.id).toBe(pl77);
    expect(request.copy).toBeUndefined();
    expect(request.set).toMatchObject({
      status: 'active',
      'identifier@ORC-2': [{ type: { coding: [{ code: 'PLAC' }] }, value: 'PL-77' }],
      'identifier@ORC-33': [{ type: { coding: [{ code: 'PLAC' }] }, value: 'ALT-1' }],
      requisition: { type: { coding: [{ code: 'PGN' }] }, value: 'GRP-5' },
      code: { coding: [{ system: 'http://loinc.org', code: '24323-8' }] },
      subject: { reference: patientReference(ada) },
      authoredOn: '2026-03-03T10:00:00-05:00',
      priority: 'stat',
      'occurrence[x]': {
        Timing: {
          code: { coding: [{ code: 'BID' }] },
          repeat: { boundsPeriod: { start: '2026-03-04T08:00:00-05:00', end: '2026-03-06T08:00:00-05:00' } },
        },
      },
      requester: { display: 'Dr Maria Reyes' },
      'reasonCode@OBR-31': [{ coding: [{ code: 'E11.9' }] }],
      'reasonCode@DG1-3': [{ coding: [{ code: 'R73.9' }] }],
      'note@NTE-3': [{ text: 'handle with care' }],
      'note@OBR-13': [{ text: 'fasting' }],
      'locationCode@ORC-29': [{ coding: [{ code: 'O' }] }],
    });
    expect(request.initial).toEqual({ status: 'unknown', intent: 'order' });
  });

  test.each([
    [
      'ORC-7, before TQ1',
      orc({ 7: '^^^202603040800^^S^^with food' }),
      { DateTime: '2026-03-04T08:00:00-05:00' },
      'stat',
    ],
    [
      'ORC-7 with an end',
      orc({ 7: '^^^202603040800^202603060800^A' }),
      {
        Timing: {
          repeat: { boundsPeriod: { start: '2026-03-04T08:00:00-05:00', end: '2026-03-06T08:00:00-05:00' } },
        },
      },
      'asap',
    ],
    ['OBR-5 and OBR-6', orc(), { DateTime: '2026-03-05T09:00:00-05:00' }, 'routine'],
  ])('[M30] when, and how urgently: %s', (_where, control, occurrence, priority) => {
    const { writes } = order('ORM^O01', control, obr({ 5: 'R', 6: '202603050900' }));
    expect(one(writes, 'ServiceRequest').set).toMatchObject({ 'occurrence[x]': occurrence, priority });
  });

  test('[M30] who orders for a facility does so in a role there, and the facility has its address', () => {
    const { writes } = order(
      'OML^O21',
      orc({ 21: 'North Clinic^^^^^NPI&2.16.840.1.113883.4.6&ISO^NPI^^^999', 22: '1 Main St^^Springfield' }),
      obr(),
    );
    const role = one(writes, 'PractitionerRole');
    expect(one(writes, 'ServiceRequest').set.requester).toMatchObject({
      reference: `PractitionerRole/${role.id}`,
    });
    const clinic = of(writes, 'Organization').find(({ set }) => set.name === 'North Clinic');
    expect(clinic?.set).toMatchObject({ address: [{ line: ['1 Main St'], city: 'Springfield' }] });
    expect(role.set).toMatchObject({ organization: { reference: `Organization/${clinic?.id}` } });
  });

  test.each([
    ['Q6H^^^^6^h', { period: 6, periodUnit: 'h' }],
    ['^^^^^^^AC^1^hr', { when: ['AC'], offset: 60 }],
    ['^^^^^^^C^1^hr', { when: ['C'] }],
    ['^^^^^^^ICM', undefined],
    ['^^^^2', undefined],
  ])('[M30] a repeat pattern %s', (pattern, repeat) => {
    const { writes } = order('OML^O21', orc(), obr(), `TQ1|1||${pattern}||||202603040800`);
    const { Timing } = one(writes, 'ServiceRequest').set['occurrence[x]'] as { Timing: { repeat: object } };
    const { boundsPeriod, ...rest } = Timing.repeat as Record<string, unknown>;
    expect(boundsPeriod).toEqual({ start: '2026-03-04T08:00:00-05:00' });
    expect(JSON.parse(stringifyExact(rest))).toEqual(repeat ?? {});
  });

  test('[M30] how often is a count, and an end before the start is found', () => {
    const { writes, findings } = order(
      'OML^O21',
      orc({ 21: 'North Clinic', 22: '1 Main St^^Springfield^^^^H' }),
      obr(),
      'TQ1|1||||||202603060800|202603040800||||||3',
    );
    expect(one(writes, 'ServiceRequest').set['occurrence[x]']).toEqual({
      Timing: { repeat: { boundsPeriod: { start: '2026-03-06T08:00:00-05:00' }, count: 3 } },
    });
    expect(findings).toEqual([{ place: 'TQ1^1^8', rule: 'a period ends after its start' }]);
    const clinic = of(writes, 'Organization').find(({ set }) => set.name === 'North Clinic');
    expect(clinic?.set.address).toEqual([{ line: ['1 Main St'], city: 'Springfield' }]);
  });

  test('[M30] what was sampled and told along with an order belongs to it', () => {
    const { writes } = order(
      'OML^O21',
      orc(),
      obr(),
      'OBX|1|NM|29463-7^Body weight^LN||80|kg^^UCUM|||||O',
      'SPM|1|SP-1&EHR||119297000^Blood^SCT|||||||||||||202603030805',
    );
    const request = one(writes, 'ServiceRequest');
    const [weight] = of(writes, 'Observation');
    const specimen = one(writes, 'Specimen');
    expect(request.set).toMatchObject({
      specimen: [{ reference: `Specimen/${specimen.id}` }],
      supportingInfo: [{ reference: `Observation/${weight!.id}` }],
    });
    expect(weight!.set).toMatchObject({ status: 'unknown' });
    expect(weight!.set).not.toHaveProperty('category');
    expect(of(writes, 'DiagnosticReport')).toEqual([]);
  });

  test('[M30] a letter that comes with an order is a document that the order leads to', () => {
    const { writes, findings } = order(
      'OMG^O19',
      orc(),
      obr(),
      'OBX|1|ED|57133-1^Referral note^LN||^application^PDF^Base64^JVBERi0=||||||F|||202603030900',
    );
    expect(findings).toEqual([]);
    const letter = one(writes, 'DocumentReference');
    expect(letter.set).toMatchObject({
      status: 'current',
      type: { coding: [{ code: '57133-1' }] },
      subject: { reference: patientReference(ada) },
      content: [
        {
          attachment: {
            contentType: 'application/pdf',
            data: 'JVBERi0=',
            creation: '2026-03-03T09:00:00-05:00',
          },
        },
      ],
    });
    expect(one(writes, 'ServiceRequest').set.supportingInfo).toEqual([
      { reference: `DocumentReference/${letter.id}` },
    ]);
    expect(of(writes, 'Observation')).toEqual([]);
  });

  test.each([
    ['NW', '', 'active'],
    ['NW', 'CM', 'completed'],
    ['SC', 'IP', 'active'],
    ['SC', 'CM', 'completed'],
    ['SC', '', undefined],
    ['XO', '', undefined],
    ['CA', '', 'revoked'],
    ['CA', 'IP', 'revoked'],
    ['OC', '', 'revoked'],
    ['CR', '', 'revoked'],
    ['UC', '', 'active'],
    ['DC', '', 'revoked'],
    ['OD', '', 'revoked'],
    ['HD', '', 'on-hold'],
    ['RL', 'HD', 'active'],
    ['UA', '', 'revoked'],
    ['NA', '', undefined],
    ['SC', 'ER', 'entered-in-error'],
  ])('[M32] ORC-1 %s with ORC-5 "%s" makes the status %s', (control, state, status) => {
    const { writes, findings } = order('ORM^O01', orc({ 1: control, 5: state }), obr());
    expect(statusOf(writes)).toBe(status);
    expect(findings).toEqual([]);
  });

  test('[M32] a code of no table is a finding by place, and says nothing of the status', () => {
    const { writes, findings } = order('ORM^O01', orc({ 1: 'QQ', 5: 'ZZ' }), obr({ 5: 'P' }));
    expect(statusOf(writes)).toBeUndefined();
    expect(findings.map(({ place }) => place).sort()).toEqual(['OBR^1^5', 'ORC^1^1', 'ORC^1^5']);
    expect(JSON.stringify(findings)).not.toMatch(/QQ|ZZ/);
  });

  test('[M32] a cancellation needs no OBR, and an older order does not bring back what was cancelled', () => {
    const ordered = map(msh('ORM^O01', '20260303100000', 'A'), pid, orc(), obr());
    const cancelled = map(msh('ORM^O01', '20260303110000', 'B'), pid, 'ORC|CA|PL-77^EHR');
    for (const messages of [
      [ordered, cancelled],
      [cancelled, ordered],
      [ordered, cancelled, ordered],
    ]) {
      const [request] = resources(messages, 'ServiceRequest');
      expect(request).toMatchObject({
        id: pl77,
        status: 'revoked',
        intent: 'order',
        code: { coding: [{ code: '24323-8' }] },
      });
    }
  });

  test('[M33] a replacement ends what it replaces and leads to it', () => {
    const { writes } = order(
      'ORM^O01',
      orc({ 1: 'RP' }),
      obr(),
      orc({ 1: 'RO', 2: 'PL-78^EHR' }),
      obr({ 2: 'PL-78^EHR', 4: '2345-7^Glucose^LN' }),
    );
    const [before, after] = of(writes, 'ServiceRequest');
    expect(before).toMatchObject({ id: pl77, set: { status: 'revoked' } });
    expect(after!.set).toMatchObject({
      status: 'active',
      replaces: [{ reference: `ServiceRequest/${pl77}` }],
    });
  });

  test('[M31] one number for several services is several orders, the first the one that was ordered', () => {
    const twice = map(...oru(glucose), 'ORC|RE|PL-77^EHR', 'OBR|2|PL-77^EHR||2345-7^Glucose^LN');
    const [first, second] = of(twice.writes, 'ServiceRequest');
    expect(first!.id).toBe(pl77);
    expect(second!.id).not.toBe(pl77);
    const repeated = map(...oru(glucose), ...oru(glucose).slice(3));
    expect(new Set(of(repeated.writes, 'ServiceRequest').map(({ id }) => id))).toEqual(new Set([pl77]));
  });

  test('[M31] a number without an authority is one of the sender alone', () => {
    const bare = [msh('ORM^O01'), pid, 'ORC|NW|PL-77', 'OBR|1|PL-77||2345-7^Glucose^LN'];
    const here = one(map(...bare).writes, 'ServiceRequest');
    const there = one(mapMessage(message(...bare), { ...options, system: 'lab' }).writes, 'ServiceRequest');
    expect(here.id).not.toBe(there.id);
  });

  test('[M34] a result leads to its order, and never touches what the owner stated, whichever came first', () => {
    const ordered = map(msh('OML^O21', '20260303090000'), pid, orc({ 5: 'IP' }), obr());
    const result = mapMessage(message(...oru(glucose)), { ...options, system: 'lab' });
    expect(one(result.writes, 'ServiceRequest')).toMatchObject({ id: pl77, copy: true });
    expect(one(result.writes, 'DiagnosticReport').set.basedOn).toEqual([
      { reference: `ServiceRequest/${pl77}` },
    ]);
    for (const messages of [
      [ordered, result],
      [result, ordered],
    ]) {
      const [request] = resources(messages, 'ServiceRequest');
      expect(request).toMatchObject({ status: 'active', requester: { display: 'Dr Maria Reyes' } });
    }
    const [alone] = resources([result], 'ServiceRequest');
    expect(alone).toMatchObject({ status: 'unknown', intent: 'order', code: { text: expect.any(String) } });
  });

  test('[M40] an order of a drug is a MedicationRequest, whatever else the message orders', () => {
    const { writes, findings } = order('ORM^O01', orc(), obr(), 'ORC|NW|PL-9^EHR', 'RXO|X^Drug^L|5||mg');
    expect(findings).toEqual([]);
    expect(of(writes, 'ServiceRequest')).toHaveLength(1);
    const [drug] = of(writes, 'MedicationRequest');
    expect(drug?.set['identifier@ORC-2']).toMatchObject([{ value: 'PL-9' }]);
    expect(drug?.set['medication[x]']).toMatchObject({ CodeableConcept: { text: 'Drug' } });
  });

  test('[M40] an order of a diet, previous results and an order without ORC are found, and the rest is taken', () => {
    const { writes, findings } = order(
      'ORM^O01',
      'ORC|NW|PL-1^EHR',
      'ODS|D||LOW^Low salt^L',
      'ORC|PR|PL-2^EHR',
      'OBR|1|PL-2^EHR||2345-7^Glucose^LN',
      glucose,
      orc(),
      obr(),
      'OBR|2|PL-3^EHR||2951-2^Sodium^LN',
    );
    expect(of(writes, 'ServiceRequest')).toHaveLength(2);
    expect(of(writes, 'Observation')).toEqual([]);
    expect(findings.map(({ place }) => place)).toEqual(['ODS^1', 'ORC^2^1', 'OBR^3']);
  });

  test('[M22] what an order says and nothing reads is counted', () => {
    const counts = unmappedOf(message(msh('ORM^O01'), pid, orc({ 20: 'X' }), obr({ 20: 'Y' }), 'TQ1|1||||X'));
    expect(counts).toEqual({ 'ORC-20': 1, 'OBR-20': 1, 'TQ1-5': 1 });
  });

  test('[M23] whatever stands in an order, mapping does not throw, and is the same again', () => {
    const junk = fc.constantFrom(
      '',
      '""',
      '^',
      '&',
      '~',
      '1^2^3^4^5',
      'NW',
      '20269999',
      '\\X0D\\',
      '999',
      'x&y^z',
    );
    const segment = (name: string) =>
      fc.array(junk, { maxLength: 40 }).map((fields) => [name, ...fields].join('|'));
    const names = ['PID', 'ORC', 'OBR', 'OBX', 'SPM', 'TQ1', 'NTE', 'DG1', 'RXO', 'ZZZ'];
    const body = fc.array(fc.constantFrom(...names).chain(segment), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom('ORM^O01', 'OML^O21', 'ORU^R01'), body, (type, lines) => {
        const parsed = message(msh(type), pid, ...lines);
        const { writes, findings } = mapMessage(parsed, options);
        expect(mapMessage(parsed, options)).toEqual({ writes, findings });
        previewWrites(writes);
      }),
      { numRuns: 400 },
    );
  });
});

function resources(mapped: readonly { readonly writes: readonly RecordWrite[] }[], type: string) {
  return previewWrites(mapped.flatMap(({ writes }) => writes)).filter(
    ({ resourceType }) => resourceType === type,
  );
}
