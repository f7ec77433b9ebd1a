import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMapped, mapMessage, unmappedOf } from '../../src/clinical/mapping/index.ts';
import {
  authorityScope,
  patientId,
  patientReference,
  type RecordWrite,
  resourceId,
} from '../../src/clinical/record/index.ts';
import { evn, glucose, line, map, message, msh, options, oru, pid, pidFields, pv1 } from './messages.ts';

const ada = { authority: '2.16.840.1.113883.19.5', identifier: 'MRN-1001' };
const of = (writes: readonly RecordWrite[], type: string) => writes.filter((write) => write.type === type);
const one = (writes: readonly RecordWrite[], type: string) => {
  const found = of(writes, type);
  expect(found, type).toHaveLength(1);
  return found[0]!;
};

describe('ADT', () => {
  const admission = map(msh('ADT^A01^ADT_A01'), evn('A01'), pid, pv1());

  test('[M1] a registration is the patient, shaped after US Core, with every original kept', () => {
    const patient = one(admission.writes, 'Patient');
    expect(patient.id).toBe(patientId(ada));
    expect(patient.copy).toBeUndefined();
    expect(patient.set).toMatchObject({
      'identifier@PID-3': [
        { system: 'urn:oid:2.16.840.1.113883.19.5', value: 'MRN-1001', type: { coding: [{ code: 'MR' }] } },
        { system: 'http://hl7.org/fhir/sid/us-ssn', value: '900112233' },
      ],
      name: [
        { use: 'official', family: 'Okafor', given: ['Ada', 'Chioma'], suffix: ['Jr'], prefix: ['Dr'] },
        { use: 'nickname', family: 'Ada' },
      ],
      birthDate: '1984-02-14',
      _birthDate: { extension: [{ valueDateTime: '1984-02-14T15:30:00-05:00' }] },
      gender: 'female',
      address: [
        { use: 'home', line: ['12 Elm St', 'Apt 4'], city: 'Springfield', state: 'IL', postalCode: '62701' },
      ],
      'telecom@PID-13': [
        { system: 'phone', value: '+1 217 5550142', use: 'home' },
        { system: 'email', value: 'ada@example.org', use: 'home' },
      ],
      'telecom@PID-14': [{ system: 'phone', value: '+1 217 5550199 x12', use: 'work' }],
      maritalStatus: {
        coding: [{ code: 'M' }, { system: 'http://terminology.hl7.org/CodeSystem/v2-0002', code: 'M' }],
      },
      'multipleBirth[x]': { Boolean: false },
    });
    const race = patient.set['extension[url=http://hl7.org/fhir/us/core/StructureDefinition/us-core-race]'];
    expect(race).toMatchObject([
      { extension: [{ url: 'ombCategory', valueCoding: { code: '2054-5' } }, { url: 'text' }] },
    ]);
    expect(admission.findings).toEqual([]);
  });

  const reyes = resourceId(
    'Practitioner',
    authorityScope('http://hl7.org/fhir/sid/us-npi'),
    'number|1234567893',
  );

  test('[M24] who is named in passing is a resource of its own, known by number, as a copy', () => {
    const practitioner = admission.writes.find(({ type }) => type === 'Practitioner');
    expect(practitioner).toMatchObject({
      id: reyes,
      copy: true,
      set: {
        identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }],
        name: [{ family: 'Reyes', given: ['Maria'], prefix: ['Dr'] }],
      },
    });
    const places = admission.writes.filter(({ type }) => type === 'Location').map(({ set }) => set.name);
    expect(places).toEqual(['GENERAL', 'N', '2', 'CARD', '101', 'A']);
  });

  test('[M2] the visit is found by its number, with class, places, people and period', () => {
    const encounter = one(admission.writes, 'Encounter');
    expect(encounter.set).toMatchObject({
      status: 'in-progress',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: patientReference(ada) },
      'identifier@PV1-19': [{ value: 'V-2001', type: { coding: [{ code: 'VN' }] } }],
      'period.start': '2026-03-03T09:30:00-05:00',
      'location@PV1-3': [{ location: { display: 'A 101 CARD 2 N GENERAL' }, status: 'active' }],
      'participant@PV1-7': [
        {
          type: [{ coding: [{ code: 'ATND' }] }],
          individual: { reference: `Practitioner/${reyes}`, display: 'Dr Maria Reyes' },
        },
      ],
    });
    expect(encounter.origin).toEqual({
      system: 'general',
      patient: ada,
      messageId: 42,
      eventTime: new Date('2026-03-03T15:45:00Z'),
    });
  });

  test.each([
    ['A03', 'finished', []],
    ['A04', 'in-progress', []],
    ['A11', 'cancelled', []],
    ['A13', 'in-progress', ['period.end', 'hospitalization.dischargeDisposition']],
    ['A08', undefined, []],
  ])('[M3] %s makes the status of the visit %s', (event, status, removed) => {
    const { writes } = map(msh(`ADT^${event}`), evn(event), pid, pv1());
    const encounter = one(writes, 'Encounter');
    expect(encounter.id).toBe(one(admission.writes, 'Encounter').id);
    expect(encounter.set.status).toBe(status);
    expect(encounter.remove ?? []).toEqual(removed);
    expect(encounter.initial).toMatchObject({ status: 'unknown' });
  });

  test('[M4] an empty field says nothing, "" removes', () => {
    const { writes } = map(msh('ADT^A08'), evn('A08'), 'PID|1||MRN-1001||""||""|""');
    const patient = one(writes, 'Patient');
    expect(Object.keys(patient.set)).toEqual(['identifier@PID-3']);
    expect(patient.remove).toEqual(['name', 'birthDate', '_birthDate', 'gender']);
    expect(patient.id).toBe(patientId(ada));
  });

  test('[M5] a birth date that is no date is a finding, and the rest is taken', () => {
    const { writes, findings } = map(msh('ADT^A08'), evn('A08'), 'PID|1||MRN-1001||Okafor^Ada||19840231|X');
    expect(one(writes, 'Patient').set).toMatchObject({ name: [{ family: 'Okafor' }] });
    expect(one(writes, 'Patient').set).not.toHaveProperty('birthDate');
    expect(findings.map(({ place }) => place)).toEqual(['PID^1^7', 'PID^1^8']);
    expect(JSON.stringify(findings)).not.toContain('1984');
  });

  test('[M6] without a patient, or without any number for the visit, nothing is guessed', () => {
    const anonymous = map(msh('ADT^A01'), evn('A01'), 'PID|1||||Okafor^Ada', pv1());
    expect(anonymous).toMatchObject({ writes: [], findings: [{ place: 'PID^1^3' }] });
    const visit = map(msh('ADT^A01'), evn('A01'), pid, 'PV1|1|I');
    expect(visit.writes.filter(({ copy }) => !copy).map(({ type }) => type)).toEqual(['Patient']);
    expect(visit.findings).toMatchObject([{ place: 'PV1^1^19' }]);
  });

  test("[M7] precision stays, and clocks are the site's, also beyond a change of clocks", () => {
    const at = (time: string, header = '20260303104500') => {
      const { writes } = map(msh('ADT^A01', header), evn('A01'), pid, pv1('V-1', time));
      return one(writes, 'Encounter').set['period.start'];
    };
    expect(at('2026')).toBe('2026');
    expect(at('202603')).toBe('2026-03');
    expect(at('20260303')).toBe('2026-03-03');
    expect(at('20260701120000')).toBe('2026-07-01T12:00:00-04:00');
    expect(at('20260701120000', '20260303104500-0500')).toBe('2026-07-01T12:00:00-04:00');
    expect(at('20260701120000', '20260303104500+0100')).toBe('2026-07-01T12:00:00+01:00');
    expect(at('20260701120000-0700')).toBe('2026-07-01T12:00:00-07:00');
  });

  test('[M8] an event can not be later than its receipt', () => {
    const { writes } = map(msh('ADT^A08', '20990101000000'), evn('A08'), pid);
    expect(writes[0]!.origin.eventTime).toEqual(options.receivedAt);
  });
});

