/**
 * What of an HL7 v2 message may be kept, and what stands in for the rest (HL7 v2.5.1, chapters 2.A, 3, 4, 6, 7, 9, 10). A list of what is
 * known: a field that is not in it is emptied, and a segment that is not in it (Z-segments too) keeps only its name.
 *
 *   keep   flags and counters, as long as they look like some; in MSH, as it is
 *   coded  CE, CWE, CNE: codes and coding systems stay, their texts go
 *   cx     an identifier with its authority and type
 *   id     an identifier with its namespace (EI, ST)
 *   xpn    a person's name                 xcn  a person's identifier and name
 *   xad    an address: state and country stay
 *   xtn    a telephone number or e-mail
 *   pl     a place within a facility
 *   ts     a date or time, shifted         tq   a quantity and timing: its dates are shifted
 *   text   free text, replaced
 *   num    numbers and their comparators
 *   obx    OBX-5: by the type in OBX-2
 */
export type FieldRule =
  | 'keep'
  | 'coded'
  | 'cx'
  | 'id'
  | 'xpn'
  | 'xcn'
  | 'xad'
  | 'xtn'
  | 'pl'
  | 'ts'
  | 'tq'
  | 'text'
  | 'num'
  | 'obx';

const table: Readonly<Record<string, string>> = {
  MSH: 'keep 3 4 5 6 9 11 12 15 16 17 18 19 20 21 | ts 7 | id 10',
  EVN: 'keep 1 4 | ts 2 3 6 | xcn 5',
  PID: 'keep 1 8 24 25 30 31 32 34 | cx 2 3 4 18 20 21 | xpn 5 6 9 | ts 7 29 33 | coded 10 15 16 17 22 26 28 | xad 11 | xtn 13 14 | id 19',
  PD1: 'xcn 4 | keep 7 12 | ts 13',
  NK1: 'keep 1 14 15 | xpn 2 | coded 3 7 | xad 4 | xtn 5 6 | ts 8 9 16 | cx 33',
  MRG: 'cx 1 2 3 4 5 6 | xpn 7',
  PV1: 'keep 1 2 4 10 12 13 14 15 16 18 20 36 38 39 41 51 | pl 3 6 11 42 43 | cx 5 19 50 | xcn 7 8 9 17 52 | ts 44 45 | coded 37',
  PV2: 'coded 2 3 | ts 8 9 | keep 7 10 11 22',
  AL1: 'keep 1 | coded 2 3 4 | text 5 | ts 6',
  IAM: 'keep 1 6 | coded 2 3 4 9 | text 5 | ts 11 13',
  DG1: 'keep 1 2 6 15 17 | coded 3 | ts 5 19 | text 4 | xcn 16',
  PR1: 'keep 1 2 6 | coded 3 | text 4 | ts 5 | xcn 8 11 12',
  GT1: 'keep 1 9 10 11 | cx 2 | xpn 3 4 | xad 5 | xtn 6 7 | ts 8 13 14',
  IN1: 'keep 1 15 20 21 22 47 | coded 2 17 | cx 3 49 | xad 5 19 44 | xpn 6 16 | xtn 7 | id 8 10 36 | ts 12 13 18 24 26 29',
  IN2: 'cx 1 25 26 61 | id 2 6 8 | xpn 7 9 40',
  ORC: 'keep 1 5 6 | id 2 3 4 8 | tq 7 | ts 9 15 27 | xcn 10 11 12 19 | pl 13 | coded 16 17 18 29',
  OBR: 'keep 1 5 9 11 24 25 30 | id 2 3 18 19 20 21 26 29 | coded 4 13 15 31 44 45 47 | ts 6 7 8 14 22 36 | xcn 10 16 28 32 33 34 35 | tq 27 | xtn 17 | text 39',
  OBX: 'keep 1 2 4 7 8 9 10 11 | coded 3 6 15 17 | obx 5 | ts 12 14 19 | xcn 16 25 | id 18 21',
  NTE: 'keep 1 2 | text 3 | coded 4',
  SPM: 'keep 1 | id 2 3 | coded 4 5 6 7 8 9 21 | ts 17 18',
  TQ1: 'keep 1 | ts 7 8 | coded 9',
  SCH: 'id 1 2 | coded 5 6 7 8 10 25 | keep 3 9 | tq 11 | xcn 12 16 20 | xtn 13 17 21 | xad 14 18 22 | pl 15 19 23 | id 26 27',
  RGS: 'keep 1 2 | coded 3',
  AIS: 'keep 1 2 5 7 9 | coded 3 6 8 10 | ts 4',
  AIG: 'keep 1 2 9 12 13 | coded 3 4 10 14 | ts 8',
  AIL: 'keep 1 2 7 9 10 | pl 3 | coded 4 8 11 12 | ts 6',
  AIP: 'keep 1 2 7 9 10 | xcn 3 | coded 4 8 11 12 | ts 6',
  TXA: 'keep 1 2 3 17 18 19 20 | ts 4 6 7 8 | xcn 5 9 10 11 22 23 | id 12 13 14 15',
  FT1: 'keep 1 6 10 17 | id 2 3 23 | ts 4 5 | coded 7 13 14 18 19 25 26 | pl 16 | xcn 20 21 24 | keep 11 12 15 22',
  RXA: 'keep 1 2 6 12 20 21 | ts 3 4 16 22 | coded 5 7 8 9 14 17 18 19 | xcn 10 | id 15',
  RXR: 'coded 1 2 3 4 6',
  RXO: 'coded 1 4 5 19 | keep 2 3 11 13',
  RXE: 'coded 2 5 6 14 27 | keep 3 4 10 12 16 17 | id 15',
  RXD: 'keep 1 4 8 | coded 2 5 6 | ts 3 | id 7',
  RXC: 'keep 1 3 | coded 2 4',
  ROL: 'id 1 | keep 2 | coded 3 | xcn 4 | ts 5 6 | xad 11 | xtn 12',
  ACC: 'ts 1 | coded 2 | keep 6',
  UB1: 'keep 1',
  UB2: 'keep 1',
  MSA: 'keep 1 | id 2',
};

const names: Readonly<Record<FieldRule, true>> = {
  keep: true,
  coded: true,
  cx: true,
  id: true,
  xpn: true,
  xcn: true,
  xad: true,
  xtn: true,
  pl: true,
  ts: true,
  tq: true,
  text: true,
  num: true,
  obx: true,
};
const isRule = (text: string): text is FieldRule => Object.hasOwn(names, text);

function read(line: string): ReadonlyMap<number, FieldRule> {
  const rules = new Map<number, FieldRule>();
  for (const part of line.split('|')) {
    const [rule = '', ...fields] = part.trim().split(' ');
    if (isRule(rule)) for (const field of fields) rules.set(Number(field), rule);
  }
  return rules;
}

/** By segment name, then field number. */
export const fieldRules: ReadonlyMap<string, ReadonlyMap<number, FieldRule>> = new Map(
  Object.entries(table).map(([segment, line]) => [segment, read(line)]),
);
