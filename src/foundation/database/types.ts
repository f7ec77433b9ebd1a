import type { PoolClient } from 'pg';

/** SQL text with a stable name: it is prepared once per connection and found by that name in pg_stat_statements and logs. */
export interface NamedSql {
  readonly name: string;
  readonly text: string;
  /** False for a statement whose plan has to see the values, such as a search: it is planned each time anew. Default true. */
  readonly prepare?: boolean;
}

export const sql = (name: string, text: string, how: { readonly prepare?: boolean } = {}): NamedSql => ({
  name,
  text,
  ...how,
});

/** Parameters are plain values, Buffers (sent in binary) or arrays. bigint columns come back as JavaScript numbers. */
export type SqlParameter =
  | string
  | number
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly (string | number | boolean | null)[];

export interface Queryable {
  query<Row extends object>(statement: NamedSql, parameters?: readonly SqlParameter[]): Promise<Row[]>;
}

/** A transaction in progress; rolled back when the function it was given to throws. */
export interface Transaction extends Queryable {
  readonly client: PoolClient;
}

export interface Database extends Queryable {
  /** BEGIN … COMMIT on one connection of the pool. Throws what `work` throws, or DATABASE_UNAVAILABLE when the outcome is unknown. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /**
   * LISTEN on a connection apart from the pool that reconnects by itself. Returns when listening; `stop` ends it. What was notified while
   * the connection was down is lost, so after it `onNotify` is called once with an empty payload: "look for yourself".
   */
  listen(channel: string, onNotify: (payload: string) => void): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
}

/** What a failed statement means for the caller. Gate on this, never on a text. */
export type DatabaseFailure = 'unavailable' | 'full' | 'conflict' | 'rejected';
