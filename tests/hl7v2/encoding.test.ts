import { describe, expect, test } from 'vitest';
import { isKnownCharset, parseMessage, peekHeader } from '../../src/standards/hl7v2/index.ts';
import { bytesOf, failure, messageOf, msh, readEverything } from './support.ts';

describe('segment ends', () => {
  const names = (bytes: Buffer, tolerant = true) =>
    parseMessage(bytes, { tolerant })
      .segments()
      .map((segment) => segment.name);

  test.each([
    ['CR', '\r'],
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['blank lines between', '\n\n'],
  ])('[H4] %s ends a segment', (_name, end) => {
    expect(names(Buffer.from([msh, 'EVN|A08', 'PID|1'].join(end)))).toEqual(['MSH', 'EVN', 'PID']);
  });

  test('[H4] line ends may be mixed', () => {
    expect(names(Buffer.from(`${msh}\rEVN|A08\r\nPID|1\nPV1|1\r`))).toEqual(['MSH', 'EVN', 'PID', 'PV1']);
  });

  test('[H4] an LF inside text of a CR message is text', () => {
    const message = parseMessage(Buffer.from(`${msh}\rOBX|1|TX|||line one\nline two|||\rNTE|1\r`));
    expect(message.text('OBX-5')).toBe('line one\nline two');
    expect(message.segments().length).toBe(3);
  });

  test('[H4] strictly, only CR ends a segment', () => {
    const bytes = Buffer.from(`${msh}\rOBX|1|TX|||one\nNTE|2\r`);
    expect(names(bytes, false)).toEqual(['MSH', 'OBX']);
    expect(names(bytes, true)).toEqual(['MSH', 'OBX', 'NTE']);
  });

  test('[H4] a line that is no segment is refused, and its content is not shown', () => {
    const error = failure(() => parseMessage(bytesOf(msh, 'PID|1', 'Geheim^Anna')), 'HL7_BAD_SEGMENT');
    expect(error.location).toBe('segment 3');
    expect(error.message).not.toContain('Geheim');
  });

  test('[H4] blank lines and a byte order mark are skipped, and kept in the bytes', () => {
    const bytes = Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(`\r\n  ${msh}\r   \rPID|1\r \r`),
    ]);
    const message = parseMessage(bytes);
    expect(message.segments().map((segment) => segment.name)).toEqual(['MSH', 'PID']);
    expect(message.toBytes()).toBe(bytes);
  });
});