describe('ORU', () => {
  test('[M9] a result is an observation of its report; patient and visit are named in passing', () => {
    const { writes, findings } = map(...oru(glucose, 'NTE|1||fasting~since midnight'));
    expect(findings).toEqual([]);
    expect(writes.slice(0, 4).map(({ type, copy }) => `${type}${copy ? ' copy' : ''}`)).toEqual([
      'Patient copy',
      'Encounter copy',
      'Observation',
      'DiagnosticReport',
    ]);
    expect(writes.slice(4).every(({ copy }) => copy)).toBe(true);
    const observation = one(writes, 'Observation');
    expect(observation.set).toMatchObject({
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '2345-7', display: 'Glucose' }] },
      category: [{ coding: [{ code: 'laboratory' }] }],
      interpretation: [
        {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code: 'N' },
          ],
        },
      ],
      referenceRange: [{ low: { value: 70 }, high: { value: 99 }, text: '70-99' }],
      'effective[x]': { DateTime: '2026-03-03T08:15:00-05:00' },
      note: [{ text: 'fasting\nsince midnight' }],
      subject: { reference: patientReference(ada) },
      encounter: { reference: `Encounter/${one(writes, 'Encounter').id}` },
    });
    expect(observation.set['value[x]']).toMatchObject({
      Quantity: { unit: 'mg/dL', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    });
    const report = one(writes, 'DiagnosticReport');
    expect(report.set).toMatchObject({
      status: 'final',
      'identifier@OBR-3': [{ value: 'FI-99', type: { coding: [{ code: 'FILL' }] } }],
      issued: '2026-03-03T10:30:00-05:00',
      [`result[reference=Observation/${observation.id}]`]: [{ reference: `Observation/${observation.id}` }],
    });
  });

  test('[M10] the visit of a result is the visit of the registration, whoever sends it', () => {
    const lab = mapMessage(message(...oru(glucose)), { ...options, system: 'lab' });
    const admission = map(msh('ADT^A01'), evn('A01'), pid, pv1());
    expect(one(lab.writes, 'Encounter').id).toBe(one(admission.writes, 'Encounter').id);
    expect(one(lab.writes, 'Patient').id).toBe(one(admission.writes, 'Patient').id);
    expect(one(lab.writes, 'Observation').id).not.toBe(one(map(...oru(glucose)).writes, 'Observation').id);
  });

  test('[M11] a correction is about the same observation: filler number, OBX-3 and OBX-4', () => {
    const corrected = glucose.replace('98.0', '89').replace('|F|', '|C|');
    const [before, after] = [map(...oru(glucose)), map(...oru(corrected))].map(({ writes }) =>
      one(writes, 'Observation'),
    );
    expect(after!.id).toBe(before!.id);
    expect(after!.set.status).toBe('corrected');
    const other = map(...oru(glucose.replace('LN||', 'LN|2|')));
    expect(one(other.writes, 'Observation').id).not.toBe(before!.id);
  });

  test('[M12] no result is lost to another: equal codes keep their place, lines of one text are joined', () => {
    const text = (line: string) => `OBX|1|TX|18842-5^Summary^LN||${line}||||||F`;
    const { writes } = map(
      ...oru(glucose, glucose.replace('98.0', '110'), text('first line'), text('second & last')),
    );
    const observations = of(writes, 'Observation');
    expect(observations).toHaveLength(3);
    expect(new Set(observations.map(({ id }) => id)).size).toBe(3);
    expect(observations[2]!.set['value[x]']).toEqual({ String: 'first line\nsecond & last' });
  });

  test.each([
    ['SN', '>^100', { Quantity: { value: 100, comparator: '>', unit: 'mg/dL' } }],
    ['SN', '^1^:^128', { Ratio: { numerator: { value: 1 }, denominator: { value: 128 } } }],
    ['SN', '^2^-^5', { Range: { low: { value: 2 }, high: { value: 5 } } }],
    ['SN', '<>^7', { String: '<> 7 mg/dL' }],
    ['ST', 'Positive', { String: 'Positive' }],
    [
      'CWE',
      '260385009^Negative^SCT',
      { CodeableConcept: { coding: [{ system: 'http://snomed.info/sct', code: '260385009' }] } },
    ],
    [
      'CE',
      'Q1^Own^L',
      { CodeableConcept: { coding: [{ system: 'urn:isthmus:codes:general:L', code: 'Q1' }] } },
    ],
    ['DT', '202603', { DateTime: '2026-03' }],
    ['TM', '0930', { Time: '09:30:00' }],
    ['NM', '-.5', { Quantity: { unit: 'mg/dL' } }],
    ['ZZ', 'what^is^it', { String: 'what^is^it' }],
  ])('[M13] a value of type %s: %s', (type, value, expected) => {
    const { writes } = map(...oru(`OBX|1|${type}|X^x^L||${value}|mg/dL||||||F`));
    expect(one(writes, 'Observation').set['value[x]']).toMatchObject(expected);
  });

  test('[M14] a result that is not of its declared type is kept as text and found', () => {
    const { writes, findings } = map(...oru(glucose.replace('98.0', 'see comment')));
    expect(one(writes, 'Observation').set['value[x]']).toEqual({ String: 'see comment' });
    expect(findings).toMatchObject([{ place: 'OBX^1^5' }]);
  });

  test("[M15] a status without a code is a finding; an embedded document is the report's; a stray OBX is found", () => {
    const document = 'OBX|2|ED|PDF^Report^L||^application^PDF^Base64^JVBERi0=||||||F';
    const { writes, findings } = map(...oru(glucose.replace('|F|', '|?|'), document));
    const observation = one(writes, 'Observation');
    expect(observation.set).not.toHaveProperty('status');
    expect(observation.initial).toMatchObject({ status: 'unknown' });
    expect(findings).toEqual([{ place: 'OBX^1^11', rule: 'table 0085 has a code of FHIR for it' }]);
    expect(one(writes, 'DiagnosticReport').set['presentedForm@OBX-5']).toEqual([
      { contentType: 'application/pdf', data: 'JVBERi0=', title: 'Report' },
    ]);
    const stray = map(msh('ORU^R01'), pid, glucose);
    expect(stray.findings).toMatchObject([{ place: 'OBX^1', rule: 'an OBX follows an OBR' }]);
  });

  test('[M16] results of several patients in one message each go to their own', () => {
    const [header, , , ...rest] = oru(glucose);
    const { writes } = map(header!, pid, ...rest, 'PID|2||MRN-1002||Baker^Ben', ...rest);
    const [first, second] = of(writes, 'Observation');
    expect(first!.origin.patient).toEqual(ada);
    expect(second!.origin.patient).toEqual({ ...ada, identifier: 'MRN-1002' });
  });

  test('[M17] deleted results leave the report', () => {
    const { writes } = map(...oru(glucose.replace('|F|', '|D|')));
    const observation = one(writes, 'Observation');
    expect(observation.set.status).toBe('entered-in-error');
    expect(one(writes, 'DiagnosticReport').remove).toEqual([
      `result[reference=Observation/${observation.id}]`,
    ]);
  });
});

