/** What tests share: a database of their own on the run's real PostgreSQL, free ports, and waiting for a condition with a deadline. */
export { openTestDatabase, type TestDatabase } from './database.ts';
export { openDatabaseProxy } from './database-proxy.ts';
export { eventually } from './eventually.ts';
export { freePort } from './free-port.ts';
export { removeHome } from './remove-home.ts';
