import { type Queryable, sql } from '../../foundation/database/index.ts';
import type { SourcePatient } from '../source-patients/index.ts';

/** A source patient: whose number it is, who stands behind it, and whether it is still in use. */
export interface KnownNumber extends SourcePatient {
  readonly id: string;
  readonly person: string;
  readonly retiredInto?: string;
}

interface Row extends SourcePatient {
  readonly id: string;
  readonly person: string;
  readonly retired_into: string | null;
}

const COLUMNS = `SELECT s.id, s.authority, s.identifier, s.retired_into, l.person_id AS person
   FROM source_patient s JOIN person_link l ON l.source_patient_id = s.id`;
const byIds = sql('identity.numbers-of', `${COLUMNS} WHERE s.id = ANY($1::text[]) ORDER BY s.id`);

const anyOf = sql(
  'identity.any-number-of',
  'SELECT EXISTS (SELECT FROM source_patient WHERE authority = ANY($1::text[])) AS known',
);

/** Whether anybody has a number of these authorities. */
export async function hasNumbers(queryable: Queryable, authorities: readonly string[]): Promise<boolean> {
  const [row] = await queryable.query<{ known: boolean }>(anyOf, [authorities]);
  return row?.known ?? false;
}

/** The source patients of these ids, in the order of ids; those that nobody has spoken of are not in it. */
export async function numbersOf(queryable: Queryable, ids: readonly string[]): Promise<KnownNumber[]> {
  if (ids.length === 0) return [];
  return (await queryable.query<Row>(byIds, [ids])).map(numberOf);
}

const numberOf = ({ retired_into: into, ...row }: Row): KnownNumber => ({
  ...row,
  ...(into === null ? {} : { retiredInto: into }),
});
