import { sql } from '../../../foundation/database/index.ts';

const SAME = `t.translation = w.translation AND t.system = w.system AND t.code = w.code AND t.element = w.element AND t.source = w.source`;

/** A code that was mapped before this transaction began and is not translated is open again: its map went. */
const SEEN_AGAIN = (
  by: string,
): string => `count = t.count + ${by}.count, last_seen = greatest(t.last_seen, now()),
          display = coalesce(${by}.display, t.display), message_id = coalesce(${by}.message_id, t.message_id),
          state = CASE WHEN t.state = 'mapped' AND t.decided_at < now() THEN 'open' ELSE t.state END`;

/**
 * One more of each, and by which rules its sender is translated. Only what is new takes a number, so that numbers stay short, and tell how many there are: beyond
 * a million different codes, which a sender makes who puts something else into their place, no new one is listed.
 */
export const countUnmapped = sql(
  'terminology.count-unmapped',
  `WITH w AS MATERIALIZED (
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::text[])
       AS w (translation, system, code, display, element, source, count, message_id, rules)
   ), noted AS (
     INSERT INTO terminology_translation AS t (translation, source, rules)
     SELECT translation, source, max(rules) FROM w GROUP BY translation, source ORDER BY translation, source
     ON CONFLICT (translation, source) DO UPDATE SET rules = excluded.rules WHERE t.rules <> excluded.rules
   ), known AS (
     UPDATE terminology_unmapped t SET ${SEEN_AGAIN('w')} FROM w WHERE ${SAME}
   )
   INSERT INTO terminology_unmapped AS t
     (translation, system, code, display, element, source, count, first_seen, last_seen, message_id)
   SELECT w.translation, w.system, w.code, w.display, w.element, w.source, w.count, now(), now(), w.message_id
     FROM w
    WHERE NOT EXISTS (SELECT FROM terminology_unmapped t WHERE ${SAME})
      AND (SELECT coalesce(max(id), 0) FROM terminology_unmapped) < 1000000
   ON CONFLICT (translation, system, code, element, source) DO UPDATE SET ${SEEN_AGAIN('excluded')}`,
);

const COLUMNS = `id, translation, system, code, display, element, source, count, first_seen, last_seen, message_id, state, decided_by,
  decided_at, reason`;

const FILTER = `($1::text IS NULL OR translation = $1) AND ($2::text IS NULL OR system = $2) AND ($3::text IS NULL OR element = $3)
  AND ($4::text IS NULL OR source = $4) AND ($5::text IS NULL OR state = $5) AND ($6::timestamptz IS NULL OR last_seen >= $6)`;

export const listUnmapped = sql(
  'terminology.list-unmapped',
  `SELECT ${COLUMNS} FROM terminology_unmapped WHERE ${FILTER} ORDER BY count DESC, id LIMIT $7`,
);

export const countFiltered = sql(
  'terminology.count-filtered',
  `SELECT count(*) AS codes, coalesce(sum(count), 0)::bigint AS occurrences FROM terminology_unmapped WHERE ${FILTER}`,
);

export const unmappedById = sql(
  'terminology.unmapped-by-id',
  `SELECT ${COLUMNS} FROM terminology_unmapped WHERE id = $1`,
);

/** The same code wherever it stands and whoever sends it: what is decided of it is decided once. */
export const decideUnmapped = sql(
  'terminology.decide-unmapped',
  `UPDATE terminology_unmapped
      SET state = $4, decided_by = $5, decided_at = clock_timestamp(), reason = $6
    WHERE translation = $1 AND system = $2 AND code = $3
    RETURNING count`,
);

/** What came untranslated: where it stands, who sent it, and by which rules they are translated. What was given up is there as well: its translation goes. */
export const cameUntranslated = sql(
  'terminology.came-untranslated',
  `SELECT u.system, u.code, u.element, u.source, t.rules
     FROM terminology_unmapped u JOIN terminology_translation t ON t.translation = u.translation AND t.source = u.source
    WHERE u.translation = $1 AND ($2::text IS NULL OR u.system = $2) AND ($3::text IS NULL OR u.code = $3)
    ORDER BY u.source, u.element, u.system, u.code`,
);
