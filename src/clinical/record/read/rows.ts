import { createHash } from 'node:crypto';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import { type Queryable, sql } from '../../../foundation/database/index.ts';
import { type ReadRow, renderRow } from '../render.ts';
import { type Part, part } from '../search/part.ts';
import type { RecordScope, StoredResource } from '../types.ts';

/** What every reading of the record goes by. */
export interface Reading {
  readonly queryable: Queryable;
  readonly scope: RecordScope;
  /** Opens contents that are sealed. */
  readonly keyring?: Keyring;
}

/** In the clear a content is a text, and travels as one; as bytes it would travel as hex. */
const CONTENT = part`CASE WHEN r.content_key IS NULL THEN convert_from(r.content, 'UTF8') END AS text,
  CASE WHEN r.content_key IS NOT NULL THEN r.content END AS content`;

/** Columns of a resource `r`, current or passed, with its origin by ORIGIN. */
export const COLUMNS = part`r.type, r.id, r.version, r.last_updated, r.source_system, r.source_patient_id, r.message_id, r.issues,
  r.content_key, ${CONTENT}, p.authority, p.identifier, l.person_id`;

export const ORIGIN = part`LEFT JOIN source_patient p ON p.id = r.source_patient_id
  LEFT JOIN person_link l ON l.source_patient_id = r.source_patient_id`;

/** Rows of a statement that has one of a few shapes: each is planned once a connection. */
export function fixedRows<Row extends object>(
  { queryable }: Reading,
  name: string,
  statement: Part,
): Promise<Row[]> {
  const { text, parameters } = statement.render();
  return queryable.query<Row>(sql(`${name}.${shapeOf(text)}`, text), parameters);
}

/** Rows of a statement of any shape, whose plan has to see the values. */
export function plannedRows<Row extends object>(
  { queryable }: Reading,
  name: string,
  statement: Part,
): Promise<Row[]> {
  const { text, parameters } = statement.render();
  return queryable.query<Row>(sql(name, text, { prepare: false }), parameters);
}

const shapes = new Map<string, string>();

/** A prepared statement's name stands for one text. */
function shapeOf(text: string): string {
  let shape = shapes.get(text);
  if (shape === undefined) {
    shape = createHash('sha256').update(text).digest('hex').slice(0, 12);
    shapes.set(text, shape);
  }
  return shape;
}

export const rendered = ({ keyring }: Reading, rows: readonly ReadRow[]): StoredResource[] =>
  rows.map((row) => renderRow(row, keyring));
