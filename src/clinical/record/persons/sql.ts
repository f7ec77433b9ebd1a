import { sql } from '../../../foundation/database/index.ts';

/** Statements about who stands behind whom, and about what sources say that is kept apart from what is published. */

/** What these sources say, in the columns of a row of `resource`. Whoever asks holds the lock of each Patient or of its person's. */
export const readStatements = sql(
  'record.read-statements',
  `SELECT 'Patient' AS type, d.source_patient_id AS id, d.version, d.last_updated, d.source_system, d.source_patient_id,
          NULL::text[] AS other_patients, d.business_key, d.message_id, d.event_time, d.stated, d.element_times, d.issues, d.content_key,
          d.content, NULL::text AS person_id
     FROM source_demographics d WHERE d.source_patient_id = ANY($1::text[])`,
);

/** Of sources that say nothing: when what they said was taken back by a deletion, and the number that was used last. */
export const readWithdrawals = sql(
  'record.read-withdrawals',
  `SELECT w.id, coalesce(h.at, 'epoch') AS at,
          greatest(coalesce(h.version, 0),
                   coalesce((SELECT max(s.version) FROM source_demographics_history s WHERE s.source_patient_id = w.id), 0)) AS version
     FROM unnest((SELECT $1::text[])) AS w (id)
     LEFT JOIN LATERAL (
       SELECT max(h.version) AS version, max(h.last_updated) AS at
         FROM resource_history h WHERE h.id = w.id AND h.type = 'Patient' AND h.method = 'DELETE' AND h.source_system <> $2
     ) h ON TRUE`,
);

const ROW = `(n integer, id text, version integer, source_system text, business_key text, message_id bigint, issues text,
   event_time timestamptz, stated boolean, element_times text, content_key text, at integer, size integer)`;

const NOW = `date_trunc('milliseconds', clock_timestamp())`;

/** What is said now; what was said before passes into history. */
export const keepStatements = sql(
  'record.keep-statements',
  `WITH r AS MATERIALIZED (
     SELECT x.* FROM json_to_recordset($1::json) AS x ${ROW}
   ), passed AS (
     INSERT INTO source_demographics_history (source_patient_id, version, last_updated, source_system, message_id, content_key, content)
     SELECT d.source_patient_id, d.version, d.last_updated, d.source_system, d.message_id, d.content_key, d.content
       FROM source_demographics d JOIN r ON r.id = d.source_patient_id AND r.version <> d.version
   )
   INSERT INTO source_demographics AS d (source_patient_id, version, last_updated, source_system, business_key, message_id, issues,
                                         event_time, stated, element_times, content_key, content)
   SELECT r.id, r.version, ${NOW}, r.source_system, r.business_key, r.message_id, r.issues, coalesce(r.event_time, ${NOW}), r.stated,
          r.element_times, r.content_key, substring($2::bytea FROM r.at FOR r.size)
     FROM r ORDER BY r.id
   ON CONFLICT (source_patient_id) DO UPDATE
      SET version = excluded.version, last_updated = excluded.last_updated, source_system = excluded.source_system,
          business_key = excluded.business_key, message_id = excluded.message_id, issues = excluded.issues,
          event_time = excluded.event_time, stated = excluded.stated, element_times = excluded.element_times,
          content_key = excluded.content_key, content = excluded.content`,
);

/** What was said within one transaction and no longer is. */
export const insertPassedStatements = sql(
  'record.insert-passed-statements',
  `INSERT INTO source_demographics_history (source_patient_id, version, last_updated, source_system, message_id, content_key, content)
   SELECT r.id, r.version, ${NOW}, r.source_system, r.message_id, r.content_key, substring($2::bytea FROM r.at FOR r.size)
     FROM json_to_recordset($1::json) AS r ${ROW}`,
);

/** Patient/{id} says it again from now on. */
export const dropStatements = sql(
  'record.drop-statements',
  `WITH dropped AS (
     DELETE FROM source_demographics d WHERE d.source_patient_id = ANY($1::text[]) RETURNING d.*
   )
   INSERT INTO source_demographics_history (source_patient_id, version, last_updated, source_system, message_id, content_key, content)
   SELECT source_patient_id, version, last_updated, source_system, message_id, content_key, content FROM dropped`,
);

/** Numbers of versions go on from where they were kept before. */
export const lastStatementVersions = sql(
  'record.last-statement-versions',
  `SELECT source_patient_id AS id, max(version) AS version
     FROM source_demographics_history WHERE source_patient_id = ANY($1::text[]) GROUP BY source_patient_id`,
);

/** Everybody who stands behind the persons of these source patients. */
export const readMembers = sql(
  'record.read-persons-members',
  `SELECT k.source_patient_id AS id, k.person_id, s.authority, s.identifier, s.retired_into,
          ARRAY(SELECT DISTINCT coalesce(l.person_id, m.id)
                  FROM unnest(s.possible_duplicate_of) AS m (id) LEFT JOIN person_link l ON l.source_patient_id = m.id) AS duplicates
     FROM person_link k JOIN source_patient s ON s.id = k.source_patient_id
    WHERE k.person_id IN (SELECT person_id FROM person_link WHERE source_patient_id = ANY($1::text[]))
    ORDER BY k.source_patient_id`,
);
