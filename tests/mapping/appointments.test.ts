import { describe, expect, test } from 'vitest';
import { previewWrites, type RecordWrite, resourceId } from '../../src/clinical/record/index.ts';
import { line, map, msh, pid, pv1 } from './messages.ts';

const schFields = {
  1: 'PA-1^SCHED',
  2: 'FA-1^SCHED',
  7: 'FU^Follow-up^HL70276',
  9: '30',
  10: 'MIN',
  11: '^^30^202603101400^202603101430',
  12: '5^Caller^Cal',
  16: '6^Desk^Dee',
  20: '7^Typist^Tim',
  25: 'BOOKED',
};
const sch = (fields: Readonly<Record<number, string>> = {}) => line('SCH', { ...schFields, ...fields });
const aip = (fields: Readonly<Record<number, string>> = {}) =>
  line('AIP', { 1: '1', 3: '1234567893^Reyes^Maria^^^^^^&2.16.840.1.113883.4.6&ISO', ...fields });
const siu = (event: string, ...rest: string[]) =>
  map(msh(`SIU^${event}^SIU_S12`), rest[0] ?? sch(), pid, pv1(), 'RGS|1', ...rest.slice(1));
const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
const booked = (event: string, ...rest: string[]) => of(siu(event, ...rest).writes, 'Appointment')[0]!;

describe('[M76] SIU: who and what an appointment is with', () => {
  test('contacts and who entered it are there for information', () => {
    expect(booked('S12').set).toMatchObject({
      'participant@SCH-12': [{ actor: { display: 'Cal Caller' }, required: 'information-only' }],
      'participant@SCH-16': [{ type: [{ coding: [{ code: 'CALLBCK' }] }] }],
      'participant@SCH-20': [{ type: [{ coding: [{ code: 'ENT' }] }], actor: { display: 'Tim Typist' } }],
    });
  });

  test('a resource has a time of its own, from its start or from the appointment\u2019s', () => {
    expect(
      booked('S12', sch(), aip({ 6: '202603101405', 9: '20', 10: 'MIN' })).set['participant@AIP-3'],
    ).toMatchObject([
      { period: { start: '2026-03-10T14:05:00-04:00', end: '2026-03-10T18:25:00Z' }, status: 'accepted' },
    ]);
    expect(
      booked('S12', sch(), aip({ 7: '10', 8: 'MIN', 9: '5', 10: 'MIN' })).set['participant@AIP-3'],
    ).toMatchObject([{ period: { start: '2026-03-10T18:10:00Z', end: '2026-03-10T18:15:00Z' } }]);
  });

  test.each([
    ['Booked', 'accepted'],
    ['Pending', 'tentative'],
    ['Cancelled', 'declined'],
    ['', 'accepted'],
  ])('a resource that is %s is %s', (code, status) => {
    expect(booked('S12', sch(), aip({ 12: code })).set['participant@AIP-3']).toMatchObject([{ status }]);
  });

  test('a general resource is a device or a place where its type says so', () => {
    const at = (type: string) => {
      const { writes } = siu('S12', sch(), line('AIG', { 1: '1', 3: 'EKG-2^EKG cart^L', 4: type }));
      const [appointment] = of(writes, 'Appointment');
      const participants = (appointment?.set['participant@AIG-3'] ?? []) as {
        actor: { reference?: string };
      }[];
      const [participant] = participants;
      return participant?.actor.reference?.split('/')[0];
    };
    expect(at('EQ^Equipment^L')).toBe('Device');
    expect(at('R^Room^L')).toBe('Location');
    expect(at('X^Other^L')).toBeUndefined();
  });

  test('reason and type are taken for each other; the table says which', () => {
    const { set } = booked('S12', sch({ 7: 'WALKIN^Walk-in^HL70277' }));
    expect(set).toMatchObject({ appointmentType: { coding: [{ code: 'WALKIN' }] } });
    expect(set).not.toHaveProperty('reasonCode@SCH-7');
  });

  test('the service\u2019s status is the appointment\u2019s where there is no other', () => {
    expect(booked('S14', sch({ 25: '' }), 'AIS|1||V^Visit^L|||||||Complete').set.status).toBe('fulfilled');
    expect(booked('S14', sch(), 'AIS|1||V^Visit^L|||||||Complete').set.status).toBe('booked');
  });
});

