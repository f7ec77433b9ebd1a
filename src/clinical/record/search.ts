import { createHash } from 'node:crypto';
import { type NamedSql, type SqlParameter, sql } from '../../foundation/database/index.ts';
import type { DateClause, DatePrefix, RecordQuery } from './query.ts';
import { referenceEntry, tokenEntry } from './searchable.ts';
import type { RecordScope } from './types.ts';

/** Texts are put together from the constants of this file alone; whatever a caller gave is a parameter. */
export class Statement {
  readonly parameters: SqlParameter[] = [];
  readonly #clauses: string[] = [];

  /** `$` stands for the next parameter. */
  where(clause: string, ...parameters: readonly SqlParameter[]): this {
    this.#clauses.push(this.bind(clause, parameters));
    return this;
  }

  bind(text: string, parameters: readonly SqlParameter[]): string {
    const values = [...parameters];
    return text.replace(/\$(?!\d)/g, () => {
      this.parameters.push(values.shift() ?? null);
      return `$${this.parameters.length}`;
    });
  }

  /** The name follows from the text, so that every shape of search is prepared once. */
  named(prefix: string, before: string, after: string): NamedSql {
    const text = `${before} WHERE ${this.#clauses.join(' AND ')} ${after}`;
    return sql(`${prefix}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text);
  }
}

const COLUMNS = `r.type, r.id, r.version, r.last_updated, r.source_system, r.source_patient_id, r.message_id, r.content_key, r.content,
  p.authority, p.identifier, l.person_id`;
const ORIGIN = `LEFT JOIN source_patient p ON p.id = r.source_patient_id
  LEFT JOIN person_link l ON l.source_patient_id = r.source_patient_id`;

export const FROM_CURRENT = `SELECT ${COLUMNS} FROM resource r ${ORIGIN}`;
export const FROM_HISTORY = `SELECT ${COLUMNS} FROM resource_history r ${ORIGIN}`;

const OF_PERSONS =
  'r.source_patient_id IN (SELECT source_patient_id FROM person_link WHERE person_id = ANY($::text[]))';

/**
 * What the scope excludes does not exist for the statement. It stands in every statement that reads, before order and paging. A past
 * version is seen by who may see both it and what the resource is today.
 */
export function within(statement: Statement, scope: RecordScope, table: 'current' | 'history'): Statement {
  if (scope.kind === 'everything') return statement;
  if (scope.kind === 'nothing') return statement.where('FALSE');
  statement.where(OF_PERSONS, [scope.person]);
  if (table === 'current') return statement;
  return statement.where(
    `EXISTS (SELECT FROM resource c JOIN person_link k ON k.source_patient_id = c.source_patient_id
              WHERE c.id = r.id AND c.type = r.type AND k.person_id = $)`,
    scope.person,
  );
}

/** One row more than asked for tells whether there is a next page. */
export function searchStatement(
  query: RecordQuery,
  scope: RecordScope,
): { statement: NamedSql; parameters: SqlParameter[] } {
  const statement = within(new Statement().where('r.type = $', query.type), scope, 'current');
  if (query.ids) statement.where('r.id = ANY($::text[])', query.ids);
  if (query.patients) statement.where(OF_PERSONS, query.patients);
  for (const { param, anyOf } of query.tokens ?? []) {
    statement.where(
      'r.tokens && $::text[]',
      anyOf.map(({ code, system }) => tokenEntry(param, code, system)),
    );
  }
  for (const { param, anyOf } of query.references ?? []) {
    statement.where(
      'r.refs && $::text[]',
      anyOf.map((reference) => referenceEntry(param, reference)),
    );
  }
  for (const clause of query.date ?? []) dated(statement, MAIN_DATE, clause);
  for (const clause of query.lastUpdated ?? []) dated(statement, LAST_UPDATED, clause);
  if (query.after) {
    statement.where('(r.last_updated, r.id) < ($::timestamptz, $)', query.after.lastUpdated, query.after.id);
  }
  const order = statement.bind('ORDER BY r.last_updated DESC, r.id DESC LIMIT $', [query.count + 1]);
  return {
    statement: statement.named('record.search', FROM_CURRENT, order),
    parameters: statement.parameters,
  };
}

type Comparisons = Readonly<Record<DatePrefix, string>>;

/** search.html#prefix, on intervals: [from, to) of the resource against [from, to) of the parameter, which come in this order. */
const comparisons = (from: string, to: string): Comparisons => ({
  eq: `(${from} >= $::timestamptz AND ${to} <= $::timestamptz)`,
  ne: `NOT (${from} >= $::timestamptz AND ${to} <= $::timestamptz)`,
  gt: `${to} > $::timestamptz`,
  lt: `${from} < $::timestamptz`,
  ge: `${to} > $::timestamptz`,
  le: `${from} < $::timestamptz`,
  sa: `${from} >= $::timestamptz`,
  eb: `${to} <= $::timestamptz`,
});
const MAIN_DATE = comparisons('r.date_from', 'r.date_to');
const LAST_UPDATED = comparisons('r.last_updated', `(r.last_updated + interval '1 millisecond')`);

/** Which ends of the parameter's interval a comparison looks at. */
const ENDS: Readonly<Record<DatePrefix, readonly ('from' | 'to')[]>> = {
  eq: ['from', 'to'],
  ne: ['from', 'to'],
  gt: ['to'],
  lt: ['from'],
  ge: ['from'],
  le: ['to'],
  sa: ['to'],
  eb: ['from'],
};

function dated(statement: Statement, sqlOf: Comparisons, clause: DateClause): void {
  statement.where(sqlOf[clause.prefix], ...ENDS[clause.prefix].map((end) => clause[end]));
}
