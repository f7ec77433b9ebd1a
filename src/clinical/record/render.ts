import type { Keyring } from '../../foundation/crypto/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { parseExact, stringifyExact } from '../../standards/fhir/index.ts';
import { openContent } from './cipher.ts';
import { storable } from './text.ts';
import type { StoredIssue, StoredResource } from './types.ts';
import { VALIDATION_TAG } from './write/meta.ts';

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
  /** Further patients that it names and who are known as another person, as `id person`. */
  readonly others?: readonly string[] | null;
  readonly message_id: number | null;
  /** JSON of the issues it was taken with. */
  readonly issues?: string | null;
  readonly content_key: string | null;
  /** Null where `text` has it. */
  readonly content: Uint8Array | null;
  /** Content in the clear, from statements that ask for it as a text. */
  readonly text?: string | null;
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
    ...(row.issues ? { issues: JSON.parse(row.issues) as StoredIssue[] } : {}),
    json: toPerson(withMeta(row, contentOf(row, keyring)), row),
  };
}

function contentOf(row: ReadRow, keyring: Keyring | undefined): string {
  const { text, content } = row;
  if (typeof text === 'string') return text;
  if (!content) throw new IsthmusError('INTERNAL', { rule: 'a row is read with its content' });
  return openContent({ ...row, content }, keyring).toString();
}

/**
 * Contents are stored with type, id and meta first, and meta without what the server keeps itself (write/meta.ts, write/version.ts): in the
 * usual case the server's part is put in between, and nothing is parsed.
 */
function withMeta(row: ReadRow, stored: string): string {
  const own = serverMeta(row);
  const head = `{"resourceType":${JSON.stringify(row.type)},"id":${JSON.stringify(row.id)}`;
  const isTagged = row.issues !== null && row.issues !== undefined;
  if (!isTagged && stored.startsWith(head)) {
    const rest = stored.slice(head.length);
    if (!rest.startsWith(META)) return `${head},"meta":{${own}}${rest}`;
    if (!rest.startsWith(EMPTY_META)) return `${head}${META}${own},${rest.slice(META.length)}`;
  }
  return parsedWithMeta(row, stored, own);
}

const META = ',"meta":{';
const EMPTY_META = ',"meta":{}';

function parsedWithMeta(row: ReadRow, stored: string, own: string): string {
  const { resourceType, id, meta: kept, ...elements } = parseExact(stored) as Record<string, unknown>;
  const meta = isObject(kept) ? { ...kept } : {};
  if (row.issues) meta.tag = [...(Array.isArray(meta.tag) ? meta.tag : []), VALIDATION_TAG];
  return stringifyExact({
    resourceType,
    id,
    meta: { ...meta, ...(JSON.parse(`{${own}}`) as object) },
    ...elements,
  });
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const serverMeta = (row: ReadRow): string =>
  `"versionId":"${row.version}","lastUpdated":"${row.last_updated.toISOString()}","source":${JSON.stringify(sourceUri(row))}`;

const SOURCE = 'urn:isthmus:system:';

/** Meta.source: the system, and the message within the queue's store. */
function sourceUri(row: ReadRow): string {
  const system = `${SOURCE}${encodeURIComponent(row.source_system)}`;
  return row.message_id === null ? system : `${system}#${row.message_id}`;
}

/** The columns that a Meta.source stands for; undefined for what is none of this server. */
export function sourceOfUri(uri: string): { system: string; messageId?: number } | undefined {
  const [, encoded = '', message] = /^urn:isthmus:system:([^#]+)(?:#(\d{1,15}))?$/.exec(uri) ?? [];
  const system = encoded && decoded(encoded);
  if (!system) return undefined;
  return message === undefined ? { system } : { system, messageId: Number(message) };
}

function decoded(text: string): string | undefined {
  try {
    return storable(decodeURIComponent(text));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** A quotation mark within a JSON string is escaped, so that this text can only be a reference. */
function toPerson(json: string, row: ReadRow): string {
  const { source_patient_id: source, person_id: person, others } = row;
  if (row.type === 'Patient') return json;
  const own = source === null || person === null || source === person ? json : leading(json, source, person);
  if (!others) return own;
  let shown = own;
  for (const other of others) {
    const [id = '', leadsTo = ''] = other.split(' ');
    shown = leading(shown, id, leadsTo);
  }
  return shown;
}

const leading = (json: string, source: string, person: string): string =>
  json.replaceAll(`"reference":"Patient/${source}"`, `"reference":"Patient/${person}"`);
