import type {
  Appointment,
  Encounter,
  MedicationRequest,
  Observation,
  Patient,
  Practitioner,
} from '@medplum/fhirtypes';
import { describe, expect, test } from 'vitest';
import {
  type BookingFacts,
  bookings,
  describeProfile,
  documents,
  from,
  laboratoryOrders,
  leftOut,
  one,
  prescriptions,
  readings,
  registrations,
  results,
  vary,
  visitNote,
} from '../../src/clinical/mapping/index.ts';
import { type Field, Hl7Error } from '../../src/standards/hl7v2/index.ts';
import { written } from './write-back-support.ts';

/** Made by no HL7 v2: as a FHIR client writes them. */
const patient: Patient = {
  resourceType: 'Patient',
  id: 'p1',
  identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: 'MRN-1' }],
  name: [{ use: 'official', family: 'Okafor', given: ['Ada', 'Chioma'] }],
  birthDate: '1984-02',
  gender: 'female',
  telecom: [
    { system: 'phone', use: 'mobile', value: '+1 217 5550142' },
    { system: 'phone', use: 'work', value: '+1 217 5550199' },
  ],
};
const practitioner: Practitioner = {
  resourceType: 'Practitioner',
  id: 'd1',
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }],
  name: [{ family: 'Reyes', given: ['Maria'] }],
};
const appointment: Appointment = {
  resourceType: 'Appointment',
  id: 'a1',
  status: 'booked',
  start: '2026-07-01T09:30:00Z',
  end: '2026-07-01T10:00:00Z',
  serviceType: [{ coding: [{ system: 'http://snomed.info/sct', code: '185345009' }] }],
  participant: [
    { actor: { reference: 'Patient/p1' }, status: 'accepted' },
    { actor: { reference: 'Practitioner/d1' }, status: 'accepted' },
  ],
};
const booking: BookingFacts = { appointment, patient, related: [practitioner] };
const subject = { reference: 'Patient/p1' };

