import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildMessage,
  editMessage,
  type FieldValue,
  type MessageSpec,
  parseMessage,
  repeat,
  segment,
} from '../../src/standards/hl7v2/index.ts';
import { bytesOf, failure, messageOf, msh, readEverything } from './support.ts';

const party = { application: 'ISTHMUS', facility: ['HUB', '1.2.3', 'ISO'] };
const spec: MessageSpec = {
  type: 'MDM^T02',
  controlId: 'M1',
  dateTime: new Date('2026-03-14T14:30:00Z'),
  sender: party,
  receiver: { application: 'EPIC', facility: 'GENERAL' },
  segments: [],
};
const built = (options: Partial<MessageSpec>) =>
  Buffer.from(buildMessage({ ...spec, ...options })).toString();

describe('buildMessage', () => {
  test('[H4] writes 2.5.1 in UTF-8, with CR behind every segment', () => {
    expect(built({ segments: [segment('PID', { 1: 1, 5: ['Müller', 'Ann'] }), segment('PV1')] })).toBe(
      [
        'MSH|^~\\&|ISTHMUS|HUB^1.2.3^ISO|EPIC|GENERAL|20260314143000+0000||MDM^T02^MDM_T02|M1|P|2.5.1||||||UNICODE UTF-8\r',
        'PID|1||||Müller^Ann\r',
        'PV1\r',
      ].join(''),
    );
  });

  test('[H26] MSH-9.3 comes from the event map unless it is given', () => {
    expect(built({ type: 'ADT^A40' })).toContain('|ADT^A40^ADT_A39|');
    expect(built({ type: 'ADT^A40^ADT_A40' })).toContain('|ADT^A40^ADT_A40|');
  });

  test('[H19] writes in the delimiters, set and version asked for', () => {
    const text = built({
      delimiters: '#!@%*',
      charset: '8859/1',
      version: '2.3',
      processingId: 'T',
      zone: '+0100',
      header: { 15: 'AL', 16: 'NE' },
      segments: [segment('PID', { 3: repeat(['1', undefined, ['a', 'b']], '2'), 5: '#!@%*|' })],
    });
    expect(text).toBe(
      'MSH#!@%*#ISTHMUS#HUB!1.2.3!ISO#EPIC#GENERAL#20260314153000+0100##MDM!T02!MDM_T02#M1#T#2.3###AL#NE##8859/1\r' +
        'PID###1!!a*b@2##%F%%S%%R%%E%%T%|\r',
    );
  });

  const field = (value: FieldValue) =>
    built({ segments: [segment('ZZZ', { 1: value, 2: 'x' })] }).split('\r')[1];

  test.each<[string, FieldValue, string]>([
    ['nothing', undefined, 'ZZZ||x'],
    ['null', null, 'ZZZ|""|x'],
    ['a number', 7.25, 'ZZZ|7.25|x'],
    ['trailing empty components', ['a', undefined, '', undefined], 'ZZZ|a|x'],
    [
      'trailing empty subcomponents',
      [
        ['a', ''],
        ['', 'b'],
      ],
      'ZZZ|a^&b|x',
    ],
    ['null components', ['a', null, [null, 'c']], 'ZZZ|a^""^""&c|x'],
    ['empty repetitions, which keep their place', repeat(undefined, 'b', ''), 'ZZZ|~b~|x'],
    ['the text of two quotation marks', '""', 'ZZZ|\\X22\\"|x'],
    ['line ends and block bytes', 'a\nb\r\x0b\x1c', 'ZZZ|a\\.br\\b\\X0D\\\\X0B\\\\X1C\\|x'],
    ['an escape sequence as text', '\\F\\', 'ZZZ|\\E\\F\\E\\|x'],
  ])('[H20] writes %s', (_name, value, expected) => {
    expect(field(value)).toBe(expected);
  });

  test('[H5] a character that the set does not have is refused, with its segment', () => {
    const error = failure(
      () => built({ charset: '8859/1', segments: [segment('PID', { 5: 'Łukasz' })] }),
      'HL7_UNDECODABLE',
    );
    expect(error.location).toBe('PID');
    expect(error.message).not.toContain('ukasz');
    failure(() => built({ charset: 'ASCII', controlId: 'ü' }), 'HL7_UNDECODABLE');
    failure(() => built({ segments: [segment('PID', { 5: '\ud800' })] }), 'HL7_UNDECODABLE');
    failure(
      () => built({ charset: '8859/1', segments: [segment('PID', { 5: '\u201c' })] }),
      'HL7_UNDECODABLE',
    );
  });

  test('[H20] a NUL is refused', () => {
    expect(failure(() => field('a\0b'), 'HL7_UNDECODABLE').location).toBe('ZZZ^1^1');
  });

  test('[H28] a number that NM cannot say is refused', () => {
    expect(failure(() => field(1e30), 'HL7_BAD_NUMBER').location).toBe('ZZZ^1^1');
    failure(() => field(Number.NaN), 'HL7_BAD_NUMBER');
  });

  test('[H19] mistakes of the programmer', () => {
    failure(() => built({ segments: [segment('pid')] }), 'HL7_BAD_SEGMENT');
    failure(() => built({ delimiters: '|^^\\&' }), 'HL7_BAD_DELIMITERS');
    failure(
      () => built({ delimiters: '|^~\\', segments: [segment('ZZZ', { 1: [['a', 'b']] })] }),
      'HL7_BAD_DELIMITERS',
    );
    failure(() => built({ charset: 'ISO IR87' }), 'HL7_UNSUPPORTED_CHARSET');
    expect(() => built({ header: { 2: 'x' } })).toThrow(TypeError);
    expect(() => built({ segments: [segment('ZZZ', { 0: 'x' })] })).toThrow(TypeError);
  });
});

