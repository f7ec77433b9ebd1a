import { type Clock, systemClock, type Timer } from '../../../src/foundation/clock/index.ts';
import type {
  Database,
  NamedSql,
  Queryable,
  SqlParameter,
  Transaction,
} from '../../../src/foundation/database/index.ts';
import { IsthmusError } from '../../../src/foundation/errors/index.ts';

/**
 * A database and a clock that die with their process: afterwards no statement is sent, no answer comes, no timer fires, and an open
 * transaction is rolled back, as the server does when the connection breaks.
 */
export interface Mortal {
  readonly database: Database;
  readonly clock: Clock;
  /** Resolves at death. */
  readonly death: Promise<void>;
  isDead(): boolean;
  /** Statements that the database has not answered yet. */
  pending(): string[];
  kill(): void;
  /** Dies at the so-many-th statement from now, before or after the database executes it. */
  killAt(statements: number, executed: boolean): void;
  /** So many statements fail as if the connection broke, before or after the database executes them. */
  failNext(statements: number, executed: boolean): void;
}

/** Told at the moment it happens. */
interface Faults {
  death(): void;
  /** A statement is failing. */
  failure(): void;
}

const never = <T>() => new Promise<T>(() => undefined);
const broken = () => new IsthmusError('DATABASE_UNAVAILABLE', { rule: 'the test broke the connection' });

class Fate {
  readonly death: Promise<void>;
  dead = false;
  readonly pending = new Set<{ readonly name: string }>();
  #die: () => void = () => undefined;
  #killIn = Number.POSITIVE_INFINITY;
  #killExecuted = false;
  #failing = 0;
  #failExecuted = false;
  readonly #on: Faults;

  constructor(on: Faults) {
    this.#on = on;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  kill(): void {
    if (this.dead) return;
    this.dead = true;
    this.#on.death();
    this.#die();
  }

  killAt(statements: number, executed: boolean): void {
    if (statements === 0) this.kill();
    this.#killIn = statements;
    this.#killExecuted = executed;
  }

  failNext(statements: number, executed: boolean): void {
    this.#failing = statements;
    this.#failExecuted = executed;
  }

  /** One exchange with the server: a statement, or a COMMIT. */
  async exchange<T>(name: string, execute: () => Promise<T>): Promise<T> {
    if (this.dead) return never();
    const pending = { name };
    this.pending.add(pending);
    try {
      return await this.#exchange(execute);
    } finally {
      this.pending.delete(pending);
    }
  }

  async #exchange<T>(execute: () => Promise<T>): Promise<T> {
    this.#killIn -= 1;
    const dying = this.#killIn === 0;
    const failing = this.#failing > 0;
    if (failing) {
      this.#failing -= 1;
      this.#on.failure();
    }
    const executed = dying ? this.#killExecuted : !failing || this.#failExecuted;
    if (dying && !executed) this.kill();
    if (this.dead) return never();
    if (!executed) throw broken();
    try {
      const result = await execute();
      if (dying) this.kill();
      if (this.dead) return never();
      if (failing) throw broken();
      return result;
    } catch (error) {
      if (this.dead) return never();
      throw error;
    }
  }
}

export function mortal(database: Database, on: Faults): Mortal {
  const timers = new Set<Timer>();
  const listeners = new Set<{ stop(): Promise<void> }>();
  const fate = new Fate({
    failure: on.failure,
    death() {
      for (const timer of timers) timer.cancel();
      for (const listener of listeners) void listener.stop();
      on.death();
    },
  });
  const through = (target: Queryable): Queryable['query'] => {
    return <Row extends object>(statement: NamedSql, parameters?: readonly SqlParameter[]) =>
      fate.exchange(statement.name, () => target.query<Row>(statement, parameters));
  };
  return {
    death: fate.death,
    isDead: () => fate.dead,
    pending: () => [...fate.pending].map(({ name }) => name),
    kill: () => fate.kill(),
    killAt: (statements, executed) => fate.killAt(statements, executed),
    failNext: (statements, executed) => fate.failNext(statements, executed),
    clock: mortalClock(fate, timers),
    database: {
      query: through(database),
      transaction: (work) => transact(database, fate, (real) => work({ ...real, query: through(real) })),
      async listen(channel, onNotify) {
        const listener = await fate.exchange('listen', () =>
          database.listen(channel, (payload) => {
            if (!fate.dead) onNotify(payload);
          }),
        );
        listeners.add(listener);
        return listener;
      },
      close: () => Promise.resolve(),
    },
  };
}

/** The transaction's COMMIT is an exchange of its own, which can be the one that the process does not survive. */
function transact<T>(
  database: Database,
  fate: Fate,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  if (fate.dead) return never();
  let committing: Promise<void> = Promise.resolve();
  let answer: () => void = () => undefined;
  const commitDone = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return new Promise<T>((resolve, reject) => {
    const real = database.transaction(async (transaction) => {
      const result = await Promise.race([work(transaction), fate.death.then(() => Promise.reject(broken()))]);
      // Returning is what makes the database commit: from inside the exchange, when it is to be executed.
      await new Promise<void>((commit, rollback) => {
        committing = fate.exchange('commit', () => {
          commit();
          return commitDone;
        });
        committing.catch(rollback);
        void fate.death.then(() => rollback(broken()));
      });
      return result;
    });
    real
      .finally(answer)
      .then(
        async (result) => {
          await committing;
          resolve(result);
        },
        (error) => {
          if (!fate.dead) reject(error);
        },
      )
      .catch(reject);
  });
}

function mortalClock(fate: Fate, timers: Set<Timer>): Clock {
  return {
    ...systemClock,
    after(ms, run) {
      if (fate.dead) return { cancel: () => undefined };
      const timer = systemClock.after(ms, () => {
        timers.delete(timer);
        run();
      });
      timers.add(timer);
      return {
        cancel() {
          timers.delete(timer);
          timer.cancel();
        },
      };
    },
  };
}
