import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildBatch, type SplitOptions, splitBatch } from '../../src/standards/hl7v2/index.ts';
import { bytesOf, failure, msh } from './support.ts';

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const one = `${msh}\rPID|1\r`;
const two = `${msh}\rOBX|1|TX|||MSH\\F\\ and BTS in text\r`;

/** The messages of each batch. */
function split(text: string, options?: SplitOptions): string[][] {
  return splitBatch(Buffer.from(text, 'latin1'), options).batches.map((batch) => batch.messages.map(latin1));
}

describe('splitBatch', () => {
  test('[H18] cuts file, batches and messages, byte for byte', () => {
    const text = `FHS|^~\\&|A\rBHS|^~\\&|B\r${one}${two}BTS|2\rBHS|^~\\&|C\r${two}BTS|1\rFTS|2\r`;
    expect(split(text)).toEqual([[one, two], [two]]);
    expect(splitBatch(Buffer.from(text)).messages.map(latin1)).toEqual([one, two, two]);
  });

  test.each([
    ['one message', one, [[one]]],
    ['several messages without an envelope', one + two, [[one, two]]],
    ['a batch without a file', `BHS|^~\\&\r${one}BTS|1\r`, [[one]]],
    ['a file without batches', `FHS|^~\\&\r${one}${two}FTS|1\r`, [[one, two]]],
    ['an empty batch', 'BHS|^~\\&\rBTS|0\r', [[]]],
    ['counts that are not sent', `FHS|^~\\&\rBHS|^~\\&\r${one}BTS\rFTS|\r`, [[one]]],
    ['a comment behind the count', `BHS|^~\\&\r${one}BTS|1|done\r`, [[one]]],
    ['nothing', '', []],
  ])('[H18] takes %s', (_name, text, expected) => {
    expect(split(text)).toEqual(expected);
  });

  test('[H18] takes LF as line end, and an LF inside text as text', () => {
    const lf = one.replaceAll('\r', '\n');
    expect(split(`BHS|^~\\&\n${lf}${lf}BTS|2\n`)).toEqual([[lf, lf]]);
    const inside = `${msh}\rOBX|1|TX|||a\nb\r`;
    expect(split(`BHS|^~\\&\r${inside}${inside}BTS|2\r`)).toEqual([[inside, inside]]);
  });

  test('[H18] the envelope has its own delimiters', () => {
    const file = splitBatch(
      bytesOf('BHS#!@%*#APP#FAC#RA#RF#2026##NAME#comment#B1#B0', one.trimEnd(), 'BTS#1'),
    );
    expect(file.messages.map(latin1)).toEqual([one]);
    expect(file.batches[0]?.header).toEqual({
      fieldSeparator: '#',
      encodingCharacters: '!@%*',
      sendingApplication: 'APP',
      sendingFacility: 'FAC',
      receivingApplication: 'RA',
      receivingFacility: 'RF',
      dateTime: '2026',
      name: 'NAME',
      comment: 'comment',
      controlId: 'B1',
      referenceControlId: 'B0',
    });
  });

  test.each([
    ['BTS-1 too large', `BHS|^~\\&\r${one}BTS|2\r`, 'BTS^1^1', '2 declared, 1 found'],
    ['BTS-1 too small', `BHS|^~\\&\r${one}${one}BTS|1\r`, 'BTS^1^1', '1 declared, 2 found'],
    ['the second batch', `BHS|^~\\&\rBTS|0\rBHS|^~\\&\r${one}BTS|0\r`, 'BTS^2^1', '0 declared, 1 found'],
    ['FTS-1', `FHS|^~\\&\rBHS|^~\\&\r${one}BTS|1\rFTS|3\r`, 'FTS^1^1', '3 declared, 1 found'],
  ])('[H18] %s does not agree', (_name, text, location, rule) => {
    const error = failure(() => split(text), 'HL7_BATCH_COUNT');
    expect([error.location, error.rule]).toEqual([location, rule]);
  });

  test('[H18] a count that is none', () => {
    expect(failure(() => split(`BHS|^~\\&\r${one}BTS|one\r`), 'HL7_BAD_NUMBER').location).toBe('BTS^1^1');
  });

  test.each([
    ['BTS before its FHS', `BTS|0\r`, 'line 1'],
    ['FHS in the middle', `${one}FHS|^~\\&\r`, 'line 3'],
    ['a segment outside a message', 'BHS|^~\\&\rPID|1\rBTS|0\r', 'line 2'],
    ['something behind FTS', `FHS|^~\\&\rFTS|0\r${one}`, 'line 3'],
    ['a second BHS before BTS', `BHS|^~\\&\r${one}BHS|^~\\&\r${one}BTS|1\r`, 'line 4'],
    ['FTS before BTS', `FHS|^~\\&\rBHS|^~\\&\r${one}FTS|1\r`, 'line 5'],
    ['BHS without BTS', `BHS|^~\\&\r${one}`, 'BTS'],
    ['FHS without FTS', `FHS|^~\\&\rBHS|^~\\&\r${one}BTS|1\r`, 'FTS'],
  ])('[H18] %s is out of order', (_name, text, location) => {
    expect(failure(() => split(text), 'HL7_BATCH_STRUCTURE').location).toBe(location);
  });

  test('[H18] missing trailers can be allowed', () => {
    const allow = { allowMissingTrailers: true };
    expect(split(`FHS|^~\\&\rBHS|^~\\&\r${one}${two}`, allow)).toEqual([[one, two]]);
    expect(split(`BHS|^~\\&\r${one}BHS|^~\\&\r${two}`, allow)).toEqual([[one], [two]]);
    failure(() => split(`BHS|^~\\&\r${one}BTS|5\r`, allow), 'HL7_BATCH_COUNT');
  });

  test('[H18] a message that is broken does not keep the others from being cut out', () => {
    const broken = 'MSH|^~\rPID\r';
    expect(split(`BHS|^~\\&\r${one}${broken}${two}BTS|3\r`)).toEqual([[one, broken, two]]);
  });
});

