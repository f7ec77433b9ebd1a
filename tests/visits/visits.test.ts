import type { Patient } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkVisit, closeVisit, isCptOrHcpcs, isIcd10Cm, isNpi } from '../../src/care/visits/index.ts';
import { parseMessage } from '../../src/standards/hl7v2/index.ts';
import { patientReference } from '../../src/trust/access/index.ts';

const authority = '2.16.840.1.113883.19.5';
const report = {
  patient: { identifier: 'MRN-1001', authority },
  appointment: 'Appointment/0d9c2f5e',
  start: '2026-03-10T18:00:00Z',
  end: '2026-03-10T18:25:00Z',
  placeOfService: '10',
  performer: { npi: '1234567893', family: 'Reyes', given: 'Maria' },
  note: {
    text: 'Cough for three days – no fever.\nRest | fluids & "sleep".\n\nTo call again if breathless.',
  },
  diagnoses: [{ code: 'J06.9' }, { code: 'I10' }],
  procedures: [
    { code: '99213', modifiers: ['95', 'GT'], units: 1 },
    { code: 'G2012', units: 2 },
  ],
};
const patient: Patient = {
  resourceType: 'Patient',
  name: [{ family: 'Okafor', given: ['Ada', 'Chioma'] }],
  birthDate: '1984-02-14',
  gender: 'female',
};
const options = {
  system: 'televisit',
  idempotencyKey: 'key-1',
  receivedAt: new Date('2026-03-10T18:30:00Z'),
  messageId: 9,
  sender: { application: 'ISTHMUS', facility: 'HUB' },
  receiver: { application: 'GENERAL-EHR', facility: 'GENERAL' },
  zone: 'America/New_York',
};
const close = (changes: object = {}, more: object = {}) =>
  closeVisit({ ...report, ...changes }, { ...options, ...more });

describe('the record of a visit', () => {
  test('[V1] a finished virtual encounter, its note, its diagnoses and its charges, about the source patient', () => {
    const { writes, encounter, keys } = close();
    expect(writes.map(({ type }) => type)).toEqual([
      'Encounter',
      'DocumentReference',
      'Condition',
      'Condition',
      'ChargeItem',
      'ChargeItem',
    ]);
    expect(keys).toEqual([`patient:${authority}|MRN-1001`]);
    for (const { origin, set } of writes) {
      expect(origin).toEqual({
        system: 'televisit',
        patient: { authority, identifier: 'MRN-1001' },
        messageId: 9,
        eventTime: options.receivedAt,
      });
      expect(set).toMatchObject({
        subject: { reference: patientReference({ authority, identifier: 'MRN-1001' }) },
      });
    }
    expect(writes[0]).toMatchObject({
      set: { status: 'finished', class: { code: 'VR' }, appointment: [{ reference: report.appointment }] },
    });
    const [note] = writes.filter(({ type }) => type === 'DocumentReference');
    const [content] = note!.set.content as { attachment: { data: string } }[];
    expect(Buffer.from(content!.attachment.data, 'base64').toString()).toBe(report.note.text);
    expect(note!.set).toMatchObject({ context: { encounter: [{ reference: encounter }] } });
    expect(writes[4]!.set).toMatchObject({
      code: {
        coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '99213' }, { code: '95' }, { code: 'GT' }],
      },
      extension: [{ valueCoding: { code: '10' } }],
      quantity: { value: 1 },
    });
  });

  test('[V2] an OID is the same authority with and without urn:oid', () => {
    const other = close({ patient: { identifier: 'MRN-1001', authority: `urn:oid:${authority}` } });
    expect(other.writes[0]!.origin).toEqual(close().writes[0]!.origin);
  });
});

