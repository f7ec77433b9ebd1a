import type { Keyring } from '../../foundation/crypto/index.ts';
import { parseExact, stringifyExact } from '../../standards/fhir/index.ts';
import { openContent } from './cipher.ts';
import type { StoredResource } from './types.ts';

/** A row as every read statement returns it. */
export interface ReadRow {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly last_updated: Date;
  readonly source_system: string;
  readonly source_patient_id: string | null;
  readonly authority: string | null;
  readonly identifier: string | null;
  readonly person_id: string | null;
  readonly message_id: number | null;
  readonly content_key: string | null;
  readonly content: Uint8Array;
}

/**
 * A resource as a reader sees it: meta is the server's, and where the source patient is now known as another person, references
 * lead to the person. What is stored is not touched, and in the usual case not even parsed.
 */
export function renderRow(row: ReadRow, keyring: Keyring | undefined): StoredResource {
  const { type, id, version } = row;
  return {
    type,
    id,
    version,
    lastUpdated: row.last_updated,
    origin: {
      system: row.source_system,
      ...(row.authority !== null && row.identifier !== null
        ? { patient: { authority: row.authority, identifier: row.identifier } }
        : {}),
      ...(row.message_id === null ? {} : { messageId: row.message_id }),
    },
    json: toPerson(withMeta(row, openContent(row, keyring).toString()), row),
  };
}

function withMeta(row: ReadRow, stored: string): string {
  const meta = {
    versionId: String(row.version),
    lastUpdated: row.last_updated.toISOString(),
    source: sourceUri(row),
  };
  const head = `{"resourceType":${JSON.stringify(row.type)},"id":${JSON.stringify(row.id)}`;
  if (stored.startsWith(head) && !stored.startsWith(',"meta":', head.length)) {
    return `${head},"meta":${JSON.stringify(meta)}${stored.slice(head.length)}`;
  }
  const { resourceType, id, meta: own, ...elements } = parseExact(stored) as Record<string, unknown>;
  return stringifyExact({
    resourceType,
    id,
    meta: { ...(typeof own === 'object' ? own : {}), ...meta },
    ...elements,
  });
}

/** Meta.source: the system, and the message within the queue's store. */
function sourceUri(row: ReadRow): string {
  const system = `urn:isthmus:system:${encodeURIComponent(row.source_system)}`;
  return row.message_id === null ? system : `${system}#${row.message_id}`;
}

/** A quotation mark within a JSON string is escaped, so that this text can only be a reference. */
function toPerson(json: string, row: ReadRow): string {
  const { source_patient_id: source, person_id: person } = row;
  if (row.type === 'Patient' || source === null || person === null || source === person) return json;
  return json.replaceAll(`"reference":"Patient/${source}"`, `"reference":"Patient/${person}"`);
}
