import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapMessage, unmappedOf } from '../../src/clinical/mapping/index.ts';
import { patientReference, previewWrites, type RecordWrite } from '../../src/clinical/record/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';
import { evn, line, map, message, msh, options, pid, pidFields, pv1 } from './messages.ts';

const ada = { authority: '2.16.840.1.113883.19.5', identifier: 'MRN-1001' };
const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
const one = (writes: readonly RecordWrite[], type: string): RecordWrite => {
  const [found, ...others] = of(writes, type);
  expect(others, type).toEqual([]);
  if (!found) throw new Error(`no ${type}`);
  return found;
};
const adt = (event: string, ...lines: string[]) => map(msh(`ADT^${event}`), evn(event), pid, ...lines);
const shown = (writes: readonly RecordWrite[], type: string) =>
  previewWrites(writes).filter(({ resourceType }) => resourceType === type) as Record<string, unknown>[];
const titled = (writes: readonly RecordWrite[], title: string) =>
  of(writes, 'List').find(({ set }) => String(set.title).startsWith(title));

describe('ADT events', () => {
  const visit = line('PV1', {
    1: '1',
    2: 'I',
    3: 'WARD^12^A',
    6: 'ICU^1^B',
    11: 'XRAY',
    19: 'V-1',
    42: 'WARD^14^C',
  });
  const encounter = (event: string, ...lines: string[]) =>
    one(adt(event, ...(lines.length > 0 ? lines : [visit])).writes, 'Encounter');

  test.each([
    ['A02', 'in-progress'],
    ['A05', 'planned'],
    ['A06', 'in-progress'],
    ['A07', 'in-progress'],
    ['A09', undefined],
    ['A12', 'in-progress'],
    ['A14', 'planned'],
    ['A15', undefined],
    ['A16', undefined],
    ['A21', 'onleave'],
    ['A22', 'in-progress'],
    ['A23', 'entered-in-error'],
    ['A25', undefined],
    ['A26', undefined],
    ['A27', 'cancelled'],
    ['A33', undefined],
    ['A38', 'cancelled'],
  ])('[M55] %s makes the visit %s', (event, status) => {
    expect(encounter(event).set.status).toBe(status);
  });

  test('[M55] arriving begins the visit of who is no inpatient, and regresses nobody who is', () => {
    expect(encounter('A10', visit.replace('|I|', '|O|')).set.status).toBe('arrived');
    expect(encounter('A32', visit.replace('|I|', '|O|')).set.status).toBe('planned');
    expect(encounter('A10').set.status).toBeUndefined();
  });

  test('[M41] a transfer ends the former place and begins the next; its cancellation takes the former away', () => {
    const moved = encounter('A02').set;
    expect(moved['location@PV1-3']).toMatchObject([{ status: 'active', location: { display: 'A 12 WARD' } }]);
    expect(moved['location@PV1-6']).toMatchObject([
      { status: 'completed', location: { display: 'B 1 ICU' } },
    ]);
    expect(moved['location@PV1-42']).toMatchObject([{ status: 'planned' }]);
    expect(encounter('A12').remove).toEqual(['location@PV1-6', 'location@PV1-42']);
    expect(encounter('A12').set).not.toHaveProperty(['location@PV1-6']);
    expect(encounter('A26').remove).toEqual(['location@PV1-42']);
    expect(encounter('A33').remove).toEqual(['location@PV1-11', 'location@PV1-43']);
    expect(encounter('A03').set['location@PV1-3']).toMatchObject([{ status: 'completed' }]);
    expect(encounter('A14', visit.replace('|I|', '|P|')).set['location@PV1-3']).toMatchObject([
      { status: 'planned' },
    ]);
  });

  test('[M41] a change of class is the class of the same visit', () => {
    const before = encounter('A04', visit.replace('|I|', '|O|'));
    const after = encounter('A06');
    expect(after.id).toBe(before.id);
    expect([before.set.class, after.set.class]).toMatchObject([{ code: 'AMB' }, { code: 'IMP' }]);
  });

  test('[M41] where the patient goes after the discharge is a place (PV1-37, DLD), its date is not its name', () => {
    const { writes } = adt(
      'A03',
      line('PV1', { 2: 'I', 19: 'V-1', 36: '01', 37: 'HH&Home health^20260303', 45: '20260303' }),
    );
    const visit = one(writes, 'Encounter');
    expect(visit.set['hospitalization.destination']).toMatchObject({ display: 'Home health' });
    expect(one(writes, 'Location').set).toMatchObject({
      name: 'Home health',
      type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0113', code: 'HH' }] }],
    });
  });

  test('[M41] a visit is of its episode of care (PV1-54)', () => {
    const { writes } = adt('A01', line('PV1', { 2: 'I', 19: 'V-1', 53: 'Knee', 54: 'EP-1^^^GENERAL' }));
    const episode = one(writes, 'EpisodeOfCare');
    expect(episode).toMatchObject({ copy: true, set: { status: 'active', identifier: [{ value: 'EP-1' }] } });
    expect(one(writes, 'Encounter').set['episodeOfCare@PV1-54']).toEqual([
      { reference: `EpisodeOfCare/${episode.id}`, display: 'Knee' },
    ]);
  });

  test('[M42] a swap of beds is the state of both patients', () => {
    const other = line('PID', { ...pidFields, 3: 'MRN-1002^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR' });
    const { writes, findings } = map(
      ...[msh('ADT^A17'), evn('A17'), pid, visit, other, visit.replace('V-1', 'V-2')],
    );
    expect(of(writes, 'Patient')).toHaveLength(2);
    expect(of(writes, 'Encounter').map(({ origin }) => origin.patient?.identifier)).toEqual([
      'MRN-1001',
      'MRN-1002',
    ]);
    expect(findings).toEqual([]);
  });

  test('[M42] a second PV1 of one patient is a finding, and the first is taken', () => {
    const { writes, findings } = adt('A01', visit, visit.replace('V-1', 'V-2'));
    expect(one(writes, 'Encounter').set['identifier@PV1-19']).toMatchObject([{ value: 'V-1' }]);
    expect(findings.map(({ place }) => place)).toEqual(['PV1^2']);
  });

  test.each(['A28', 'A31', 'A60'])('[M42] %s is about the person and leaves visits alone', (event) => {
    const { writes } = adt(event, pv1(), 'AL1|1|DA|P^Penicillin');
    expect(of(writes, 'Encounter')).toEqual([]);
    expect(one(writes, 'AllergyIntolerance').set.patient).toEqual({ reference: patientReference(ada) });
  });
});

