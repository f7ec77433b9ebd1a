import { sql } from '../../../foundation/database/index.ts';

/** Every statement about jobs. Leases go by the database's clock; what people see (expiry, polls) by the caller's. */

export const lockClient = sql(
  'export.lock-client',
  `SELECT pg_advisory_xact_lock(hashtextextended('export ' || $1::text, 0))`,
);

export const usage = sql(
  'export.usage',
  `SELECT count(*) FILTER (WHERE client = $1 AND state IN ('waiting', 'running')) AS jobs, coalesce(sum(bytes), 0)::bigint AS bytes
     FROM export_job`,
);

export const insertJob = sql(
  'export.insert-job',
  `INSERT INTO export_job (id, client, context, request, wanted, remarks, state, created_at, expires_at, polls, polled_at)
   VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9, $7)`,
);

/** Takes the oldest job that nobody works on. What its last run left half done goes. */
export const claimJob = sql(
  'export.claim',
  `WITH next AS (
     SELECT id FROM export_job WHERE state IN ('waiting', 'running') AND leased_to < clock_timestamp()
      ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
   ), taken AS (
     UPDATE export_job j
        SET state = 'running', runner = $1, leased_to = clock_timestamp() + $2 * interval '1 millisecond', attempts = attempts + 1,
            (resources, bytes) = (SELECT coalesce(sum(f.count), 0), coalesce(sum(f.bytes), 0)
                                    FROM export_file f WHERE f.job_id = j.id AND f.complete)
       FROM next WHERE j.id = next.id
     RETURNING j.id, j.context, j.wanted, j.remarks, j.created_at, j.instant, j.steps, j.attempts
   ), swept AS (
     DELETE FROM export_file f USING taken WHERE f.job_id = taken.id AND NOT f.complete
   )
   SELECT taken.*, coalesce((SELECT max(number) FROM export_file f WHERE f.job_id = taken.id), 0) AS files FROM taken`,
);

const OWN = `id = $1 AND runner = $2 AND state = 'running'`;

export const setInstant = sql(
  'export.set-instant',
  `UPDATE export_job SET instant = $3 WHERE ${OWN} RETURNING id`,
);

export const renewLease = sql(
  'export.renew',
  `UPDATE export_job SET leased_to = clock_timestamp() + $3 * interval '1 millisecond', progress = $4 WHERE ${OWN} RETURNING id`,
);

/** Nothing is written for a job that was cancelled or taken over: then no row comes back. */
export const appendChunk = sql(
  'export.append',
  `WITH job AS (
     UPDATE export_job
        SET bytes = bytes + octet_length($10::bytea), resources = resources + $7::bigint,
            leased_to = clock_timestamp() + $3 * interval '1 millisecond', progress = $11
      WHERE ${OWN} RETURNING id, bytes
   ), file AS (
     INSERT INTO export_file (job_id, number, kind, type, count, bytes)
     SELECT id, $4::integer, $5::text, $6::text, $7::bigint, octet_length($10::bytea) FROM job
     ON CONFLICT (job_id, number)
     DO UPDATE SET count = export_file.count + excluded.count, bytes = export_file.bytes + excluded.bytes
     RETURNING number
   ), chunk AS (
     INSERT INTO export_chunk (job_id, number, part, content_key, content)
     SELECT job.id, file.number, $8::integer, $9::text, $10::bytea FROM job, file
   )
   SELECT bytes FROM job`,
);

export const finishStep = sql(
  'export.finish-step',
  `WITH job AS (
     UPDATE export_job SET steps = array_append(steps, $3) WHERE ${OWN} RETURNING id
   ), files AS (
     UPDATE export_file f SET complete = TRUE FROM job WHERE f.job_id = job.id AND NOT f.complete
   )
   SELECT id FROM job`,
);

export const finishJob = sql(
  'export.finish',
  `UPDATE export_job SET state = 'done', runner = NULL, expires_at = $3, progress = 'done' WHERE ${OWN} RETURNING id`,
);

/** What was written of it goes; the row stays until it expires and says why. */
export const failJob = sql(
  'export.fail',
  `WITH job AS (
     UPDATE export_job SET state = 'failed', runner = NULL, expires_at = $3, error = $4, progress = 'failed', bytes = 0
      WHERE ${OWN} RETURNING id
   ), files AS (DELETE FROM export_file f USING job WHERE f.job_id = job.id)
   SELECT id FROM job`,
);

/** Given back, to be begun again after a pause; a stop of the node does not count as an attempt. */
export const releaseJob = sql(
  'export.release',
  `UPDATE export_job
      SET state = 'waiting', runner = NULL, leased_to = clock_timestamp() + $3 * interval '1 millisecond', attempts = attempts - $4::integer
    WHERE ${OWN} RETURNING id`,
);

/** Takes one poll from what is left; what is left grows with time. Status of a job of this client in this context. */
export const pollJob = sql(
  'export.poll',
  `WITH asked AS (
     SELECT id, least($6::float8, polls + greatest(0, extract(epoch FROM $4::timestamptz - polled_at)::float8) * $5::float8) AS polls
       FROM export_job WHERE id = $1 AND client = $2 AND context = $3 AND expires_at > $4::timestamptz FOR UPDATE
   )
   UPDATE export_job j SET polls = CASE WHEN asked.polls >= 1 THEN asked.polls - 1 ELSE asked.polls END, polled_at = $4::timestamptz
     FROM asked WHERE j.id = asked.id
   RETURNING j.state, j.request, j.progress, j.resources, j.instant, j.error, j.expires_at, j.created_at, asked.polls >= 1 AS allowed`,
);

export const filesOf = sql(
  'export.files',
  'SELECT number, kind, type, count FROM export_file WHERE job_id = $1 ORDER BY number',
);

/** A file of a job that is done, of this client in this context. */
export const findFile = sql(
  'export.find-file',
  `SELECT f.number, (SELECT max(part) FROM export_chunk c WHERE c.job_id = f.job_id AND c.number = f.number) AS parts
     FROM export_job j JOIN export_file f ON f.job_id = j.id
    WHERE j.id = $1 AND j.client = $2 AND j.context = $3 AND j.state = 'done' AND f.number = $4 AND j.expires_at > $5`,
);

export const readChunk = sql(
  'export.read-chunk',
  'SELECT content_key, content FROM export_chunk WHERE job_id = $1 AND number = $2 AND part = $3',
);

export const deleteJob = sql(
  'export.delete',
  'DELETE FROM export_job WHERE id = $1 AND client = $2 AND context = $3 RETURNING state',
);

export const deleteExpired = sql(
  'export.expire',
  `DELETE FROM export_job WHERE id IN (SELECT id FROM export_job WHERE expires_at < $1 ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED)
   RETURNING id`,
);
