/**
 * Secrets that every node of one installation needs to be the same: what one node seals, another opens. It promises: one secret for each
 * name, made once. It never does: hold a key of what is encrypted at rest (that is the key file's, outside the database), so use it only for what
 * whoever can read the database may know anyway, and nobody else: cursors of pages.
 */
import type { Migration } from '../database/index.ts';
import secrets from './migrations/0002_secrets.sql';

export { sharedSecret } from './shared-secret.ts';

export const migrations: readonly Migration[] = [{ number: 2, name: 'secrets', text: secrets }];
