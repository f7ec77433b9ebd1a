import { type NamedSql, type Part, part, sql } from '../../../foundation/database/index.ts';
import { SHARED_TYPES } from '../entries.ts';
import { PUBLISHER } from '../persons/publisher.ts';
import { COLUMNS, ORIGIN } from '../read/rows.ts';

/**
 * Statements of an export. Their texts are put together from the constants of this file; `$1` is the type, `$2` the instant as of which is read,
 * `$3` the instant that the last change must be later than, `$4` the persons of the scope, `$5` the source patients and `$6` the ids that are asked for.
 */

/** Whose resources: of everybody and nobody, of any patient, or of these patients. */
type Whose = 'all' | 'patients' | 'these';

const inScope = (row: string): string =>
  `(${row}.source_patient_id IN (SELECT source_patient_id FROM person_link WHERE person_id = ANY($4::text[]))
    OR ${row}.other_patients && ARRAY(SELECT source_patient_id FROM person_link WHERE person_id = ANY($4::text[])))`;

const selected: Readonly<Record<Whose, string>> = {
  all: '$5::text[] IS NULL',
  patients: '$5::text[] IS NULL AND (r.source_patient_id IS NOT NULL OR r.other_patients IS NOT NULL)',
  these: '(r.source_patient_id = ANY($5::text[]) OR r.other_patients && $5::text[])',
};

/** What belongs to no patient is seen in every compartment; `$4` null is no bound at all. */
const scopes = {
  everything: '$4::text[] IS NULL',
  compartment: `(r.type = ANY('{${SHARED_TYPES.join(',')}}'::text[]) OR ${inScope('r')})`,
} as const;

/** A passed version is seen by who may see both it and what the resource is today. */
const passedScopes = {
  everything: scopes.everything,
  compartment: `${scopes.compartment} AND NOT EXISTS (
    SELECT FROM resource now WHERE now.id = r.id AND now.type = r.type AND NOT coalesce(
      now.type = ANY('{${SHARED_TYPES.join(',')}}'::text[]) OR ${inScope('now')}, FALSE))
    AND (r.type <> 'Patient' OR r.source_system <> '${PUBLISHER}' OR coalesce(
      r.other_patients <@ ARRAY(SELECT source_patient_id FROM person_link WHERE person_id = ANY($4::text[])), TRUE))`,
} as const;

type Bound = keyof typeof scopes;

/** What a statement is for, beside its parameters. */
export interface Reach {
  readonly whose: Whose;
  readonly bound: Bound;
  /** Only certain ids. */
  readonly picked: boolean;
}

const picked = (reach: Reach, row: string): string =>
  reach.picked ? `${row}.id = ANY($6::text[])` : '$6::text[] IS NULL';
const named = (name: string, { whose, bound, picked: some }: Reach): string =>
  `record.export-${name}-${whose}-${bound}${some ? '-picked' : ''}`;

const DECLARE = 'DECLARE record_export NO SCROLL CURSOR FOR';

/** Current versions that were so at the instant. */
export const standing = (reach: Reach): NamedSql =>
  sql(
    named('standing', reach),
    `${DECLARE}
     SELECT r.rid AS key, r.id, octet_length(r.content) AS size, r.other_patients IS NOT NULL AS several
       FROM resource r
      WHERE r.type = $1::text AND r.last_updated <= $2::timestamptz AND r.last_updated > $3::timestamptz
        AND ${selected[reach.whose]} AND ${scopes[reach.bound]} AND ${picked(reach, 'r')}`,
  );

/** Versions that were in force at the instant and have been replaced or deleted since. */
export const replaced = (reach: Reach): NamedSql =>
  sql(
    named('replaced', reach),
    `${DECLARE}
     WITH changed AS (
       SELECT c.id FROM resource c WHERE c.type = $1::text AND c.last_updated > $2::timestamptz AND ${picked(reach, 'c')}
       UNION
       SELECT d.id FROM resource_history d
        WHERE d.type = $1::text AND d.last_updated > $2::timestamptz AND d.method = 'DELETE' AND ${picked(reach, 'd')}
     )
     SELECT r.version::bigint AS key, r.id, octet_length(r.content) AS size, r.other_patients IS NOT NULL AS several
       FROM changed
      CROSS JOIN LATERAL (
        SELECT h.* FROM resource_history h
         WHERE h.id = changed.id AND h.type = $1::text AND h.last_updated <= $2::timestamptz
         ORDER BY h.version DESC LIMIT 1
      ) r
      WHERE r.method <> 'DELETE' AND r.last_updated > $3::timestamptz AND ${selected[reach.whose]} AND ${passedScopes[reach.bound]}`,
  );

