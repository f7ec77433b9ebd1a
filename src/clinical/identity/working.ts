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

/** Writes the event, moves who is to be moved, publishes the Patients anew, and tells followers of every resource whose person changed. */
export async function carryOut(
  working: Working,
  standings: Standings,
  { moves, ...deciding }: Deciding & { readonly moves: readonly Move[] },
): Promise<IdentityChange> {
  if (moves.length === 0) return nothing;
  const { transaction } = working;
  const after = moved(standings, moves);
  demandSound(after);
  await demandNotApart(transaction, after);
  const eventId = await writeEvent(transaction, deciding);
  const rows = moves.map(({ source, fromPerson, toPerson, fromRetiredInto, toRetiredInto }) => ({
    source,
    from_person: fromPerson,
    to_person: toPerson,
    from_retired_into: fromRetiredInto,
    to_retired_into: toRetiredInto,
  }));
  await transaction.query(statements.move, [eventId, JSON.stringify(rows)]);
  const persons = [...new Set(moves.flatMap(({ fromPerson, toPerson }) => [fromPerson, toPerson]))].sort();
  const gone = moves
    .filter(({ fromPerson, toPerson }) => fromPerson !== toPerson)
    .map(({ source }) => source);
  const told = await publish(working, { persons, gone, ...messageOf(deciding.decision) });
  return { eventId, persons, moved: moves.map(({ source }) => source).sort(), ...told };
}

interface Publishing {
  readonly persons: readonly string[];
  /** Source patients with another person than before. */
  readonly gone: readonly string[];
  readonly messageId?: number;
}

/** The Patients that are published anew, and of how many resources followers are told. */
export async function publish(
  { transaction, keyring }: Working,
  { persons, gone, messageId }: Publishing,
): Promise<Pick<IdentityChange, 'published' | 'changedResources'>> {
  const marked = await transaction.query<{ id: string }>(statements.markedAs, [persons]);
  // Everybody of these persons: who founded one stands behind one of them, and is looked up by it.
  const sources = [...new Set([...persons, ...gone, ...marked.map(({ id }) => id)])];
  const messages = new Map(
    messageId === undefined ? [] : sources.map((source) => [source, messageId] as const),
  );
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

function demandSound(standings: Standings): void {
  const fault = faultOf(standings);
  if (fault) throw new IsthmusError('IDENTITY_REFUSED', { rule: `${fault}; undo later decisions first` });
}

/** A decision that two are not the same holds until a person takes it back. */
async function demandNotApart(transaction: Transaction, standings: Standings): Promise<void> {
  const pairs = await transaction.query<{ one: string; other: string }>(statements.apart, [
    [...standings.keys()],
  ]);
  const broken = pairs.some(({ one, other }) => standings.get(one)?.person === standings.get(other)?.person);
  if (broken)
    throw new IsthmusError('IDENTITY_REFUSED', {
      rule: 'a person decided that two of these patients are not the same',
    });
}

export const messageOf = ({ messageId }: Decision): { messageId?: number } =>
  messageId === undefined ? {} : { messageId };

/** Appends an event and returns its number. */
export async function writeEvent(transaction: Transaction, deciding: Deciding): Promise<number> {
  const { kind, decision, one, other, undoes } = deciding;
  const [row] = await transaction.query<{ id: number }>(statements.insertEvent, [
    kind,
    decision.at,
    decision.actor,
    decision.reason,
    decision.messageId ?? null,
    decision.modelVersion ?? null,
    decision.score === undefined ? null : JSON.stringify(decision.score),
    undoes ?? null,
    one ?? null,
    other ?? null,
  ]);
  if (!row) throw new IsthmusError('INTERNAL', { rule: 'an event has a number' });
  return row.id;
}
