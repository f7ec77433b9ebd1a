import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Transaction } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { publishPersons } from '../record/index.ts';
import { faultOf, moved, type Standings } from './moves.ts';
import * as statements from './sql.ts';
import type { Decision, EventKind, IdentityChange, Move, Standing } from './types.ts';

/** What a decision is carried out with. */
export interface Working {
  readonly transaction: Transaction;
  readonly keyring?: Keyring;
}

/** An event to be written. */
export interface Deciding {
  readonly kind: EventKind;
  readonly decision: Decision;
  readonly one?: string;
  readonly other?: string;
  readonly undoes?: number;
}

export const nothing: IdentityChange = {
  eventId: undefined,
  persons: [],
  moved: [],
  published: [],
  changedResources: 0,
};

interface StandingRow {
  readonly source: string;
  readonly person: string;
  readonly retired_into: string | null;
}

/** How often the persons of a patient may change while they are being locked. */
const MAX_TRIES = 50;

/**
 * Locks the persons of these source patients and further ones, with every person that one of their source patients could come to be, in the order of ids;
 * returns everybody who stands behind them. Two decisions about one person wait for each other here, and never in a circle.
 */
export async function lockPersonsOf(
  { transaction }: Working,
  sources: readonly string[],
  further: readonly string[] = [],
): Promise<Standings> {
  let before = await circleOf(transaction, sources, further);
  await transaction.query(statements.beginLocking);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const locks = new Set([...further, ...before.values()].flatMap(personsIn));
    await transaction.query(statements.lockPersons, [[...locks]]);
    const after = await circleOf(transaction, sources, further);
    if ([...after.values()].flatMap(personsIn).every((person) => locks.has(person))) {
      await transaction.query(statements.endLocking);
      return after;
    }
    // Somebody was moved meanwhile. A further person locked now would be out of order, and two who do so could wait for each other.
    await transaction.query(statements.unlock);
    before = after;
  }
  throw new IsthmusError('CONFLICT', { rule: 'the patient is being moved by somebody else' });
}

/** A source patient's person, and the one that it would found. */
const personsIn = (one: Standing | string): string[] =>
  typeof one === 'string' ? [one] : [one.person, one.source];

async function circleOf(
  transaction: Transaction,
  sources: readonly string[],
  persons: readonly string[],
): Promise<Map<string, Standing>> {
  const rows = await transaction.query<StandingRow>(statements.circle, [sources, persons]);
  return new Map(
    rows.map(({ source, person, retired_into: retiredInto }) => [source, { source, person, retiredInto }]),
  );
}

async function personsOf(transaction: Transaction, sources: readonly string[]): Promise<Map<string, string>> {
  const rows = await transaction.query<{ source: string; person: string }>(statements.personsOf, [sources]);
  return new Map(rows.map(({ source, person }) => [source, person]));
}

/** A decision with what it moves. */
export type Planned = Deciding & { readonly moves: readonly Move[] };

/** Writes the event, moves who is to be moved, publishes the Patients anew, and tells followers of every resource whose person changed. */
export async function carryOut(
  working: Working,
  standings: Standings,
  planned: Planned,
): Promise<IdentityChange> {
  if (planned.moves.length === 0) return nothing;
  const after = moved(standings, planned.moves);
  const fault = faultOf(after) ?? apartIn(after, await apartOf(working.transaction, after));
  if (fault) throw new IsthmusError('IDENTITY_REFUSED', { rule: fault });
  return carryOutAll(working, [planned]);
}

