import type { Transaction } from '../../../foundation/database/index.ts';
import type { Change, RecordWrite, ResourceType } from '../types.ts';
import { advance, type Progress, progressOf } from './batch.ts';
import type { Standing } from './patch.ts';
import * as statements from './sql.ts';
import { keyOf } from './version.ts';

/**
 * Lists that are snapshots (rule R28): what the newest does not list is ended as of it. It follows from the List alone which those are, and every slot of
 * a member keeps the time of who spoke of it, so that the order of arrival changes nothing: a member that comes late is ended as of the newest
 * snapshot, and one that a newer one lists again is not.
 */

interface Named {
  readonly type: ResourceType;
  readonly id: string;
}

/** Resources of a batch by `Type/id`. */
export type Resources = Map<string, Progress>;

/** What must be locked beside what is written: members that the snapshots of the batch, or those that stand, list. */
export async function membersOf(
  transaction: Transaction,
  writes: readonly RecordWrite[],
): Promise<readonly Named[]> {
  const lists = writes.filter(isSnapshot);
  if (lists.length === 0) return [];
  const rows = await transaction.query<{ reference: string }>(statements.readMembers, [
    [...new Set(lists.map(({ id }) => id))],
  ]);
  const listed = lists.flatMap(({ set }) => referencesIn(set.entry));
  return namesOf([...rows.map(({ reference }) => reference), ...listed]);
}

/** Members of these Lists as they stand that are not among the locked: another transaction has listed them since `membersOf`. */
export function unlockedMembers(writes: readonly RecordWrite[], resources: Resources): readonly Named[] {
  const listed = writes
    .filter(isSnapshot)
    .flatMap((write) => referencesIn(resources.get(keyOf(write))?.standing?.content.entry));
  return namesOf(listed.filter((reference) => !resources.has(reference)));
}

/** Applies one write in memory; a snapshot after what it lists. */
export function applyOne(resources: Resources, write: RecordWrite): Change {
  const progress = resources.get(keyOf(write)) ?? progressOf();
  resources.set(keyOf(write), progress);
  if (!isSnapshot(write)) return advance(progress, write);
  const before = referencesIn(progress.standing?.content.entry);
  const change = advance(progress, write);
  const { standing } = progress;
  if (!standing) return change;
  const listed = new Set(referencesIn(standing.content.entry));
  const ended = [...new Set([...before, ...referencesIn(write.set.entry)])]
    .filter((reference) => !listed.has(reference))
    .flatMap((reference) => endMember(resources.get(reference), write, entriesAsOf(standing)) ?? []);
  return ended.length > 0 ? { ...change, ended } : change;
}

const isSnapshot = ({ type, ends }: RecordWrite): boolean => type === 'List' && ends !== undefined;

/** What only copies spoke of was never listed by who owns it. */
function endMember(member: Progress | undefined, list: RecordWrite, asOf: Date): Change | undefined {
  if (!member?.now || !member.standing?.stated) return undefined;
  const { type, id, businessKey } = member.now;
  const { ends = {}, origin } = list;
  const change = advance(member, {
    type: type as ResourceType,
    id,
    key: businessKey,
    origin: { ...origin, eventTime: asOf },
    set: ends.set ?? {},
    ...(ends.remove ? { remove: ends.remove } : {}),
  });
  return change.kind === 'unchanged' ? undefined : change;
}

/** When the newest snapshot was made. */
const entriesAsOf = ({ times }: Standing): Date => new Date(times.slots.entry ?? times.base);

/** `Type/id` of the items of List.entry. */
function referencesIn(entries: unknown): string[] {
  if (!Array.isArray(entries)) return [];
  return entries.flatMap((entry: { item?: { reference?: unknown } } | null) => {
    const reference = entry?.item?.reference;
    return typeof reference === 'string' ? [reference] : [];
  });
}

const NAME = /^([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9\-.]{1,64})$/;

function namesOf(references: readonly string[]): Named[] {
  return [...new Set(references)].flatMap((reference) => {
    const [, type, id] = NAME.exec(reference) ?? [];
    return type === undefined || id === undefined ? [] : [{ type: type as ResourceType, id }];
  });
}
