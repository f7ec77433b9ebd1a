import { Damaged } from '../load/failures.ts';
import { linesOf } from '../load/lines.ts';
import type { InputFile, Meter } from '../load/types.ts';

/** Column names of the files of Release Format 2 (SNOMED International, Release File Specifications). */
export const COLUMNS = {
  concept: ['id', 'effectiveTime', 'active', 'moduleId', 'definitionStatusId'],
  description: [
    ...['id', 'effectiveTime', 'active', 'moduleId', 'conceptId'],
    ...['languageCode', 'typeId', 'term', 'caseSignificanceId'],
  ],
  relationship: [
    ...['id', 'effectiveTime', 'active', 'moduleId', 'sourceId', 'destinationId'],
    ...['relationshipGroup', 'typeId', 'characteristicTypeId', 'modifierId'],
  ],
  language: [
    'id',
    'effectiveTime',
    'active',
    'moduleId',
    'refsetId',
    'referencedComponentId',
    'acceptabilityId',
  ],
  extendedMap: [
    ...['id', 'effectiveTime', 'active', 'moduleId', 'refsetId', 'referencedComponentId', 'mapGroup'],
    ...['mapPriority', 'mapRule', 'mapAdvice', 'mapTarget', 'correlationId', 'mapCategoryId'],
  ],
} as const;

export interface Rf2Row {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Rows of a snapshot file, in pieces, also those that are not active. Throws Damaged for other columns than the format's and for a file that is cut off. */
export async function* rf2Rows(
  file: InputFile,
  meter: Meter,
  columns: readonly string[],
): AsyncGenerator<readonly Rf2Row[]> {
  for await (const { first, lines } of linesOf(file, meter, { mustEndLine: true })) {
    if (first === 1 && lines[0] !== columns.join('\t'))
      throw new Damaged(file.name, 1, `the columns ${columns.join(', ')}`);
    const rows: Rf2Row[] = [];
    for (const [index, line] of lines.entries()) {
      const at = first + index;
      if (at === 1) continue;
      const fields = line.split('\t');
      if (fields.length !== columns.length)
        throw new Damaged(file.name, at, `${columns.length} columns; there are ${fields.length}`);
      if (fields[2] !== '0' && fields[2] !== '1') throw new Damaged(file.name, at, 'active is 0 or 1');
      rows.push({ line: at, fields });
    }
    yield rows;
  }
}

const TIMES = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
  [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
  [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
  [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
  [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
  [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
  [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
  [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
  [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

/** Verhoeff's permutation, applied as often as the place of the digit says. */
const TURNS: readonly (readonly number[])[] = (() => {
  const turn = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const all = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]];
  for (let time = 1; time < 8; time += 1) all.push((all[time - 1] ?? []).map((digit) => turn[digit] ?? 0));
  return all;
})();

/** A SNOMED CT identifier: 6 to 18 digits, no leading zero, the last one a check digit (Verhoeff; Release File Specifications, SCTID). */
export function isSctId(id: string): boolean {
  if (id.length < 6 || id.length > 18 || !/^[1-9]\d*$/.test(id)) return false;
  let check = 0;
  for (let at = 0; at < id.length; at += 1) {
    const digit = id.charCodeAt(id.length - 1 - at) - 48;
    check = TIMES[check]?.[TURNS[at % 8]?.[digit] ?? 0] ?? 0;
  }
  return check === 0;
}
