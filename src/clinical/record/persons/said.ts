import type { Keyring } from '../../../foundation/crypto/index.ts';
import { type Queryable, sql } from '../../../foundation/database/index.ts';
import { authoritySystem } from '../../source-patients/index.ts';
import { openContent } from '../cipher.ts';
import { SYSTEM_AUTHORITY } from '../ids.ts';
import { PUBLISHER } from './publisher.ts';

/** What a source says of its patient, apart from what is published of the person. */
export interface Said {
  readonly source: string;
  readonly person: string;
  /** The number by which the source knows the patient; absent where the server made it up. */
  readonly number?: { readonly system: string; readonly value: string };
  /** The number that goes on in its place. */
  readonly retiredInto?: string;
  readonly system?: string;
  readonly version: number;
  readonly lastUpdated?: Date;
  /** The Patient as it was stored. Absent while the source says nothing: only mentioned, retired before it was known, or deleted. */
  readonly json?: string;
}

interface Row {
  readonly source: string;
  readonly person: string;
  readonly authority: string;
  readonly identifier: string;
  readonly retired_into: string | null;
  readonly version: number | null;
  readonly last_updated: Date | null;
  readonly source_system: string | null;
  readonly content_key: string | null;
  readonly content: Uint8Array | null;
}

const readSaid = sql(
  'record.read-said',
  `SELECT p.id AS source, l.person_id AS person, p.authority, p.identifier, p.retired_into,
          s.version, s.last_updated, s.source_system, s.content_key, s.content
     FROM source_patient p JOIN person_link l ON l.source_patient_id = p.id
     LEFT JOIN LATERAL (
       SELECT d.version, d.last_updated, d.source_system, d.content_key, d.content
         FROM source_demographics d WHERE d.source_patient_id = p.id
       UNION ALL
       SELECT r.version, r.last_updated, r.source_system, r.content_key, r.content
         FROM resource r WHERE r.id = p.id AND r.type = 'Patient' AND r.source_system <> $2
       LIMIT 1
     ) s ON TRUE
    WHERE p.id = ANY($1::text[]) ORDER BY p.id`,
);

/** What these source patients' sources say of them, as it stands within the transaction; ids that are no source patient are not in it. */
export async function saidBy(
  queryable: Queryable,
  sources: readonly string[],
  keyring?: Keyring,
): Promise<Said[]> {
  if (sources.length === 0) return [];
  const rows = await queryable.query<Row>(readSaid, [sources, PUBLISHER]);
  return rows.map((row) => saidOf(row, keyring));
}

function saidOf(row: Row, keyring: Keyring | undefined): Said {
  const { source, person, authority, identifier, content } = row;
  const own = { type: 'Patient', id: source, content_key: row.content_key };
  return {
    source,
    person,
    version: row.version ?? 0,
    ...(authority.startsWith(SYSTEM_AUTHORITY)
      ? {}
      : { number: { system: authoritySystem(authority), value: identifier } }),
    ...(row.retired_into === null ? {} : { retiredInto: row.retired_into }),
    ...(row.source_system === null ? {} : { system: row.source_system }),
    ...(row.last_updated === null ? {} : { lastUpdated: row.last_updated }),
    ...(content ? { json: openContent({ ...own, content }, keyring).toString() } : {}),
  };
}