describe('who is who', () => {
  const mrg = 'MRG|MRN-9^^^GENERAL&2.16.840.1.113883.19.5&ISO||ACC-2||V-9';
  const merged = { patients: [ada, { identifier: '900112233' }], former: [{ ...ada, identifier: 'MRN-9' }] };

  test.each([
    ['A18', 'merge', 'patient'],
    ['A30', 'merge', 'person'],
    ['A40', 'merge', 'patient'],
    ['A41', 'merge', 'account'],
    ['A43', 'move', 'patient'],
    ['A47', 'change-id', 'patient'],
  ])('[M43] %s is handed on as %s at the level of the %s, and mentions who stays', (event, kind, level) => {
    const { writes, identityEvent, findings } = adt(event, mrg);
    expect(of(writes, 'Patient')).toMatchObject([{ copy: true, origin: { patient: ada } }]);
    expect(writes.filter(({ copy }) => !copy)).toEqual([]);
    expect(findings).toEqual([]);
    expect(identityEvent).toMatchObject({ event, kind, level, pairs: [merged] });
    expect(identityEvent?.pairs[0]?.account).toMatchObject({ type: 'Account', before: 'ACC-2' });
  });

  test('[M43] a link is between two PID', () => {
    const other = line('PID', { ...pidFields, 3: 'MRN-1002^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR' });
    const { identityEvent } = map(msh('ADT^A24'), evn('A24'), pid, other);
    expect(identityEvent).toMatchObject({
      kind: 'link',
      pairs: [{ former: [{ ...ada, identifier: 'MRN-1002' }] }],
    });
  });

  test('[M43] a merge that names only one is a finding and no event', () => {
    const { identityEvent, findings, writes } = adt('A40', 'MRG|');
    expect({ identityEvent, writes }).toEqual({ identityEvent: undefined, writes: [] });
    expect(findings).toMatchObject([{ place: 'PID^1^3' }]);
  });

  test('[M43] a merge that can not be read is a finding and no event', () => {
    const bytes = [msh('ADT^A40').replace('UNICODE UTF-8', 'ASCII'), pid, 'MRG|\u00e9'].join('\r');
    const { writes, identityEvent, findings } = mapMessage(
      parseMessage(Buffer.from(bytes, 'latin1')),
      options,
    );
    expect({ identityEvent, writes }).toEqual({ identityEvent: undefined, writes: [] });
    expect(findings).toMatchObject([{ rule: 'not ASCII' }]);
  });
});

