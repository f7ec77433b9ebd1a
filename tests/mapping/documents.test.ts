import { describe, expect, test } from 'vitest';
import { previewWrites, type RecordWrite } from '../../src/clinical/record/index.ts';
import { line, map, msh, pid, pv1 } from './messages.ts';

const txaFields = {
  1: '1',
  2: 'CN^Consultation^HL70270',
  3: 'TX',
  4: '20260303090000',
  6: '20260303093000',
  9: '1234567893^Reyes^Maria^^^Dr^^^&2.16.840.1.113883.4.6&ISO^L^^^NPI',
  12: 'DOC-2^NOTES^2.16.840.1.113883.19.9^ISO',
  16: '/notes/2026/doc-2.txt',
  17: 'DO',
  18: 'R',
  19: 'AV',
  25: 'Cardiology consultation~second visit',
};
const txa = (fields: Readonly<Record<number, string>> = {}) => line('TXA', { ...txaFields, ...fields });
const text = (words: string, code = '11488-4^Consult note^LN') =>
  line('OBX', { 2: 'TX', 3: code, 5: words, 11: 'F' });
const mdm = (event: string, ...rest: string[]) =>
  map(msh(`MDM^${event}`), `EVN|${event}|20260303104500`, pid, pv1(), ...rest);

const documentsIn = (writes: readonly RecordWrite[]) =>
  writes.filter(({ type }) => type === 'DocumentReference');
const documentIn = (writes: readonly RecordWrite[]) => documentsIn(writes)[0]!;
const words = (content: unknown, at = 0) => {
  const [...attachments] = content as { attachment: { data: string } }[];
  return Buffer.from(attachments[at]?.attachment.data ?? '', 'base64').toString();
};

describe('[M60] a document is known by its number', () => {
  test('whatever the event, whoever speaks of it, and with patient and visit as copies', () => {
    const first = mdm('T02', txa(), text('all well'));
    const status = mdm('T03', 'TXA|1|CN||||||||||DOC-2^^2.16.840.1.113883.19.9^ISO|||||AU');
    expect(first.findings).toEqual([]);
    expect(documentIn(status.writes).id).toBe(documentIn(first.writes).id);
    expect(documentIn(first.writes)).toMatchObject({
      set: {
        masterIdentifier: { system: 'urn:oid:2.16.840.1.113883.19.9', value: 'DOC-2' },
        'identifier@TXA-16': [{ value: '/notes/2026/doc-2.txt' }],
        type: { coding: [{ code: 'CN', display: 'Consultation' }] },
        date: '2026-03-03T09:30:00-05:00',
        description: 'Cardiology consultation second visit',
        'context.period': { start: '2026-03-03T09:00:00-05:00' },
      },
    });
    expect(documentIn(first.writes).copy).toBeUndefined();
    expect(first.writes.filter(({ type }) => type === 'Patient' || type === 'Encounter')).toMatchObject([
      { copy: true },
      { copy: true },
    ]);
  });

  test('without a number it is the message itself, which is a finding', () => {
    const bare = mdm('T02', txa({ 12: '' }), text('all well'));
    expect(bare.findings).toMatchObject([{ place: 'TXA^1^12' }]);
    expect(documentIn(bare.writes).id).toBe(
      documentIn(mdm('T02', txa({ 12: '' }), text('all well')).writes).id,
    );
  });

  test('two numbers of one value by two authorities are two documents', () => {
    const other = mdm('T02', txa({ 12: 'DOC-2^^2.16.840.1.113883.19.10^ISO' }), text('x'));
    expect(documentIn(other.writes).id).not.toBe(documentIn(mdm('T02', txa(), text('x')).writes).id);
  });

  test('a message without TXA names patient and visit, and says so', () => {
    const { writes, findings } = mdm('T02', text('all well'));
    expect(documentsIn(writes)).toEqual([]);
    expect(findings).toEqual([{ place: 'TXA', rule: 'a document has a TXA' }]);
  });

  test('a second document or patient in a message is found and not mixed in', () => {
    const { writes, findings } = mdm('T02', txa(), text('x'), txa({ 12: 'DOC-3' }), pid);
    expect(documentsIn(writes)).toHaveLength(1);
    expect(findings.map(({ place }) => place)).toEqual(['PID^2^3', 'TXA^2']);
  });
});

