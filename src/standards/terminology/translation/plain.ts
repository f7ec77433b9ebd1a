import { groupBy } from '../group.ts';
import type { Equivalence, MapRow } from '../types.ts';
import type { Product, Said, TranslationContext, TranslationMatch, TranslationRule } from './types.ts';

const EXACT: ReadonlySet<Equivalence> = new Set(['equal', 'equivalent']);
const NARROWER: ReadonlySet<Equivalence> = new Set(['narrower', 'specializes']);

export const isExact = ({ equivalence }: { readonly equivalence: Equivalence }): boolean =>
  EXACT.has(equivalence);

type Verdict = boolean | undefined;

/**
 * Rows of an ordinary map (R4 conceptmap.html) for one code: what it says to be equivalent is the translation, else the only target there is. Of several targets in one
 * system nothing is chosen.
 */
export function plainSaid(rows: readonly MapRow[], map: string, context?: TranslationContext): Said {
  const meant = rows
    .map((row) => ({ row, verdict: dependsVerdict(row, context) }))
    .filter(({ verdict }) => verdict !== false);
  const matches = meant.flatMap(({ row, verdict }) => matchOf(row, map, verdict));
  const decided = [...groupBy(matches, ({ coding }) => coding.system).values()].flatMap((group) =>
    decide(group, 'several-alternatives'),
  );
  return { matches: decided, isUnmatched: meant.some(({ row }) => !row.target), findings: [] };
}

/**
 * Of the targets in one system: keeps one translation at most. Candidates stay what they are; where one of them may be meant instead because its dependency is not known,
 * nothing is chosen.
 */
export function decide(
  matches: readonly TranslationMatch[],
  several: TranslationRule,
): readonly TranslationMatch[] {
  const open = matches.filter(({ isTranslation }) => isTranslation);
  const isUndecided = matches.some(({ why }) => why === 'dependency-undecided');
  const exact = open.filter(isExact);
  const best = exact.length > 0 ? exact : open;
  const isDecided = new Set(best.map(({ coding }) => coding.code)).size === 1 && !isUndecided;
  return matches.map((match) => {
    const isBest = best.includes(match);
    if (!match.isTranslation || (isBest && isDecided)) return match;
    return { ...match, isTranslation: false, why: isBest || isUndecided ? several : 'closer-match' };
  });
}

function matchOf(row: MapRow, map: string, verdict: Verdict): readonly TranslationMatch[] {
  const { target, equivalence, comment, product = [] } = row;
  if (!target) return [];
  const why = whyNot(equivalence, verdict);
  const products = product.map(
    ({ property, system, value }): Product => ({ property, coding: { system: system ?? '', code: value } }),
  );
  return [
    {
      ...{ equivalence, coding: target, map, isTranslation: why === undefined },
      ...(why ? { why } : {}),
      ...(products.length > 0 ? { products } : {}),
      ...(comment ? { comment } : {}),
    },
  ];
}

function whyNot(equivalence: Equivalence, verdict: Verdict): TranslationRule | undefined {
  if (equivalence === 'disjoint') return 'disjoint';
  if (verdict === undefined) return 'dependency-undecided';
  return NARROWER.has(equivalence) ? 'target-narrower' : undefined;
}

/** All that a row depends on must be so (R4 ConceptMap.group.element.target.dependsOn). */
function dependsVerdict({ dependsOn = [] }: MapRow, context: TranslationContext = {}): Verdict {
  const verdicts = dependsOn.map(({ property, system, value }): Verdict => {
    const known = (context.dependencies ?? []).filter((one) => one.property === property);
    if (known.length === 0) return undefined;
    return known.some(
      (one) =>
        one.value === value && (system === undefined || one.system === undefined || one.system === system),
    );
  });
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}
