import { IsthmusError } from '../../foundation/errors/index.ts';
import { belongingsOf, reassign } from '../record/index.ts';
import * as statements from './sql.ts';
import type { Decision, IdentityChange } from './types.ts';
import { nothing, type Working, writeEvent } from './working.ts';

interface Belonging {
  readonly type: 'Encounter' | 'Account';
  readonly id: string;
  /** The source patient to whom it goes. */
  readonly to: string;
  readonly decision: Decision;
}

/** A visit or an account goes to another source patient, with what came of it (A44, A45). */
export async function moveBelongings(
  working: Working,
  { type, id, to, decision }: Belonging,
): Promise<IdentityChange> {
  const { transaction, keyring } = working;
  const found = await belongingsOf(transaction, { type, id });
  if (!found)
    throw new IsthmusError('IDENTITY_REFUSED', { place: type, rule: 'there is no such visit or account' });
  const { source: from, resources } = found;
  if (from === to) return nothing;
  const eventId = await writeEvent(transaction, { kind: 'move', decision, one: to, other: from });
  const changedResources = await reassign(transaction, {
    resources,
    from,
    to,
    ...(keyring ? { keyring } : {}),
  });
  await transaction.query(statements.insertResourceMoves, [
    eventId,
    resources.map((one) => one.type),
    resources.map((one) => one.id),
    from,
    to,
  ]);
  return { eventId, persons: [], moved: [], published: [], changedResources };
}

interface ResourceMove {
  readonly type: string;
  readonly id: string;
  readonly from_source: string;
  readonly to_source: string;
}

/** Back to whom they were about; undefined where the event moved no resources. */
export async function undoBelongings(
  working: Working,
  { eventId, one, other, decision }: { eventId: number; one: string; other: string; decision: Decision },
): Promise<IdentityChange | undefined> {
  const { transaction, keyring } = working;
  const resources = await transaction.query<ResourceMove>(statements.readResourceMoves, [eventId]);
  const [first] = resources;
  if (!first) return undefined;
  const [from, to] = [first.to_source, first.from_source];
  const undone = await writeEvent(transaction, { kind: 'undo', decision, undoes: eventId, one, other });
  const changedResources = await reassign(transaction, {
    resources,
    from,
    to,
    ...(keyring ? { keyring } : {}),
  });
  await transaction.query(statements.insertResourceMoves, [
    undone,
    resources.map(({ type }) => type),
    resources.map(({ id }) => id),
    from,
    to,
  ]);
  return { eventId: undone, persons: [], moved: [], published: [], changedResources };
}