describe('[M61] its status', () => {
  test.each([
    [
      { 17: 'AU', 19: 'AV' },
      { docStatus: 'final', status: 'current' },
    ],
    [
      { 17: 'LA', 19: 'AV' },
      { docStatus: 'final', status: 'current' },
    ],
    [
      { 17: 'DI', 19: 'OB' },
      { docStatus: 'preliminary', status: 'superseded' },
    ],
    [
      { 17: 'IP', 19: 'CA' },
      { docStatus: 'preliminary', status: 'entered-in-error' },
    ],
    [
      { 17: 'PA', 19: 'UN' },
      { docStatus: 'preliminary', status: 'current' },
    ],
  ])('follows from TXA-17 and TXA-19: %o', (fields, expected) => {
    expect(documentIn(mdm('T04', txa(fields), text('x')).writes).set).toMatchObject(expected);
  });

  test('is left alone by what does not say it, and begins as current', () => {
    const { set, initial } = documentIn(mdm('T03', txa({ 17: '', 19: '' })).writes);
    expect(set).not.toHaveProperty('status');
    expect(set).not.toHaveProperty('docStatus');
    expect(initial).toMatchObject({ status: 'current' });
  });

  test('a code of no table is found by place, and changes nothing', () => {
    const { writes, findings } = mdm('T03', txa({ 17: 'ZZ', 19: 'ZZ' }));
    expect(findings.map(({ place }) => place)).toEqual(['TXA^1^17', 'TXA^1^19']);
    expect(documentIn(writes).set).not.toHaveProperty('status');
  });

  test('what is not for patient care yet says so beside the status, until it is', () => {
    const unavailable = documentIn(mdm('T01', txa({ 19: 'UN' })).writes);
    expect(unavailable.set._status).toMatchObject({
      extension: [{ valueCodeableConcept: { coding: [{ code: 'UN' }] } }],
    });
    expect(documentIn(mdm('T03', txa({ 19: 'AV' })).writes).remove).toContain('_status');
  });

  test('how confidential it is stands in the document; the labels that keep readers out are not a message\u2019s', () => {
    const { set, remove } = documentIn(mdm('T02', txa(), text('x')).writes);
    expect(set.securityLabel).toMatchObject([
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
          { code: 'R' },
        ],
      },
    ]);
    expect([...Object.keys(set), ...(remove ?? [])]).not.toContain('meta.security');
  });

  test('who signed counts more than who was to sign', () => {
    const signed = txa({ 10: '1^Assigned^Ann', 22: '2^Signed^Sam^^^^^^^^^^^^20260303101500' });
    expect(documentIn(mdm('T02', signed, text('x')).writes).set.authenticator).toMatchObject({
      display: 'Sam Signed',
    });
  });

  test('a day of origin stays a day', () => {
    const { set } = documentIn(mdm('T02', txa({ 6: '20260303' }), text('x')).writes);
    expect(set).not.toHaveProperty('date');
    expect(Object.values(set)).toContainEqual([
      { url: expect.stringContaining('extension-date'), valueDateTime: '2026-03-03' },
    ]);
  });
});

describe('[M62] its content', () => {
  test('lines of text are one attachment, empty ones kept, in the character set of the message', () => {
    const header = msh('MDM^T02^MDM_T02').split('|').slice(0, 17).join('|');
    const { writes } = map(
      `${header}|UNICODE UTF-8`,
      pid,
      txa(),
      text('first'),
      text(''),
      text('Grüße~third'),
    );
    const { content } = documentIn(writes).set;
    expect(content).toMatchObject([{ attachment: { contentType: 'text/plain;charset=utf-8' } }]);
    expect(words(content)).toBe('first\n\nGrüße\nthird');
  });

  test('a line that cannot be decoded is found, and marked where it stood', () => {
    const { writes, findings } = mdm('T02', txa(), text('first'), text('Grüße'), text('third'));
    expect(findings).toMatchObject([{ place: expect.stringContaining('OBX^2^5') }]);
    expect(words(documentIn(writes).set.content)).toBe('first\n[a line could not be read]\nthird');
  });

  test('sections have their names; comments are an attachment of their own', () => {
    const { set } = documentIn(
      mdm(
        'T02',
        txa(),
        text('no pain', '10154-3^Complaint^LN'),
        'NTE|1||heard by phone',
        text('rest', 'P^Plan'),
      ).writes,
    );
    expect(words(set.content)).toBe('Complaint\nno pain\n\nPlan\nrest');
    expect(words(set.content, 1)).toBe('heard by phone');
  });

  test('files keep their type and name; each repetition is one', () => {
    const pdf = Buffer.from('%PDF-1.4').toString('base64');
    const obx = `OBX|1|ED|18842-5^Discharge summary^LN||^AP^PDF^Base64^${pdf}~^IM^PNG^Hex^89504E47||||||F`;
    const { writes, findings } = mdm('T02', txa(), obx);
    expect(findings).toEqual([]);
    expect(documentIn(writes).set.content).toEqual([
      { attachment: { contentType: 'application/pdf', data: pdf, title: 'Discharge summary' } },
      { attachment: { contentType: 'image/png', data: 'iVBORw==', title: 'Discharge summary' } },
    ]);
  });

  test('a pointer is an address, and never a script', () => {
    const at = (url: string) => mdm('T02', txa(), `OBX|1|RP|X^Scan||${url}^PACS^IM^JPEG||||||F`);
    expect(documentIn(at('https://pacs.example.org/1').writes).set.content).toEqual([
      { attachment: { contentType: 'image/jpeg', url: 'https://pacs.example.org/1', title: 'Scan' } },
    ]);
    const { writes, findings } = at('javascript:alert(1)');
    expect(documentIn(writes).set).not.toHaveProperty('content');
    expect(findings).toMatchObject([{ place: 'OBX^1^5' }]);
  });

  test('a file that is not what it says is found, and what can be used is used', () => {
    const { writes, findings } = mdm('T02', txa(), 'OBX|1|ED|X||^AP^PDF^Base64^?*||||||F', text('words'));
    expect(findings).toMatchObject([{ place: 'OBX^1^5' }]);
    expect(words(documentIn(writes).set.content)).toBe('words');
  });

  test('lines that are deleted or wrong are none of it', () => {
    const wrong = line('OBX', { 2: 'TX', 3: 'X', 5: 'wrong patient', 11: 'W' });
    expect(words(documentIn(mdm('T02', txa(), wrong, text('right')).writes).set.content)).toBe('right');
  });

  test('a notification leaves it alone; the first one says that there is none yet', () => {
    const { set } = documentIn(mdm('T01', txa()).writes);
    expect(set).not.toHaveProperty('content');
    const [shown] = previewWrites(mdm('T01', txa()).writes).filter(
      (one) => one.resourceType === 'DocumentReference',
    );
    expect(shown).toMatchObject({
      content: [{ attachment: { contentType: 'text/plain', extension: [{ valueCode: 'unknown' }] } }],
      category: [{ coding: [{ code: 'clinical-note' }] }],
    });
  });
});