describe('character sets', () => {
  const patient = (charset: string | undefined, name: number[], defaultCharset?: string) => {
    const header = charset === undefined ? msh : `${msh}||||||${charset}`;
    const bytes = Buffer.concat([
      bytesOf(header, 'EVN'),
      Buffer.from('PID|||||'),
      Buffer.from(name),
      Buffer.from('|x\r'),
    ]);
    return parseMessage(bytes, defaultCharset === undefined ? {} : { defaultCharset });
  };

  test.each([
    ['UNICODE UTF-8', [0x4d, 0xc3, 0xbc], 'Mü'],
    ['UTF-8', [0xf0, 0x9f, 0x98, 0x80], '😀'],
    ['UNICODE', [0xc3, 0xbc], 'ü'],
    ['8859/1', [0xfc], 'ü'],
    ['8859/1', [0x93], '\u201c'],
    ['8859/2', [0xb3], 'ł'],
    ['8859/5', [0xd6], 'ж'],
    ['8859/7', [0xe1], 'α'],
    ['8859/8', [0xe0], 'א'],
    ['8859/9', [0xfe], 'ş'],
    ['8859/11', [0xa1], 'ก'],
    ['8859/15', [0xa4], '€'],
    ['8859/16', [0xa4], '€'],
    ['ISO-8859-1', [0xfc], 'ü'],
    ['ISO IR100', [0xfc], 'ü'],
    ['ISO_IR 101', [0xb3], 'ł'],
    ['windows-1252', [0x80], '€'],
    ['CP1251', [0xe6], 'ж'],
    ['ASCII', [0x41], 'A'],
    ['', [0x41], 'A'],
    ['8859/1~UNICODE UTF-8', [0xfc], 'ü'],
    ['ASCII~ISO IR87', [0x41], 'A'],
  ])('[H5] MSH-18 %j', (charset, bytes, expected) => {
    expect(patient(charset, bytes).text('PID-5')).toBe(expected);
  });

  test.each([
    [undefined, [0x4d, 0xfc], 'not ASCII'],
    ['ASCII', [0xc3, 0xbc], 'not ASCII'],
    ['UNICODE UTF-8', [0xfc], 'not UNICODE UTF-8'],
    ['UNICODE UTF-8', [0xc0, 0xaf], 'not UNICODE UTF-8'],
    ['UNICODE UTF-8', [0xed, 0xa0, 0x80], 'not UNICODE UTF-8'],
    ['8859/3', [0xa5], 'not 8859/3'],
    ['8859/2', [0x8a], 'not 8859/2'],
    ['windows-1252', [0x81], 'not windows-1252'],
    ['8859/1', [0x00], 'not 8859/1'],
    [undefined, [0x41, 0x00], 'not ASCII'],
  ])('[H5] MSH-18 %j with other bytes is refused where they stand', (charset, bytes, rule) => {
    const message = patient(charset, bytes);
    const error = failure(() => message.text('PID-5'), 'HL7_UNDECODABLE');
    expect(error.location).toBe('PID^1^5^1^1^1');
    expect(error.rule).toBe(rule);
    expect(message.text('PID-6')).toBe('x');
  });

  test('[H5] a long value is checked to its end', () => {
    const message = messageOf([`OBX|1|TX|||${'a'.repeat(5000)}\xfc`]);
    expect(failure(() => message.text('OBX-5'), 'HL7_UNDECODABLE').location).toBe('OBX^1^5^1^1^1');
    expect(messageOf([`OBX|1|TX|||${'a'.repeat(5000)}\xfc`], { charset: '8859/1' }).text('OBX-5')).toMatch(
      /a{5000}ü$/,
    );
  });

  test('[H5] the default counts only when MSH-18 is empty', () => {
    expect(patient(undefined, [0xfc], '8859/1').text('PID-5')).toBe('ü');
    expect(patient('', [0xc3, 0xbc], 'UNICODE UTF-8').text('PID-5')).toBe('ü');
    failure(() => patient('ASCII', [0xfc], '8859/1').text('PID-5'), 'HL7_UNDECODABLE');
    expect(failure(() => patient(undefined, [0x41], 'nonsense'), 'HL7_UNKNOWN_CHARSET').location).toBe(
      'defaultCharset',
    );
  });

  test.each([
    'ISO IR87',
    'GB 18030-2000',
    'KS X 1001',
    'CNS 11643-1992',
    'BIG-5',
    'ISO IR14',
    'ISO IR159',
    'Shift_JIS',
  ])('[H5] %s is recognised and refused by name', (charset) => {
    const error = failure(() => patient(charset, [0x41]), 'HL7_UNSUPPORTED_CHARSET');
    expect(error.location).toBe('MSH^1^18^1');
    expect(isKnownCharset(charset)).toBe(true);
  });

  test.each(['UNICODE UTF-16', 'UTF-16', 'UNICODE UTF-32'])(
    '[H3] %s cannot travel in MLLP and is refused',
    (charset) => {
      failure(() => patient(charset, [0x41]), 'HL7_UNSUPPORTED_CHARSET');
    },
  );

  test('[H5] an unknown label is refused, and the header can still be read for the answer', () => {
    expect(failure(() => patient('EBCDIC', [0x41]), 'HL7_UNKNOWN_CHARSET').location).toBe('MSH^1^18^1');
    expect(isKnownCharset('EBCDIC')).toBe(false);
    expect(peekHeader(bytesOf(`${msh}||||||EBCDIC`)).controlId).toBe('MSG1');
  });

  test('[H5] switching to an alternate set within the message is refused before its bytes are taken for delimiters', () => {
    const escapeSequence = [0x1b, 0x24, 0x42, 0x3b, 0x33, 0x1b, 0x28, 0x42];
    failure(() => patient('~ISO IR87', escapeSequence), 'HL7_UNSUPPORTED_CHARSET');
  });

  test('[H5] MSH itself is text of the message, too', () => {
    const bytes = Buffer.from(`${msh.replace('GENERAL', 'Köln')}||||||UNICODE UTF-8\r`);
    const message = parseMessage(bytes);
    expect(message.text('MSH-4')).toBe('Köln');
    expect(message.header.sendingFacility).toBe(Buffer.from('Köln').toString('latin1'));
  });
});

