import { peekHeader } from '../../../standards/hl7v2/index.ts';
import { type FieldRule, fieldRules } from './hl7-fields.ts';
import type { Pseudonyms } from './pseudonyms.ts';

interface Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly subcomponent: string;
}

/**
 * An HL7 v2 message without what identifies a person, by the table of fields. It works on raw text, byte for character, so that neither the
 * character set nor an escape can hide a value from it: what is not known to be safe goes. Throws an Hl7Error without a usable MSH.
 */
export function deidentifyHl7(body: Uint8Array, pseudonyms: Pseudonyms): Buffer {
  const { fieldSeparator, encodingCharacters } = peekHeader(body);
  const delimiters: Delimiters = {
    field: fieldSeparator,
    component: encodingCharacters.charAt(0) || '^',
    repetition: encodingCharacters.charAt(1) || '~',
    subcomponent: encodingCharacters.charAt(3) || '&',
  };
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const segments = text
    .slice(text.indexOf('MSH'))
    .split(/\r\n|\r|\n/)
    .filter((line) => line !== '');
  return Buffer.from(
    `${segments.map((segment) => cleanSegment(segment, delimiters, pseudonyms)).join('\r')}\r`,
    'latin1',
  );
}

function cleanSegment(segment: string, delimiters: Delimiters, pseudonyms: Pseudonyms): string {
  const name = segment.slice(0, 3);
  const rules = fieldRules.get(name);
  if (!rules) return /^[A-Z][A-Z0-9]{2}$/.test(name) ? name : 'ZZZ';
  const pieces = segment.split(delimiters.field);
  // MSH-1 is the separator itself: piece 1 is MSH-2, which is kept.
  const offset = name === 'MSH' ? 1 : 0;
  const valueType = name === 'OBX' ? (pieces[2] ?? '') : '';
  return pieces
    .map((piece, index) => {
      if (index === 0 || (name === 'MSH' && index === 1)) return piece;
      const rule = rules.get(index + offset);
      return rule === undefined
        ? ''
        : cleanField(piece, resolve(rule, valueType), { delimiters, pseudonyms });
    })
    .join(delimiters.field)
    .replace(new RegExp(`\\${delimiters.field}+$`), '');
}

/** What OBX-5 holds, by OBX-2 (HL7 table 0125). Numbers stay: they are what is tested; text and what is unknown go. */
const valueRules: Readonly<Record<string, FieldRule>> = {
  NM: 'num',
  SN: 'num',
  CE: 'coded',
  CWE: 'coded',
  CNE: 'coded',
  CF: 'coded',
  IS: 'coded',
  ID: 'coded',
  DT: 'ts',
  TS: 'ts',
  DTM: 'ts',
  CX: 'cx',
  EI: 'id',
  XPN: 'xpn',
  PN: 'xpn',
  XCN: 'xcn',
  XAD: 'xad',
  AD: 'xad',
  XTN: 'xtn',
  TN: 'xtn',
  PL: 'pl',
};

const resolve = (rule: FieldRule, valueType: string): FieldRule =>
  rule === 'obx' ? (valueRules[valueType] ?? 'text') : rule;

interface Tools {
  readonly delimiters: Delimiters;
  readonly pseudonyms: Pseudonyms;
}

/** Empty stays empty and `""` stays null: both mean something (HL7 v2.5.1, 2.5.3). */
function cleanField(field: string, rule: FieldRule, tools: Tools): string {
  if (field === '' || field === '""') return field;
  const { repetition, component } = tools.delimiters;
  const repetitions = field.split(repetition).map((each) => {
    if (each === '' || each === '""') return each;
    if (rule === 'text') return '[text]';
    const cleaned = each
      .split(component)
      .map((part, index) => cleanComponent(part, index + 1, { ...tools, rule }));
    while (cleaned.at(-1) === '') cleaned.pop();
    return cleaned.join(component);
  });
  return repetitions.join(repetition);
}

type CleanPart = (value: string, pseudonyms: Pseudonyms) => string;

/** Handled by `cleanComponent`, which looks at each subcomponent. */
const keep: CleanPart = (value) => value;
const id: CleanPart = (value, pseudonyms) => pseudonyms.id(value);
const name: CleanPart = (value, pseudonyms) => pseudonyms.name(value);
const date: CleanPart = (value, pseudonyms) => pseudonyms.hl7Date(value);

/** By rule and component, from 1; what is not here is emptied. `keep` and `text` never come this far. */
const parts: Readonly<
  Record<Exclude<FieldRule, 'keep' | 'text' | 'obx'>, Readonly<Record<number, CleanPart>>>
> = {
  coded: { 1: codeOnly, 3: keep, 4: codeOnly, 6: keep },
  cx: { 1: id, 4: keep, 5: keep, 6: keep },
  id: { 1: id, 2: keep, 3: keep, 4: keep },
  xpn: { 1: name, 2: name, 3: name, 7: keep },
  xcn: { 1: id, 2: name, 3: name, 4: name, 9: keep, 10: keep, 13: keep },
  xad: { 1: () => '1 Example Street', 3: () => 'Exampleton', 4: keep, 6: keep, 7: keep },
  xtn: { 1: (value, pseudonyms) => pseudonyms.phone(value), 2: keep, 3: keep, 4: () => 'person@example.org' },
  pl: { 1: plain, 4: plain, 6: plain },
  ts: { 1: date },
  num: { 1: numeric, 2: numeric, 3: numeric, 4: numeric },
  tq: { 1: keep, 2: keep, 3: keep, 4: date, 5: date, 6: keep },
};

/** `7.4`, `>`, `1:128`: a measurement, and nothing that somebody wrote instead. */
function numeric(value: string): string {
  return /^[<>=+\-/:]{0,2}[\d.]{0,12}$/.test(value) ? value : '';
}

/** A flag or counter: a code without a long number, which would be an identifier or a date in the wrong place. */
function plain(value: string): string {
  return /\d{6}/.test(value) ? '' : codeOnly(value);
}

/** A code is short and has no blanks; what else stands there is text in the wrong place. */
function codeOnly(value: string): string {
  return /^[\w.:/+-]{1,64}$/.test(value) ? value : '';
}

function cleanComponent(
  value: string,
  component: number,
  { rule, delimiters, pseudonyms }: Tools & { rule: FieldRule },
): string {
  if (value === '' || value === '""') return value;
  if (rule === 'keep') return value.split(delimiters.subcomponent).map(plain).join(delimiters.subcomponent);
  const clean = rule === 'text' || rule === 'obx' ? undefined : parts[rule][component];
  if (!clean) return '';
  if (clean === keep) return value.split(delimiters.subcomponent).map(codeOnly).join(delimiters.subcomponent);
  return clean(value.split(delimiters.subcomponent)[0] ?? '', pseudonyms);
}
