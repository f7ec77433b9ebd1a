import { allOf, part } from '../../../foundation/database/index.ts';
import { parseExact } from '../../../standards/fhir/index.ts';
import { authoritiesOf, authoritySystem } from '../../source-patients/index.ts';
import { openContent } from '../cipher.ts';
import { tokenLookups } from '../entries.ts';
import { visibilityOf } from '../read/names.ts';
import { fixedRows, type Reading } from '../read/rows.ts';
import { visible } from '../search/scope.ts';
import type { PatientNumber } from '../types.ts';
import type { Content } from '../write/slot.ts';
import { isObject, listOf } from './items.ts';

/**
 * The source patient whose number this is: of its authority, or else the one whose source states it. Where several sources stand behind a person, a write
 * that names the patient by number is meant for this one (ITI-104, conditional update). Undefined for a number that nobody knows
 * within the scope, and for one that several state.
 */
export async function sourceOf(reading: Reading, number: PatientNumber): Promise<string | undefined> {
  const visibility = await visibilityOf(reading);
  const authorities = authoritiesOf(number.system);
  const named = await fixedRows<{ id: string; authority: string }>(
    reading,
    'record.source-of-number',
    part`SELECT s.id, s.authority FROM source_patient s JOIN resource r ON r.id = s.id AND r.type = 'Patient'
      WHERE s.authority = ANY(${authorities}::text[]) AND s.identifier = ${number.value} AND ${visible(part`r`, visibility, ['Patient'])}`,
  );
  const own = named.filter(({ authority }) => sameSystem(authoritySystem(authority), number.system));
  if (own.length > 0) return own.length === 1 ? own[0]?.id : undefined;
  return stating(reading, number);
}

/** OIDs and UUIDs are the same in either case. */
const sameSystem = (one: string, other: string): boolean =>
  one === other || (/^urn:(oid|uuid):/i.test(one) && one.toLowerCase() === other.toLowerCase());

interface SaidRow {
  readonly id: string;
  readonly content_key: string | null;
  readonly content: Uint8Array;
}

/** Found by what is published, then looked for in what each source of that person says. */
async function stating(reading: Reading, number: PatientNumber): Promise<string | undefined> {
  const visibility = await visibilityOf(reading);
  const rows = await fixedRows<SaidRow>(
    reading,
    'record.source-stating',
    part`SELECT k.source_patient_id AS id, coalesce(d.content_key, o.content_key) AS content_key, coalesce(d.content, o.content) AS content
      FROM resource r
      JOIN person_link l ON l.source_patient_id = r.id
      JOIN person_link k ON k.person_id = l.person_id
      LEFT JOIN source_demographics d ON d.source_patient_id = k.source_patient_id
      LEFT JOIN resource o ON d.source_patient_id IS NULL AND o.id = k.source_patient_id AND o.type = 'Patient'
      WHERE ${allOf([
        part`r.type = 'Patient'`,
        part`r.tokens && ${tokenLookups('identifier', { system: number.system, code: number.value })}::text[]`,
        visible(part`r`, visibility, ['Patient']),
      ])} AND coalesce(d.content, o.content) IS NOT NULL LIMIT 1000`,
  );
  const states = (row: SaidRow): boolean => {
    const bytes = openContent({ type: 'Patient', ...row }, reading.keyring);
    const { identifier } = parseExact(bytes.toString()) as Content;
    return listOf(identifier).some(
      (one) => isObject(one) && one.system === number.system && one.value === number.value,
    );
  };
  const found = [...new Set(rows.filter(states).map(({ id }) => id))];
  return found.length === 1 ? found[0] : undefined;
}