describe('what comes with the patient', () => {
  test('[M44] allergies are active, one for each substance, with their reactions', () => {
    const { writes } = adt(
      'A08',
      'AL1|1|DA^Drug allergy^HL70127|P^Penicillin^L|SV|Hives~Swelling|20200101',
      'AL1|2|DA|P^Penicillin^L|MI|Nausea',
      'AL1|3|FA|^Peanuts|MI',
    );
    const [penicillin, peanuts] = shown(writes, 'AllergyIntolerance');
    expect(penicillin).toMatchObject({
      category: ['medication'],
      type: 'allergy',
      clinicalStatus: { coding: [{ code: 'active' }] },
      reaction: [
        { severity: 'severe', manifestation: [{ text: 'Hives' }, { text: 'Swelling' }] },
        { severity: 'mild', manifestation: [{ text: 'Nausea' }] },
      ],
      onsetDateTime: '2020-01-01',
      patient: { reference: patientReference(ada) },
    });
    expect(peanuts).toMatchObject({ code: { text: 'Peanuts' }, criticality: 'low' });
    expect(titled(writes, 'Allergies')?.set.entry).toHaveLength(2);
  });

  test('[M45] the same allergy is the same resource by AL1 and by IAM, which speaks of itself alone', () => {
    const al1 = one(adt('A01', 'AL1|1|DA|P^Penicillin^L').writes, 'AllergyIntolerance');
    const { writes } = adt('A60', 'IAM|1|DA|P^Penicillin^L|SV||D|77^GENERAL');
    const iam = one(writes, 'AllergyIntolerance');
    expect(iam.id).toBe(al1.id);
    expect(iam.set.verificationStatus).toMatchObject({ coding: [{ code: 'entered-in-error' }] });
    expect(iam.remove).toContain('clinicalStatus');
    expect(of(writes, 'List')).toEqual([]);
  });

  test('[M46] diagnoses are conditions of the visit, once for each code, and the roles they have in it', () => {
    const { writes } = adt(
      'A03',
      pv1(),
      'DG1|1||I10^Hypertension^I10C||20260301|A||||||||||12345^Reyes^Maria',
      'DG1|2||I10^Hypertension^I10C||20260301|F|||||||||1',
      'DG1|3|I9|71596|Osteoarthrosis||W',
    );
    const visit = one(writes, 'Encounter');
    const conditions = of(writes, 'Condition');
    expect(conditions).toHaveLength(2);
    expect(visit.set.diagnosis).toMatchObject([
      { condition: { reference: `Condition/${conditions[0]?.id}` }, use: { coding: [{ code: 'AD' }, {}] } },
      { condition: { reference: `Condition/${conditions[0]?.id}` }, rank: 1 },
      { condition: { reference: `Condition/${conditions[1]?.id}` } },
    ]);
    expect(shown(writes, 'Condition')).toMatchObject([
      {
        code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'I10' }] },
        verificationStatus: { coding: [{ code: 'confirmed' }] },
        encounter: { reference: `Encounter/${visit.id}` },
        onsetDateTime: '2026-03-01',
        asserter: { display: 'Maria Reyes' },
      },
      {
        code: {
          coding: [{ system: 'http://hl7.org/fhir/sid/icd-9-cm', code: '71596' }],
          text: 'Osteoarthrosis',
        },
        verificationStatus: { coding: [{ code: 'provisional' }] },
      },
    ]);
  });

  test('[M46] a deleted diagnosis is in error and leaves the visit; the others are not spoken of', () => {
    const { writes } = adt('A08', pv1(), line('DG1', { 1: '1', 3: 'I10^Hypertension^I10C', 21: 'D' }));
    const condition = one(writes, 'Condition');
    expect(condition.set.verificationStatus).toMatchObject({ coding: [{ code: 'entered-in-error' }] });
    expect(one(writes, 'Encounter').remove).toEqual([
      `diagnosis[condition.reference=Condition/${condition.id}]`,
    ]);
    expect(titled(writes, 'Diagnoses')).toBeUndefined();
  });

  test('[M47] procedures have who did what for how long; what is to come is in preparation', () => {
    const done = line('PR1', {
      1: '1',
      3: '47.01^Appendectomy^I9C',
      5: '202603031000',
      7: '45',
      8: '11^Novak^Jan',
      11: '12^Reyes^Maria',
    });
    const { writes } = adt('A08', pv1(), done, line('PR1', { 1: '2', 3: 'X1^Later^L', 5: '20260401' }));
    expect(shown(writes, 'Procedure')).toMatchObject([
      {
        status: 'completed',
        performedPeriod: { start: '2026-03-03T10:00:00-05:00', end: '2026-03-03T15:45:00.000Z' },
        performer: [{ function: { coding: [{ code: '88189002' }] } }, { actor: { display: 'Maria Reyes' } }],
      },
      { status: 'preparation', performedDateTime: '2026-04-01' },
    ]);
  });

  test('[M48] next of kin are contacts of the patient and people of their own; an employer is a contact alone', () => {
    const { writes } = adt(
      'A04',
      'NK1|1|Okafor^Ben|SPO^Spouse^HL70063|12 Elm St^^Springfield|^PRN^PH^^1^217^5550142||EC^Emergency^HL70131',
      line('NK1', { 1: '2', 3: 'EMR^Employer^HL70063', 13: 'Acme', 30: 'Chief^Carla' }),
      'NK1|3||',
    );
    const [patient] = shown(writes, 'Patient');
    expect(patient?.contact).toMatchObject([
      { name: { family: 'Okafor' }, relationship: [{ coding: [{ code: 'SPS' }, { code: 'SPO' }] }, {}] },
      { organization: { display: 'Acme' } },
    ]);
    expect(shown(writes, 'RelatedPerson')).toMatchObject([
      { active: true, name: [{ family: 'Okafor', given: ['Ben'] }], telecom: [{ use: 'home' }] },
    ]);
    expect(JSON.stringify(patient?.contact)).not.toMatch(/"id":"NK1-[3-7]/);
    expect(shown(writes, 'Organization').find(({ name }) => name === 'Acme')?.contact).toMatchObject([
      { name: { family: 'Chief' } },
    ]);
  });

  test('[M49] coverages have a payor, and a subscriber who is the patient or a person of their own', () => {
    const { writes } = adt(
      'A04',
      line('IN1', {
        1: '1',
        2: 'PPO^Gold',
        3: '77',
        4: 'Acme Health',
        8: 'G-1',
        12: '20260101',
        17: 'SEL',
        36: 'P-1',
      }),
      line('IN2', { 61: 'MEM-5' }),
      line('IN1', { 1: '2', 2: 'HMO', 3: '78', 16: 'Okafor^Ben', 17: 'SPO', 36: 'P-2' }),
    );
    const [own, husbands] = shown(writes, 'Coverage');
    expect(own).toMatchObject({
      status: 'active',
      beneficiary: { reference: patientReference(ada) },
      subscriber: { reference: patientReference(ada) },
      payor: [{ display: 'Acme Health' }],
      class: [{ value: 'PPO', name: 'Gold' }, { value: 'G-1' }],
      identifier: [{ value: 'P-1' }, { value: 'MEM-5', type: { coding: [{ code: 'MB' }] } }],
      period: { start: '2026-01-01' },
    });
    const ben = one(writes, 'RelatedPerson');
    expect(own?.relationship).toMatchObject({ coding: [{ code: 'self' }, { code: 'SEL' }] });
    expect(husbands?.relationship).toMatchObject({ coding: [{ code: 'spouse' }, { code: 'SPO' }] });
    expect(husbands).toMatchObject({ subscriber: { reference: `RelatedPerson/${ben.id}` } });
  });

  test('[M50] the account has its number, who vouches for it and who pays, and is the account of the visit', () => {
    const numbered = line('PID', { ...pidFields, 18: 'ACC-1^^^GENERAL&2.16.840.1.113883.19.5&ISO^AN' });
    const { writes } = map(
      ...[
        msh('ADT^A04'),
        evn('A04'),
        numbered,
        pv1(),
        'GT1|1||Okafor^Ben||12 Elm St||||||SPO',
        'IN1|1|PPO|77|Acme',
      ],
    );
    const account = one(writes, 'Account');
    expect(account.set).toMatchObject({
      'identifier@PID-18': [{ value: 'ACC-1' }],
      guarantor: [{ party: { reference: `RelatedPerson/${one(writes, 'RelatedPerson').id}` } }],
      coverage: [{ coverage: { reference: `Coverage/${one(writes, 'Coverage').id}` }, priority: 1 }],
    });
    expect(one(writes, 'Encounter').set.account).toEqual([{ reference: `Account/${account.id}` }]);
  });

  test('[M51] who looks after the patient: PD1-4, and roles behind PID and PV1', () => {
    const { writes } = adt(
      'A01',
      'PD1|||Family Practice^^F1|8765^Hart^Ann',
      'ROL|1|AD|PP^Primary^HL70443|9^Field^Finn',
      'ROL|2|AD|RT^Referred to^HL70443|10^Grey^Gia',
      pv1(),
      'ROL|3|AD|AT^Attending^HL70443|11^Moon^Max',
      'ROL|4|DE|CP^Consulting^HL70443|12^Gone^Gil',
    );
    const [patient] = shown(writes, 'Patient');
    expect(patient?.generalPractitioner).toMatchObject([
      { display: 'Family Practice' },
      { display: 'Ann Hart' },
      { reference: expect.stringContaining('PractitionerRole/') },
    ]);
    expect(shown(writes, 'CareTeam')).toMatchObject([
      { participant: [{ role: [{ coding: [{ code: 'RT' }] }] }] },
    ]);
    const participants = one(writes, 'Encounter').set['participant@ROL-4'];
    expect(participants).toMatchObject([{ type: [{ coding: [{ code: 'AT' }] }] }]);
  });

  test('[M52] observations of an ADT are of the visit, without an order', () => {
    const { writes } = adt('A01', pv1(), 'OBX|1|NM|8302-2^Height^LN||172|cm^^UCUM|||||F');
    expect(shown(writes, 'Observation')).toMatchObject([
      {
        status: 'final',
        valueQuantity: { unit: 'cm' },
        encounter: { reference: `Encounter/${one(writes, 'Encounter').id}` },
      },
    ]);
  });

  test('[M53] an absent group changes nothing; `""` empties it', () => {
    expect(of(adt('A08', pv1()).writes, 'List')).toEqual([]);
    const { writes } = adt('A08', pv1(), 'AL1|1||""', 'DG1|1||""', 'NK1|1|""');
    expect(of(writes, 'List').map(({ set, remove }) => [set.entry, remove])).toEqual([
      [undefined, ['entry']],
      [undefined, ['entry']],
      [undefined, ['entry']],
    ]);
    expect(one(writes, 'Encounter').remove).toEqual(['diagnosis']);
    expect(one(writes, 'Patient').remove).toEqual(['contact@NK1-2']);
  });

  test('[M53] a group that can not be read ends nothing, and the others are taken', () => {
    const bytes = Buffer.from(
      [
        msh('ADT^A08').replace('UNICODE UTF-8', 'ASCII'),
        pid,
        pv1(),
        'AL1|1|DA|P^Penicillin',
        'AL1|2|DA|\u00e9',
        'DG1|1||I10^x^I10C',
      ].join('\r'),
      'latin1',
    );
    const { writes, findings } = mapMessage(parseMessage(bytes), options);
    expect(of(writes, 'AllergyIntolerance')).toEqual([]);
    expect(of(writes, 'List').map(({ set }) => set.title)).toEqual(['Diagnoses (DG1)']);
    expect(one(writes, 'Condition').set.code).toMatchObject({ coding: [{ code: 'I10' }] });
    expect(findings).toContainEqual({ place: 'AL1^2^3^1^1^1', rule: 'not ASCII' });
  });

  test('[M54] what PID says beyond US Core is kept, and what is labelled is left to who labels', () => {
    const { writes } = map(
      ...[msh('ADT^A08'), evn('A08')],
      line('PID', {
        ...pidFields,
        9: 'Okoye^Ada',
        12: 'SAN',
        17: 'CAT',
        20: 'D12^IL^20300101',
        21: 'M-1',
        26: 'US',
      }),
      pv1(),
      line('PV2', { 3: 'R^Rash', 8: '20260310', 22: 'Y', 25: '2' }),
      line('DG1', { 1: '1', 3: 'F10^x^I10', 18: 'Y' }),
    );
    const [patient] = shown(writes, 'Patient');
    expect(patient).toMatchObject({ address: [{ district: 'SAN' }] });
    expect(patient?.identifier).toMatchObject([{}, {}, { value: 'D12', period: { end: '2030-01-01' } }]);
    expect(patient?.name).toHaveLength(3);
    expect(shown(writes, 'RelatedPerson')).toMatchObject([
      { relationship: [{ coding: [{ code: 'MTH' }] }], identifier: [{ value: 'M-1' }] },
    ]);
    expect(shown(writes, 'Encounter')).toMatchObject([
      { priority: { coding: [{ code: 'UR' }, { code: '2' }] } },
    ]);
    for (const write of writes) expect(Object.keys(write.set).join()).not.toContain('meta');
  });

  test('[M22] no segment of an admission disappears: what is not mapped is counted', () => {
    const counts = unmappedOf(
      message(msh('ADT^A01'), pid, 'AL1|1|DA|P', 'ACC|20260303', 'NK1|1|A^B||||||||Clerk'),
    );
    expect(counts).toEqual({ ACC: 1, 'NK1-10': 1 });
  });
});