describe('delimiters', () => {
  test.each([
    ['|^~\\&', 'PID|||4711^^^A&1.2&ISO~4712'],
    ['#!@%*', 'PID###4711!!!A*1.2*ISO@4712'],
    ['@~&#\\', 'PID@@@4711~~~A\\1.2\\ISO&4712'],
    ['|^~\\&#', 'PID|||4711^^^A&1.2&ISO~4712'],
    ['|^~\\\\&', 'PID|||4711^^^A&1.2&ISO~4712'],
  ])('[H19] MSH-1 and MSH-2 %s', (declared, pid) => {
    const separator = declared.charAt(0);
    const bytes = bytesOf(
      [`MSH${declared}`, 'A', 'B', '', '', '', '', `ADT${declared.charAt(1)}A08`, 'X'].join(separator),
      pid,
    );
    const message = parseMessage(bytes);
    expect(message.type).toBe('ADT^A08');
    expect(message.text('PID-3.4.2')).toBe('1.2');
    expect(message.text('PID-3[2]')).toBe('4712');
    expect(message.text('MSH-1')).toBe(separator);
    expect(message.text('MSH-2')).toBe(declared.slice(1));
    expect(message.text('MSH-3')).toBe('A');
  });

  test('[H19] without a subcomponent separator (three characters) & is text', () => {
    const message = parseMessage(bytesOf('MSH|^~\\|A|B', 'PID|||1^^^A&B'));
    expect(message.text('PID-3.4')).toBe('A&B');
    expect(message.text('PID-3.4.2')).toBe('');
  });

  test.each([
    'MSH',
    'MSH|',
    'MSH|^~',
    'MSH|^^\\&',
    'MSH||~\\&',
    'MSH|^~\\&#+|',
    'MSHA^~\\&A',
    'MSH|^~e&|',
    'MSH|^~"&|',
    'MSH|^ \\&|',
  ])('[H19] %j does not declare usable delimiters', (text) => {
    failure(() => peekHeader(Buffer.from(text)), 'HL7_BAD_DELIMITERS');
    failure(() => parseMessage(Buffer.from(text)), 'HL7_BAD_DELIMITERS');
  });

  test('[H19] the fields of MSH count the separator, and MSH-2 is neither split nor unescaped', () => {
    const segment = messageOf([]).segment('MSH');
    expect(segment?.fieldCount).toBe(12);
    expect(segment?.field(2).repetitions.length).toBe(1);
    expect(segment?.field(2).text).toBe('^~\\&');
    expect(segment?.field(9).component(2)).toBe('A08');
    expect(segment?.field(12).text).toBe('2.5.1');
  });
});

