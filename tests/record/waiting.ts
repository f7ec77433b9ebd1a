import { type Database, sql } from '../../src/foundation/database/index.ts';

const waiting = sql(
  'test.waiting',
  `SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
);

/** Until so many other transactions wait for a lock. */
export async function untilBlocked(database: Database, transactions = 1): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const [row] = await database.query<{ n: number }>(waiting);
    if ((row?.n ?? 0) >= transactions) return;
  }
  throw new Error('nobody waits');
}