describe('the messages of a visit', () => {
  const [mdm, dft] = close({}, { patient }).messages.map(({ body }) => parseMessage(body));

  test('[V3] the note is an MDM^T02, line by line', () => {
    expect(mdm!.type).toBe('MDM^T02');
    expect(mdm!.structure).toBe('MDM_T02');
    expect(mdm!.segments().map(({ name }) => name)).toEqual([
      'MSH',
      'EVN',
      'PID',
      'PV1',
      'TXA',
      'OBX',
      'OBX',
      'OBX',
      'OBX',
    ]);
    expect(mdm!.header).toMatchObject({
      sendingApplication: 'ISTHMUS',
      receivingFacility: 'GENERAL',
      version: '2.5.1',
    });
    expect(mdm!.header.dateTime).toBe('20260310143000-0400');
    expect([1, 4, 5].map((n) => mdm!.text(n === 4 ? 'PID-3.4.2' : `PID-3.${n}`))).toEqual([
      'MRN-1001',
      authority,
      'MR',
    ]);
    expect([mdm!.text('PID-5.1'), mdm!.text('PID-5.2'), mdm!.text('PID-7'), mdm!.text('PID-8')]).toEqual([
      'Okafor',
      'Ada',
      '19840214',
      'F',
    ]);
    expect([mdm!.text('TXA-2'), mdm!.text('TXA-17'), mdm!.text('TXA-5.1'), mdm!.text('TXA-5.13')]).toEqual([
      'PN',
      'AU',
      '1234567893',
      'NPI',
    ]);
    expect(mdm!.text('TXA-22.15')).toBe('20260310142500-0400');
    const lines = mdm!.segments('OBX').map((obx) => obx.field(5).wholeText);
    expect(lines.join('\n')).toBe(report.note.text);
  });

  test('[V4] each procedure is a charge of a DFT^P03, with place of service, diagnoses, performer and modifiers', () => {
    expect(dft!.type).toBe('DFT^P03');
    expect(dft!.segments().map(({ name }) => name)).toEqual(['MSH', 'EVN', 'PID', 'PV1', 'FT1', 'FT1']);
    const [first, second] = dft!.segments('FT1');
    const fields = (...numbers: number[]) => numbers.map((number) => first!.field(number).text);
    expect(fields(4, 6, 7, 10, 16, 20, 25)).toEqual([
      '20260310140000-0400',
      'CG',
      '99213',
      '1',
      '10',
      '1234567893',
      '99213',
    ]);
    expect(first!.field(4).component(2)).toBe('20260310142500-0400');
    expect(first!.field(19).repetitions.map((one) => [one.component(1), one.component(3)])).toEqual([
      ['J06.9', 'I10C'],
      ['I10', 'I10C'],
    ]);
    expect(first!.field(25).component(3)).toBe('C4');
    expect(first!.field(26).repetitions.map((one) => one.text)).toEqual(['95', 'GT']);
    expect([second!.field(25).text, second!.field(25).component(3), second!.field(10).text]).toEqual([
      'G2012',
      'HCPCS',
      '2',
    ]);
    expect(first!.field(2).text).toMatch(/^[0-9A-Z]{12}$/);
    expect(first!.field(2).text).not.toBe(second!.field(2).text);
  });

  test('[V5] a repeat is the same bytes with the same control ids; another key is other control ids for the same charges', () => {
    const bytes = (result: ReturnType<typeof close>) =>
      result.messages.map(({ body }) => Buffer.from(body).toString());
    expect(bytes(close())).toEqual(bytes(close()));
    const again = close({}, { idempotencyKey: 'key-2' });
    const ids = [...close().messages, ...again.messages].map(({ controlId }) => controlId);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
    expect(again.writes).toEqual(close().writes);
    const charge = (result: ReturnType<typeof close>) => parseMessage(result.messages[1]!.body).text('FT1-2');
    expect(charge(again)).toBe(charge(close()));
  });

  test('[V6] without procedures there is nothing to charge; without a known name PID-5 says so', () => {
    const { messages } = close({ procedures: [] });
    expect(messages.map(({ type }) => type)).toEqual(['MDM^T02']);
    expect(parseMessage(messages[0]!.body).text('PID-5.7')).toBe('U');
  });

  test('[V7] whatever the note says, it arrives as it is and stays one message', () => {
    const note = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
      .map((text) => text.replace(/[\p{Cc}\p{Cs}]/gu, ' ').trim());
    fc.assert(
      fc.property(
        note.filter((text) => text !== ''),
        (text) => {
          const parsed = parseMessage(close({ note: { text } }).messages[0]!.body);
          expect(parsed.segments('OBX')).toHaveLength(1);
          expect(parsed.text('OBX-5')).toBe(text);
        },
      ),
    );
  });
});

