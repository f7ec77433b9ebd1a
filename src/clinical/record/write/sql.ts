import { sql } from '../../../foundation/database/index.ts';

/**
 * Every statement that writes the record, for batches: rows come as one JSON parameter, contents as one run of bytes that each row
 * points into, so that a batch of any size is one statement and no content is escaped.
 */

/** Locks in one order for everybody, so that two batches can't wait for each other. */
export const lockCurrent = sql(
  'record.lock-current',
  `SELECT r.type, r.id, r.version, r.last_updated, r.source_system, r.source_patient_id, r.business_key, r.message_id,
          r.event_time, r.stated, r.element_times, r.content_key, r.content
     FROM resource r
     JOIN unnest($1::text[], $2::text[]) AS wanted (type, id) ON r.id = wanted.id AND r.type = wanted.type
    ORDER BY r.id, r.type
      FOR UPDATE OF r`,
);

export const ensureSourcePatients = sql(
  'record.ensure-source-patients',
  `WITH wanted AS (
     SELECT id, authority, identifier
       FROM unnest($1::text[], $2::text[], $3::text[]) AS w (id, authority, identifier)
      ORDER BY id
   ), added AS (
     INSERT INTO source_patient (id, authority, identifier) SELECT id, authority, identifier FROM wanted
     ON CONFLICT DO NOTHING RETURNING id
   ), founded AS (
     INSERT INTO person (id) SELECT id FROM added ON CONFLICT DO NOTHING
   )
   INSERT INTO person_link (source_patient_id, person_id) SELECT id, id FROM added ON CONFLICT DO NOTHING`,
);

const ROW = `r (type text, id text, version integer, source_system text, source_patient_id text, business_key text,
   message_id bigint, event_time timestamptz, stated boolean, element_times text, date_from timestamptz, date_to timestamptz,
   tokens text[], refs text[], content_key text, at integer, size integer)`;

/** Milliseconds, because that is what an instant of ours shows and what a page continues from. */
const NOW = `date_trunc('milliseconds', clock_timestamp())`;

export const insertCurrent = sql(
  'record.insert-current',
  `INSERT INTO resource (type, id, version, last_updated, source_system, source_patient_id, business_key, message_id, event_time,
                         stated, element_times, date_from, date_to, tokens, refs, content_key, content)
   SELECT r.type, r.id, r.version, ${NOW}, r.source_system, r.source_patient_id, r.business_key, r.message_id, r.event_time,
          r.stated, r.element_times, r.date_from, r.date_to, r.tokens, r.refs, r.content_key, substring($2::bytea FROM r.at FOR r.size)
     FROM json_to_recordset($1::json) AS ${ROW}
   ON CONFLICT (id, type) DO NOTHING
   RETURNING type, id`,
);

export const updateCurrent = sql(
  'record.update-current',
  `UPDATE resource t
      SET version = r.version, last_updated = ${NOW}, source_system = r.source_system, source_patient_id = r.source_patient_id,
          business_key = r.business_key, message_id = r.message_id, event_time = r.event_time, stated = r.stated,
          element_times = r.element_times, date_from = r.date_from, date_to = r.date_to, tokens = r.tokens, refs = r.refs,
          content_key = r.content_key, content = substring($2::bytea FROM r.at FOR r.size)
     FROM json_to_recordset($1::json) AS ${ROW}
    WHERE t.id = r.id AND t.type = r.type`,
);

/** The content said nothing new, but it was confirmed as of a later event. No new version. */
export const confirmCurrent = sql(
  'record.confirm-current',
  `UPDATE resource t SET event_time = r.event_time, stated = r.stated, element_times = r.element_times
     FROM json_to_recordset($1::json) AS r (type text, id text, event_time timestamptz, stated boolean, element_times text)
    WHERE t.id = r.id AND t.type = r.type`,
);

/** A version that has passed; one that was never current outside its own transaction gets that transaction's time. */
export const insertHistory = sql(
  'record.insert-history',
  `INSERT INTO resource_history (type, id, version, last_updated, source_system, source_patient_id, business_key, message_id, content_key, content)
   SELECT r.type, r.id, r.version, coalesce(r.last_updated, ${NOW}), r.source_system, r.source_patient_id, r.business_key,
          r.message_id, r.content_key, substring($2::bytea FROM r.at FOR r.size)
     FROM json_to_recordset($1::json)
       AS r (type text, id text, version integer, last_updated timestamptz, source_system text, source_patient_id text,
             business_key text, message_id bigint, content_key text, at integer, size integer)`,
);

export const insertChanges = sql(
  'record.insert-changes',
  `INSERT INTO change_feed (type, resource_id, version, kind, source_patient_id, message_id)
   SELECT r.type, r.id, r.version, r.kind, r.source_patient_id, r.message_id
     FROM json_to_recordset($1::json)
       AS r (type text, id text, version integer, kind text, source_patient_id text, message_id bigint)`,
);
