import { sql } from '../../../foundation/database/index.ts';
import { PUBLISHER } from '../persons/publisher.ts';
import { INDEXED_AS } from './extract.ts';

/**
 * Every statement that writes the record, for batches: rows come as one JSON parameter, contents as one run of bytes that each row
 * points into, so that a batch is one statement, and no content is escaped.
 */

/** Names in the order of the arrays. The planner is not shown how many there are, so that it plans once and not at every execution. */
const NAMES = `unnest((SELECT $1::text[]), (SELECT $2::text[])) AS w (type, id)`;

/** What is published no longer was not taken back by its source, unless that had been deleted before. */
const WITHDRAWN = `coalesce((SELECT max(s.last_updated) FROM resource_history s
                WHERE s.id = w.id AND s.type = w.type AND s.method = 'DELETE' AND s.source_system <> '${PUBLISHER}'), 'epoch')`;

/**
 * Locks one after the other, in the order of the names, which is the same for everybody, so that two batches can't wait for each
 * other. A name that is not there, but once was, gives the version that its deletion was.
 */
export const lockCurrent = sql(
  'record.lock-current',
  `SELECT w.type, w.id, c.rid, c.version, c.last_updated, c.source_system, c.source_patient_id, c.other_patients, c.business_key,
          c.message_id, c.event_time, c.stated, c.element_times, c.issues, c.content_key, c.content,
          (SELECT l.person_id FROM person_link l WHERE l.source_patient_id = c.source_patient_id) AS person_id,
          CASE WHEN c.other_patients IS NOT NULL AND c.type <> 'Patient' THEN (
            SELECT array_agg(k.source_patient_id || ' ' || k.person_id) FROM person_link k
             WHERE k.source_patient_id = ANY(c.other_patients) AND k.person_id <> k.source_patient_id) END AS others,
          d.version AS deleted_version, d.last_updated AS deleted_at, d.source_patient_id AS deleted_patient_id
     FROM ${NAMES}
     LEFT JOIN LATERAL (SELECT r.* FROM resource r WHERE r.id = w.id AND r.type = w.type FOR UPDATE) c ON TRUE
     LEFT JOIN LATERAL (
       SELECT h.version, h.source_patient_id,
              CASE h.source_system WHEN '${PUBLISHER}' THEN ${WITHDRAWN} ELSE h.last_updated END AS last_updated
         FROM resource_history h
        WHERE c.rid IS NULL AND h.id = w.id AND h.type = w.type AND h.method = 'DELETE'
        ORDER BY h.version DESC LIMIT 1
     ) d ON TRUE
    WHERE c.rid IS NOT NULL OR d.version IS NOT NULL`,
);

/** What these Lists refer to as items, without opening them. */
export const readMembers = sql(
  'record.read-members',
  `SELECT DISTINCT substr(e.entry, 6) AS reference
     FROM unnest((SELECT $1::text[])) AS w (id)
     JOIN resource r ON r.id = w.id AND r.type = 'List'
     CROSS JOIN unnest(r.refs) AS e (entry)
    WHERE e.entry LIKE 'item|%'`,
);

const ROW = `(n integer, type text, id text, version integer, source_system text, source_patient_id text, other_patients text[],
   business_key text, message_id bigint, method text, issues text, event_time timestamptz, stated boolean, element_times text,
   date_from timestamptz, date_to timestamptz, tokens text[], refs text[], params text[], texts text, told boolean,
   content_key text, at integer, size integer)`;

/**
 * So that the planner takes the rows for few and looks each up by an index. It plans once for every size of batch, and taken for the
 * hundred that it supposes, one row would be found by reading a table whole.
 */
const FEW = 'LIMIT (SELECT 1000000)';

/** Milliseconds, because that is what an instant of ours shows and what a page continues from. */
const NOW = `date_trunc('milliseconds', clock_timestamp())`;

const STANDS_SINCE = '(SELECT c.last_updated FROM resource c WHERE c.id = r.id AND c.type = r.type)';

