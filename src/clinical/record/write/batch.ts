import { parseExact, stringifyExact } from '../../../standards/fhir/index.ts';
import { patientId } from '../ids.ts';
import { storable } from '../text.ts';
import type { Change, RecordWrite } from '../types.ts';
import { type ElementTimes, mergeWrite, type Standing } from './patch.ts';
import type { Content } from './slot.ts';

/** A row of `resource` as `lockCurrent` returns it. */
export interface CurrentRow {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly last_updated: Date;
  readonly source_system: string;
  readonly source_patient_id: string | null;
  readonly business_key: string;
  readonly message_id: number | null;
  readonly event_time: Date;
  readonly stated: boolean;
  readonly element_times: string | null;
  readonly content_key: string | null;
  readonly content: Uint8Array;
}

/** One version of a resource, as it stands after a write. */
export interface Version {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Null for a version written in this batch: the statement gives it its time. */
  readonly lastUpdated: Date | null;
  readonly sourceSystem: string;
  readonly sourcePatientId: string | null;
  readonly businessKey: string;
  readonly messageId: number | null;
  readonly content: Buffer;
}

/** One resource within a batch: where it stood, what passed, where it stands. */
export interface Progress {
  readonly before: Version | undefined;
  now: Version | undefined;
  standing: Standing | undefined;
  readonly passed: Version[];
  /** Versions made in this batch, for the feed. */
  readonly made: { version: Version; kind: 'created' | 'updated' }[];
  /** The row must be confirmed even when no version was made. */
  confirmed: boolean;
}

export const keyOf = (resource: { type: string; id: string }): string => `${resource.type}/${resource.id}`;

/** `row` is what stands, with its content opened; without it the resource does not exist yet. */
export function progressOf(row?: CurrentRow, content: Buffer = Buffer.alloc(0)): Progress {
  const before = row && versionOfRow(row, content);
  const standing = row && standingOfRow(row, content);
  return { before, now: before, standing, passed: [], made: [], confirmed: false };
}

/** Applies one write to its resource in memory. */
export function advance(progress: Progress, write: RecordWrite): Change {
  const { standing, late } = mergeWrite(progress.standing, write);
  const touched = standing !== progress.standing && !sameStanding(standing, progress.standing);
  progress.standing = standing;
  progress.confirmed ||= touched;
  const content = encode(standing.content);
  const { now } = progress;
  const change = { type: write.type, id: write.id, late, ...pick(write) };
  if (now && content.equals(now.content)) return { ...change, version: now.version, kind: 'unchanged' };
  const kind = now ? 'updated' : 'created';
  const next = nextVersion(write, content, now);
  if (now) progress.passed.push(now);
  progress.now = next;
  progress.made.push({ version: next, kind });
  return { ...change, version: next.version, kind };
}

const pick = (write: RecordWrite) =>
  write.origin.messageId === undefined ? {} : { messageId: write.origin.messageId };

function nextVersion(write: RecordWrite, content: Buffer, now: Version | undefined): Version {
  const { origin } = write;
  return {
    type: write.type,
    id: write.id,
    version: (now?.version ?? 0) + 1,
    lastUpdated: null,
    sourceSystem: origin.system,
    sourcePatientId: origin.patient ? patientId(origin.patient) : (now?.sourcePatientId ?? null),
    businessKey: storable(write.key),
    messageId: origin.messageId ?? null,
    content,
  };
}

/** Stored form: type, id and meta first (render.ts counts on it), then the elements by name, so that equal contents are equal bytes. */
function encode(content: Content): Buffer {
  const { resourceType, id, meta, ...elements } = content;
  const sorted: Content = meta === undefined ? { resourceType, id } : { resourceType, id, meta };
  for (const name of Object.keys(elements).sort()) sorted[name] = elements[name];
  return Buffer.from(stringifyExact(sorted));
}

const versionOfRow = (row: CurrentRow, content: Buffer): Version => ({
  type: row.type,
  id: row.id,
  version: row.version,
  lastUpdated: row.last_updated,
  sourceSystem: row.source_system,
  sourcePatientId: row.source_patient_id,
  businessKey: row.business_key,
  messageId: row.message_id,
  content,
});

function standingOfRow(row: CurrentRow, content: Buffer): Standing {
  const eventTime = row.event_time.getTime();
  const times: ElementTimes =
    row.element_times === null ? { base: eventTime, slots: {} } : JSON.parse(row.element_times);
  return {
    content: parseExact(content.toString()) as Content,
    stated: row.stated,
    eventTime,
    times,
  };
}

const sameStanding = (one: Standing, other: Standing | undefined): boolean =>
  other !== undefined &&
  one.stated === other.stated &&
  one.eventTime === other.eventTime &&
  timesText(one) === timesText(other);

/** Null in the usual case, that every element is as old as the newest event. */
export function timesText(standing: Standing): string | null {
  const { base, slots } = standing.times;
  return base === standing.eventTime && Object.keys(slots).length === 0
    ? null
    : JSON.stringify(standing.times);
}