const errorOf = (work: () => unknown): Hl7Error => {
  try {
    work();
  } catch (error) {
    if (error instanceof Hl7Error) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('profiles', () => {
  test('[M86] a booking that was made here: our id for a number, times in the clocks of the receiver', () => {
    const { message, type, findings } = written(bookings, booking, { zone: 'America/Chicago' });
    expect([type, message.header.structure]).toEqual(['SIU^S12', 'SIU_S12']);
    const sch = message.segment('SCH')!;
    expect([sch.field(1).text, sch.field(1).component(2), sch.field(25).text]).toEqual([
      'a1',
      'ISTHMUS',
      'Booked',
    ]);
    expect([sch.field(11).component(4), sch.field(9).text]).toEqual(['20260701043000-0500', '30']);
    expect(message.segment('AIP')?.field(3).component(13)).toBe('NPI');
    expect(message.segments().map(({ name }) => name)).toEqual(['MSH', 'SCH', 'PID', 'RGS', 'AIS', 'AIP']);
    expect(findings).toEqual([]);
  });

  test.each([
    ['cancelled', 'SIU^S15', 'Cancelled'],
    ['noshow', 'SIU^S26', 'Noshow'],
    ['entered-in-error', 'SIU^S17', 'Deleted'],
  ] as const)('[M86] the event follows from the status: %s', (status, type, code) => {
    const { message, ...sent } = written(bookings, { ...booking, appointment: { ...appointment, status } });
    expect(sent.type).toBe(type);
    expect(message.segment('SCH')?.field(25).text).toBe(code);
  });

  test('[M87] a site varies a base: fields replaced, added, left out, segments added and left out, code sets, names of code systems', () => {
    const site = vary(bookings)({
      version: '2.3',
      header: { 21: 'SITE-1' },
      offsets: false,
      codes: { 'SCH-25': { Booked: 'B' }, 'PID-8': { F: 'FEMALE' } },
      codeSystems: { 'http://snomed.info/sct': 'SNOMEDCT' },
      parts: {
        PID: {
          7: leftOut,
          18: from(
            'Appointment.id',
            ({ appointment: { id } }) => id,
            (id) => id,
          ),
        },
        RGS: leftOut,
        after: { PID: { ZPV: one<BookingFacts>('ZPV', { 1: ({ appointment: { id } }) => id, 2: 'VIDEO' }) } },
      },
    });
    const { message } = written(site, booking, { zone: 'America/Chicago' });
    expect(message.segments().map(({ name }) => name)).toEqual(['MSH', 'SCH', 'PID', 'ZPV', 'AIS', 'AIP']);
    const pid = message.segment('PID')!;
    expect([pid.field(7).state, pid.field(8).text, pid.field(18).text]).toEqual(['empty', 'FEMALE', 'a1']);
    expect(message.segment('SCH')?.field(25).text).toBe('B');
    expect(message.segment('SCH')?.field(11).component(4)).toBe('20260701043000');
    expect(message.segment('AIS')?.field(3).component(3)).toBe('SNOMEDCT');
    expect([message.header.version, message.segment('MSH')?.field(21).text]).toEqual(['2.3', 'SITE-1']);
    // The base is what it was.
    const base = written(bookings, booking).message;
    expect([base.segment('PID')?.field(7).text, base.segment('RGS')?.field(1).text]).toEqual(['198402', '1']);
  });

  test('[M87] a variation of a variation, and of a part within a group', () => {
    const first = vary(laboratoryOrders)({ parts: { ORDER: { ORC: { 16: 'X' }, OBR: { 18: 'Y' } } } });
    const second = vary(first)({ message: 'OMG^O19', parts: { ORDER: { ORC: { 16: leftOut } } } });
    const request = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject,
      code: { text: 'CBC' },
    } as const;
    const { message, type } = written(second, { patient, orders: [{ request }, { request, control: 'XO' }] });
    expect(type).toBe('OMG^O19');
    expect(message.segments('ORC').map((orc) => [orc.field(1).text, orc.field(16).text])).toEqual([
      ['NW', ''],
      ['XO', ''],
    ]);
    expect(message.segments('OBR').map((obr) => [obr.field(1).text, obr.field(18).text])).toEqual([
      ['1', 'Y'],
      ['2', 'Y'],
    ]);
  });

  test('[M87] a part that the base does not have is a mistake of the site', () => {
    const parts = { PIDD: leftOut } as object;
    expect(() => vary(bookings)({ parts })).toThrow(/no part PIDD/);
  });

  test('[M88] a profile is shown as fields and where they come from', () => {
    const rows = describeProfile(bookings);
    expect(rows).toContainEqual({ segment: 'PID', field: 7, from: 'Patient.birthDate', needed: false });
    expect(rows).toContainEqual({ segment: 'PID', field: 3, from: 'Patient.identifier', needed: true });
    expect(describeProfile(visitNote)).toContainEqual({
      segment: 'TXA',
      field: 2,
      from: '"PN"',
      needed: false,
    });
    expect(describeProfile(laboratoryOrders).some(({ segment }) => segment === 'SPM')).toBe(true);
  });
});

describe('what can not be written', () => {
  test('[M89] what the receiver needs and nobody knows names the place, and never a value', () => {
    const { identifier: _gone, ...nameless } = patient;
    const error = errorOf(() => written(bookings, { ...booking, patient: nameless }));
    expect([error.code, error.location]).toEqual(['HL7_MISSING_FIELD', 'PID^1^3']);
    expect(error.message).not.toContain('Okafor');
  });

  test('[M89] the second order is named as the second', () => {
    const order = { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject } as const;
    const coded = { ...order, code: { text: 'CBC' } };
    const of =
      (...all: (typeof order)[]) =>
      () =>
        written(laboratoryOrders, { patient, orders: all.map((request) => ({ request })) });
    expect(errorOf(of(coded, order)).location).toBe('OBR^2^4');
    expect(errorOf(of({ ...coded, status: 'draft' } as never))).toMatchObject({
      code: 'HL7_BAD_TABLE_VALUE',
      location: 'ORC^1^1',
    });
  });

  test('[M89] a date that is none, and a NUL', () => {
    const birth = errorOf(() =>
      written(registrations, { event: 'A08', patient: { ...patient, birthDate: '14.2.1984' } }),
    );
    expect([birth.code, birth.location]).toEqual(['HL7_BAD_TIMESTAMP', 'PID^1^7']);
    const name = errorOf(() =>
      written(registrations, { event: 'A08', patient: { ...patient, name: [{ family: 'a\0b' }] } }),
    );
    expect(name.code).toBe('HL7_UNDECODABLE');
    expect(name.location).toMatch(/^PID\^1\^5/);
  });

  test('[M90] what is left out is a finding by place, and the rest is written', () => {
    const url = { system: 'url', value: 'https://example.org' } as const;
    const { message, findings } = written(registrations, {
      event: 'A08',
      patient: { ...patient, telecom: [url, ...(patient.telecom ?? [])] },
    });
    expect(findings).toEqual([{ place: 'PID^1^13', rule: 'XTN has telephones, faxes, pagers and e-mail' }]);
    expect(message.segment('PID')?.field(13).text).toBe('+1 217 5550142');
    expect(message.segment('PID')?.field(14).text).toBe('+1 217 5550199');
  });
});

describe('messages of FHIR that was never HL7 v2', () => {
  const reading: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    subject,
    effectiveDateTime: '2026-03-03T08:15:00-05:00',
    device: { display: 'Cuff 7' },
    component: [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
        valueQuantity: { value: 120, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
      },
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8462-4' }] },
        valueQuantity: { value: 1e21, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
      },
    ],
  };

  test('[M91] device readings: components of other codes are OBX of their own under one sub-id; NM has no exponent', () => {
    const { message } = written(results, {
      patient,
      results: [readings({ text: 'Home readings' }, [reading])],
    });
    expect(message.type).toBe('ORU^R01');
    expect(message.segment('OBR')?.field(7).text).toBe('20260303081500-0500');
    const obx = message
      .segments('OBX')
      .map((one) => [1, 2, 3, 4, 5, 6].map((field) => one.field(field).text));
    expect(obx).toEqual([
      ['1', 'NM', '8480-6', '1', '120', 'mm[Hg]'],
      ['2', 'NM', '8462-4', '1', '1000000000000000000000', 'mm[Hg]'],
    ]);
    expect(message.segment('OBX')?.field(6).component(2)).toBe('mmHg');
    expect(message.segment('OBX')?.field(18).text).toBe('Cuff 7');
  });

  test('[M91] a prescription: drug, dose, timing, route, and what is to be dispensed', () => {
    const prescription: MedicationRequest = {
      resourceType: 'MedicationRequest',
      identifier: [
        { type: { coding: [{ code: 'PLAC' }] }, system: 'urn:isthmus:authority:EHR', value: 'RX-1' },
      ],
      status: 'active',
      intent: 'order',
      subject,
      authoredOn: '2026-03-03',
      requester: { reference: 'Practitioner/d1' },
      medicationCodeableConcept: {
        coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '617310' }],
        text: 'Tablet of 20 mg',
      },
      dosageInstruction: [
        {
          text: 'One tablet at night',
          timing: { repeat: { frequency: 1, period: 12, periodUnit: 'h' } },
          route: { coding: [{ system: 'http://snomed.info/sct', code: '26643006' }] },
          doseAndRate: [{ doseQuantity: { value: 1, unit: 'tablet' } }],
        },
      ],
      dispenseRequest: { quantity: { value: 30, unit: 'tablet' }, numberOfRepeatsAllowed: 2 },
    };
    const { message } = written(prescriptions, {
      patient,
      prescriptions: [prescription],
      related: [practitioner],
    });
    expect(message.header.structure).toBe('RDE_O11');
    expect(message.segments().map(({ name }) => name)).toEqual(['MSH', 'PID', 'ORC', 'RXE', 'TQ1', 'RXR']);
    const rxe = message.segment('RXE')!;
    expect([2, 3, 5, 10, 11, 12].map((field) => rxe.field(field).text)).toEqual([
      '617310',
      '1',
      'tablet',
      '30',
      'tablet',
      '2',
    ]);
    expect(rxe.field(7).component(2)).toBe('One tablet at night');
    expect(message.segment('TQ1')?.field(3).text).toBe('Q12H');
    expect(message.segment('RXR')?.field(1).text).toBe('26643006');
    expect(message.segment('ORC')?.field(2).component(2)).toBe('EHR');
    const { medicationCodeableConcept: _none, ...drugless } = prescription;
    const without = errorOf(() =>
      written(prescriptions, { patient, prescriptions: [drugless as MedicationRequest] }),
    );
    expect(without.location).toBe('RXE^1^2');
  });

  test('[M92] the same facts and key give the same bytes, and another type another control id', () => {
    const a = written(bookings, booking);
    expect(Buffer.from(written(bookings, booking).body).equals(Buffer.from(a.body))).toBe(true);
    const cancelled = written(bookings, { ...booking, event: 'S15' });
    expect(cancelled.controlId).not.toBe(a.controlId);
    expect(a.controlId).toMatch(/^[0-9A-Z]{20}$/);
  });

  test("[M92] a system's own codes go by its name for them only to that system", () => {
    const code = { coding: [{ system: 'urn:isthmus:codes:general:L', code: 'GLU' }] };
    const of = (system: string) =>
      written(results, { patient, results: [readings(code, [])] }, { system })
        .message.segment('OBR')
        ?.field(4)
        .component(3);
    expect([of('general'), of('other')]).toEqual(['L', 'urn:isthmus:codes:general:L']);
  });
});