/** Side rows of what `written` (rid, n) holds. */
const SIDE_ROWS = `strings AS (
     INSERT INTO resource_string (rid, type, param, value, exact)
     SELECT w.rid, w.type, s.param, s.value, s.exact
       FROM json_to_recordset($3::json) AS s (n integer, param text, value text, exact text) JOIN written w ON w.n = s.n
   ), dates AS (
     INSERT INTO resource_date (rid, type, param, key, date_from, date_to)
     SELECT w.rid, w.type, s.param, s.key, s."from", s."to"
       FROM json_to_recordset($4::json) AS s (n integer, param text, key text, "from" timestamptz, "to" timestamptz)
       JOIN written w ON w.n = s.n
   ), quantities AS (
     INSERT INTO resource_quantity (rid, type, param, key, low, high, system, code, unit)
     SELECT w.rid, w.type, s.param, s.key, s.low, s.high, s.system, s.code, s.unit
       FROM json_to_recordset($5::json)
         AS s (n integer, param text, key text, low numeric, high numeric, system text, code text, unit text)
       JOIN written w ON w.n = s.n
   )`;

/** Side rows that the resources of a part of the statement had; what the same statement inserts for them is not yet there to be deleted. */
const formerRowsOf = (part: 'written' | 'gone') => `former_strings AS (
     DELETE FROM resource_string s USING ${part} p WHERE s.rid = p.rid
   ), former_dates AS (
     DELETE FROM resource_date s USING ${part} p WHERE s.rid = p.rid
   ), former_quantities AS (
     DELETE FROM resource_quantity s USING ${part} p WHERE s.rid = p.rid
   )`;

const feedOf = (kind: 'created' | 'updated') => `told AS (
     INSERT INTO change_feed (type, resource_id, version, kind, source_patient_id, message_id)
     SELECT w.type, w.id, w.version, '${kind}', w.source_patient_id, w.message_id FROM written w WHERE w.told ORDER BY w.n
   )`;

/** Patients of $6 (ids), $7 (authorities), $8 (identifiers) that nobody knew become source patients, each its own person. */
const PATIENTS = `patients AS (
     INSERT INTO source_patient (id, authority, identifier)
     SELECT id, authority, identifier FROM unnest($6::text[], $7::text[], $8::text[]) AS w (id, authority, identifier)
      WHERE NOT EXISTS (SELECT FROM source_patient known WHERE known.id = w.id)
      ORDER BY id
     ON CONFLICT DO NOTHING RETURNING id
   ), persons AS (
     INSERT INTO person (id) SELECT id FROM patients ON CONFLICT DO NOTHING
   ), links AS (
     INSERT INTO person_link (source_patient_id, person_id) SELECT id, id FROM patients ON CONFLICT DO NOTHING
   )`;

/** What is returned is what was written; a name that another transaction took first is not. */
const RETURNED = `SELECT w.type, w.id, w.last_updated,
          (SELECT l.person_id FROM person_link l WHERE l.source_patient_id = w.source_patient_id) AS person_id
     FROM written w`;

export const insertCurrent = sql(
  'record.insert-current',
  `WITH r AS MATERIALIZED (
     SELECT nextval('resource_rid_seq') AS rid, x.* FROM json_to_recordset($1::json) AS x ${ROW} ${FEW}
   ), inserted AS (
     INSERT INTO resource (rid, type, id, version, last_updated, source_system, source_patient_id, other_patients, business_key,
                           message_id, method, issues, event_time, stated, element_times, date_from, date_to, tokens, refs, params,
                           texts, indexed_as, content_key, content)
     SELECT r.rid, r.type, r.id, r.version, ${NOW}, r.source_system, r.source_patient_id, r.other_patients, r.business_key,
            r.message_id, r.method, r.issues, coalesce(r.event_time, ${NOW}), r.stated, r.element_times, r.date_from, r.date_to,
            r.tokens, r.refs, r.params, r.texts, $9, r.content_key, substring($2::bytea FROM r.at FOR r.size)
       FROM r
     ON CONFLICT (id, type) DO NOTHING
     RETURNING rid, last_updated
   ), written AS MATERIALIZED (
     SELECT r.rid, r.n, r.type, r.id, r.version, r.source_patient_id, r.message_id, r.told, i.last_updated
       FROM inserted i JOIN r ON r.rid = i.rid
   ), ${SIDE_ROWS}, ${feedOf('created')}, ${PATIENTS}
   ${RETURNED}`,
);

