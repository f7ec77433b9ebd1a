import { sql } from '../database/index.ts';

export const insertEntry = sql(
  'audit.insert',
  `INSERT INTO audit_entry (action, actor, target, outcome, reason, correlation_id) VALUES ($1, $2, $3, $4, $5, $6)`,
);

/** Many at once; their ids are in the order given. */
export const insertEntries = sql(
  'audit.insert_all',
  `INSERT INTO audit_entry (action, actor, target, outcome, reason, correlation_id)
   SELECT action, actor, target, outcome, reason, correlation_id
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
          WITH ORDINALITY AS e (action, actor, target, outcome, reason, correlation_id, position)
    ORDER BY position`,
);

/** One sealer at a time; released with the transaction. The key is "audt" in ASCII. */
export const lockSeals = sql('audit.lock', 'SELECT pg_advisory_xact_lock(1635083380)');

export const lastSeal = sql(
  'audit.last_seal',
  `SELECT number, last_transaction_id::text AS transaction_id, last_id, entries, hash FROM audit_seal ORDER BY number DESC LIMIT 1`,
);

/** As they are hashed: in texts that depend on no setting of the session (DateStyle, TimeZone). */
const columns = `id, transaction_id::text AS transaction_id, extract(epoch FROM recorded_at)::text AS recorded_at,
  action, actor, target, outcome, reason, correlation_id`;

/**
 * Entries after (transaction, id) that no open transaction can still come before: below the snapshot's xmin everything is decided. By id
 * alone, an entry committed late would be skipped for ever.
 */
export const unsealed = sql(
  'audit.unsealed',
  `SELECT ${columns} FROM audit_entry
    WHERE (transaction_id, id) > ($1::text::xid8, $2::bigint) AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY transaction_id, id LIMIT $3`,
);

export const insertSeal = sql(
  'audit.insert_seal',
  `INSERT INTO audit_seal (number, last_transaction_id, last_id, entries, previous_hash, hash)
   VALUES ($1, $2::text::xid8, $3, $4, $5, $6)`,
);

export const sealHash = sql('audit.seal_hash', 'SELECT hash FROM audit_seal WHERE number = $1');

export const seals = sql(
  'audit.seals',
  `SELECT number, last_transaction_id::text AS transaction_id, last_id, entries, previous_hash, hash, sealed_at
     FROM audit_seal WHERE number > $1 ORDER BY number LIMIT $2`,
);

export const sealedBy = sql(
  'audit.sealed_by',
  `SELECT ${columns} FROM audit_entry
    WHERE (transaction_id, id) > ($1::text::xid8, $2::bigint) AND (transaction_id, id) <= ($3::text::xid8, $4::bigint)
    ORDER BY transaction_id, id LIMIT $5`,
);

export const countAfter = sql(
  'audit.count_after',
  'SELECT count(*) AS entries FROM audit_entry WHERE (transaction_id, id) > ($1::text::xid8, $2::bigint)',
);

/** Newest first. Scope and filter are both here, so that what may not be seen is not read either. */
export const list = sql(
  'audit.list',
  `SELECT id, recorded_at AS "recordedAt", action, actor, target, outcome, reason, correlation_id AS "correlationId"
     FROM audit_entry
    WHERE $1::boolean
      AND ($2::timestamptz IS NULL OR recorded_at >= $2)
      AND ($3::text IS NULL OR actor = $3)
      AND ($4::text IS NULL OR action = $4 OR starts_with(action, $4 || '.'))
      AND ($5::text IS NULL OR target = $5)
      AND ($6::bigint IS NULL OR id < $6)
    ORDER BY id DESC LIMIT $7`,
);
