import type { Keyring } from '../../../foundation/crypto/index.ts';
import { sealContent } from '../cipher.ts';
import type { IndexEntries } from './extract.ts';
import type { Version } from './version.ts';

/** Parameters of the statements of sql.ts: rows as JSON, and contents as one run of bytes that the rows point into. */

/** A row of `resource` to be written. */
export interface NewRow {
  readonly version: Version;
  /** Milliseconds since 1970; null for the time of writing. */
  readonly eventTime: number | null;
  readonly stated: boolean;
  readonly elementTimes: string | null;
  readonly entries: IndexEntries;
  /** The statement writes the row of the feed, too; otherwise the caller does, for several versions at once. */
  readonly told: boolean;
}

export type RowParameters = [rows: string, bytes: Buffer, strings: string, dates: string, quantities: string];

export function rowParameters(rows: readonly NewRow[], keyring: Keyring | undefined): RowParameters {
  const { places, bytes } = pack(
    rows.map(({ version }) => version),
    keyring,
  );
  const side = { strings: [] as object[], dates: [] as object[], quantities: [] as object[] };
  const table = rows.map((row, n) => {
    const { strings, dates, quantities } = row.entries;
    for (const entry of strings) side.strings.push({ n, ...entry });
    for (const entry of dates) side.dates.push({ n, ...entry });
    for (const entry of quantities) side.quantities.push({ n, ...entry });
    return { n, ...columnsOf(row), ...places[n] };
  });
  return [
    JSON.stringify(table),
    bytes,
    JSON.stringify(side.strings),
    JSON.stringify(side.dates),
    JSON.stringify(side.quantities),
  ];
}

function columnsOf({ version, eventTime, stated, elementTimes, entries, told }: NewRow) {
  return {
    ...versionColumns(version),
    other_patients: othersOf(version, entries),
    event_time: eventTime === null ? null : new Date(eventTime).toISOString(),
    stated,
    element_times: elementTimes,
    date_from: entries.dateFrom,
    date_to: entries.dateTo,
    tokens: entries.tokens,
    refs: entries.refs,
    params: entries.params,
    texts: entries.texts,
    told,
  };
}

function othersOf(version: Version, { patients }: IndexEntries): readonly string[] | null {
  const others = patients.filter((id) => id !== version.sourcePatientId);
  return others.length === 0 ? null : others;
}

const versionColumns = (version: Version) => ({
  type: version.type,
  id: version.id,
  version: version.version,
  source_system: version.sourceSystem,
  source_patient_id: version.sourcePatientId,
  business_key: version.businessKey,
  message_id: version.messageId,
  method: version.method,
  issues: version.issues,
});

/** Rows of `resource_history`, of versions that were never current. */
export function historyRows(versions: readonly Version[], keyring: Keyring | undefined): [string, Buffer] {
  const { places, bytes } = pack(versions, keyring);
  const rows = versions.map((version, n) => ({ n, ...versionColumns(version), ...places[n] }));
  return [JSON.stringify(rows), bytes];
}

export interface Packed {
  /** Where each content lies, counted from 1 as SQL does, and its key. */
  readonly places: readonly {
    readonly at: number;
    readonly size: number;
    readonly content_key: string | null;
  }[];
  readonly bytes: Buffer;
}

export function pack(versions: readonly Version[], keyring: Keyring | undefined): Packed {
  let at = 1;
  const resting = versions.map((version) => sealContent(version, version.content, keyring));
  const places = resting.map(({ bytes, keyId }) => {
    const place = { at, size: bytes.length, content_key: keyId };
    at += bytes.length;
    return place;
  });
  return { places, bytes: Buffer.concat(resting.map(({ bytes }) => bytes)) };
}