describe('editMessage', () => {
  const edited = (pid: string, edit: (editor: ReturnType<typeof editMessage>) => unknown) => {
    const editor = editMessage(messageOf([pid, 'PV1|1']));
    edit(editor);
    return Buffer.from(editor.toBytes()).toString('latin1').split('\r').slice(1, -1);
  };

  test.each<[string, string, FieldValue, string]>([
    ['PID|1||4711', 'PID-3', '4712', 'PID|1||4712'],
    ['PID|1||4711^^^A~2', 'PID-3', ['9', '', '', 'B'], 'PID|1||9^^^B'],
    ['PID|1||4711^^^A~2|x', 'PID-3[2]', '3', 'PID|1||4711^^^A~3|x'],
    ['PID|1||4711', 'PID-3[3].4.2', '1.2', 'PID|1||4711~~^^^&1.2'],
    ['PID|1||4711^^^A&1&ISO^MR', 'PID-3.4.2', '2', 'PID|1||4711^^^A&2&ISO^MR'],
    ['PID|1||4711^^^A&1&ISO^MR', 'PID-3.4', ['B'], 'PID|1||4711^^^B^MR'],
    ['PID|1', 'PID-5.2', 'Ann', 'PID|1||||^Ann'],
    ['PID', 'PID-2', 'x', 'PID||x'],
    ['PID|1|""', 'PID-2.2', 'x', 'PID|1|^x'],
    ['PID|1|a', 'PID-2', null, 'PID|1|""'],
    ['PID|1|a|b', 'PID-2', undefined, 'PID|1||b'],
    ['PID|1|a', 'PID-2', 'a|b^c', 'PID|1|a\\F\\b\\S\\c'],
    ['PID|1||1', 'PID-3', repeat('7', '8'), 'PID|1||7~8'],
  ])('[H23] %s with %s = %j is %4$s', (pid, path, value, expected) => {
    expect(edited(pid, (editor) => editor.set(path, value))).toEqual([expected, 'PV1|1']);
  });

  test('[H22] what is not named keeps its bytes, odd as they are', () => {
    const odd = Buffer.concat([
      Buffer.from('\r\n'),
      Buffer.from(`${msh}|\r\nPID|1|\\x\\Z|\xff^\\H\\|keep||\nZZZ|^&~|\n\r`, 'latin1'),
    ]);
    const message = parseMessage(odd);
    expect(Buffer.from(editMessage(message).toBytes())).toEqual(odd);
    const changed = editMessage(message).set('PID-4', 'new').toBytes();
    expect(Buffer.from(changed).toString('latin1')).toBe(odd.toString('latin1').replace('keep', 'new'));
    expect(message.text('PID-4')).toBe('keep');
  });

  test('[H19] MSH is numbered from its separator, and what says how the message is written stays', () => {
    const editor = editMessage(messageOf(['PID|1']));
    const header = Buffer.from(editor.set('MSH-10', 'NEW').set('MSH-5.2', 'x').toBytes())
      .toString()
      .split('\r')[0];
    expect(header).toBe(msh.replace('MSG1', 'NEW').replace('TELEVISIT', 'TELEVISIT^x'));
    for (const path of ['MSH-1', 'MSH-2', 'MSH-18']) expect(() => editor.set(path, 'x')).toThrow(TypeError);
  });

  test('[H22] segments are added and removed', () => {
    const added = segment('ZPI', { 1: 'x' });
    expect(edited('PID|1', (editor) => editor.addSegment(added))).toEqual(['PID|1', 'PV1|1', 'ZPI|x']);
    expect(edited('PID|1', (editor) => editor.addSegment(added, { name: 'PID' }))).toEqual([
      'PID|1',
      'ZPI|x',
      'PV1|1',
    ]);
    expect(edited('PID|1', (editor) => editor.removeSegment('PV1'))).toEqual(['PID|1']);
    expect(edited('PID|1', (editor) => editor.remove('PID-1'))).toEqual(['PID|', 'PV1|1']);
    expect(() => editMessage(messageOf([])).removeSegment('MSH')).toThrow(TypeError);
    failure(() => edited('PID|1', (editor) => editor.set('OBX-5', 'x')), 'HL7_MISSING_FIELD');
    failure(
      () => edited('PID|1', (editor) => editor.addSegment(added, { name: 'OBX' })),
      'HL7_MISSING_FIELD',
    );
  });

  test('[H4] a last segment without its end gets one before another follows', () => {
    const message = parseMessage(Buffer.from(`${msh}\rPID|1`));
    const bytes = editMessage(message)
      .addSegment(segment('PV1', { 1: 1 }))
      .toBytes();
    expect(Buffer.from(bytes).toString()).toBe(`${msh}\rPID|1\rPV1|1\r`);
  });

  test('[H5] values are written in the set of the message', () => {
    const editor = editMessage(messageOf(['PID|1'], { charset: '8859/1' })).set('PID-5', 'Müller');
    expect(parseMessage(editor.toBytes()).text('PID-5')).toBe('Müller');
    expect(failure(() => editor.set('PID-5', 'Łukasz'), 'HL7_UNDECODABLE').location).toBe('PID^1^5');
  });
});