describe('[M77] changes of single services and resources', () => {
  const reyes = 'participant[actor.reference=Practitioner/';
  const slots = (write: RecordWrite) => Object.keys(write.set).filter((slot) => slot.startsWith(reyes));

  test('a booking lists all there are, action codes or not', () => {
    expect(booked('S12', sch(), aip({ 2: 'A' })).set).toHaveProperty('participant@AIP-3');
    expect(booked('S14', sch(), aip()).set).toHaveProperty('participant@AIP-3');
  });

  test('with action codes a change adds and takes out single ones', () => {
    const changed = booked('S14', sch(), aip({ 2: 'A' }), aip({ 2: 'D', 3: '88^Gone^Gil' }));
    expect(changed.set).not.toHaveProperty('participant@AIP-3');
    expect(slots(changed)).toHaveLength(1);
    expect(changed.remove?.filter((slot) => slot.startsWith(reyes))).toHaveLength(1);
  });

  test.each(['S20', 'S21', 'S22'])('%s takes out what it lists, and leaves the appointment', (event) => {
    const { set, remove } = booked(event, sch(), aip(), 'AIS|1||V^Visit^L');
    expect(set.status).toBe('booked');
    expect(remove).toEqual(['serviceType[coding.code=V]', expect.stringContaining(reyes)]);
  });

  test('what was added singly goes with the next whole list', () => {
    const [appointment] = previewWrites([
      ...siu('S12', sch(), aip()).writes,
      ...siu('S18', sch(), aip({ 2: 'A', 3: '88^Added^Ann' })).writes,
      ...siu('S14', sch(), aip()).writes,
    ]).filter((one) => one.resourceType === 'Appointment');
    const participants = appointment?.participant as { actor: { display?: string } }[];
    const names = participants.map(({ actor }) => actor.display);
    expect(names).toContain('Maria Reyes');
    expect(names).not.toContain('Ann Added');
  });

  test('S16, like S15, ends it for a reason; S17 was a mistake', () => {
    for (const event of ['S15', 'S16'])
      expect(booked(event, sch({ 6: 'PT^Patient asked^L' })).set).toMatchObject({
        status: 'cancelled',
        cancelationReason: { text: 'Patient asked' },
      });
    expect(booked('S17').set.status).toBe('entered-in-error');
  });
});

describe('[M78] what stands beside it', () => {
  const { writes, findings } = siu(
    'S12',
    sch({ 26: 'P-1^CPOE', 27: 'F-1^LAB' }),
    'OBX|1|NM|29463-7^Weight^LN||70|kg^^UCUM|||||F',
    'DG1|1||I10^Hypertension^I10C',
    'AIS|1||ECHO^Echo^L',
  );

  test('the order that it is for, under its owner\u2019s number', () => {
    const [request] = of(writes, 'ServiceRequest');
    expect(findings).toEqual([]);
    expect(request).toMatchObject({
      copy: true,
      id: resourceId('ServiceRequest', 'authority CPOE', 'placer|P-1'),
      set: { code: { coding: [{ code: 'ECHO' }] }, 'identifier@ORC-2': [{ value: 'P-1' }] },
    });
    const ordered = map(msh('ORM^O01'), pid, pv1(), 'ORC|NW|P-1^CPOE', 'OBR|1|P-1^CPOE||ECHO^Echo^L');
    expect(of(ordered.writes, 'ServiceRequest')[0]?.id).toBe(request?.id);
    expect(of(writes, 'Appointment')[0]?.set.basedOn).toEqual([
      { reference: `ServiceRequest/${request?.id}` },
    ]);
  });

  test('diagnoses in passing, and what was observed', () => {
    expect(of(writes, 'Condition')).toMatchObject([{ copy: true }]);
    expect(of(writes, 'Observation')).toHaveLength(1);
    expect(of(writes, 'List')).toEqual([]);
  });
});