describe('escapes', () => {
  const read = (value: string, charset = '8859/1') =>
    messageOf([`OBX|1|FT|||${value}`], { charset }).text('OBX-5');

  test.each([
    ['a\\F\\b', 'a|b'],
    ['a\\S\\b', 'a^b'],
    ['a\\T\\b', 'a&b'],
    ['a\\R\\b', 'a~b'],
    ['a\\E\\b', 'a\\b'],
    ['a\\P\\b', 'a#b'],
    ['a\\E\\F\\E\\b', 'a\\F\\b'],
    ['a\\.br\\b', 'a\nb'],
    ['a\\.BR\\b', 'a\nb'],
    ['a\\.sp\\b', 'a\nb'],
    ['a\\.sp 3\\b', 'a\n\n\nb'],
    ['\\X41\\\\X42\\', 'AB'],
    ['\\XFC\\', 'ü'],
    ['\\x0d0A\\', '\r\n'],
    ['\\F\\\\S\\', '|^'],
  ])('[H20] %s is resolved once', (sent, expected) => {
    expect(read(sent)).toBe(expected);
  });

  test.each([
    '\\H\\important\\N\\',
    '\\H\\F\\N\\',
    '\\Z99\\',
    '\\.in+4\\',
    '\\.ce\\',
    '\\C2842\\',
    '\\M244141\\',
    '\\X4\\',
    '\\X00\\',
    '\\Q\\',
    '\\\\',
    'C:\\temp\\file',
    '50\\60 mg',
    'ends with \\',
    '\\',
  ])('[H20] %s is kept as written', (sent) => {
    expect(read(sent)).toBe(sent);
  });

  test('[H20] a stray escape character does not hide the sequence behind it', () => {
    expect(read('C:\\temp\\ \\T\\ D')).toBe('C:\\temp\\ & D');
  });

  test('[H20] hexadecimal bytes are in the set of the message, and one character may be spread over two', () => {
    expect(read('M\\XC3\\\\XBC\\ller', 'UNICODE UTF-8')).toBe('Müller');
    expect(read('M\\XC3BC\\ller', 'UNICODE UTF-8')).toBe('Müller');
    failure(() => read('\\XFC\\', 'UNICODE UTF-8'), 'HL7_UNDECODABLE');
  });

  test('[H20] an escaped delimiter does not split', () => {
    const message = messageOf(['PID|1||4711^^^A\\T\\B&1.2&ISO||O\\S\\Neil^Ann']);
    expect(message.text('PID-3.4.1')).toBe('A&B');
    expect(message.text('PID-3.4.2')).toBe('1.2');
    expect(message.text('PID-5.1')).toBe('O^Neil');
    expect(message.text('PID-5.2')).toBe('Ann');
  });

  test('[H20] the delimiters that the message declares are meant, not the usual ones', () => {
    const message = parseMessage(bytesOf('MSH#!@%*#A', 'NTE#1##%F%%S%%R%%T%%E%|\\&'));
    expect(message.text('NTE-3')).toBe('#!@*%|\\&');
  });

  test('[H20] text whose sender forgot to escape can be read whole', () => {
    const message = messageOf(['NTE|1||Smith & Sons ^ \\F\\ Co~second']);
    expect(message.text('NTE-3')).toBe('Smith ');
    expect(message.segment('NTE')?.field(3).wholeText).toBe('Smith & Sons ^ | Co');
  });
});

describe('null, empty, missing', () => {
  const pid = messageOf(['PID|1|""||^^&|""^Ann^""&x|""~b|~|"" ']);
  const field = (number: number) => pid.segment('PID')?.field(number);

  test('[H21] a field is empty, null or valued', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 99].map((number) => field(number)?.state)).toEqual([
      'valued',
      'null',
      'empty',
      'empty',
      'valued',
      'valued',
      'empty',
      'valued',
      'empty',
    ]);
  });

  test('[H21] null reads as no text and deletes the whole list', () => {
    expect(pid.text('PID-2')).toBe('');
    expect(pid.isNull('PID-2')).toBe(true);
    expect(pid.isNull('PID-3')).toBe(false);
    expect(field(2)?.repetitions).toEqual([]);
  });

  test('[H21] components and repetitions can be null, too, and do not delete the list', () => {
    expect(pid.isNull('PID-5')).toBe(false);
    expect(pid.isNull('PID-5.1')).toBe(true);
    expect(pid.isNull('PID-5.2')).toBe(false);
    expect(pid.isNull('PID-5.3.1')).toBe(true);
    expect(pid.isNull('PID-5.3')).toBe(false);
    expect(pid.isNull('PID-6')).toBe(false);
    expect(pid.isNull('PID-6[1]')).toBe(true);
    expect(pid.isNull('ZZZ-1')).toBe(false);
    expect(field(6)?.repetitions.length).toBe(2);
  });

  test('[H21] an empty repetition keeps its place', () => {
    const message = messageOf(['PID|||||||||||||~~555']);
    const repetitions = message.segment('PID')?.field(13).repetitions ?? [];
    expect(repetitions.map((one) => one.state)).toEqual(['empty', 'empty', 'valued']);
    expect(message.text('PID-13[3]')).toBe('555');
  });

  test('[H24] no segment and a segment of nulls are different things', () => {
    expect(messageOf(['PID|1']).segments('AL1')).toEqual([]);
    const [allergy] = messageOf(['PID|1', 'AL1|""|""|""']).segments('AL1');
    expect([1, 2, 3].map((number) => allergy?.field(number).state)).toEqual(['null', 'null', 'null']);
  });

  test('[H22] what is missing is empty, what is too much is there', () => {
    const message = messageOf(['PID|1^extra&more|x', 'ZPI|own^data', 'QQQ|unknown', 'PV1']);
    expect(message.text('PID-30.5.2')).toBe('');
    expect(message.text('NK1-2')).toBe('');
    expect(message.text('PID-1.2.2')).toBe('more');
    expect(message.text('ZPI-1.2')).toBe('data');
    expect(message.segments().map((segment) => segment.name)).toEqual(['MSH', 'PID', 'ZPI', 'QQQ', 'PV1']);
    expect(message.segment('PV1')?.fieldCount).toBe(0);
    expect(message.segment('PV1')?.field(2).state).toBe('empty');
  });

  test('[H22] a segment name in small letters is not overlooked', () => {
    expect(messageOf(['pid|1||4711']).text('PID-3')).toBe('4711');
  });

  test('[H23] every repetition of a list can be read', () => {
    const message = messageOf(['PID|||1^^^A~2^^^B~3^^^C']);
    const list = message
      .segment('PID')
      ?.field(3)
      .repetitions.map((one) => `${one.text}@${one.component(4)}`);
    expect(list).toEqual(['1@A', '2@B', '3@C']);
  });
});

