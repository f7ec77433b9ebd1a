import { groupBy } from '../group.ts';
import type { GemFlags, MapRow } from '../types.ts';
import type { Said, TranslationMatch } from './types.ts';

/** Combinations that are listed; what exceeds it is told by a finding. */
const MAX_COMBINATIONS = 64;

export interface GemRow extends MapRow {
  readonly gem: GemFlags;
}
type Target = NonNullable<MapRow['target']>;

export const isGem = (row: MapRow): row is GemRow => row.gem !== undefined;

/**
 * Rows of a General Equivalence Mapping (CMS, GEMs documentation for technical users): an approximate target is `inexact`, one that is not is `equivalent`; no-map is
 * unmatched; several rows without the combination flag are alternatives, of which the map does not choose; of a combination, one code of each choice list of a scenario is
 * needed, all together.
 */
export function gemSaid(rows: readonly GemRow[], map: string): Said {
  const isUnmatched = rows.some(({ gem }) => gem.isNoMap);
  const targeted = rows.filter((row) => row.target && !row.gem.isNoMap);
  const alternatives = targeted.filter(({ gem }) => !gem.isCombination);
  const combined = targeted.filter(({ gem }) => gem.isCombination);
  const isOnly = alternatives.length === 1 && combined.length === 0;
  const single = alternatives.flatMap(({ target, gem, comment }): TranslationMatch[] =>
    target
      ? [
          {
            equivalence: isOnly && !gem.isApproximate ? 'equivalent' : 'inexact',
            coding: target,
            map,
            ...(comment ? { comment } : {}),
            ...(isOnly ? { isTranslation: true } : { isTranslation: false, why: 'choice' }),
          },
        ]
      : [],
  );
  const combinations = combinationsOf(combined);
  const together = combinations.slice(0, MAX_COMBINATIONS).flatMap((codings) => combination(codings, map));
  return {
    matches: [...single, ...together],
    isUnmatched,
    findings: combinations.length > MAX_COMBINATIONS ? ['too-many'] : [],
  };
}

function combination([first, ...others]: readonly Target[], map: string): TranslationMatch[] {
  if (!first) return [];
  return [
    {
      equivalence: 'inexact',
      coding: first,
      map,
      isTranslation: false,
      why: 'combination',
      products: others.map((coding) => ({ coding })),
    },
  ];
}

/** One code of each choice list, for each scenario; one more than are listed at most. */
function combinationsOf(rows: readonly GemRow[]): readonly (readonly Target[])[] {
  const scenarios = groupBy(rows, ({ gem }) => gem.scenario);
  const all: (readonly Target[])[] = [];
  for (const [, members] of [...scenarios].sort(([one], [other]) => one - other)) {
    const lists = [...groupBy(members, ({ gem }) => gem.choiceList)].sort(([one], [other]) => one - other);
    let found: (readonly Target[])[] = [[]];
    for (const [, list] of lists)
      found = found
        .flatMap((before) => list.flatMap(({ target }) => (target ? [[...before, target]] : [])))
        .slice(0, MAX_COMBINATIONS + 1);
    all.push(...found);
    if (all.length > MAX_COMBINATIONS) return all;
  }
  return all;
}
