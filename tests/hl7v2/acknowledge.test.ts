import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AckSpec,
  ackErrorOf,
  acknowledge,
  ackPlan,
  frameMllp,
  Hl7Error,
  isAckWanted,
  MllpDecoder,
  parseAcknowledgment,
  parseMessage,
  peekHeader,
  structureOf,
  unreadableHeader,
} from '../../src/standards/hl7v2/index.ts';
import { bytesOf, failure, msh } from './support.ts';

const now = new Date('2026-03-14T14:30:00Z');
const spec: AckSpec = { code: 'AA', controlId: 'ACK1', now };

/** The segments of an acknowledgment as text. */
function answer(received: string, options: Partial<AckSpec> = {}): string[] {
  const bytes = acknowledge(bytesOf(received, 'EVN|A08'), { ...spec, ...options });
  const text = Buffer.from(bytes).toString('latin1');
  expect(text.endsWith('\r')).toBe(true);
  return text.slice(0, -1).split('\r');
}

const versioned = (version: string) => msh.replace('2.5.1', version);

describe('the header', () => {
  test('[H14] is read without touching the rest', () => {
    const bytes = Buffer.concat([
      bytesOf(`${msh.replace('|P|', '|T^A|')}|17||AL|NE||UNICODE UTF-8`),
      Buffer.alloc(50, 0xff),
    ]);
    expect(peekHeader(bytes)).toEqual({
      fieldSeparator: '|',
      encodingCharacters: '^~\\&',
      sendingApplication: 'EPIC',
      sendingFacility: 'GENERAL',
      receivingApplication: 'TELEVISIT',
      receivingFacility: 'CLOUD',
      dateTime: '20260314093000-0500',
      messageCode: 'ADT',
      triggerEvent: 'A08',
      structure: 'ADT_A01',
      controlId: 'MSG1',
      processingId: 'T',
      processingMode: 'A',
      version: '2.5.1',
      sequenceNumber: '17',
      acceptAck: 'AL',
      applicationAck: 'NE',
      charset: 'UNICODE UTF-8',
    });
  });

  test('[H14] of MSH alone has empty strings', () => {
    const header = peekHeader(Buffer.from('MSH|^~\\&'));
    expect(Object.entries(header).filter(([, value]) => value !== '')).toEqual([
      ['fieldSeparator', '|'],
      ['encodingCharacters', '^~\\&'],
    ]);
  });

  test.each([
    ['ADT', 'A04', '', 'ADT_A01'],
    ['ADT', 'A08', '', 'ADT_A01'],
    ['ADT', 'A13', '', 'ADT_A01'],
    ['ADT', 'A11', '', 'ADT_A09'],
    ['ADT', 'A31', '', 'ADT_A05'],
    ['ADT', 'A07', '', 'ADT_A06'],
    ['ADT', 'A32', '', 'ADT_A21'],
    ['ADT', 'A34', '', 'ADT_A30'],
    ['ADT', 'A47', '', 'ADT_A30'],
    ['ADT', 'A40', '', 'ADT_A39'],
    ['ADT', 'A44', '', 'ADT_A43'],
    ['ADT', 'A03', '', 'ADT_A03'],
    ['SIU', 'S26', '', 'SIU_S12'],
    ['MDM', 'T11', '', 'MDM_T01'],
    ['MDM', 'T08', '', 'MDM_T02'],
    ['ORU', 'R01', '', 'ORU_R01'],
    ['ADT', 'A08', 'ADT_A08', 'ADT_A08'],
    ['ACK', 'A08', '', 'ACK'],
    ['ADT', '', '', 'ADT'],
    ['ZZZ', 'Z01', '', 'ZZZ_Z01'],
  ])(
    '[H26] %s^%s with MSH-9.3 %j has the structure %4$s',
    (messageCode, triggerEvent, structure, expected) => {
      expect(structureOf({ messageCode, triggerEvent, structure })).toBe(expected);
      const type = [messageCode, triggerEvent, structure].join('^');
      expect(parseMessage(bytesOf(`MSH|^~\\&|||||||${type}`)).structure).toBe(expected);
    },
  );
});

