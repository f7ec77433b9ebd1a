import { sql } from '../../../foundation/database/index.ts';

/** Statements of matching. Rows come as arrays; keys are 64-bit hashes, as texts, because no number of JavaScript holds them. */

export const readFeatures = sql(
  'identity.read-features',
  `SELECT source_patient_id AS source, number, statement_version, extracted_as, features
     FROM identity_features WHERE source_patient_id = ANY($1::text[])`,
);

export const writeFeatures = sql(
  'identity.write-features',
  `INSERT INTO identity_features AS f (source_patient_id, statement_version, extracted_as, features, observed_at)
   SELECT w.source, w.version, $4, w.features, $5
     FROM unnest($1::text[], $2::integer[], $3::text[]) AS w (source, version, features) ORDER BY w.source
   ON CONFLICT (source_patient_id) DO UPDATE
      SET statement_version = excluded.statement_version, extracted_as = excluded.extracted_as, features = excluded.features,
          observed_at = excluded.observed_at, observed_xid = excluded.observed_xid, observed_in = excluded.observed_in, is_settled = FALSE
   RETURNING source_patient_id AS source, number`,
);

/** Keys $2 of the numbers $1 are theirs, and no others. */
export const replaceKeys = sql(
  'identity.replace-keys',
  `WITH w AS MATERIALIZED (
     SELECT DISTINCT key, number FROM unnest($2::bigint[], $1::integer[]) AS w (key, number)
   ), gone AS (
     DELETE FROM identity_key k
      WHERE k.number = ANY($3::integer[]) AND NOT EXISTS (SELECT FROM w WHERE w.key = k.key AND w.number = k.number)
   )
   INSERT INTO identity_key (key, number) SELECT key, number FROM w ORDER BY key, number ON CONFLICT DO NOTHING`,
);

export const forget = sql(
  'identity.forget',
  `WITH gone AS (
     DELETE FROM identity_features WHERE source_patient_id = ANY($1::text[]) RETURNING number
   )
   DELETE FROM identity_key k USING gone WHERE k.number = gone.number`,
);

/**
 * For each asker ($1, with its keys $2) those with whom it shares the rarest keys, best first, at most $4. Of a key that more than $3 have, so
 * many are looked at and the rest is told as cut: what is that common says little.
 */
export const findCandidates = sql(
  'identity.find-candidates',
  `WITH asked AS (
     SELECT DISTINCT n, key FROM unnest((SELECT $1::integer[]), (SELECT $2::bigint[])) AS w (n, key)
   ), shared AS (
     SELECT a.n, a.key, c.number, count(*) OVER (PARTITION BY a.n, a.key) AS bearers
       FROM asked a CROSS JOIN LATERAL (SELECT i.number FROM identity_key i WHERE i.key = a.key LIMIT $3) c
   ), ranked AS (
     SELECT n, number, bool_or(bearers >= $3) AS is_cut,
            row_number() OVER (PARTITION BY n ORDER BY sum(1.0 / bearers) DESC, number) AS place
       FROM shared GROUP BY n, number
   )
   SELECT n, number, is_cut FROM ranked WHERE place <= $4 ORDER BY n, place`,
);

/** Everybody who stands behind the persons of these numbers, and of these source patients. */
export const readMembers = sql(
  'identity.read-members',
  `SELECT f.number, f.source_patient_id AS source, l.person_id AS person, f.features
     FROM person_link l JOIN identity_features f ON f.source_patient_id = l.source_patient_id
    WHERE l.person_id IN (
            SELECT m.person_id FROM identity_features g JOIN person_link m ON m.source_patient_id = g.source_patient_id
             WHERE g.number = ANY($1::integer[])
             UNION SELECT m.person_id FROM person_link m WHERE m.source_patient_id = ANY($2::text[]))
    ORDER BY f.source_patient_id LIMIT 20000`,
);

export const readNotSame = sql(
  'identity.read-not-same',
  'SELECT one, other FROM identity_not_same WHERE one = ANY($1::text[]) OR other = ANY($1::text[])',
);

/** Persons between whom people moved these source patients apart: by parting them, or by taking a decision back. */
export const readParted = sql(
  'identity.read-parted',
  `SELECT DISTINCT m.from_person AS one, m.to_person AS other
     FROM identity_move m JOIN identity_event e ON e.id = m.event_id
    WHERE m.source_patient_id = ANY($1::text[]) AND e.kind IN ('unlink', 'undo') AND m.from_person <> m.to_person`,
);

export const setCompared = sql(
  'identity.set-compared',
  'UPDATE identity_features SET compared_as = $2 WHERE source_patient_id = ANY($1::text[]) AND compared_as IS DISTINCT FROM $2',
);

/**
 * Of those observed by transactions that are over ($1 at most): sources of which another was observed that could not see them, nor be seen by
 * them, because both transactions ran at once. They have to look once more; the others are settled.
 */
export const takeUnsettled = sql(
  'identity.take-unsettled',
  `WITH recent AS MATERIALIZED (
     SELECT source_patient_id, observed_xid, observed_in FROM identity_features
      WHERE NOT is_settled AND observed_xid < pg_snapshot_xmin(pg_current_snapshot())
      ORDER BY observed_xid LIMIT $1
   ), transactions AS MATERIALIZED (
     SELECT DISTINCT ON (observed_xid) observed_xid, observed_in FROM identity_features WHERE NOT is_settled ORDER BY observed_xid
   ), crossed AS (
     SELECT r.source_patient_id FROM recent r
      WHERE EXISTS (SELECT FROM transactions t
                     WHERE t.observed_xid <> r.observed_xid AND NOT pg_visible_in_snapshot(t.observed_xid, r.observed_in)
                       AND NOT pg_visible_in_snapshot(r.observed_xid, t.observed_in))
   ), settled AS (
     UPDATE identity_features f SET is_settled = TRUE FROM recent r WHERE f.source_patient_id = r.source_patient_id
   )
   SELECT source_patient_id AS source FROM crossed`,
);
