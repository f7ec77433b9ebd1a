import type pg from 'pg';
import { wrapDriverError } from './failure.ts';
import type { NamedSql, Transaction } from './types.ts';

/**
 * Writes many rows with COPY … FROM STDIN, which costs a third of an INSERT of the same rows. `rows` is PostgreSQL's text format: a line a row, each ended, columns parted by tabs, made
 * with `copyField`. Throws what a statement throws; a unique key that is broken is a `conflict` (classifyFailure).
 */
export function copyRows(transaction: Transaction, { text }: NamedSql, rows: string): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.client.query(
      new CopyIn(text, rows, (error) => (error ? reject(wrapDriverError(error)) : resolve())),
    );
  });
}

/** A value as a field of `copyRows`. */
export function copyField(value: string | number | boolean | null): string {
  if (value === null) return '\\N';
  if (typeof value !== 'string') return typeof value === 'boolean' ? (value ? 't' : 'f') : String(value);
  return SPECIAL.test(value) ? value.replace(SPECIALS, (one) => ESCAPED[one] ?? one) : value;
}

const SPECIAL = /[\\\t\n\r]/;
const SPECIALS = /[\\\t\n\r]/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** What the driver's connection has for COPY, and its types do not. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A query of the driver that answers the server's CopyInResponse (PostgreSQL protocol, COPY Operations). */
class CopyIn {
  readonly #text: string;
  readonly #rows: string;
  #error: unknown;
  /** The driver replaces it to keep its time limit. */
  callback: (error?: unknown) => void;

  constructor(text: string, rows: string, done: (error?: unknown) => void) {
    this.#text = text;
    this.#rows = rows;
    this.callback = done;
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.#rows));
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {
    // ReadyForQuery follows.
  }

  handleError(error: unknown): void {
    this.#error = error;
    this.callback(error);
  }

  handleReadyForQuery(): void {
    if (this.#error === undefined) this.callback();
  }
}