describe('acknowledge', () => {
  test('[H14] answers in kind', () => {
    expect(answer(msh)).toEqual([
      'MSH|^~\\&|TELEVISIT|CLOUD|EPIC|GENERAL|20260314143000+0000||ACK^A08^ACK|ACK1|P|2.5.1',
      'MSA|AA|MSG1',
    ]);
  });

  test.each([
    ['2.1', 'ACK'],
    ['2.2', 'ACK^A08'],
    ['2.3', 'ACK^A08'],
    ['2.3.1', 'ACK^A08'],
    ['2.4', 'ACK^A08^ACK'],
    ['2.9', 'ACK^A08^ACK'],
  ])('[H14] version %s is answered with itself and %s', (version, type) => {
    const [header] = answer(versioned(version));
    expect(header?.split('|')[11]).toBe(version);
    expect(header?.split('|')[8]).toBe(type);
  });

  test('[H5] the refusal of a set nobody knows does not repeat it', () => {
    const [header] = answer('MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5.1||||||KLINGON');
    expect(header?.split('|')[17] ?? '').toBe('');
  });

  test('[H14] MSH-10, the delimiters, MSH-11 and MSH-18 are echoed to the byte', () => {
    const received = 'MSH#!@%*#A#B!1.2!ISO#C#D#2026##ADT!A01#7%T%\xe4#T!A#2.4######8859/1';
    expect(answer(received)).toEqual([
      'MSH#!@%*#C#D#A#B!1.2!ISO#20260314143000+0000##ACK!A01!ACK#ACK1#T!A#2.4######8859/1',
      'MSA#AA#7%T%\xe4',
    ]);
  });

  test('[H14] a header that was read before will do', () => {
    const bytes = bytesOf(msh);
    expect(acknowledge(peekHeader(bytes), spec)).toEqual(acknowledge(bytes, spec));
  });

  test('[H14] who answers can be said', () => {
    const [header] = answer(msh, { sender: { application: 'ISTH|MUS', facility: 'HUB' } });
    expect(header?.split('|').slice(2, 6)).toEqual(['ISTH\\F\\MUS', 'HUB', 'EPIC', 'GENERAL']);
  });

  const errors = [
    { code: '101', location: 'PID^1^3', applicationCode: 'HL7_MISSING_FIELD', text: 'a|b' },
    { code: '207', severity: 'W' },
  ] as const;

  test('[H15] from 2.5 on one ERR for each error: ERR-2, ERR-3, ERR-4, ERR-5, ERR-8', () => {
    expect(answer(msh, { code: 'AE', text: 'refused', errors }).slice(1)).toEqual([
      'MSA|AE|MSG1|refused',
      'ERR||PID^1^3|101^Required field missing^HL70357|E|HL7_MISSING_FIELD|||a\\F\\b',
      'ERR|||207^Application internal error^HL70357|W',
    ]);
  });

  test('[H15] before 2.5 ERR-1 and MSA-3', () => {
    expect(answer(versioned('2.3'), { code: 'AE', text: 'refused', errors }).slice(1)).toEqual([
      'MSA|AE|MSG1|refused',
      'ERR|PID^1^3^101&Required field missing&HL70357',
      'ERR|^^^207&Application internal error&HL70357',
    ]);
  });

  test('[H15] from 2.7 on MSA-3 is withdrawn and the text goes to ERR-8', () => {
    expect(answer(versioned('2.7'), { code: 'AR', text: 'refused' }).slice(1)).toEqual([
      'MSA|AR|MSG1',
      'ERR|||207^Application internal error^HL70357|E||||refused',
    ]);
  });

  test('[H15] an error of this library becomes an ERR that has a place and a rule, no value', () => {
    const error = failure(
      () => parseMessage(bytesOf(msh, 'PID|||||M\xfcller')).text('PID-5'),
      'HL7_UNDECODABLE',
    );
    const [, , err] = answer(msh, { code: 'AE', errors: [ackErrorOf(error)] });
    expect(err).toBe('ERR||PID^1^5^1^1^1|102^Data type error^HL70357|E|HL7_UNDECODABLE|||not ASCII');
  });

  test('[H15] a place that is no ERL stays out of ERR-2', () => {
    const error = new Hl7Error('HL7_BAD_SEGMENT', { location: 'segment 3' });
    const [, , err] = answer(msh, { code: 'AR', errors: [ackErrorOf(error)] });
    expect(err).toBe('ERR|||100^Segment sequence error^HL70357|E|HL7_BAD_SEGMENT');
  });

  test('[H15] its own wording never makes an acknowledgment fail', () => {
    expect(answer(msh, { code: 'AE', text: 'größer' })[1]).toBe('MSA|AE|MSG1|gr??er');
    expect(answer(`${msh}||||||8859/1`, { code: 'AE', text: 'größer' })[1]).toBe('MSA|AE|MSG1|gr\xf6\xdfer');
    expect(answer(`${msh}||||||EBCDIC`, { code: 'AR', text: 'größer' })[1]).toBe('MSA|AR|MSG1|gr??er');
  });

  test('[H16] a message whose MSH cannot be read is rejected in a well-formed way', () => {
    failure(() => acknowledge(Buffer.from('PID|1'), spec), 'HL7_NO_MSH');
    const bytes = acknowledge(unreadableHeader, { ...spec, code: 'AR', errors: [{ code: '100' }] });
    expect(parseAcknowledgment(bytes)).toMatchObject({ code: 'AR', messageControlId: '', isPositive: false });
  });

  test('[H17] MSH-13 is in the header, and MSA-4 names the number that is expected', () => {
    expect(peekHeader(bytesOf(`${msh}|42`)).sequenceNumber).toBe('42');
    const bytes = acknowledge(bytesOf(msh), { ...spec, expectedSequenceNumber: 43 });
    expect(parseAcknowledgment(bytes).expectedSequenceNumber).toBe('43');
  });
});

