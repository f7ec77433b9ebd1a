import { groupBy } from '../group.ts';
import type { ComplexMapRule, MapRow } from '../types.ts';
import { ruleVerdict } from './complex-rule.ts';
import type { Said, TranslationContext, TranslationMatch, TranslationRule } from './types.ts';

export interface ComplexRow extends MapRow {
  readonly complex: ComplexMapRule;
}

export const isComplex = (row: MapRow): row is ComplexRow => row.complex !== undefined;

/** What a group of a complex map gives: a row, or why none is chosen. */
type Chosen = ComplexRow | TranslationRule;

/**
 * Rows of a SNOMED CT complex map (SNOMED CT Release File Specifications, Complex and Extended Map): each group gives one code, of the first of its rows by priority whose
 * rule is true; all groups together are the translation. Where a rule before it cannot be decided, or a code has a placeholder to be filled in, nothing is chosen and all rows
 * that may still be meant are candidates.
 */
export function complexSaid(rows: readonly ComplexRow[], map: string, context?: TranslationContext): Said {
  const groups = [...groupBy(rows, ({ complex }) => complex.group)].sort(([one], [other]) => one - other);
  const ordered = groups.map(([, group]) =>
    [...group].sort((one, other) => one.complex.priority - other.complex.priority),
  );
  const chosen = ordered.map((group) => choose(group, context));
  const taken = chosen.filter((one) => typeof one !== 'string');
  const why = chosen.find((one) => typeof one === 'string');
  const targeted = taken.filter(({ target }) => target !== undefined);
  if (why === undefined)
    return { matches: together(targeted, map), isUnmatched: targeted.length === 0, findings: [] };
  const candidates = ordered.flatMap((group) => possible(group, context));
  return {
    matches: candidates.flatMap((row) => candidate(row, map, why)),
    isUnmatched: candidates.every(({ target }) => !target),
    findings: [why],
  };
}

function choose(group: readonly ComplexRow[], context?: TranslationContext): Chosen {
  for (const row of group) {
    const verdict = ruleVerdict(row.complex.rule, context);
    if (verdict === undefined) return 'rule-undecided';
    if (verdict) return row.target?.code.includes('?') ? 'incomplete-code' : row;
  }
  return 'not-classifiable';
}

/** Those whose rule is not false, up to the first that is true. */
function possible(group: readonly ComplexRow[], context?: TranslationContext): readonly ComplexRow[] {
  const found: ComplexRow[] = [];
  for (const row of group) {
    const verdict = ruleVerdict(row.complex.rule, context);
    if (verdict !== false) found.push(row);
    if (verdict) break;
  }
  return found;
}

function together([first, ...others]: readonly ComplexRow[], map: string): readonly TranslationMatch[] {
  if (!first?.target) return [];
  const products = others.flatMap(({ target }) => (target ? [{ coding: target }] : []));
  return [
    {
      ...base(first, map),
      coding: first.target,
      isTranslation: true,
      ...(products.length > 0 ? { products } : {}),
    },
  ];
}

function candidate(row: ComplexRow, map: string, why: TranslationRule): readonly TranslationMatch[] {
  return row.target ? [{ ...base(row, map), coding: row.target, isTranslation: false, why }] : [];
}

const base = ({ equivalence, complex, comment }: ComplexRow, map: string) => {
  const advice = complex.advice ?? comment;
  return { equivalence, map, ...(advice ? { comment: advice } : {}) };
};
