import type { Intake } from '../../../src/exchange/queue/index.ts';
import { type Clock, systemClock } from '../../../src/foundation/clock/index.ts';
import type { Database, NamedSql, Queryable, Transaction } from '../../../src/foundation/database/index.ts';
import { sql } from '../../../src/foundation/database/index.ts';

/**
 * The broken variants, made by the test from outside: a store that forgets, a clock that lies, statements with their guard cut out. The
 * product has no switch for any of them.
 */

/** A database in which some statements are others. Throws at the first use of one whose guard is not found: a variant must break something. */
export function alteredDatabase(database: Database, alter: (statement: NamedSql) => NamedSql): Database {
  const altered = (queryable: Queryable): Queryable['query'] => {
    return (statement, parameters) => queryable.query(alter(statement), parameters);
  };
  return {
    query: altered(database),
    listen: (channel, onNotify) => database.listen(channel, onNotify),
    close: () => database.close(),
    transaction: (work) =>
      database.transaction((transaction) => {
        const broken: Transaction = { client: transaction.client, query: altered(transaction) };
        return work(broken);
      }),
  };
}

function without(statement: NamedSql, guards: readonly (readonly [RegExp, string])[]): NamedSql {
  let { text } = statement;
  for (const [guard, instead] of guards) {
    const next = text.replaceAll(new RegExp(guard, 'g'), instead);
    if (next === text) throw new Error(`the variant finds no ${guard} in ${statement.name}`);
    text = next;
  }
  return sql(statement.name, text);
}

/** A message counts as the one before when only MSH-10 is the same. */
export const dedupeByControlId = (database: Database): Database =>
  alteredDatabase(database, (statement) =>
    statement.name === 'queue_accept_batch'
      ? without(statement, [
          [/ and m\.content_prefix = i\.content_prefix/, ''],
          [/and m\.content_hash = substring\(.*? for 32\)/, ''],
        ])
      : statement,
  );

/** What was written before is never recognized. (The unique index that would object has to be dropped, too.) */
export const withoutDuplicates = (database: Database): Database =>
  alteredDatabase(database, (statement) =>
    statement.name === 'queue_accept_batch'
      ? without(statement, [[/where m\.channel = i\.channel and/, 'where false and']])
      : statement,
  );

/** No statement asks whose turn it is. */
export const withoutFence = (database: Database): Database =>
  alteredDatabase(database, (statement) =>
    /\b[qp]\.epoch = \$\d/.test(statement.text)
      ? without(statement, [[/\b[qp]\.epoch = (\$\d)/, '$1::bigint is not null']])
      : statement,
  );

/** Takes over whether the owner lives or not, and nobody minds: recovery runs beside the sender. */
export const recoveryBesideTheSender = (database: Database): Database =>
  alteredDatabase(withoutFence(database), (statement) => {
    if (statement.name === 'lease_take')
      return without(statement, [[/and \(expires_at < clock_timestamp\(\)/, 'and (true']]);
    if (statement.name === 'lease_renew')
      return without(statement, [
        [/and owner = \$1 and epoch = \$2/, 'and $1::text is not null and $2::bigint is not null'],
      ]);
    return statement;
  });

/**
 * Confirms commits before they are flushed; all but the lease's own. The session itself stays blameless, so the check at the start sees
 * nothing.
 */
export function asynchronousCommit(database: Database): Database {
  const off = sql('faults_async', 'set local synchronous_commit = off');
  return {
    listen: (channel, onNotify) => database.listen(channel, onNotify),
    close: () => database.close(),
    query: <Row extends object>(statement: NamedSql, parameters?: Parameters<Queryable['query']>[1]) => {
      if (statement.name.startsWith('lease')) return database.query<Row>(statement, parameters);
      return database.transaction(async (transaction) => {
        await transaction.query(off);
        return transaction.query<Row>(statement, parameters);
      });
    },
    transaction: (work) =>
      database.transaction(async (transaction) => {
        await transaction.query(off);
        return work(transaction);
      }),
  };
}

/** The sender is told before anything is written. */
export const acknowledgeBeforeCommit = (intake: Intake): Intake => ({
  accept(draft) {
    intake.accept(draft).catch(() => undefined);
    return Promise.resolve({ messageId: 0, sequence: 0, receivedAt: new Date(), duplicate: false });
  },
});

/** Does not notice that the process was stopped: what a lease by a wall clock that was set back would see. */
export function clockThatStops(): Clock {
  const jumpMs = 400;
  let last = performance.now();
  let lost = 0;
  const monotonicMs = () => {
    const now = performance.now();
    if (now - last > jumpMs) lost += now - last;
    last = now;
    return now - lost;
  };
  setInterval(monotonicMs, 20).unref();
  const after = (ms: number, run: () => void) => {
    const dueMs = monotonicMs() + ms;
    const look = () => {
      const leftMs = dueMs - monotonicMs();
      if (leftMs > 0) handle = setTimeout(look, leftMs);
      else run();
    };
    let handle = setTimeout(look, ms);
    return { cancel: () => clearTimeout(handle) };
  };
  return { ...systemClock, monotonicMs, after };
}