describe('merges and identifiers', () => {
  const merge = parseMessage(
    bytesOf(
      msh.replace('A08^ADT_A01', 'A40'),
      'EVN|A40',
      'PID|1||100^^^A&1.2&ISO^MR~9^^^SSA^SS',
      'MRG|200^^^A&1.2&ISO^MR',
      'PID|2||300^^^A&1.2&ISO^MR',
      'PD1|x',
      'MRG|400^^^A&1.2&ISO^MR',
    ),
  );

  test('[H29] the pairs of a merge come out in the order sent', () => {
    expect(merge.structure).toBe('ADT_A39');
    expect(merge.segments().map((one) => one.name)).toEqual([
      'MSH',
      'EVN',
      'PID',
      'MRG',
      'PID',
      'PD1',
      'MRG',
    ]);
    const pairs = merge
      .segments('PID')
      .map((pid, index) => [pid.field(3).text, merge.text(`MRG[${index + 1}]-1`)]);
    expect(pairs).toEqual([
      ['100', '200'],
      ['300', '400'],
    ]);
  });

  test('[H32] every identifier is read with its authority and type', () => {
    const identifiers = merge
      .segment('PID')
      ?.field(3)
      .repetitions.map((one) => ({
        value: one.component(1),
        authority: [one.component(4, 1), one.component(4, 2), one.component(4, 3)],
        type: one.component(5),
      }));
    expect(identifiers).toEqual([
      { value: '100', authority: ['A', '1.2', 'ISO'], type: 'MR' },
      { value: '9', authority: ['SSA', '', ''], type: 'SS' },
    ]);
  });
});