describe('[M63] chains of documents', () => {
  const parent = 'DOC-1^^2.16.840.1.113883.19.9^ISO';
  const original = documentIn(mdm('T02', txa({ 12: parent }), text('x')).writes);

  test.each(['T05', 'T06'])(
    '%s: an addendum is a document of its own, and its parent stays as it is',
    (event) => {
      const { writes } = mdm(event, txa({ 13: parent }), text('later'));
      expect(documentsIn(writes)).toHaveLength(1);
      expect(documentIn(writes).id).not.toBe(original.id);
      expect(previewWrites(writes).find((one) => one.resourceType === 'DocumentReference')).toMatchObject({
        relatesTo: [{ code: 'appends', target: { reference: `DocumentReference/${original.id}` } }],
      });
    },
  );

  test.each(['T09', 'T10'])('%s: a replacement supersedes its parent', (event) => {
    const [fresh, old] = documentsIn(mdm(event, txa({ 13: parent }), text('better')).writes);
    expect(fresh?.set).toMatchObject({ status: 'current' });
    expect(fresh?.set[`relatesTo[target.reference=DocumentReference/${original.id}]`]).toMatchObject([
      { code: 'replaces' },
    ]);
    expect(old).toMatchObject({ id: original.id, set: { status: 'superseded' } });
    expect(old?.set).not.toHaveProperty('content');
  });

  test('an addendum or replacement without its parent is kept, and found', () => {
    const { writes, findings } = mdm('T10', txa(), text('better'));
    expect(documentsIn(writes)).toHaveLength(1);
    expect(findings).toMatchObject([{ place: 'TXA^1^13' }]);
  });

  test('a document that names itself as its parent has been edited', () => {
    const [only, ...others] = documentsIn(mdm('T10', txa({ 13: txaFields[12] }), text('better')).writes);
    expect(others).toEqual([]);
    expect(only?.set).toMatchObject({ status: 'current' });
    expect(Object.keys(only?.set ?? {}).filter((slot) => slot.startsWith('relatesTo'))).toEqual([]);
  });

  test.each(['T07', 'T08'])('%s: an edit is of the same document', (event) => {
    const edited = documentsIn(mdm(event, txa({ 12: parent, 13: 'DOC-0' }), text('y')).writes);
    expect(edited.map(({ id }) => id)).toEqual([original.id]);
  });

  test('T11: a cancelled document was entered in error, whatever TXA says', () => {
    const { writes } = mdm('T11', txa({ 12: parent, 17: 'AU', 19: 'AV' }));
    expect(documentIn(writes)).toMatchObject({
      id: original.id,
      set: { status: 'entered-in-error', docStatus: 'entered-in-error' },
    });
  });
});

describe('[M64] the orders that a document answers', () => {
  test('are mentioned, and related to it', () => {
    const { writes } = mdm(
      'T02',
      'ORC|RE|P-7^LAB|F-7^RAD',
      'OBR|1|P-7^LAB|F-7^RAD|ECHO^Echo^L',
      txa(),
      text('x'),
    );
    const request = writes.find(({ type }) => type === 'ServiceRequest');
    expect(request).toMatchObject({ copy: true });
    expect(documentIn(writes).set['context.related']).toEqual([
      { reference: `ServiceRequest/${request?.id}` },
    ]);
    expect(writes.filter(({ type }) => type === 'Observation')).toEqual([]);
  });

  test('by their numbers alone, where the message does not bring them', () => {
    const { set } = documentIn(mdm('T02', txa({ 14: 'P-7^LAB', 15: 'F-7^RAD' }), text('x')).writes);
    expect(set['context.related']).toMatchObject([
      { type: 'ServiceRequest', identifier: { value: 'P-7' } },
      { type: 'ServiceRequest', identifier: { value: 'F-7' } },
    ]);
  });
});