/** Contents that pass are copied where they lie, unopened. The rows are locked, so the snapshot holds what stands. */
export const updateCurrent = sql(
  'record.update-current',
  `WITH r AS MATERIALIZED (
     SELECT x.* FROM json_to_recordset($1::json) AS x ${ROW} ${FEW}
   ), passed AS (
     INSERT INTO resource_history (type, id, version, last_updated, source_system, source_patient_id, other_patients, business_key,
                                   message_id, method, issues, content_key, content)
     SELECT c.type, c.id, c.version, c.last_updated, c.source_system, c.source_patient_id, c.other_patients, c.business_key,
            c.message_id, c.method, c.issues, c.content_key, c.content
       FROM resource c JOIN r ON c.id = r.id AND c.type = r.type
   ), changed AS (
     UPDATE resource t
        SET version = r.version, last_updated = greatest(${NOW}, t.last_updated), source_system = r.source_system,
            source_patient_id = r.source_patient_id, other_patients = r.other_patients, business_key = r.business_key,
            message_id = r.message_id, method = r.method, issues = r.issues, event_time = coalesce(r.event_time, ${NOW}),
            stated = r.stated, element_times = r.element_times, date_from = r.date_from, date_to = r.date_to, tokens = r.tokens,
            refs = r.refs, params = r.params, texts = r.texts, indexed_as = $9, content_key = r.content_key,
            content = substring($2::bytea FROM r.at FOR r.size)
       FROM r
      WHERE t.id = r.id AND t.type = r.type
     RETURNING t.rid, r.n, t.type, t.id, t.version, t.source_patient_id, t.message_id, r.told, t.last_updated
   ), written AS MATERIALIZED (
     SELECT * FROM changed
   ), ${formerRowsOf('written')}, ${SIDE_ROWS}, ${feedOf('updated')}, ${PATIENTS}
   ${RETURNED}`,
);

/** Search columns alone, for rows that stand as they did when they were read: the content's version and the former extraction. */
export const updateEntries = sql(
  'record.update-entries',
  `WITH r AS MATERIALIZED (
     SELECT x.* FROM json_to_recordset($1::json) AS x ${ROW} ${FEW}
   ), changed AS (
     UPDATE resource t
        SET date_from = r.date_from, date_to = r.date_to, tokens = r.tokens, refs = r.refs, params = r.params, texts = r.texts,
            other_patients = r.other_patients, source_patient_id = r.source_patient_id, indexed_as = $9
       FROM r
      WHERE t.id = r.id AND t.type = r.type AND t.version = r.version
     RETURNING t.rid, r.n, t.type, t.id, t.source_patient_id, t.last_updated
   ), written AS MATERIALIZED (
     SELECT * FROM changed
   ), ${formerRowsOf('written')}, ${SIDE_ROWS}, ${PATIENTS}
   SELECT w.type, w.id, w.last_updated, NULL::text AS person_id, octet_length($2::bytea) AS unused FROM written w`,
);

/** Rows whose search columns an older extraction filled; those that somebody is writing are filled by that. */
export const staleRows = sql(
  'record.stale-rows',
  `SELECT rid, type, id, version, source_system, source_patient_id, other_patients, issues, content_key, content
     FROM resource
    WHERE indexed_as < ${INDEXED_AS} AND rid > $1::bigint
    ORDER BY rid LIMIT $2
      FOR UPDATE SKIP LOCKED`,
);

export const countStale = sql(
  'record.count-stale',
  `SELECT count(*) AS stale FROM resource WHERE indexed_as < ${INDEXED_AS}`,
);

/** The content said nothing new, but it was confirmed as of a later event. No new version. */
export const confirmCurrent = sql(
  'record.confirm-current',
  `UPDATE resource t
      SET event_time = coalesce(r.event_time, ${NOW}), stated = r.stated, element_times = r.element_times
     FROM json_to_recordset($1::json) AS r (type text, id text, event_time timestamptz, stated boolean, element_times text)
    WHERE t.id = r.id AND t.type = r.type`,
);

