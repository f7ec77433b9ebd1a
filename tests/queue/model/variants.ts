import type { DeliveryResult, QueueEntry } from '../../../src/exchange/queue/index.ts';
import type { Database, NamedSql, Queryable, SqlParameter } from '../../../src/foundation/database/index.ts';
import { delivered } from '../support.ts';
import { Actors, type Life } from './actors.ts';
import type { Destination } from './house.ts';

/** Broken variants, which the judge must catch: what stands between the engine and the world lies. */

type Statement = <Row extends object>(
  execute: () => Promise<Row[]>,
  parameters: readonly SqlParameter[],
) => Promise<Row[]>;

/** One statement does something else. */
function replacing(database: Database, name: string, instead: Statement): Database {
  const through = (target: Queryable): Queryable['query'] => {
    return <Row extends object>(statement: NamedSql, parameters: readonly SqlParameter[] = []) => {
      const execute = () => target.query<Row>(statement, parameters);
      return statement.name === name ? instead(execute, parameters) : execute();
    };
  };
  return {
    ...database,
    query: through(database),
    transaction: (work) => database.transaction((real) => work({ ...real, query: through(real) })),
  };
}

const numbers = (parameter: SqlParameter | undefined): number[] =>
  Array.isArray(parameter) ? parameter.map(Number) : [];

/** Positions are said to be written, and are not. */
export const forgetfulSettlement = (database: Database): Database =>
  replacing(database, 'queue_settle', async (_execute, [, queues]) =>
    numbers(queues).map((queue_id) => ({ queue_id }) as never),
  );

/** What is parked is done with for the table: a poison message is dropped. */
export const droppedPoison = (database: Database): Database =>
  replacing(database, 'queue_write_exceptions', async () => []);

/** The first message is said to be accepted, and is not stored. */
export function acknowledgedTooEarly(database: Database): Database {
  let isFirst = true;
  return replacing(database, 'queue_accept_batch', async (execute, [, receivedAt]) => {
    if (!isFirst) return execute();
    isFirst = false;
    const row = {
      ord: 1,
      outcome: 'new',
      message_id: 1,
      sequence: 1,
      received_at: receivedAt,
      reused: false,
    };
    return [row as never];
  });
}

abstract class Between extends Actors {
  protected abstract change(
    deliver: (entry: QueueEntry) => Promise<DeliveryResult>,
    entry: QueueEntry,
  ): Promise<DeliveryResult>;

  override receiver(destination: Destination, life: Life) {
    const real = super.receiver(destination, life);
    return (entry: QueueEntry, signal: AbortSignal) => this.change((changed) => real(changed, signal), entry);
  }
}

/** A refusal counts as sent. */
export class RefusalCountedAsSent extends Between {
  protected async change(deliver: (entry: QueueEntry) => Promise<DeliveryResult>, entry: QueueEntry) {
    const result = await deliver(entry);
    return result.outcome === 'permanent' ? delivered : result;
  }
}

/** Each attempt has a key of its own. */
export class AnotherKeyEachTime extends Between {
  protected change(deliver: (entry: QueueEntry) => Promise<DeliveryResult>, entry: QueueEntry) {
    return deliver({ ...entry, idempotencyKey: `${entry.idempotencyKey}.${entry.attempt}` });
  }
}

/** Two at once of one key: the answer comes before the delivery. */
export class AnsweredTooEarly extends Between {
  protected change(deliver: (entry: QueueEntry) => Promise<DeliveryResult>, entry: QueueEntry) {
    void deliver(entry);
    return Promise.resolve(delivered);
  }
}

/** Entries leave without the keys of their message, so that nothing keeps them in order. */
export class KeysLost extends Actors {
  override planner(life: Life) {
    const real = super.planner(life);
    return async (entry: QueueEntry) => {
      const plan = await real(entry);
      if (plan.outcome !== 'go') return plan;
      return { ...plan, outgoing: plan.outgoing.map((item) => ({ ...item, keys: [`${entry.sequence}`] })) };
    };
  }
}