describe('what stands, and what nobody numbered', () => {
  const concept = (code: string) => ({ coding: [{ code }] });
  const about = { reference: 'Patient/p1' };

  test('[M95] what has ended, was refuted or was an error is not among what stands', () => {
    const { message } = written(registrations, {
      event: 'A08',
      patient,
      allergies: [
        { resourceType: 'AllergyIntolerance', patient: about, code: { text: 'latex' } },
        {
          resourceType: 'AllergyIntolerance',
          patient: about,
          code: { text: 'nuts' },
          clinicalStatus: concept('inactive'),
        },
        {
          resourceType: 'AllergyIntolerance',
          patient: about,
          code: { text: 'milk' },
          verificationStatus: concept('refuted'),
        },
      ],
      conditions: [
        {
          resourceType: 'Condition',
          subject: about,
          code: { text: 'asthma' },
          clinicalStatus: concept('active'),
        },
        {
          resourceType: 'Condition',
          subject: about,
          code: { text: 'flu' },
          clinicalStatus: concept('resolved'),
        },
        {
          resourceType: 'Condition',
          subject: about,
          code: { text: 'gout' },
          verificationStatus: concept('entered-in-error'),
        },
      ],
      procedures: [
        { resourceType: 'Procedure', subject: about, status: 'completed', code: { text: 'ECG' } },
        { resourceType: 'Procedure', subject: about, status: 'not-done', code: { text: 'MRI' } },
      ],
      relatedPersons: [
        { resourceType: 'RelatedPerson', patient: about, name: [{ family: 'Okafor' }] },
        { resourceType: 'RelatedPerson', patient: about, name: [{ family: 'Former' }], active: false },
      ],
      coverages: [
        {
          resourceType: 'Coverage',
          status: 'active',
          beneficiary: about,
          payor: [{ display: 'Blue' }],
          type: { text: 'PPO' },
        },
        {
          resourceType: 'Coverage',
          status: 'cancelled',
          beneficiary: about,
          payor: [{ display: 'Old' }],
          type: { text: 'HMO' },
        },
      ],
    });
    const told = (segment: string, field: number, component: number) =>
      message.segments(segment).map((one) => one.field(field).component(component));
    expect(told('AL1', 3, 2)).toEqual(['latex']);
    expect(told('DG1', 3, 2)).toEqual(['asthma']);
    expect(told('PR1', 3, 2)).toEqual(['ECG']);
    expect(told('NK1', 2, 1)).toEqual(['Okafor']);
    expect(told('IN1', 4, 1)).toEqual(['Blue']);
  });

  test('[M96] a document and a visit that nobody numbered go by our ids; a visit that is known by its beginning has none', () => {
    const encounter = {
      resourceType: 'Encounter',
      id: 'v1',
      status: 'finished',
      class: { code: 'AMB' },
    } as const;
    const document = {
      resourceType: 'DocumentReference',
      id: 'doc1',
      status: 'current',
      content: [
        { attachment: { contentType: 'text/plain', data: Buffer.from('one\ntwo').toString('base64') } },
      ],
    } as const;
    const sent = (visit: Encounter) =>
      written(documents, {
        patient,
        encounter: visit,
        document: { ...document, content: [...document.content] },
      }).message;
    const number = (field: Field) => [field.component(1), field.component(2) || field.component(4)];
    expect(number(sent(encounter).segment('TXA')!.field(12))).toEqual(['doc1', 'ISTHMUS']);
    expect(number(sent(encounter).segment('PV1')!.field(19))).toEqual(['v1', 'ISTHMUS']);
    const begun = sent({ ...encounter, period: { start: '2026-03-03T09:30:00Z' } });
    expect(begun.segment('PV1')!.field(19).state).toBe('empty');
    expect(
      sent(encounter)
        .segments('OBX')
        .map((obx) => obx.field(5).text),
    ).toEqual(['one', 'two']);
  });
});