describe('a message', () => {
  test('[H22] is its bytes', () => {
    const bytes = bytesOf(msh, 'PID|1||4711||Doe^Jane');
    const message = parseMessage(bytes);
    readEverything(message);
    expect(message.toBytes()).toBe(bytes);
    expect(message.bytes).toBe(bytes);
  });

  test('[H19] occurrences of a segment are counted by name', () => {
    const message = messageOf(['OBX|1||a', 'NTE|1', 'OBX|2||b']);
    expect(message.text('OBX[2]-3')).toBe('b');
    expect(message.segment('OBX', 3)).toBeUndefined();
    expect(message.segments('OBX').map((segment) => segment.occurrence)).toEqual([1, 2]);
    expect(message.segments('OB')).toEqual([]);
  });

  test.each(['PID', 'PID-', 'PID-0', 'PID-3[0]', 'PID-3.0', 'pid-3', 'PID-3.1.2.3', 'PIDX-3'])(
    '[H19] %s is no path: a mistake of the programmer, not of the sender',
    (path) => {
      expect(() => messageOf(['PID|1']).text(path)).toThrow(TypeError);
    },
  );

  test('[H18] two messages are never read as one', () => {
    expect(failure(() => parseMessage(bytesOf(msh, 'PID|1', msh, 'PID|2')), 'HL7_BAD_SEGMENT').location).toBe(
      'segment 3',
    );
  });

  test('[H9] larger than the limit is refused before anything is read', () => {
    failure(() => parseMessage(Buffer.alloc(11), { maxBytes: 10 }), 'MLLP_TOO_LARGE');
  });

  test.each(['', 'PID|1\r', 'garbage', '\0\0\0\0', 'MS', 'BHS|^~\\&|\r'])('[H16] %j has no MSH', (text) => {
    failure(() => parseMessage(Buffer.from(text)), 'HL7_NO_MSH');
    failure(() => peekHeader(Buffer.from(text)), 'HL7_NO_MSH');
  });

  test('[H16] an MSH without end is refused by its length', () => {
    failure(() => peekHeader(Buffer.from(`${msh}${'x'.repeat(100_000)}`)), 'HL7_BAD_SEGMENT');
  });

  test('[H9] a flood of delimiters is refused before it becomes a flood of objects', () => {
    const flood = (filler: string) => bytesOf(msh, `PID|||${filler.repeat(2_000_000)}x`);
    const message = parseMessage(flood('~'));
    const error = failure(() => message.segment('PID')?.field(3).repetitions, 'HL7_BAD_SEGMENT');
    expect(error.location).toBe('PID^1^3');
    expect(message.text('PID-3[2000001]')).toBe('x');
    expect(parseMessage(flood('|')).segment('PID')?.fieldCount).toBe(2_000_003);
    expect(parseMessage(flood('^')).segment('PID')?.field(3).repetition(1).componentCount).toBe(2_000_001);
    failure(() => parseMessage(Buffer.from(msh + '\rABC'.repeat(1_000_001))), 'HL7_BAD_SEGMENT');
  });

  test.each(['\0', '\x0b', '\x1c'])(
    '[H16] %j in MSH is refused, for it could not be answered',
    (character) => {
      failure(() => peekHeader(bytesOf(`${msh}${character}`)), 'HL7_UNDECODABLE');
    },
  );
});