test('[H16] whatever MSH can be read can be answered in a frame, and the answer belongs to it', () => {
  const sample = bytesOf(`${msh.replace('|P|', '|T^A|')}|17||AL|ER||8859/1~UNICODE UTF-8`);
  const edit = fc.record({
    at: fc.nat({ max: sample.length }),
    remove: fc.nat({ max: 8 }),
    insert: fc.uint8Array({ maxLength: 4 }),
  });
  const code = fc.constantFrom('AA', 'AE', 'AR', 'CA', 'CE', 'CR');
  fc.assert(
    fc.property(
      fc.array(edit, { maxLength: 4 }),
      code,
      fc.string({ maxLength: 8 }),
      (edits, answerCode, text) => {
        const received = edits.reduce<Buffer>(
          (all, { at, remove, insert }) =>
            Buffer.concat([all.subarray(0, at), insert, all.subarray(at + remove)]),
          sample,
        );
        let header = unreadableHeader;
        try {
          header = peekHeader(received);
        } catch (error) {
          expect(error).toBeInstanceOf(Hl7Error);
        }
        const errors = [{ code: '102', location: 'PID^1^5', text }] as const;
        const frame = frameMllp(acknowledge(header, { ...spec, code: answerCode, text, errors }));
        const [event] = new MllpDecoder({ maxFrameBytes: 100_000 }).push(frame);
        const parsed = parseAcknowledgment(event?.kind === 'frame' ? event.body : Buffer.alloc(0));
        expect([parsed.code, parsed.messageControlId]).toEqual([answerCode, header.controlId]);
      },
    ),
    { numRuns: 1000 },
  );
});

describe('modes', () => {
  test.each([
    ['', '', 'original', 'NE', 'AL'],
    ['""', '""', 'original', 'NE', 'AL'],
    ['NE', 'NE', 'enhanced', 'NE', 'NE'],
    ['AL', 'NE', 'enhanced', 'AL', 'NE'],
    ['AL', '', 'enhanced', 'AL', 'NE'],
    ['', 'AL', 'enhanced', 'NE', 'AL'],
    ['NE', 'ER', 'enhanced', 'NE', 'ER'],
    ['SU', 'ER', 'enhanced', 'SU', 'ER'],
    ['AL', 'AL', 'enhanced', 'AL', 'AL'],
    ['XX', '', 'enhanced', 'AL', 'NE'],
  ])(
    '[H10] MSH-15 %j, MSH-16 %j: %s mode, accept %s, application %s',
    (acceptAck, applicationAck, mode, accept, application) => {
      expect(ackPlan({ acceptAck, applicationAck })).toEqual({ mode, accept, application });
    },
  );

  test.each([
    ['AL', true, true],
    ['AL', false, true],
    ['NE', true, false],
    ['NE', false, false],
    ['ER', true, false],
    ['ER', false, true],
    ['SU', true, true],
    ['SU', false, false],
  ] as const)('[H12] %s and success %s: wanted %s', (condition, succeeded, wanted) => {
    expect(isAckWanted(condition, succeeded)).toBe(wanted);
  });

  test('[H11] an acknowledgment in enhanced mode never asks for an application acknowledgment', () => {
    const [commit] = answer(`${msh}|||AL|AL`, { code: 'CA' });
    expect(commit?.split('|').slice(14, 16)).toEqual(['NE', 'NE']);
    const [application] = answer(`${msh}|||AL|AL`, { code: 'AA', acceptAck: 'AL' });
    expect(application?.split('|').slice(14, 16)).toEqual(['AL', 'NE']);
  });

  test('[H13] MSH-11 is given without its processing mode, so that P and T can be told apart', () => {
    const header = peekHeader(bytesOf(msh.replace('|P|', '|T^I|')));
    expect([header.processingId, header.processingMode]).toEqual(['T', 'I']);
  });
});

