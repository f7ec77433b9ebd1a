import { allOf, type Part, part, sql } from '../../../foundation/database/index.ts';
import { type Filter, wordsOf } from '../../../standards/terminology/index.ts';
import { CONCEPT, type ConceptRow } from '../sql.ts';
import { filterCondition } from './filters.ts';
import type { Selection } from './selection.ts';

interface Text {
  readonly text?: string;
  readonly activeOnly?: boolean;
}

type How = Text & {
  readonly limit: number;
  readonly after?: string;
  /** Only of these codes, as the code system writes them. */
  readonly among?: readonly string[];
};

/** CodeSystemView.select. Planned each time anew: what is quick depends on the filters. */
export async function selectConcepts(
  of: Selection,
  filters: readonly Filter[],
  how: How,
): Promise<readonly ConceptRow[]> {
  const { load, folded } = of;
  const conditions = await conditionsOf(of, filters, how);
  if (how.among) conditions.push(part`c.folded = ANY(${how.among.map(folded)})`);
  if (how.after !== undefined)
    conditions.push(
      part`c.ordinal > COALESCE((SELECT a.ordinal FROM terminology_concept a
        WHERE a.load_id = ${load} AND a.folded = ${folded(how.after)}), -1)`,
    );
  const { text, parameters } = part`${allOf(conditions)} ORDER BY c.ordinal LIMIT ${how.limit}`.render();
  return of.database.query<ConceptRow>(
    sql('terminology.select', `SELECT ${CONCEPT} FROM terminology_concept c WHERE ${text}`, {
      prepare: false,
    }),
    parameters,
  );
}

/** CodeSystemView.total. */
export async function totalOf(
  of: Selection,
  filters: readonly Filter[],
  { limit, ...how }: Text & { readonly limit: number },
): Promise<number> {
  const conditions = await conditionsOf(of, filters, how);
  const { text, parameters } = part`${allOf(conditions)} LIMIT ${limit}`.render();
  const [row] = await of.database.query<{ count: number }>(
    sql(
      'terminology.total',
      `SELECT count(*) AS count FROM (SELECT FROM terminology_concept c WHERE ${text}) AS found`,
      { prepare: false },
    ),
    parameters,
  );
  return row?.count ?? 0;
}

async function conditionsOf(
  of: Selection,
  filters: readonly Filter[],
  { text, activeOnly, among }: Text & Pick<How, 'among'>,
): Promise<Part[]> {
  const conditions = [part`c.load_id = ${of.load}`];
  if (activeOnly) conditions.push(part`c.is_active`);
  const words = wordsOf(text ?? '');
  // Words are letters and digits, so that none of them can be an operator.
  if (words.length > 0)
    conditions.push(part`c.words @@ ${words.map((word) => `'${word}':*`).join(' & ')}::tsquery`);
  for (const filter of filters) conditions.push(await filterCondition(of, filter, among));
  return conditions;
}
