import { parseExact } from '../../../standards/fhir/index.ts';
import { patientId } from '../ids.ts';
import { storable } from '../text.ts';
import type { Change, RecordWrite } from '../types.ts';
import type { Current, Deleted } from './lock.ts';
import { type ElementTimes, mergeWrite, type Standing } from './patch.ts';
import type { Content } from './slot.ts';
import { type CurrentRow, encodeContent, type Version, versionOfRow } from './version.ts';

/** One resource within a batch: where it stood, what passed, where it stands. */
export interface Progress {
  readonly before: Version | undefined;
  readonly deleted: Deleted | undefined;
  now: Version | undefined;
  standing: Standing | undefined;
  /** Versions made in this batch, the last of which stands. */
  readonly made: Version[];
  /** The row must be confirmed even when no version was made. */
  confirmed: boolean;
  /** Of a Patient that is published from more than what its source says: the published row. All else here is then what its source says. */
  readonly published: CurrentRow | undefined;
  /** What the writes of this batch demand. */
  readonly profiles: Set<string>;
}

interface Standpoint {
  readonly current?: Current | undefined;
  readonly deleted?: Deleted | undefined;
  readonly published?: CurrentRow;
}

/** Without `current` the resource does not exist, or no longer. */
export function progressOf({ current, deleted, published }: Standpoint = {}): Progress {
  const before = current && versionOfRow(current.row, current.content);
  const standing = current && standingOf(current);
  return {
    before,
    deleted,
    published,
    now: before,
    standing,
    made: [],
    confirmed: false,
    profiles: new Set(),
  };
}

/** Applies one write to its resource in memory. */
export function advance(progress: Progress, write: RecordWrite): Change {
  const change = { type: write.type, id: write.id, ...pick(write) };
  for (const profile of write.profiles ?? []) progress.profiles.add(profile);
  const { now, deleted } = progress;
  if (!now && deleted && write.origin.eventTime < deleted.at)
    return { ...change, version: deleted.version, kind: 'unchanged', late: true };
  const { standing, late } = mergeWrite(progress.standing, write);
  const touched = standing !== progress.standing && !sameStanding(standing, progress.standing);
  progress.standing = standing;
  progress.confirmed ||= touched;
  const content = encodeContent(standing.content);
  if (now && content.equals(now.content)) return { ...change, late, version: now.version, kind: 'unchanged' };
  const next = nextVersion(write, content, progress);
  progress.now = next;
  progress.made.push(next);
  return { ...change, late, version: next.version, kind: now ? 'updated' : 'created' };
}

const pick = (write: RecordWrite) =>
  write.origin.messageId === undefined ? {} : { messageId: write.origin.messageId };

function nextVersion(write: RecordWrite, content: Buffer, { now, deleted }: Progress): Version {
  const { origin } = write;
  return {
    type: write.type,
    id: write.id,
    version: (now?.version ?? deleted?.version ?? 0) + 1,
    sourceSystem: origin.system,
    sourcePatientId: origin.patient ? patientId(origin.patient) : (now?.sourcePatientId ?? null),
    businessKey: storable(write.key),
    messageId: origin.messageId ?? null,
    method: 'PUT',
    issues: null,
    content,
  };
}

/** In the column `element_times`: a whole resource was stated as of the row's time, and what is not there was stated not to be. */
export const WHOLE = 'whole';

/** What stands, with its times. */
export function standingOf({ row, content }: Current): Standing {
  const eventTime = row.event_time.getTime();
  return {
    content: parseExact(content.toString()) as Content,
    stated: row.stated,
    eventTime,
    times: timesOf(row.element_times, eventTime),
  };
}

function timesOf(text: string | null, eventTime: number): ElementTimes {
  if (text === null) return { base: eventTime, slots: {} };
  return text === WHOLE ? { base: eventTime, slots: {}, absent: eventTime } : JSON.parse(text);
}

const sameStanding = (one: Standing, other: Standing | undefined): boolean =>
  other !== undefined &&
  one.stated === other.stated &&
  one.eventTime === other.eventTime &&
  timesText(one) === timesText(other);

/** Null in the usual case, that every element is as old as the newest event. */
export function timesText(standing: Standing): string | null {
  const { base, slots, absent } = standing.times;
  if (base !== standing.eventTime || Object.keys(slots).length > 0) return JSON.stringify(standing.times);
  if (absent === undefined) return null;
  return absent === base ? WHOLE : JSON.stringify(standing.times);
}