/** What was deleted and had not come back at the instant. */
export const deleted = (reach: Reach): NamedSql =>
  sql(
    named('deleted', reach),
    `${DECLARE}
     SELECT r.version::bigint AS key, r.id, 0 AS size, r.other_patients IS NOT NULL AS several
       FROM resource_history r
      WHERE r.type = $1::text AND r.method = 'DELETE' AND r.last_updated <= $2::timestamptz AND r.last_updated > $3::timestamptz
        AND NOT EXISTS (SELECT FROM resource_history later WHERE later.id = r.id AND later.type = r.type
                           AND later.version > r.version AND later.last_updated <= $2::timestamptz)
        AND NOT EXISTS (SELECT FROM resource c WHERE c.id = r.id AND c.type = r.type AND c.last_updated <= $2::timestamptz)
        AND ${selected[reach.whose]} AND ${scopes[reach.bound]} AND ${picked(reach, 'r')}`,
  );

export const fetchKeys = sql('record.export-fetch', 'FETCH FORWARD 1000 FROM record_export');
export const closeKeys = sql('record.export-close', 'CLOSE record_export');

/** Must come first in its transaction. Without an id of its own the transaction keeps no follower of the change feed waiting. */
export const beginSnapshot = sql(
  'record.export-begin',
  'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY',
);

export const standingRows = (rids: readonly number[]): Part =>
  part`SELECT ${COLUMNS} FROM resource r ${ORIGIN} WHERE r.rid = ANY(${rids}::bigint[])`;

export const replacedRows = (type: string, ids: readonly string[], versions: readonly number[]): Part =>
  part`SELECT ${COLUMNS}
     FROM unnest(${ids}::text[], ${versions}::integer[]) AS wanted (id, version)
     JOIN resource_history r ON r.id = wanted.id AND r.type = ${type}::text AND r.version = wanted.version ${ORIGIN}`;

/** Types that there are or were, each found by one look into an index. */
export const presentTypes = sql(
  'record.export-types',
  `WITH RECURSIVE here AS (
     (SELECT type FROM resource ORDER BY type LIMIT 1)
     UNION ALL
     SELECT (SELECT type FROM resource WHERE type > here.type ORDER BY type LIMIT 1) FROM here WHERE here.type IS NOT NULL
   ), were AS (
     (SELECT type FROM resource_history ORDER BY type LIMIT 1)
     UNION ALL
     SELECT (SELECT type FROM resource_history WHERE type > were.type ORDER BY type LIMIT 1) FROM were WHERE were.type IS NOT NULL
   )
   SELECT type FROM here WHERE type IS NOT NULL UNION SELECT type FROM were WHERE type IS NOT NULL ORDER BY type`,
);

/** All that is known of these patients, whether they are named as persons or as source patients. `$2` null is no bound. */
export const sourcePatients = sql(
  'record.export-source-patients',
  `SELECT source_patient_id AS id FROM person_link
    WHERE (person_id = ANY($1::text[])
           OR person_id IN (SELECT person_id FROM person_link WHERE source_patient_id = ANY($1::text[])))
      AND ($2::text[] IS NULL OR person_id = ANY($2::text[]))
    ORDER BY 1`,
);

/**
 * The instant up to which everything is committed. Whoever writes a row holds a lock on its table from before the row's time is read until
 * after the commit can be seen; so what was written up to now by someone without such a lock can be seen by every later snapshot, and what
 * the holders write is later than the start of their transactions. Times of rows are cut to milliseconds, therefore one less.
 */
export const settledInstant = sql(
  'record.export-instant',
  `SELECT date_trunc('milliseconds', least(now(), min(a.xact_start))) - interval '1 millisecond' AS instant,
          count(*) FILTER (WHERE writer.held AND a.xact_start IS NULL) AS unknown
     FROM (SELECT NULL::integer AS pid, FALSE AS held
            UNION ALL
           SELECT DISTINCT k.pid, TRUE FROM pg_locks k
            WHERE k.locktype = 'relation' AND k.granted
              AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND k.relation IN ('resource'::regclass, 'resource_history'::regclass)
              AND k.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) writer
     LEFT JOIN pg_stat_activity a ON a.pid = writer.pid`,
);
