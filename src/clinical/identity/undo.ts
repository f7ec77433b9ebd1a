import { IsthmusError } from '../../foundation/errors/index.ts';
import { undoBelongings } from './belongings.ts';
import { readEvent, undoneBy } from './history.ts';
import { planUndo } from './moves.ts';
import * as statements from './sql.ts';
import type { Decision, IdentityChange, IdentityEventRecord } from './types.ts';
import { carryOut, lockPersonsOf, nothing, type Working, writeEvent } from './working.ts';

/** Takes an event back, exactly. Throws NOT_FOUND, and IDENTITY_REFUSED with what stands in the way. */
export async function undoEvent(
  working: Working,
  { eventId, decision }: { readonly eventId: number; readonly decision: Decision },
): Promise<IdentityChange> {
  const event = await readEvent(working.transaction, eventId);
  if (!event) throw new IsthmusError('NOT_FOUND', { place: 'event', rule: 'there is no such decision' });
  if (event.kind === 'not-same' || event.kind === 'same-again') return undoPair(working, event, decision);
  if (event.moves.length === 0) return undoResources(working, event, decision);
  const standings = await lockPersonsOf(
    working,
    event.moves.map(({ source }) => source),
    event.moves.flatMap(({ fromPerson, toPerson }) => [fromPerson, toPerson]),
  );
  await demandLatest(working, event);
  return carryOut(working, standings, {
    kind: 'undo',
    decision,
    undoes: event.id,
    ...aboutOf(event),
    moves: planUndo(standings, event.moves),
  });
}

async function undoResources(
  working: Working,
  event: IdentityEventRecord,
  decision: Decision,
): Promise<IdentityChange> {
  const { one = '', other = '' } = event;
  await demandLatest(working, event);
  const change = await undoBelongings(working, { eventId: event.id, one, other, decision });
  if (!change)
    throw new IsthmusError('IDENTITY_REFUSED', { rule: `nothing was moved by an event '${event.kind}'` });
  return change;
}

interface Logged {
  readonly id: number;
  readonly undoes: number | null;
}

/** Why an event can't be taken back, in view of the later ones about the same patients: it was already, or one of them still holds. Pure. */
export function obstacleTo(event: number, later: readonly Logged[]): string | undefined {
  const undone = undoneBy(later);
  const by = undone.get(event);
  if (by !== undefined) return `event ${by} has taken this decision back already`;
  const dependent = later.filter(({ id, undoes }) => undoes === null && !undone.has(id)).map(({ id }) => id);
  if (dependent.length === 0) return undefined;
  return `event ${Math.max(...dependent)} is later and about the same patients; undo that one first`;
}

async function demandLatest({ transaction }: Working, event: IdentityEventRecord): Promise<void> {
  const later = await transaction.query<Logged>(statements.laterEvents, [
    event.moves.map(({ source }) => source),
    event.id,
  ]);
  const rule = obstacleTo(event.id, later);
  if (rule) throw new IsthmusError('IDENTITY_REFUSED', { rule });
}

const aboutOf = ({ one, other }: IdentityEventRecord) => ({
  ...(one === undefined ? {} : { one }),
  ...(other === undefined ? {} : { other }),
});

/** Whoever is one person today is parted first: a decision that they are not would stand in the way of every later one. */
async function demandTwo(working: Working, one: string, other: string): Promise<void> {
  const standings = await lockPersonsOf(working, [one, other]);
  if (standings.get(one)?.person === standings.get(other)?.person)
    throw new IsthmusError('IDENTITY_REFUSED', { rule: 'they are one person; part them first' });
}

async function undoPair(
  working: Working,
  event: IdentityEventRecord,
  decision: Decision,
): Promise<IdentityChange> {
  const { transaction } = working;
  const { one = '', other = '' } = event;
  const pair = [one, other].sort();
  const later = await transaction.query<Logged>(statements.laterEvents, [[], event.id]);
  if (undoneBy(later).has(event.id))
    throw new IsthmusError('IDENTITY_REFUSED', { rule: 'this decision was taken back already' });
  if (event.kind === 'same-again') await demandTwo(working, one, other);
  const eventId = await writeEvent(transaction, { kind: 'undo', decision, undoes: event.id, one, other });
  if (event.kind === 'same-again') await transaction.query(statements.insertApart, [...pair, eventId]);
  else await transaction.query(statements.deleteApart, pair);
  return { ...nothing, eventId };
}
