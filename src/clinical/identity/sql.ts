import { sql } from '../../foundation/database/index.ts';

/** Statements of persons and decisions. Rows come as one JSON parameter. */

export const personsOf = sql(
  'identity.persons-of',
  'SELECT source_patient_id AS source, person_id AS person FROM person_link WHERE source_patient_id = ANY($1::text[])',
);

/** Everybody who stands behind the persons of $1 (source patients), and behind $2 (persons). */
export const circle = sql(
  'identity.circle',
  `SELECT l.source_patient_id AS source, l.person_id AS person, s.retired_into
     FROM person_link l JOIN source_patient s ON s.id = l.source_patient_id
    WHERE l.person_id = ANY(ARRAY(SELECT person_id FROM person_link WHERE source_patient_id = ANY($1::text[])) || $2::text[])`,
);

/** One after the other, in the order of ids, for everybody. */
export const lockPersons = sql(
  'identity.lock-persons',
  'SELECT id FROM person WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE',
);

/** Locks that are taken between these two are let go of by the third. */
export const beginLocking = sql('identity.begin-locking', 'SAVEPOINT identity_locks', { prepare: false });
export const endLocking = sql('identity.end-locking', 'RELEASE SAVEPOINT identity_locks', { prepare: false });
export const unlock = sql('identity.unlock', 'ROLLBACK TO SAVEPOINT identity_locks', { prepare: false });

export const standings = sql(
  'identity.standings',
  `SELECT l.source_patient_id AS source, l.person_id AS person, s.retired_into
     FROM person_link l JOIN source_patient s ON s.id = l.source_patient_id
    WHERE l.person_id = ANY($1::text[])`,
);

/** Numbers that nobody has used yet become source patients, each its own person. */
export const found = sql(
  'identity.found',
  `WITH patients AS (
     INSERT INTO source_patient (id, authority, identifier)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS w (id, authority, identifier) ORDER BY id
     ON CONFLICT DO NOTHING RETURNING id
   ), persons AS (
     INSERT INTO person (id) SELECT id FROM patients ON CONFLICT DO NOTHING
   )
   INSERT INTO person_link (source_patient_id, person_id) SELECT id, id FROM patients ON CONFLICT DO NOTHING`,
);

export const insertEvents = sql(
  'identity.insert-events',
  `INSERT INTO identity_event (kind, at, actor, reason, message_id, model_version, score, undoes, one, other)
   SELECT x.kind, x.at, x.actor, x.reason, x.message_id, x.model_version, x.score, x.undoes, x.one, x.other
     FROM json_to_recordset($1::json) AS x (n integer, kind text, at timestamptz, actor text, reason text, message_id bigint,
                                            model_version text, score text, undoes bigint, one text, other text)
    ORDER BY x.n
   RETURNING id`,
);

const MOVE = `(event_id bigint, source text, from_person text, to_person text, from_retired_into text, to_retired_into text)`;

/** Moves, done and written down; of a source patient that is moved several times the last counts. */
export const move = sql(
  'identity.move',
  `WITH m AS MATERIALIZED (
     SELECT x.* FROM json_to_recordset($1::json) AS x ${MOVE}
   ), logged AS (
     INSERT INTO identity_move (event_id, source_patient_id, from_person, to_person, from_retired_into, to_retired_into)
     SELECT m.event_id, m.source, m.from_person, m.to_person, m.from_retired_into, m.to_retired_into FROM m
   ), last AS MATERIALIZED (
     SELECT DISTINCT ON (m.source) m.* FROM m ORDER BY m.source, m.event_id DESC
   ), retired AS (
     UPDATE source_patient s SET retired_into = last.to_retired_into
       FROM last WHERE s.id = last.source AND s.retired_into IS DISTINCT FROM last.to_retired_into
   )
   UPDATE person_link l SET person_id = last.to_person, since = clock_timestamp()
     FROM last WHERE l.source_patient_id = last.source AND l.person_id <> last.to_person`,
);

/** What these persons are now: in use, possibly another's, or nobody's. */
export const settlePersons = sql(
  'identity.settle-persons',
  `UPDATE person p
      SET state = s.state, replaced_by = s.replaced_by
     FROM (
       SELECT w.id,
              CASE WHEN NOT EXISTS (SELECT FROM person_link l WHERE l.person_id = w.id) THEN 'retired'
                   WHEN EXISTS (SELECT FROM person_link l JOIN source_patient o ON o.id = l.source_patient_id
                                  CROSS JOIN unnest(o.possible_duplicate_of) AS d (id) LEFT JOIN person_link k ON k.source_patient_id = d.id
                                 WHERE l.person_id = w.id AND coalesce(k.person_id, d.id) <> w.id) THEN 'provisional'
                   ELSE 'active' END AS state,
              (SELECT l.person_id FROM person_link l WHERE l.source_patient_id = w.id AND l.person_id <> w.id) AS replaced_by
         FROM unnest((SELECT $1::text[])) AS w (id)
     ) s
    WHERE p.id = s.id AND (p.state, p.replaced_by) IS DISTINCT FROM (s.state, s.replaced_by)`,
);

