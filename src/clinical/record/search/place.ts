import { type Part, part } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';

/** The row that a condition speaks of: its alias in the statement, and the types it may have. */
export interface Place {
  readonly row: Part;
  readonly types: readonly string[];
  /** How many links lie between it and the matches. */
  readonly depth: number;
}

const ROWS: readonly Part[] = [
  part`r0`,
  part`r1`,
  part`r2`,
  part`r3`,
  part`r4`,
  part`r5`,
  part`r6`,
  part`r7`,
];

/** Throws INVALID_REQUEST for a chain of more links than are followed. */
export function placeAt(depth: number, types: readonly string[]): Place {
  const row = ROWS[depth];
  if (!row)
    throw new IsthmusError('INVALID_REQUEST', {
      place: 'chain',
      rule: `at most ${ROWS.length - 1} links are followed`,
    });
  return { row, types, depth };
}

/** The condition that a column is one of the types. */
export function isType(column: Part, types: readonly string[]): Part {
  const [only] = types;
  return types.length === 1 && only !== undefined
    ? part`${column} = ${only}`
    : part`${column} = ANY(${types}::text[])`;
}
