import { sql } from '../../foundation/database/index.ts';

export const takeUpFile = sql(
  'import.take-up-file',
  `INSERT INTO import_file (system, digest, path) VALUES ($1, $2, $3)
   ON CONFLICT (system, digest) DO UPDATE SET path = excluded.path
   RETURNING id, position, items, written, unchanged, refused, flagged, unresolved, finished_at IS NOT NULL AS finished`,
);

export const forgetFile = sql(
  'import.forget-file',
  'DELETE FROM import_file WHERE system = $1 AND digest = $2',
);

/** What was refused whole left nothing behind, so that it can be tried again. */
export const forgetRefused = sql(
  'import.forget-refused',
  `DELETE FROM import_file
    WHERE system = $1 AND digest = $2 AND finished_at IS NOT NULL AND refused > 0 AND written + unchanged = 0`,
);

/** Held until the data are committed: two imports of one file can't both write what follows this position. */
export const holdPosition = sql(
  'import.hold-position',
  'SELECT position FROM import_file WHERE id = $1 FOR UPDATE',
);

export const advance = sql(
  'import.advance',
  `UPDATE import_file
      SET position = $2, items = $3, written = written + $4, unchanged = unchanged + $5, refused = refused + $6,
          flagged = flagged + $7, unresolved = unresolved + $8, finished_at = CASE WHEN $9 THEN now() END
    WHERE id = $1`,
);

export const addRefusals = sql(
  'import.add-refusals',
  `INSERT INTO import_refusal (file_id, item, place, rule)
   SELECT $1, r.item, r.place, r.rule FROM unnest($2::bigint[], $3::text[], $4::text[]) AS r (item, place, rule)`,
);

export const listRefusals = sql(
  'import.list-refusals',
  'SELECT id, item, place, rule FROM import_refusal WHERE file_id = $1 AND id > $2 ORDER BY id LIMIT $3',
);