/** The same for several, each planned on what the one before leaves; whoever calls has looked that nothing stands against them. */
export async function carryOutAll(working: Working, planned: readonly Planned[]): Promise<IdentityChange> {
  if (planned.length === 0) return nothing;
  const { transaction } = working;
  const events = await writeEvents(transaction, planned);
  const rows = planned.flatMap(({ moves }, n) =>
    moves.map(({ source, fromPerson, toPerson, fromRetiredInto, toRetiredInto }) => ({
      event_id: events[n],
      source,
      from_person: fromPerson,
      to_person: toPerson,
      from_retired_into: fromRetiredInto,
      to_retired_into: toRetiredInto,
    })),
  );
  await transaction.query(statements.move, [JSON.stringify(rows)]);
  const moves = planned.flatMap((one) => one.moves);
  const persons = [...new Set(moves.flatMap(({ fromPerson, toPerson }) => [fromPerson, toPerson]))].sort();
  const gone = moves
    .filter(({ fromPerson, toPerson }) => fromPerson !== toPerson)
    .map(({ source }) => source);
  const told = await publish(working, { persons, gone: [...new Set(gone)], messages: messagesOf(planned) });
  const all = [...new Set(moves.map(({ source }) => source))].sort();
  return { eventId: events.at(-1), persons, moved: all, ...told };
}

/** The message because of which each of these is published anew. */
function messagesOf(planned: readonly Planned[]): Map<string, number> {
  const messages = new Map<string, number>();
  for (const { decision, moves } of planned)
    for (const { source, fromPerson, toPerson } of moves)
      if (decision.messageId !== undefined)
        for (const one of [source, fromPerson, toPerson]) messages.set(one, decision.messageId);
  return messages;
}

interface Publishing {
  readonly persons: readonly string[];
  /** Source patients with another person than before. */
  readonly gone: readonly string[];
  /** Because of which message, by source patient. */
  readonly messages?: ReadonlyMap<string, number>;
}

/** The Patients that are published anew, and of how many resources followers are told. */
export async function publish(
  { transaction, keyring }: Working,
  { persons, gone, messages = new Map() }: Publishing,
): Promise<Pick<IdentityChange, 'published' | 'changedResources'>> {
  const marked = await transaction.query<{ id: string }>(statements.markedAs, [persons]);
  // Everybody of these persons: who founded one stands behind one of them, and is looked up by it.
  const sources = [...new Set([...persons, ...gone, ...marked.map(({ id }) => id)])];
  const published = await publishPersons(transaction, sources, { ...(keyring ? { keyring } : {}), messages });
  const affected = await personsOf(transaction, sources);
  await transaction.query(statements.settlePersons, [[...new Set([...persons, ...affected.values()])]]);
  if (gone.length === 0) return { published, changedResources: published.length };
  const [row] = await transaction.query<{ told: number }>(statements.tellMoved, [
    gone,
    published.map(({ id }) => id),
  ]);
  return { published, changedResources: published.length + (row?.told ?? 0) };
}

interface Apart {
  readonly one: string;
  readonly other: string;
}

/** Pairs among these of which a person decided that they are not the same. */
export const apartOf = (transaction: Transaction, standings: Standings): Promise<Apart[]> =>
  transaction.query<Apart>(statements.apart, [[...standings.keys()]]);

/** A decision that two are not the same holds until a person takes it back. */
export const apartIn = (standings: Standings, apart: readonly Apart[]): string | undefined =>
  apart.some(({ one, other }) => standings.get(one)?.person === standings.get(other)?.person)
    ? 'a person decided that two of these patients are not the same'
    : undefined;

/** Appends an event and returns its number. */
export async function writeEvent(transaction: Transaction, deciding: Deciding): Promise<number> {
  const [id] = await writeEvents(transaction, [deciding]);
  if (id === undefined) throw new IsthmusError('INTERNAL', { rule: 'an event has a number' });
  return id;
}

/** Appends events, in their order, and returns their numbers. */
async function writeEvents(transaction: Transaction, decidings: readonly Deciding[]): Promise<number[]> {
  const rows = decidings.map(({ kind, decision, one, other, undoes }, n) => ({
    ...{ n, kind, at: decision.at.toISOString(), actor: decision.actor, reason: decision.reason },
    message_id: decision.messageId ?? null,
    model_version: decision.modelVersion ?? null,
    score: decision.score === undefined ? null : JSON.stringify(decision.score),
    undoes: undoes ?? null,
    one: one ?? null,
    other: other ?? null,
  }));
  const written = await transaction.query<{ id: number }>(statements.insertEvents, [JSON.stringify(rows)]);
  return written.map(({ id }) => id).sort((one, other) => one - other);
}