describe('SIU', () => {
  const sch = line('SCH', {
    1: 'PA-1^EHR',
    2: 'FA-1^SCHED',
    6: 'ROUTINE^Routine',
    7: 'FU^Follow-up^HL70276',
    8: 'VIRT^Virtual visit^L',
    9: '30',
    10: 'MIN',
    11: '^^30^202603101400^202603101430',
    25: 'BOOKED',
  });
  const siu = (event: string, ...rest: string[]) =>
    map(msh(`SIU^${event}^SIU_S12`), rest[0] ?? sch, pid, pv1(), 'RGS|1', ...rest.slice(1));
  const resources = [
    'AIS|1||99213V^Video visit^L|202603101400|||30|MIN',
    'AIL|1||TELE^1^^GENERAL',
    'AIP|1||1234567893^Reyes^Maria^^^Dr^^^&2.16.840.1.113883.4.6&ISO^L^^^NPI|ATND',
  ];

  test('[M18] a booking is an appointment with its times, reasons and people', () => {
    const { writes, findings } = siu('S12', sch, ...resources, 'NTE|1||bring the meter');
    expect(findings).toEqual([]);
    expect(one(writes, 'Patient').copy).toBe(true);
    expect(one(writes, 'Appointment')).toMatchObject({
      id: resourceId('Appointment', 'general', 'filler|FA-1'),
      set: {
        status: 'booked',
        start: '2026-03-10T14:00:00-04:00',
        end: '2026-03-10T14:30:00-04:00',
        minutesDuration: 30,
        'reasonCode@SCH-7': [{ text: 'Follow-up' }],
        appointmentType: { coding: [{ code: 'VIRT' }] },
        'serviceType@AIS-3': [{ text: 'Video visit' }],
        'participant@PID-3': [{ actor: { reference: patientReference(ada) }, status: 'accepted' }],
        'participant@AIP-3': [
          { actor: { display: 'Dr Maria Reyes' }, type: [{ coding: [{ code: 'ATND' }] }] },
        ],
        'participant@AIL-3': [{ actor: { display: '1 TELE GENERAL' } }],
        comment: 'bring the meter',
      },
    });
  });

  test.each([
    ['S13', 'booked'],
    ['S14', 'booked'],
    ['S15', 'cancelled'],
    ['S17', 'entered-in-error'],
    ['S26', 'noshow'],
  ])('[M19] %s is about the same appointment, now %s', (event, status) => {
    const appointment = one(siu(event).writes, 'Appointment');
    expect(appointment.id).toBe(resourceId('Appointment', 'general', 'filler|FA-1'));
    expect(appointment.set.status).toBe(status);
  });

  test('[M20] the times stand in SCH-11, TQ1 or the first resource; the end follows from the duration', () => {
    const bare = 'SCH||FA-1|||||||30|MIN|';
    const at = (...rest: string[]) => {
      const { set } = one(siu('S12', bare, ...rest).writes, 'Appointment');
      return [set.start, set.end];
    };
    expect(at(...resources)).toEqual(['2026-03-10T14:00:00-04:00', '2026-03-10T14:30:00-04:00']);
    expect(at('AIP|1||77^X|||202603102350|||1|H')).toEqual([
      '2026-03-10T23:50:00-04:00',
      '2026-03-11T00:50:00-04:00',
    ]);
    expect(at('TQ1|1||||||202603100900|202603100945')).toEqual([
      '2026-03-10T09:00:00-04:00',
      '2026-03-10T09:45:00-04:00',
    ]);
    expect(at()).toEqual([undefined, undefined]);
  });

  test('[M20] an appointment without an id is a finding', () => {
    const { writes, findings } = siu('S12', 'SCH|||||||||30|MIN');
    expect(of(writes, 'Appointment')).toEqual([]);
    expect(findings).toMatchObject([{ place: 'SCH^1^2' }]);
  });
});

