import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { guideDifferences } from '../../../../src/clinical/mapping/index.ts';
import { parseAttribute } from './attribute.ts';
import { type Covered, coverageOf, type State } from './coverage.ts';
import { errata } from './errata.ts';
import { gatherEvidence } from './evidence.ts';
import { HEADINGS, readGuide } from './guide.ts';

/**
 * Our tables against those of the v2-to-FHIR guide, row by row. ISTHMUS_MAPPING_COVERAGE names a file that every row is written to, with
 * what becomes of it.
 */
const files = readGuide();
const evidence = gatherEvidence();
const judged = files.filter(({ kind }) => kind === 'segments' || kind === 'messages');

test('every row of every file is read', () => {
  expect(files).toHaveLength(292);
  for (const { map, kind, records, rows } of files)
    expect([kind, map, rows.length]).toEqual([kind, map, records - HEADINGS]);
  expect(files.reduce((sum, { rows }) => sum + rows.length, 0)).toBeGreaterThan(9_600);
});

test('every attribute is understood, and every erratum is still one', () => {
  const rows = files.filter(({ kind }) => kind === 'segments').flatMap((file) => file.rows);
  const unread = rows.filter(
    ({ attribute }) => attribute !== '' && attribute !== '$this' && !parseAttribute(attribute),
  );
  expect(unread).toEqual([]);
  for (const { map, line, meant } of errata)
    expect(rows.find((row) => row.map === map && row.line === line)?.attribute).toBe(meant);
});

/** Of the rows for which the guide says something. Raised as more is covered, never lowered. */
const floors = { segments: 0.98, messages: 0.99 };

test.each(['segments', 'messages'] as const)('coverage of %s', (kind) => {
  const lines: string[] = [];
  const total = emptyTally();
  for (const file of judged.filter((one) => one.kind === kind)) {
    const tally = emptyTally();
    for (const { state } of coverageOf(file, evidence)) {
      tally[state]++;
      total[state]++;
    }
    lines.push(`${file.map.padEnd(52)} ${told(tally)}`);
  }
  const said = total.covered + total.differently + total.missing;
  const share = (total.covered + total.differently) / said;
  console.log([...lines, `${kind}: ${told(total)}: ${(100 * share).toFixed(1)} % of ${said}`].join('\n'));
  expect(share).toBeGreaterThanOrEqual(floors[kind]);
});

test('every difference from the guide is one of a row that there is', () => {
  const reasons = new Set(judged.flatMap((file) => coverageOf(file, evidence)).map(({ how }) => how));
  expect(guideDifferences.filter(({ why }) => !reasons.has(why))).toEqual([]);
});

test('the report has every row', () => {
  const rows = judged.flatMap((file) => coverageOf(file, evidence));
  const report = ['map,line,identifier,attribute,state,how', ...rows.map(reportLine), ''].join('\n');
  const { ISTHMUS_MAPPING_COVERAGE: path } = process.env;
  if (path !== undefined) writeFileSync(path, report);
  expect(report.split('\n')).toHaveLength(judged.reduce((sum, { rows }) => sum + rows.length, 0) + 2);
});

type Tally = Record<State, number>;
const emptyTally = (): Tally => ({ covered: 0, differently: 0, missing: 0, silent: 0 });

const told = ({ covered, differently, missing, silent }: Tally): string =>
  `${covered} covered, ${differently} differently, ${missing} not, ${silent} of which the guide says nothing`;

const reportLine = ({ row, state, how }: Covered): string =>
  [row.map, row.line, row.identifier, row.attribute || row.segmentMap, state, how]
    .map((cell) => `"${String(cell).replaceAll('"', '""').replaceAll('\n', ' ')}"`)
    .join(',');
