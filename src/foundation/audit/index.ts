/**
 * The audit port: who did what to which target, with what outcome and why. It promises: an entry recorded in a transaction is there
 * if and only if what it tells of was committed; what was sealed and anchored can't be changed or removed without `verifyAudit` seeing it. It never does:
 * hold a patient's data (targets are ids and names of queues), or let an action pass that it could not record.
 */
import type { Migration } from '../database/index.ts';
import audit from './migrations/0001_audit.sql';

export { anchorAudit, readAnchor } from './anchor.ts';
export type { AuditBatches, AuditEntry, AuditPort } from './audit.ts';
export { createAudit } from './audit.ts';
export { groupAudit } from './group.ts';
export { type AuditFilter, type AuditScope, listAudit, type RecordedEntry } from './list.ts';
export { sealAudit } from './seal.ts';
export { type AuditVerdict, type BrokenAudit, verifyAudit } from './verify.ts';

export const migrations: readonly Migration[] = [{ number: 1, name: 'audit', text: audit }];
