import { sql } from '../database/index.ts';

export const insertEntry = sql(
  'audit.insert',
  `INSERT INTO audit_entry (action, actor, target, outcome, reason, correlation_id) VALUES ($1, $2, $3, $4, $5, $6)`,
);