describe('any message', () => {
  test('[M21] a type without a mapping says so and writes nothing', () => {
    expect(isMapped('ADT^A08')).toBe(true);
    expect(isMapped('BAR^P01')).toBe(false);
    expect(map(msh('BAR^P01'), evn('P01'), pid)).toMatchObject({
      writes: [],
      findings: [{ place: 'MSH^1^9' }],
    });
  });

  test('[M22] what is not mapped is counted, by place', () => {
    const counts = unmappedOf(
      message(
        msh('ADT^A01'),
        evn('A01'),
        line('PID', { ...pidFields, 27: 'V1' }),
        pv1(),
        'ZPI|1|x',
        'ZPI|2|y',
        'ACC|20260303',
      ),
    );
    expect(counts).toEqual({ 'PID-27': 1, ZPI: 2, ACC: 1 });
  });

  test('[M23] whatever stands in the fields, mapping does not throw, and every reference is to what is written', () => {
    const junk = fc.constantFrom(
      '',
      '""',
      '^',
      '~',
      '&',
      'constructor',
      '__proto__',
      '20269999',
      '1^2^3^4^5',
      'x~y~""',
      '\\X0D\\',
      '999',
      '-',
      'é'.normalize('NFD'),
    );
    const segment = (name: string) =>
      fc.array(junk, { maxLength: 30 }).map((fields) => [name, ...fields].join('|'));
    const names = [
      'PID',
      'PV1',
      'OBR',
      'OBX',
      'SCH',
      'AIS',
      'AIP',
      'AIL',
      'AIG',
      'NTE',
      'TQ1',
      'ORC',
      'PV2',
      'ZZZ',
    ];
    const body = fc.array(fc.constantFrom(...names).chain(segment), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom('ADT^A01', 'ORU^R01', 'SIU^S12', 'ADT^A13'), body, (type, lines) => {
        const parsed = message(msh(type), pid, ...lines);
        const { writes, findings } = mapMessage(parsed, options);
        expect(mapMessage(parsed, options)).toEqual({ writes, findings });
        for (const write of writes) expect(Number.isNaN(write.origin.eventTime.getTime())).toBe(false);
        unmappedOf(parsed);
      }),
      { numRuns: 500 },
    );
  });
});
