import { describe, expect, test } from 'vitest';
import { builtInSource, type CodeSystemView } from '../../../src/standards/terminology/index.ts';
import { mappedCodes, publishedSystems } from './published-tables.ts';

const source = builtInSource();

describe('HL7 Terminology (THO), years younger than R4', () => {
  test('every code of ours is one of theirs, and what they have beyond is what they added', async () => {
    const foreign: string[] = [];
    const count = { systems: 0, younger: 0, codes: 0, added: 0 };
    for (const { url, codes } of await publishedSystems()) {
      const view = await source.codeSystem(url);
      if (!view) {
        count.younger += 1;
        continue;
      }
      count.systems += 1;
      const found = await view.find(codes);
      count.codes += found.size;
      count.added += new Set(codes).size - found.size;
      const theirs = new Set(codes);
      for (const { code } of await view.select([], { limit: 10_000 }))
        if (!theirs.has(code)) foreign.push(`${url}#${code}`);
    }
    expect(foreign).toEqual([]);
    expect(count).toEqual({ systems: 541, younger: 27, codes: 12_668, added: 552 });
  });
});

/** Why a row's target is no code of its system here. */
const REASONS: readonly (readonly [reason: string, is: RegExp])[] = [
  ['the sheet has names in the column of codes', /^ConfidentialityClassification /],
  [
    'the system named is not the one that has the code: purposes of use are of v3-ActReason',
    /^DocumentConfidentialityStatus .*ActCode#(TREAT|HPAYMT|ETREAT)$/,
  ],
  ['added to the table after R4', /v2-0003#S(3[89]|4\d|5[0-2])$|v3-MaritalStatus#C$/],
  ['a note or a pattern in place of a code', /^RepeatPattern .*#"/],
  ['blanks of another kind in the cell', /\u00c2|\u00a0/],
  ['misspelt', /#entered-in-errror$/],
];

/** Why a row's source is no code of its table here. */
const SOURCE_REASONS: readonly (readonly [reason: string, is: RegExp])[] = [
  ['table 0399 is ISO 3166, which is no code system of HL7', / 0399#/],
  ['added to the table after R4', / 0003#S(3[89]|4\d|5[0-2])$/],
  [
    'of v3-ObservationInterpretation: neither R4 nor THO has them in the table',
    / 0078#(CAR|E|EX|EXP|NCL|UNE)$/,
  ],
  [
    'of the table as it was in 2.1; without a version the latest is meant, which is that of 2.4',
    / 0006#[A-Z]$/,
  ],
  ['a pattern in place of a code', /^RepeatPattern /],
  ['blanks of another kind in the cell', /\u00c2|\u00a0/],
];

describe('the code system maps of the v2-to-FHIR guide', () => {
  test('lead to codes of their target systems', async () => {
    const rows = mappedCodes().filter(({ target }) => target.code !== '' && target.system !== '');
    const open: string[] = [];
    const count = { valid: 0, explained: 0, elsewhere: 0 };
    for (const { sheet, target } of rows) {
      const view = await source.codeSystem(target.system);
      if (!view || view.content === 'not-present') count.elsewhere += 1;
      else if (await has(view, target.code)) count.valid += 1;
      else if (REASONS.some(([, is]) => is.test(`${sheet} ${target.system}#${target.code}`)))
        count.explained += 1;
      else open.push(`${sheet} ${target.system}#${target.code}`);
    }
    expect(open).toEqual([]);
    expect(count).toEqual({ valid: 3070, explained: 225, elsewhere: 1413 });
  });

  test('come from codes of the v2 tables', async () => {
    const rows = mappedCodes().filter(({ source: { table, code } }) => table !== '' && code !== '');
    const open: string[] = [];
    const count = { valid: 0, explained: 0 };
    for (const {
      sheet,
      source: { table, code },
    } of rows) {
      const view = await source.codeSystem(`http://terminology.hl7.org/CodeSystem/v2-${table}`);
      if (view && (await has(view, code))) count.valid += 1;
      else if (SOURCE_REASONS.some(([, is]) => is.test(`${sheet} ${table}#${code}`))) count.explained += 1;
      else open.push(`${sheet} ${table}#${code}`);
    }
    expect(open).toEqual([]);
    expect(count).toEqual({ valid: 2265, explained: 284 });
  });
});

const has = async (view: CodeSystemView, code: string): Promise<boolean> =>
  (await view.find([code])).has(code);
