import { createHash } from 'node:crypto';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import { type Part, part, type Queryable, sql, TRUE } from '../../../foundation/database/index.ts';
import { type ReadRow, renderRow } from '../render.ts';
import type { RecordScope, StoredResource } from '../types.ts';

/** What every reading of the record goes by. */
export interface Reading {
  readonly queryable: Queryable;
  readonly scope: RecordScope;
  /** Opens contents that are sealed. */
  readonly keyring?: Keyring;
}

/** In the clear a content is a text, and travels as one; as bytes it would travel as hex. */
const contentIf = (condition: Part): Part => part`
  CASE WHEN ${condition} AND r.content_key IS NULL THEN convert_from(r.content, 'UTF8') END AS text,
  CASE WHEN ${condition} AND r.content_key IS NOT NULL THEN r.content END AS content`;

/** Of the further patients that it names, those who are known as another person, as `id person`. */
const OTHERS = part`CASE WHEN r.other_patients IS NOT NULL AND r.type <> 'Patient' THEN (
    SELECT array_agg(k.source_patient_id || ' ' || k.person_id) FROM person_link k
     WHERE k.source_patient_id = ANY(r.other_patients) AND k.person_id <> k.source_patient_id) END`;

const columnsWith = (content: Part): Part =>
  part`r.type, r.id, r.version, r.last_updated, r.source_system, r.source_patient_id, r.message_id, r.issues,
  r.content_key, ${content}, p.authority, p.identifier, l.person_id, ${OTHERS} AS others`;

/** Columns of a resource `r`, current or passed, with its origin by ORIGIN. */
export const COLUMNS = columnsWith(contentIf(TRUE));

/** Contents of a page together (S58): 16 MiB. */
export const PAGE_BYTES = 16_777_216;

/** A row of a page; the contents of those that do not fit stay in the database. */
export interface PageRow extends ReadRow {
  readonly fits: boolean;
}

/** COLUMNS of a page in this order. The first row fits whatever its size, so that every page gets further. */
export function pageColumns(order: Part): Part {
  const before = part`sum(octet_length(r.content)) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const fits = part`coalesce(${before}, 0) < ${PAGE_BYTES}::bigint`;
  return part`${columnsWith(contentIf(fits))}, ${fits} AS fits`;
}

/** The rows of a page, in its order, as far as they fit. */
export function fitting<Row extends PageRow>(rows: readonly Row[]): readonly Row[] {
  const end = rows.findIndex(({ fits }) => !fits);
  return end === -1 ? rows : rows.slice(0, end);
}

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
