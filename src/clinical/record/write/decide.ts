import { IsthmusError } from '../../../foundation/errors/index.ts';
import { parseExact } from '../../../standards/fhir/index.ts';
import type { Behind, Kept } from '../persons/statements.ts';
import { storable } from '../text.ts';
import type { HistoryMethod, ResourceWrite, WriteOrigin, WriteOutcome } from '../types.ts';
import { WHOLE } from './batch.ts';
import type { Bounds } from './bounds.ts';
import { decideStatement } from './decide-statement.ts';
import { entriesOf } from './entries-of.ts';
import { invalidityOf } from './invalidity.ts';
import type { Current, Deleted } from './lock.ts';
import { withStoredMeta } from './meta.ts';
import { outcomeOf } from './outcome.ts';
import { restorePatients } from './restore.ts';
import type { NewRow } from './rows.ts';
import type { Content } from './slot.ts';
import { encodeContent, versionOfRow } from './version.ts';

/** What one write comes to, in view of what stands. */
export type Plan =
  | { readonly kind: 'create' | 'update'; readonly row: NewRow }
  | { readonly kind: 'delete' }
  /** What a source says from now on, where that is kept apart. */
  | { readonly kind: 'state'; readonly kept: Kept; readonly isNew: boolean }
  /** It says what stands: no version, but as of a later time. */
  | { readonly kind: 'confirm'; readonly row: Confirmation; readonly outcome: WriteOutcome }
  | { readonly kind: 'done'; readonly outcome: WriteOutcome };

interface Confirmation {
  readonly type: string;
  readonly id: string;
  readonly event_time: string | null;
  readonly stated: boolean;
  readonly element_times: string | null;
}

export interface Situation {
  readonly current: Current | undefined;
  /** What its source says of a Patient that is published from more than that; `current` is then the published one. */
  readonly behind: Behind | undefined;
  readonly deleted: Deleted | undefined;
  readonly bounds: Bounds;
  readonly origin: WriteOrigin;
}

export function decide(write: ResourceWrite, situation: Situation): Plan {
  const seen = visible(write, situation);
  return write.op === 'delete' ? decideDelete(write, seen) : decideContent(write, seen);
}

/** What the scope excludes does not exist for the writer. */
function visible(write: ResourceWrite, situation: Situation): Situation & { readonly hidden: boolean } {
  const { current, deleted, bounds } = situation;
  const type = write.op === 'delete' ? write.type : write.resource.resourceType;
  const seesCurrent =
    current && bounds.sees(type, [current.row.source_patient_id, ...(current.row.other_patients ?? [])]);
  const seesDeleted = deleted && bounds.sees(type, [deleted.patientId]);
  return {
    ...situation,
    current: seesCurrent ? current : undefined,
    deleted: seesDeleted ? deleted : undefined,
    hidden: (current !== undefined && !seesCurrent) || (deleted !== undefined && !seesDeleted),
  };
}

type Seen = ReturnType<typeof visible>;
type ContentWrite = Exclude<ResourceWrite, { op: 'delete' }>;

function decideDelete(write: ResourceWrite & { op: 'delete' }, { current, deleted, behind }: Seen): Plan {
  const { type, id, ifMatch } = write;
  if (!current) return done('absent', { type, id, version: deleted?.version ?? 0 });
  const { version } = current.row;
  if (ifMatch !== undefined && ifMatch !== version) return done('conflict', { type, id, version });
  if (behind)
    throw new IsthmusError('IDENTITY_REFUSED', {
      place: 'Patient',
      rule: 'several sources stand behind this patient, or a review is open; part them, or decide it, before one is deleted',
    });
  return { kind: 'delete' };
}