describe('any admission', () => {
  test('[M23] whatever stands in the segments, mapping does not throw, and what is listed is written', () => {
    const names = [
      'PD1',
      'NK1',
      'PV1',
      'PV2',
      'ROL',
      'PRT',
      'OBX',
      'AL1',
      'IAM',
      'DG1',
      'PR1',
      'GT1',
      'IN1',
      'IN2',
    ];
    const field = fc.oneof(
      fc.constantFrom(
        '',
        '""',
        '^^',
        'X^Y^Z',
        '20260303',
        '2026033',
        'SEL',
        'D',
        'A',
        'Y',
        'é',
        '~',
        'a&b^c&d~e',
      ),
      fc.constantFrom('PP^Primary^HL70443', 'constructor', '__proto__', '1'.repeat(300), '\\E\\', '\\X00\\'),
    );
    const segment = fc
      .tuple(fc.constantFrom(...names), fc.array(field, { maxLength: 50 }))
      .map(([name, fields]) => [name, ...fields].join('|'));
    const events = fc.constantFrom('A01', 'A03', 'A08', 'A12', 'A17', 'A31', 'A40', 'A60');
    fc.assert(
      fc.property(events, fc.array(segment, { maxLength: 8 }), (event, lines) => {
        const { writes } = map(msh(`ADT^${event}`), evn(event), pid, ...lines);
        const written = new Set(writes.map(({ type, id }) => `${type}/${id}`));
        const told = JSON.stringify(writes.map(({ set }) => set));
        for (const [, reference] of told.matchAll(/"reference":"([^"]+)"/g))
          expect(written).toContain(reference);
        expect(previewWrites(writes).length).toBe(written.size);
        for (const [index, { type, ends }] of writes.entries())
          if (ends)
            expect(type === 'List' && writes.slice(index).every((later) => later.type !== 'Patient')).toBe(
              true,
            );
      }),
      { numRuns: 400 },
    );
  });
});