describe('parseAcknowledgment', () => {
  const ack = (...segments: string[]) =>
    parseAcknowledgment(bytesOf('MSH|^~\\&|A|B|C|D|2026||ACK|9|P|2.5.1', ...segments));

  test.each(['AA', 'AE', 'AR', 'CA', 'CE', 'CR'] as const)('[H8] %s', (code) => {
    const parsed = ack(`MSA|${code}|MSG1|fine`);
    expect(parsed).toMatchObject({
      code,
      messageControlId: 'MSG1',
      text: 'fine',
      isPositive: code[1] === 'A',
    });
  });

  test.each(['MSA|XX|MSG1', 'MSA||MSG1', 'MSA|aa|MSG1', 'MSA|'])(
    '[H8] %s is no acknowledgment code',
    (segment) => {
      expect(failure(() => ack(segment), 'HL7_BAD_TABLE_VALUE').location).toBe('MSA^1^1');
    },
  );

  test('[H8] without MSA it is no acknowledgment', () => {
    expect(failure(() => ack('ERR|1'), 'HL7_MISSING_FIELD').location).toBe('MSA');
    failure(() => parseAcknowledgment(Buffer.from('OK')), 'HL7_NO_MSH');
    failure(() => parseAcknowledgment(Buffer.alloc(0)), 'HL7_NO_MSH');
  });

  test('[H7] MSA-2 compares to the byte with the MSH-10 that was sent', () => {
    for (const controlId of ['MSG1', 'a\\T\\b', 'K\xf6ln', 'x^y', '  1']) {
      const sent = bytesOf(msh.replace('MSG1', controlId));
      expect(parseAcknowledgment(acknowledge(sent, spec)).messageControlId).toBe(peekHeader(sent).controlId);
    }
  });

  test('[H7] a missing MSA-2 belongs to no message', () => {
    expect(ack('MSA|AA').messageControlId).toBe('');
  });

  test('[H15] errors of both forms are read', () => {
    expect(
      ack('MSA|AE|1', 'ERR||PID^1^3^2|101^Required field missing^HL70357|E||||no id', 'ERR|||207').errors,
    ).toEqual([
      { location: 'PID^1^3^2', code: '101', severity: 'E', text: 'no id' },
      { location: '', code: '207', severity: '', text: '' },
    ]);
    expect(ack('MSA|AE|1', 'ERR|PID^1^3^101&Missing~OBX^2^5^103').errors).toEqual([
      { location: 'PID^1^3', code: '101', severity: '', text: 'Missing' },
      { location: 'OBX^2^5', code: '103', severity: '', text: '' },
    ]);
  });

  test('[H5] wording that does not decode is not worth losing an answer over', () => {
    expect(ack('MSA|AE|1|gr\xf6\xdfer').text).toBe('größer');
    const foreign = bytesOf('MSH|^~\\&|A|B|C|D|2026||ACK|9|P|2.5.1||||||EBCDIC', 'MSA|AA|1');
    expect(parseAcknowledgment(foreign).code).toBe('AA');
  });

  test('[H4] LF as segment end and segments of its own are taken', () => {
    const bytes = Buffer.from('MSH|^~\\&|A\nZZZ|1\nMSA|AA|7\n');
    expect(parseAcknowledgment(bytes)).toMatchObject({ code: 'AA', messageControlId: '7' });
  });
});
