/**
 * PostgreSQL (DESIGN 4): a pool that survives the server's restarts, transactions, LISTEN, migrations and the embedded server. It
 * promises: what `transaction` returned from is committed and flushed; a server that could lose a commit is refused; an outage is
 * DATABASE_UNAVAILABLE and never the end of the process. It never does: build SQL from input, retry a statement by itself, or log a value.
 */

export { copyField, copyRows } from './copy.ts';
export { dumpSchema } from './dump-schema.ts';
export { attachEmbedded } from './embedded/attach.ts';
export { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './embedded/start.ts';
export { classifyFailure } from './failure.ts';
export { type Migration, migrate, pendingMigrations } from './migrate.ts';
export { type DatabaseOptions, openDatabase } from './open.ts';
export { allOf, anyOf, FALSE, list, NOTHING, Part, part, TRUE } from './part.ts';
export { storable } from './storable.ts';
export type { Database, DatabaseFailure, NamedSql, Queryable, SqlParameter, Transaction } from './types.ts';
export { sql } from './types.ts';
