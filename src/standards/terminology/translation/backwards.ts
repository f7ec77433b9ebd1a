import type { Equivalence, MapRow } from '../types.ts';

const TURNED: Partial<Record<Equivalence, Equivalence>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

/** A row read from its target to its source: what was wider is narrower. What depended on other elements is left undecided. */
export function turned(row: MapRow): readonly MapRow[] {
  const { source, target, equivalence, comment, dependsOn } = row;
  if (!target) return [];
  return [
    {
      source: target,
      target: source,
      equivalence: TURNED[equivalence] ?? equivalence,
      ...(comment ? { comment } : {}),
      ...(dependsOn ? { dependsOn } : {}),
    },
  ];
}

/** Rows that are not meant to be read backwards, whatever is said of the whole: a target that holds only together with others (`product`) is not the source by itself. */
export const isOneWayRow = ({ gem, complex, product = [] }: MapRow): boolean =>
  gem !== undefined || complex !== undefined || product.length > 0;