describe('bad reports', () => {
  test('[V8] every mistake is named by place and rule, and no value', () => {
    const bad = {
      ...report,
      patient: { identifier: '', authority, ssn: '900-11-2233' },
      start: 'yesterday at nine',
      placeOfService: '11',
      performer: { npi: '1234567890', family: 'Reyes' },
      diagnoses: [{ code: 'sore throat' }],
      procedures: [{ code: '9921', modifiers: ['9'], units: 0 }],
    };
    const { mistakes } = checkVisit(bad);
    expect(mistakes.map(({ place }) => place).toSorted()).toEqual([
      'diagnoses[0].code',
      'patient',
      'patient.identifier',
      'performer.npi',
      'placeOfService',
      'procedures[0].code',
      'procedures[0].modifiers[0]',
      'procedures[0].units',
      'start',
    ]);
    const text = JSON.stringify(mistakes);
    for (const value of ['900-11', 'ssn', 'yesterday', 'sore', '1234567890', '9921'])
      expect(text).not.toContain(value);
    expect(() => closeVisit(bad, options)).toThrowError(
      expect.objectContaining({ code: 'INVALID_RESOURCE' }),
    );
  });

  test.each([
    ['the end before the start', { end: report.start }, 'end', 'later than start'],
    ['a visit of days', { end: '2026-03-12T18:00:00Z' }, 'end', 'within 24 hours of start'],
    ['a time without an offset', { start: '2026-03-10T18:00:00' }, 'start', 'an instant with its offset'],
    [
      'a diagnosis twice',
      { diagnoses: [{ code: 'I10' }, { code: 'I10' }] },
      'diagnoses',
      'each diagnosis once',
    ],
    ['no diagnosis', { diagnoses: [] }, 'diagnoses', 'at least one diagnosis'],
    ['no note', { note: undefined }, 'note', 'is required'],
    ['a report of another kind', { type: 'Invoice' }, 'type', 'VisitReport, or left out'],
    ['a place in an office', { placeOfService: 2 }, 'placeOfService', '02 or 10'],
  ])('[V9] %s', (_what, changes, place, rule) => {
    const { mistakes } = checkVisit({ ...report, ...changes });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]!.place).toBe(place);
    expect(mistakes[0]!.rule).toContain(rule);
  });

  test('[V10] anything may be posted', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { mistakes } = checkVisit(value);
        expect(mistakes.length).toBeGreaterThan(0);
      }),
    );
  });

  test('[V11] shapes of codes', () => {
    expect(['J06.9', 'I10', 'M54.50', 'S72.001A', 'U07.1', 'Z00.00'].every(isIcd10Cm)).toBe(true);
    expect(['j06.9', '250.00', 'J069', 'J06.', 'J06.12345', ''].some(isIcd10Cm)).toBe(false);
    expect(['99213', '0591T', '3074F', 'G2025', 'Q3014'].every(isCptOrHcpcs)).toBe(true);
    expect(['9921', '99213X', 'Z1234', '99213 ', 'ABCDE'].some(isCptOrHcpcs)).toBe(false);
    const digits = fc
      .tuple(fc.constantFrom('1', '2'), fc.stringMatching(/^\d{8}$/))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(digits, (nine) => {
        const valid = Array.from({ length: 10 }, (_, digit) => `${nine}${digit}`).filter(isNpi);
        expect(valid).toHaveLength(1);
      }),
    );
    expect(isNpi('1234567893')).toBe(true);
  });
});
