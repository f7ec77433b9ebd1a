import { stringifyExact } from '../../../standards/fhir/index.ts';
import type { HistoryMethod } from '../types.ts';
import type { Content } from './slot.ts';

/** A row of `resource` as `lockCurrent` returns it; only the names and what was deleted when there is no current version. */
export interface LockedRow {
  readonly type: string;
  readonly id: string;
  readonly deleted_version: number | null;
  readonly deleted_at: Date | null;
  readonly deleted_patient_id: string | null;
}

export interface CurrentRow {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly last_updated: Date;
  readonly source_system: string;
  readonly source_patient_id: string | null;
  readonly other_patients: readonly string[] | null;
  readonly business_key: string;
  readonly message_id: number | null;
  readonly event_time: Date;
  readonly stated: boolean;
  readonly element_times: string | null;
  readonly issues: string | null;
  readonly content_key: string | null;
  readonly content: Uint8Array;
  readonly person_id: string | null;
  /** Further patients that it names and who are known as another person, as `id person`. */
  readonly others?: readonly string[] | null;
}

export const isCurrent = (row: LockedRow | CurrentRow): row is CurrentRow =>
  'version' in row && row.version !== null;

/** One version of a resource, as it stands after a write. */
export interface Version {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly sourceSystem: string;
  readonly sourcePatientId: string | null;
  readonly businessKey: string;
  readonly messageId: number | null;
  readonly method: HistoryMethod;
  /** JSON of the issues it was taken with. */
  readonly issues: string | null;
  readonly content: Buffer;
}

export const keyOf = (resource: { readonly type: string; readonly id: string }): string =>
  `${resource.type}/${resource.id}`;

export const versionOfRow = (row: CurrentRow, content: Buffer): Version => ({
  type: row.type,
  id: row.id,
  version: row.version,
  sourceSystem: row.source_system,
  sourcePatientId: row.source_patient_id,
  businessKey: row.business_key,
  messageId: row.message_id,
  method: 'PUT',
  issues: row.issues,
  content,
});

/**
 * Stored form: type, id and meta first (render.ts counts on it), then the elements by name, so that equal contents are equal bytes,
 * whoever wrote them.
 */
export function encodeContent(content: Content): Buffer {
  const { resourceType, id, meta, ...elements } = content;
  const sorted: Content = meta === undefined ? { resourceType, id } : { resourceType, id, meta };
  for (const name of Object.keys(elements).sort()) sorted[name] = elements[name];
  return Buffer.from(stringifyExact(sorted));
}