/** Source patients of persons that are marked as possibly one of these. */
export const markedAs = sql(
  'identity.marked-as',
  `SELECT s.id FROM source_patient s
    WHERE s.possible_duplicate_of IS NOT NULL
      AND s.possible_duplicate_of && ARRAY(
            SELECT id FROM unnest($1::text[]) AS w (id) UNION SELECT source_patient_id FROM person_link WHERE person_id = ANY($1::text[]))`,
);

export const mark = sql(
  'identity.mark',
  `UPDATE source_patient s SET possible_duplicate_of = nullif(x.duplicates, '{}')
     FROM json_to_recordset($1::json) AS x (source text, duplicates text[])
    WHERE s.id = x.source AND s.possible_duplicate_of IS DISTINCT FROM nullif(x.duplicates, '{}') RETURNING s.id`,
);

/** Followers of the feed hear of everything whose person has changed; $2 are Patients that were told of as they were published. */
export const tellMoved = sql(
  'identity.tell-moved',
  `WITH told AS (
     INSERT INTO change_feed (type, resource_id, version, kind, source_patient_id, message_id)
     SELECT r.type, r.id, r.version, 'updated', r.source_patient_id, r.message_id
       FROM resource r
      WHERE (r.source_patient_id = ANY($1::text[]) OR r.other_patients && $1::text[])
        AND NOT (r.type = 'Patient' AND r.id = ANY($2::text[]))
      ORDER BY r.rid
     RETURNING 1
   )
   SELECT count(*) AS told FROM told`,
);

/** Pairs among these that a person has decided are not the same. */
export const apart = sql(
  'identity.apart',
  'SELECT one, other FROM identity_not_same WHERE one = ANY($1::text[]) AND other = ANY($1::text[])',
);
export const insertApart = sql(
  'identity.insert-apart',
  'INSERT INTO identity_not_same (one, other, event_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
);
export const deleteApart = sql(
  'identity.delete-apart',
  'DELETE FROM identity_not_same WHERE one = $1 AND other = $2 RETURNING one',
);

const EVENT = `e.id, e.kind, e.at, e.actor, e.reason, e.message_id, e.model_version, e.score, e.undoes, e.one, e.other,
   (SELECT json_agg(json_build_object('source', m.source_patient_id, 'fromPerson', m.from_person, 'toPerson', m.to_person,
                                      'fromRetiredInto', m.from_retired_into, 'toRetiredInto', m.to_retired_into) ORDER BY m.source_patient_id)::text
      FROM identity_move m WHERE m.event_id = e.id) AS moves`;

export const readEvent = sql('identity.read-event', `SELECT ${EVENT} FROM identity_event e WHERE e.id = $1`);

/** The newest $2 events about one of these source patients, oldest first. */
export const historyOf = sql(
  'identity.history',
  `SELECT * FROM (
     SELECT ${EVENT} FROM identity_event e
      WHERE e.id IN (
        SELECT event_id FROM identity_move WHERE source_patient_id = ANY($1::text[])
        UNION SELECT id FROM identity_event WHERE one = ANY($1::text[])
        UNION SELECT id FROM identity_event WHERE other = ANY($1::text[]))
      ORDER BY e.id DESC LIMIT $2
   ) e ORDER BY id`,
);

/** Events later than $2 that moved one of these, or resources of them, with what they take back. */
export const laterEvents = sql(
  'identity.later-events',
  `SELECT e.id, e.undoes FROM identity_event e
    WHERE e.id > $2 AND (e.id IN (SELECT event_id FROM identity_move WHERE source_patient_id = ANY($1::text[])) OR e.undoes = $2)
    ORDER BY e.id DESC`,
);

/** Resources of event $1 that went from one source patient to another. */
export const insertResourceMoves = sql(
  'identity.insert-resource-moves',
  `INSERT INTO identity_resource_move (event_id, type, resource_id, from_source, to_source)
   SELECT $1::bigint, w.type, w.id, $4, $5 FROM unnest($2::text[], $3::text[]) AS w (type, id)`,
);
export const readResourceMoves = sql(
  'identity.read-resource-moves',
  `SELECT type, resource_id AS id, from_source, to_source FROM identity_resource_move WHERE event_id = $1`,
);
