import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Transaction } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import { parseExact } from '../../../standards/fhir/index.ts';
import { isPublished } from '../persons/publisher.ts';
import type { Change, Json, ResourceType } from '../types.ts';
import { entriesOf } from './entries-of.ts';
import { type Current, lockRows } from './lock.ts';
import type { NewRow } from './rows.ts';
import type { Content } from './slot.ts';
import { storeUpdated } from './store.ts';
import { encodeContent, keyOf, versionOfRow } from './version.ts';

export interface ReviseOptions {
  /** Opens and seals contents at rest. */
  readonly keyring?: Keyring;
}

/** The resource in other words: the same object where nothing is to be said otherwise. Decimals are as standards/fhir `parseExact` gives them. */
export type Revise = (resource: Json) => Json;

/**
 * Says what stands in other words, such as with a translation that nobody knew when it came: each resource that changes gets its next
 * version within the caller's transaction, with history and feed, and keeps what it goes by when something else arrives (R29): who said
 * it, in which message, as of when, element by element. What is not there, or does not change, has no change in the answer. Throws INTERNAL when a
 * revision changes what a resource is.
 */
export async function reviseResources(
  transaction: Transaction,
  names: readonly { readonly type: string; readonly id: string }[],
  { revise, keyring }: ReviseOptions & { readonly revise: Revise },
): Promise<Change[]> {
  const unique = [...new Map(names.map((name) => [keyOf(name), name])).values()];
  const { current } = await lockRows(transaction, unique, keyring);
  const rows = [...current.values()].flatMap((one) => revisedRow(one, revise) ?? []);
  await storeUpdated(transaction, rows, { keyring });
  return rows.map(({ version: { type, id, version, messageId } }) => ({
    ...{ type: type as ResourceType, id, version, kind: 'updated' as const, late: false },
    ...(messageId === null ? {} : { messageId }),
  }));
}

function revisedRow({ row, content }: Current, revise: Revise): NewRow | undefined {
  // What it is made of would come back with the next statement.
  if (isPublished(row)) return undefined;
  const before = parseExact(content.toString()) as Json;
  const after = revise(before);
  if (after === before) return undefined;
  if (after.resourceType !== row.type || after.id !== row.id)
    throw new IsthmusError('INTERNAL', { rule: 'a revision changes neither type nor id' });
  const bytes = encodeContent(after as Content);
  if (bytes.equals(content)) return undefined;
  return {
    version: { ...versionOfRow(row, bytes), version: row.version + 1 },
    eventTime: row.event_time.getTime(),
    stated: row.stated,
    elementTimes: row.element_times,
    entries: entriesOf(after as Content, row.issues !== null),
    told: true,
  };
}
