import type { Database, NamedSql, Queryable, SqlParameter } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';

/** A database on which this statement fails so many times, as if the connection broke before it. */
export function failing(database: Database, statement: string, times = 1): Database {
  let left = times;
  const through = (target: Queryable): Queryable['query'] => {
    return <Row extends object>(named: NamedSql, parameters?: readonly SqlParameter[]) => {
      if (named.name === statement && left > 0) {
        left -= 1;
        return Promise.reject(new IsthmusError('DATABASE_UNAVAILABLE', { rule: statement }));
      }
      return target.query<Row>(named, parameters);
    };
  };
  return {
    ...database,
    query: through(database),
    transaction: (work) => database.transaction((real) => work({ ...real, query: through(real) })),
  };
}

/** A database on which this transaction, known by one of its statements, is committed once without anybody hearing of it. */
export function committingSilently(database: Database, statement: string): Database {
  let left = 1;
  return {
    ...database,
    async transaction(work) {
      let isIt = false;
      const result = await database.transaction((real) =>
        work({
          ...real,
          query: (named, parameters) => {
            isIt ||= named.name === statement;
            return real.query(named, parameters);
          },
        }),
      );
      if (!isIt || left === 0) return result;
      left -= 1;
      throw new IsthmusError('DATABASE_UNAVAILABLE', { rule: 'the answer to the commit was lost' });
    },
  };
}