describe('buildBatch', () => {
  const party = { application: 'ISTHMUS', facility: 'HUB' };
  const envelope = {
    sender: party,
    receiver: party,
    dateTime: new Date('2026-03-14T14:30:00Z'),
    controlId: 'B1',
  };

  test('[H18] counts and names', () => {
    const answered = { ...envelope, name: 'acks', comment: 'daily', referenceControlId: 'B0' };
    const bytes = buildBatch({
      file: envelope,
      batches: [{ envelope: answered, messages: [Buffer.from(one), Buffer.from(two)] }],
    });
    expect(latin1(bytes)).toBe(
      [
        'FHS|^~\\&|ISTHMUS|HUB|ISTHMUS|HUB|20260314143000+0000||||B1\r',
        'BHS|^~\\&|ISTHMUS|HUB|ISTHMUS|HUB|20260314143000+0000||acks|daily|B1|B0\r',
        one,
        two,
        'BTS|2\r',
        'FTS|1\r',
      ].join(''),
    );
  });

  test('[H18] only messages go into a batch', () => {
    const error = failure(
      () => buildBatch({ batches: [{ envelope, messages: [Buffer.from('PID|1\r')] }] }),
      'HL7_NO_MSH',
    );
    expect(error.location).toBe('message 1');
  });

  test('[H18] splitting what was built gives the same messages', () => {
    const message = fc.stringMatching(/^[ -~\xa0-\xff]{0,30}$/).map((text) => `${msh}\rZZZ|${text}`);
    const batches = fc.array(fc.array(message, { maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(batches, fc.boolean(), (all, hasFile) => {
        const bytes = buildBatch({
          ...(hasFile ? { file: envelope } : {}),
          batches: all.map((messages) => ({
            envelope,
            messages: messages.map((text) => Buffer.from(text, 'latin1')),
          })),
        });
        const expected = all.map((messages) => messages.map((text) => `${text}\r`));
        expect(split(latin1(bytes))).toEqual(expected);
      }),
    );
  });
});
