import type { Database, Queryable } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import * as statements from './sql.ts';

/** How many of what. */
export interface Counts {
  readonly written: number;
  /** There already, as it is. */
  readonly unchanged: number;
  readonly refused: number;
  /** Taken although invalid, with their issues. */
  readonly flagged: number;
  /** Conditional references that found nothing and were left as they are. */
  readonly unresolved: number;
}

export const noCounts: Counts = { written: 0, unchanged: 0, refused: 0, flagged: 0, unresolved: 0 };

/** How far the import of a file is, as it was committed with the data. */
export interface Standing {
  readonly fileId: number;
  readonly position: number;
  /** Lines or entries that are done. */
  readonly items: number;
  readonly finished: boolean;
  readonly counts: Counts;
}

export interface Refusal {
  /** The line or the entry, from 1; 0 for the file as a whole. */
  readonly item: number;
  readonly place: string;
  readonly rule: string;
}

/** A step forward, to be committed together with its data. */
export interface Step {
  readonly from: number;
  readonly to: number;
  readonly items: number;
  readonly isLast: boolean;
  readonly counts: Counts;
  readonly refusals: readonly Refusal[];
}

interface FileRow extends Counts {
  readonly id: number;
  readonly position: number;
  readonly items: number;
  readonly finished: boolean;
}

const standingOf = ({ id, position, items, finished, ...counts }: FileRow): Standing => ({
  fileId: id,
  position,
  items,
  finished,
  counts,
});

/**
 * Where the import of a file stands, found by its content; a new one begins, and again one of which nothing could be taken. `restart` forgets
 * what was.
 */
export async function takeUp(
  database: Database,
  file: { readonly system: string; readonly digest: Buffer; readonly path: string },
  { restart }: { readonly restart: boolean },
): Promise<Standing> {
  const { system, digest, path } = file;
  const [row] = await database.transaction(async (transaction) => {
    await transaction.query(restart ? statements.forgetFile : statements.forgetRefused, [system, digest]);
    return transaction.query<FileRow>(statements.takeUpFile, [system, digest, path]);
  });
  if (!row) throw new IsthmusError('INTERNAL', { rule: 'a row for every file' });
  return standingOf(row);
}

/** Takes the file's row for this transaction. Throws CONFLICT when another import has gone on with the file meanwhile. */
export async function holdPosition(transaction: Queryable, fileId: number, expected: number): Promise<void> {
  const [row] = await transaction.query<{ position: number }>(statements.holdPosition, [fileId]);
  if (row?.position === expected) return;
  throw new IsthmusError('CONFLICT', { rule: 'another import is at work on the same file' });
}

/** The step, in the transaction of its data. */
export async function advance(
  transaction: Queryable,
  fileId: number,
  { to, items, isLast, counts, refusals }: Step,
): Promise<void> {
  const { written, unchanged, refused, flagged, unresolved } = counts;
  await transaction.query(statements.advance, [
    ...[fileId, to, items, written, unchanged, refused, flagged, unresolved],
    isLast,
  ]);
  if (refusals.length === 0) return;
  await transaction.query(statements.addRefusals, [
    fileId,
    refusals.map(({ item }) => item),
    refusals.map(({ place }) => place),
    refusals.map(({ rule }) => rule),
  ]);
}

const PAGE = 1_000;

/** What was refused of a file, in its order. */
export async function* refusalsOf(database: Database, fileId: number): AsyncGenerator<Refusal> {
  let after = 0;
  for (;;) {
    const rows = await database.query<Refusal & { readonly id: number }>(statements.listRefusals, [
      fileId,
      after,
      PAGE,
    ]);
    for (const { item, place, rule } of rows) yield { item, place, rule };
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}