/** Of $1 (types) and $2 (ids), said by $3 in message $4: the last content and the deletion itself pass into history. */
export const deleteCurrent = sql(
  'record.delete-current',
  `WITH gone AS (
     DELETE FROM resource r USING ${NAMES} WHERE r.id = w.id AND r.type = w.type RETURNING r.*
   ), passed AS (
     INSERT INTO resource_history (type, id, version, last_updated, source_system, source_patient_id, other_patients, business_key,
                                   message_id, method, issues, content_key, content)
     SELECT type, id, version, last_updated, source_system, source_patient_id, other_patients, business_key, message_id, method,
            issues, content_key, content
       FROM gone
   ), deletions AS (
     INSERT INTO resource_history (type, id, version, last_updated, source_system, source_patient_id, other_patients, business_key,
                                   message_id, method, content)
     SELECT type, id, version + 1, greatest(${NOW}, last_updated), $3, source_patient_id, other_patients, business_key, $4::bigint,
            'DELETE', ''
       FROM gone
     RETURNING type, id, version, last_updated, source_patient_id, message_id
   ), ${formerRowsOf('gone')}, told AS (
     INSERT INTO change_feed (type, resource_id, version, kind, source_patient_id, message_id)
     SELECT type, id, version, 'deleted', source_patient_id, message_id FROM deletions
   )
   SELECT type, id, version, last_updated FROM deletions`,
);

/**
 * A resource that was created while another transaction deleted it: the deletion was not yet to be seen when version and time were chosen,
 * so both are put right behind it. A later statement sees it, because the creation waited for the deletion's end. $3 are the versions
 * of the deletions that were known.
 */
export const renumberCreated = sql(
  'record.renumber-created',
  `WITH later AS MATERIALIZED (
     SELECT r.rid, r.type, r.id, r.version AS was, r.version + d.version - w.known AS version, d.at
       FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::integer[])) AS w (type, id, known)
       CROSS JOIN LATERAL (
         SELECT max(h.version) AS version, max(h.last_updated) AS at
           FROM resource_history h WHERE h.id = w.id AND h.type = w.type AND h.method = 'DELETE'
       ) d
       JOIN resource r ON r.id = w.id AND r.type = w.type
      WHERE d.version > w.known
   ), renumbered AS (
     UPDATE resource r SET version = l.version, last_updated = greatest(r.last_updated, l.at) FROM later l WHERE r.rid = l.rid
     RETURNING r.type, r.id, r.version, r.last_updated
   ), told AS (
     UPDATE change_feed f SET version = l.version
       FROM later l
      WHERE f.xid = pg_current_xact_id() AND f.type = l.type AND f.resource_id = l.id AND f.version = l.was
   )
   SELECT type, id, version, last_updated FROM renumbered`,
);

/** Versions that were never current outside their own transaction: they passed when the one that stands was written, and are no later. */
export const insertHistory = sql(
  'record.insert-history',
  `INSERT INTO resource_history (type, id, version, last_updated, source_system, source_patient_id, other_patients, business_key,
                                 message_id, method, issues, content_key, content)
   SELECT r.type, r.id, r.version, coalesce(${STANDS_SINCE}, ${NOW}), r.source_system, r.source_patient_id, r.other_patients, r.business_key, r.message_id,
          r.method, r.issues, r.content_key, substring($2::bytea FROM r.at FOR r.size)
     FROM json_to_recordset($1::json) AS r ${ROW}`,
);

export const insertChanges = sql(
  'record.insert-changes',
  `INSERT INTO change_feed (type, resource_id, version, kind, source_patient_id, message_id)
   SELECT r.type, r.id, r.version, r.kind, r.source_patient_id, r.message_id
     FROM json_to_recordset($1::json)
       AS r (type text, id text, version integer, kind text, source_patient_id text, message_id bigint)`,
);

/** The locks of $1 until the transaction ends, in one order for everybody. */
export const lockKeys = sql(
  'record.lock-keys',
  `SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT key FROM unnest($1::bigint[]) AS k (key) ORDER BY key) AS ordered`,
);

export const sourcePatientsOf = sql(
  'record.source-patients-of',
  'SELECT source_patient_id AS id FROM person_link WHERE person_id = $1',
);
