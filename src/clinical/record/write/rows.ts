import type { Keyring } from '../../../foundation/crypto/index.ts';
import { sealContent } from '../cipher.ts';
import { searchableOf } from '../searchable.ts';
import { type Progress, timesText, type Version } from './batch.ts';

/** Parameters of the statements of sql.ts: rows as JSON, and contents as one run of bytes that the rows point into. */

/** Rows of `resource`, in the order of ids, as locks are taken. */
export function currentRows(resources: readonly Progress[], keyring: Keyring | undefined): [string, Buffer] {
  const sorted = resources
    .flatMap(({ now, standing }) => (now && standing ? [{ now, standing }] : []))
    .sort((one, other) => (one.now.id < other.now.id ? -1 : 1));
  const { places, bytes } = pack(
    sorted.map(({ now }) => now),
    keyring,
  );
  const rows = sorted.map(({ now, standing }, index) => {
    const { dateFrom, dateTo, tokens, refs } = searchableOf(standing.content);
    return {
      ...columns(now),
      ...places[index],
      event_time: new Date(standing.eventTime).toISOString(),
      stated: standing.stated,
      element_times: timesText(standing),
      date_from: dateFrom,
      date_to: dateTo,
      tokens,
      refs,
    };
  });
  return [JSON.stringify(rows), bytes];
}

/** Rows of `resource_history`. */
export function historyRows(versions: readonly Version[], keyring: Keyring | undefined): [string, Buffer] {
  const { places, bytes } = pack(versions, keyring);
  const rows = versions.map((version, index) => ({
    ...columns(version),
    ...places[index],
    last_updated: version.lastUpdated?.toISOString() ?? null,
  }));
  return [JSON.stringify(rows), bytes];
}

/** Rows of `change_feed`. */
export const feedRows = (resources: readonly Progress[]): string =>
  JSON.stringify(
    resources.flatMap(({ made }) =>
      made.map(({ version, kind }) => ({
        type: version.type,
        id: version.id,
        version: version.version,
        kind,
        source_patient_id: version.sourcePatientId,
        message_id: version.messageId,
      })),
    ),
  );

/** What is confirmed of rows that got no new version. */
export const confirmedRows = (resources: readonly Progress[]): string =>
  JSON.stringify(
    resources.flatMap(({ now, standing }) =>
      now && standing
        ? [
            {
              type: now.type,
              id: now.id,
              event_time: new Date(standing.eventTime).toISOString(),
              stated: standing.stated,
              element_times: timesText(standing),
            },
          ]
        : [],
    ),
  );

const columns = (version: Version) => ({
  type: version.type,
  id: version.id,
  version: version.version,
  source_system: version.sourceSystem,
  source_patient_id: version.sourcePatientId,
  business_key: version.businessKey,
  message_id: version.messageId,
});

interface Packed {
  /** Where each content lies, counted from 1 as SQL does, and its key. */
  readonly places: readonly {
    readonly at: number;
    readonly size: number;
    readonly content_key: string | null;
  }[];
  readonly bytes: Buffer;
}

function pack(versions: readonly Version[], keyring: Keyring | undefined): Packed {
  let at = 1;
  const resting = versions.map((version) => sealContent(version, version.content, keyring));
  const places = resting.map(({ bytes, keyId }) => {
    const place = { at, size: bytes.length, content_key: keyId };
    at += bytes.length;
    return place;
  });
  return { places, bytes: Buffer.concat(resting.map(({ bytes }) => bytes)) };
}
