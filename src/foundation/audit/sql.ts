import { sql } from '../database/index.ts';

export const insertEntry = sql(
  'audit.insert',
  `INSERT INTO audit_entry (action, actor, target, outcome, reason, correlation_id) VALUES ($1, $2, $3, $4, $5, $6)`,
);

/** One sealer at a time; released with the transaction. The key is "audt" in ASCII. */
export const lockSeals = sql('audit.lock', 'SELECT pg_advisory_xact_lock(1635083380)');

export const lastSeal = sql(
  'audit.last_seal',
  `SELECT number, last_transaction_id::text AS transaction_id, last_id, entries, hash FROM audit_seal ORDER BY number DESC LIMIT 1`,
);

const columns = `id, transaction_id::text AS transaction_id, (recorded_at AT TIME ZONE 'UTC')::text AS recorded_at,
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

export const seals = sql(
  'audit.seals',
  `SELECT number, last_transaction_id::text AS transaction_id, last_id, entries, previous_hash, hash
     FROM audit_seal WHERE number > $1 ORDER BY number LIMIT $2`,
);

export const sealedBy = sql(
  'audit.sealed_by',
  `SELECT ${columns} FROM audit_entry
    WHERE (transaction_id, id) > ($1::text::xid8, $2::bigint) AND (transaction_id, id) <= ($3::text::xid8, $4::bigint)
    ORDER BY transaction_id, id LIMIT $5`,
);