function decideContent(write: ContentWrite, seen: Seen): Plan {
  const { current, deleted, bounds, hidden } = seen;
  const { resourceType: type, id = '' } = write.resource;
  const name = { type, id, version: current?.row.version ?? deleted?.version ?? 0 };
  if (write.op === 'create') {
    if (write.method === 'PUT') demandName(bounds);
    return current || hidden ? done('conflict', name) : { kind: 'create', row: newRow(write, seen) };
  }
  if (!current) {
    if (write.ifMatch !== undefined || write.mustExist || !bounds.mayName) return done('absent', name);
    return { kind: 'create', row: newRow(write, seen) };
  }
  if (write.ifMatch !== undefined && write.ifMatch !== name.version) return done('conflict', name);
  return seen.behind ? stateOf(write, current, seen) : decideUpdate(write, current, seen);
}

function stateOf(write: ContentWrite, current: Current, { behind, bounds, origin }: Seen): Plan {
  const decided = behind && decideStatement(write, behind, origin);
  if (decided) {
    bounds.demand('Patient', entriesOf(decided.content, false));
    return { kind: 'state', kept: decided.kept, isNew: decided.isNew };
  }
  const { row, content } = current;
  const known = { lastUpdated: row.last_updated, personId: row.person_id };
  return { kind: 'done', outcome: outcomeOf('unchanged', versionOfRow(row, content), known) };
}

function demandName(bounds: Bounds): void {
  if (!bounds.mayName)
    throw new IsthmusError('FORBIDDEN', { rule: 'within a compartment the server chooses the ids' });
}

function decideUpdate(write: ContentWrite, current: Current, seen: Seen): Plan {
  const row = newRow(write, seen);
  const { row: before, content } = current;
  if (!row.version.content.equals(content)) return { kind: 'update', row };
  const version = versionOfRow(before, content);
  const outcome = outcomeOf('unchanged', version, {
    lastUpdated: before.last_updated,
    personId: before.person_id,
  });
  if (before.element_times === WHOLE && before.source_system === row.version.sourceSystem)
    return { kind: 'done', outcome };
  const { id, type } = version;
  const eventTime = row.eventTime === null ? null : new Date(row.eventTime).toISOString();
  const confirmed = { type, id, event_time: eventTime, stated: true, element_times: WHOLE };
  return { kind: 'confirm', row: confirmed, outcome };
}

function newRow(write: ContentWrite, { current, deleted, bounds, origin }: Seen): NewRow {
  const { content, bytes } = contentOf(write, current);
  const issues = invalidityOf(write.issues);
  const entries = entriesOf(content, issues !== null);
  const type = write.resource.resourceType;
  bounds.demand(type, entries);
  return {
    version: {
      type,
      id: write.resource.id ?? '',
      version: (current?.row.version ?? deleted?.version ?? 0) + 1,
      sourceSystem: storable(origin.system),
      sourcePatientId: entries.patients[0] ?? null,
      businessKey: current?.row.business_key ?? '',
      messageId: origin.messageId ?? null,
      method: methodOf(write),
      issues,
      content: bytes,
    },
    eventTime: origin.eventTime?.getTime() ?? null,
    stated: true,
    elementTimes: WHOLE,
    entries,
    told: true,
  };
}

const methodOf = (write: ContentWrite): HistoryMethod => write.method;

/** A patch says itself which labels stay. */
function contentOf(write: ContentWrite, current: Current | undefined): { content: Content; bytes: Buffer } {
  const former = current && write.method !== 'PATCH' ? labelled(current.content) : undefined;
  const content = restorePatients(withStoredMeta(write.resource, former), current);
  return { content, bytes: encodeContent(content) };
}

type DoneKind = 'absent' | 'conflict';
const done = (
  kind: DoneKind,
  name: { readonly type: string; readonly id: string; readonly version: number },
): Plan => ({ kind: 'done', outcome: { kind, ...name } });

/** Most resources have no labels, and are not parsed for them. */
const labelled = (content: Buffer): Content | undefined =>
  content.includes('"meta":') ? (parseExact(content.toString()) as Content) : undefined;
