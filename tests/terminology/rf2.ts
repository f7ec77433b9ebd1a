const TIMES = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const TURN = '1576283094';
const INVERSE = '0432156789';

/** An invented identifier of SNOMED CT with its check digit: partition 00 concepts, 01 descriptions, 02 relationships. */
export function sctId(number: number, partition = '00'): string {
  const digits = `${number}${partition}`;
  let check = 0;
  for (let at = 0; at < digits.length; at += 1) {
    let digit = Number(digits[digits.length - 1 - at]);
    for (let time = 0; time < (at + 1) % 8; time += 1) digit = Number(TURN[digit]);
    check = Number(TIMES[check]?.[digit]);
  }
  return `${digits}${INVERSE[check]}`;
}

export const ROOT = '138875005';
const US = '900000000000509007';
const tail = '_US1000124_20260301.txt';
const MODULE = '731000124108';

export interface Rf2Concept {
  readonly id: string;
  readonly fsn: string;
  readonly preferred?: string;
  readonly synonyms?: readonly string[];
  readonly definition?: string;
  readonly parents: readonly string[];
  readonly isActive?: boolean;
}

export interface Rf2MapRow {
  readonly concept: string;
  readonly group: number;
  readonly priority: number;
  readonly rule: string;
  readonly advice?: string;
  readonly target?: string;
  readonly correlation?: string;
  readonly category?: string;
  readonly refset?: string;
  readonly isActive?: boolean;
}

const table = (columns: string, rows: readonly (readonly (string | number)[])[]): string =>
  [columns.replaceAll(' ', '\t'), ...rows.map((row) => row.join('\t')), ''].join('\r\n');

/** Files of a snapshot in Release Format 2, with invented concepts. */
export function rf2(concepts: readonly Rf2Concept[], map: readonly Rf2MapRow[] = []): Record<string, string> {
  let next = 1_000_000;
  const descriptions: (string | number)[][] = [];
  const definitions: (string | number)[][] = [];
  const languages: (string | number)[][] = [];
  const relationships: (string | number)[][] = [];
  for (const { id, fsn, preferred, synonyms = [], definition, parents } of concepts) {
    const terms: [string, string, boolean][] = [[fsn, '900000000000003001', true]];
    if (preferred) terms.push([preferred, '900000000000013009', true]);
    for (const term of synonyms) terms.push([term, '900000000000013009', false]);
    if (definition) terms.push([definition, '900000000000550004', true]);
    for (const [term, type, isPreferred] of terms) {
      next += 1;
      const description = sctId(next, '01');
      const row = [description, 20260301, 1, MODULE, id, 'en', type, term, '900000000000448009'];
      (type === '900000000000550004' ? definitions : descriptions).push(row);
      const acceptability = isPreferred ? '900000000000548007' : '900000000000549004';
      languages.push([`u${next}`, 20260301, 1, MODULE, US, description, acceptability]);
    }
    for (const parent of parents) {
      next += 1;
      const row = [sctId(next, '02'), 20260301, 1, MODULE, id, parent, 0, '116680003'];
      relationships.push([...row, '900000000000011006', '900000000000451002']);
    }
  }
  const mapRows = map.map(({ isActive = true, ...row }, at) => [
    ...[`m${at}`, 20260301, isActive ? 1 : 0, MODULE, row.refset ?? '6011000124106', row.concept],
    ...[row.group, row.priority, row.rule, row.advice ?? '', row.target ?? ''],
    ...[row.correlation ?? '447561005', row.category ?? '447637006'],
  ]);
  return {
    [`Snapshot/Terminology/sct2_Concept_Snapshot${tail}`]: table(
      'id effectiveTime active moduleId definitionStatusId',
      concepts.map(({ id, isActive = true }) => [
        id,
        20260301,
        isActive ? 1 : 0,
        MODULE,
        '900000000000074008',
      ]),
    ),
    [`Snapshot/Terminology/sct2_Description_Snapshot-en${tail}`]: table(
      'id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId',
      descriptions,
    ),
    [`Snapshot/Terminology/sct2_TextDefinition_Snapshot-en${tail}`]: table(
      'id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId',
      definitions,
    ),
    [`Snapshot/Terminology/sct2_Relationship_Snapshot${tail}`]: table(
      'id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId modifierId',
      relationships,
    ),
    [`Snapshot/Refset/Language/der2_cRefset_LanguageSnapshot-en${tail}`]: table(
      'id effectiveTime active moduleId refsetId referencedComponentId acceptabilityId',
      languages,
    ),
    // What else is in a release is passed over.
    [`Full/Terminology/sct2_Concept_Full${tail}`]: 'id\r\n',
    ...(map.length > 0
      ? {
          [`Snapshot/Refset/Map/der2_iisssccRefset_ExtendedMapSnapshot${tail}`]: table(
            'id effectiveTime active moduleId refsetId referencedComponentId mapGroup mapPriority mapRule mapAdvice mapTarget correlationId mapCategoryId',
            mapRows,
          ),
        }
      : {}),
  };
}
