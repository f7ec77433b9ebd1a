import type { Database } from '../../../foundation/database/index.ts';
import { type CountRow, statements } from '../sql.ts';
import { cycleIn } from './cycle.ts';
import type { ConceptMapHeader, Place, Reading, Rows, Target } from './types.ts';

/** Concepts whose parents are asked for at once. */
const PIECE = 50_000;

export interface Loaded {
  readonly database: Database;
  readonly load: number;
  readonly target: Target;
}

/** What can only be checked when all rows are there. Findings go to `rows`. */
export async function checkAll(of: Loaded, checks: Reading['checks'], rows: Rows): Promise<void> {
  const place = checks?.place ?? { file: of.target.url };
  if (of.target.kind === 'concept-map') return tellContradictions(of, place, rows);
  const { database, load, target } = of;
  const isExact = target.header.isCaseSensitive;
  if (checks?.mustHaveDisplay)
    for (const { code } of await database.query<{ code: string }>(statements.withoutDisplay, [load]))
      rows.error(place, `every active concept has a name: ${code} has none; the files may be cut off`);
  if (checks?.root !== undefined)
    for (const { code } of await database.query<{ code: string }>(statements.withoutParent, [
      load,
      checks.root,
    ]))
      rows.error(place, `every active concept is below another: ${code} is not; the files may be cut off`);
  for (const { code } of await database.query<{ code: string }>(statements.unknownProperties, [
    load,
    isExact,
  ]))
    rows.error(place, `properties of concepts that are there: ${code} is not`);
  const unknown = await database.query<{ code: string; kind: string; target: string }>(
    statements.unknownRelations,
    [load, isExact],
  );
  for (const { code, kind, target: to } of unknown)
    rows.error(place, `relations between concepts that are there: ${code} ${kind} ${to}`);
  if (unknown.length === 0) await tellCycle(of, place, rows);
}

/** A hierarchy that runs in a circle has no top, and every answer about it would depend on where one begins. */
async function tellCycle({ database, load, target }: Loaded, place: Place, rows: Rows): Promise<void> {
  const isExact = target.kind === 'code-system' && target.header.isCaseSensitive;
  const count = await countOf(database, statements.countConcepts, load);
  const children: number[][] = [];
  const parents: number[][] = [];
  for (let from = 0; from < count; from += PIECE) {
    const [piece] = await database.query<{ children: number[] | null; parents: number[] | null }>(
      statements.edges,
      [load, from, from + PIECE, isExact],
    );
    if (piece?.children && piece.parents) {
      children.push(piece.children);
      parents.push(piece.parents);
    }
  }
  const codes: string[] = [];
  for (const ordinal of cycleIn(count, children, parents)) {
    const [row] = await database.query<{ code: string }>(statements.codeAt, [load, ordinal]);
    if (row) codes.push(row.code);
  }
  if (codes.length > 0) rows.error(place, `a hierarchy without circles: ${codes.join(' is below ')}`);
}

interface Contradiction {
  readonly source_code: string;
  readonly targets: readonly string[];
  readonly count: number;
}

async function tellContradictions({ database, load }: Loaded, place: Place, rows: Rows): Promise<void> {
  const found = await database.query<Contradiction>(statements.contradictions, [load]);
  for (const { source_code: source, targets } of found)
    rows.warn(
      place,
      `${source} is said to be the same as each of ${targets.slice(0, 5).join(', ')}: all are kept, none is used as a translation`,
    );
  const more = (found[0]?.count ?? 0) - found.length;
  if (more > 0) rows.warn(place, `${more} more codes are said to be the same as several`);
}

export async function countOf(
  database: Database,
  statement: (typeof statements)['countConcepts'],
  load: number,
): Promise<number> {
  const [row] = await database.query<CountRow>(statement, [load]);
  return row?.count ?? 0;
}

/** The groups of a map, from its rows where the files do not say them. */
export async function groupsOf({ database, load, target }: Loaded): Promise<ConceptMapHeader['groups']> {
  if (target.kind !== 'concept-map') return [];
  if (target.header.groups) return target.header.groups;
  const rows = await database.query<{ source_system: string; target_system: string }>(statements.mapGroups, [
    load,
  ]);
  // Rows that state that there is none may name no target; they make no group of their own where the source has another.
  const targeted = new Set(rows.flatMap((row) => (row.target_system === '' ? [] : [row.source_system])));
  return rows
    .filter((row) => row.target_system !== '' || !targeted.has(row.source_system))
    .map((row) => ({
      source: row.source_system,
      ...(row.target_system === '' ? {} : { target: row.target_system }),
    }));
}
