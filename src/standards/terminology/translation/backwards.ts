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

/** Maps whose rows are not meant to be read backwards, whatever is said of the whole. */
export const isOneWayRow = ({ gem, complex }: MapRow): boolean => gem !== undefined || complex !== undefined;