describe('any message', () => {
  const sets = {
    'UNICODE UTF-8': /^[^\0]*$/u,
    '8859/1': /^[\t\n\r -\x7f\xa0-\xff]*$/,
    ASCII: /^[\t\n\r -\x7f]*$/,
  } as const;
  const charset = fc.constantFrom<keyof typeof sets>('UNICODE UTF-8', '8859/1', 'ASCII');
  const delimiters = fc.constantFrom('|^~\\&', '#!@%*', '@~&#\\', '|^~\\&#', '.,;:+', '*-_=/', '|!.$+?');
  const interesting = fc.constantFrom(
    '',
    '""',
    '\\',
    '\\F\\',
    '\n',
    '\r',
    '|',
    '~',
    '^&',
    '\\X41\\',
    '\\.br\\',
    'MSH|',
    '\x0b\x1c\r',
    '.',
  );
  const text = (set: keyof typeof sets) =>
    fc
      .oneof(
        interesting,
        fc.string({ unit: 'binary', maxLength: 12 }),
        fc.stringMatching(sets[set], { maxLength: 12 }),
      )
      .filter((one) => sets[set].test(one) && !/\p{Surrogate}/u.test(one));
  /** Three repetitions of two components of two subcomponents. */
  const tree = (set: keyof typeof sets) =>
    fc.array(
      fc.array(
        fc.array(fc.oneof({ weight: 5, arbitrary: text(set) }, { weight: 1, arbitrary: fc.constant(null) }), {
          minLength: 1,
          maxLength: 2,
        }),
        { minLength: 1, maxLength: 2 },
      ),
      { minLength: 1, maxLength: 3 },
    );
  const cases = charset.chain((set) =>
    fc.record({
      set: fc.constant(set),
      delimiters,
      fields: fc.array(tree(set), { minLength: 1, maxLength: 4 }),
    }),
  );

  test('[H20] what was built is read back, in any delimiters and set', () => {
    fc.assert(
      fc.property(cases, ({ set, delimiters: declared, fields }) => {
        const values = Object.fromEntries(
          fields.map((repetitions, index) => [index + 1, repeat(...repetitions)]),
        );
        const bytes = buildMessage({
          ...spec,
          sender: spec.receiver,
          charset: set,
          delimiters: declared,
          segments: [segment('ZZZ', values)],
        });
        const message = parseMessage(bytes);
        expect(message.type).toBe('MDM^T02');
        fields.forEach((repetitions, f) => {
          repetitions.forEach((components, r) => {
            components.forEach((leaves, c) => {
              leaves.forEach((leaf, s) => {
                const path = `ZZZ-${f + 1}[${r + 1}].${c + 1}.${s + 1}`;
                expect(message.text(path)).toBe(leaf ?? '');
                expect(message.isNull(path)).toBe(leaf === null);
              });
            });
          });
        });
        expect(Buffer.from(editMessage(message).toBytes())).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 200 },
    );
  });

  test('[H23] what was set is read back and nothing else changes', () => {
    const place = fc.tuple(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
    );
    fc.assert(
      fc.property(place, text('8859/1'), ([field, repetition, component, subcomponent], value) => {
        const message = messageOf(['PID|1|""|a&b^c~d|e|f^g|h', 'PV1|1'], { charset: '8859/1' });
        const path = `PID-${field}[${repetition}].${component}.${subcomponent}`;
        const after = parseMessage(editMessage(message).set(path, value).toBytes());
        expect(after.text(path)).toBe(value);
        for (const other of [
          'PID-1',
          'PID-3.1.2',
          'PID-3.2',
          'PID-3[2]',
          'PID-4',
          'PID-5.2',
          'PID-6',
          'PV1-1',
          'MSH-10',
        ]) {
          if (!path.startsWith(other.replace(/\..*|\[.*/, '')))
            expect(after.text(other)).toBe(message.text(other));
        }
      }),
      { numRuns: 300 },
    );
  });

  const sample = bytesOf(
    `${msh}||||||8859/1`,
    'EVN|A08|2026',
    'PID|1||4711^^^A&1.2&ISO~9||M\xfcller^Ann||""|F\\T\\',
    'ZZZ|\\X41\\|~~|^^',
  );
  const mutation = fc.record({
    at: fc.nat({ max: sample.length }),
    remove: fc.nat({ max: 6 }),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom(...['\r', '\n', '|', '\\', 'MSH|', '\0', '\r\n', '""'].map((one) => Buffer.from(one))),
    ),
  });

  test('[H16] mutilated bytes are taken byte for byte or refused cleanly, never otherwise', () => {
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.boolean(), (mutations, tolerant) => {
        const bytes = mutations.reduce<Buffer>(
          (all, { at, remove, insert }) =>
            Buffer.concat([all.subarray(0, at), insert, all.subarray(at + remove)]),
          sample,
        );
        const original = Buffer.from(bytes);
        try {
          const message = parseMessage(bytes, { tolerant });
          expect(message.toBytes()).toBe(bytes);
          expect(Buffer.from(editMessage(message).toBytes())).toEqual(original);
          readEverything(message);
        } catch (error) {
          expect(error).toMatchObject({ name: 'Hl7Error' });
          expect((error as Error).message).not.toContain('ller');
        }
        expect(bytes).toEqual(original);
      }),
      { numRuns: 1000 },
    );
  });
});
