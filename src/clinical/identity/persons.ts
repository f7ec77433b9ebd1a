import type { Keyring } from '../../foundation/crypto/index.ts';
import type { Queryable, Transaction } from '../../foundation/database/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import { indexable, sourcePatientId } from '../record/index.ts';
import type { SourcePatient } from '../source-patients/index.ts';
import { moveBelongings } from './belongings.ts';
import { readHistory } from './history.ts';
import { faultOf, moved, planLink, planMerge, planMove, planUnlink } from './moves.ts';
import * as statements from './sql.ts';
import type { Decision, IdentityChange, IdentityEventRecord } from './types.ts';
import { undoEvent } from './undo.ts';
import {
  apartIn,
  apartOf,
  carryOut,
  carryOutAll,
  lockPersonsOf,
  nothing,
  type Planned,
  publish,
  type Working,
  writeEvent,
} from './working.ts';

export interface PersonsOptions {
  /** Opens and seals contents, as the record's. */
  readonly keyring?: Keyring;
}

interface Decided {
  readonly decision: Decision;
}

interface Pair extends Decided {
  /** Ids of source patients. */
  readonly one: string;
  readonly other: string;
}

interface MergeNumbers extends Decided {
  /** PID-3, and MRG-1. */
  readonly surviving: SourcePatient;
  readonly retired: SourcePatient;
  /** A person has decided that a number that was merged elsewhere before is this one's after all. */
  readonly contradictory?: boolean;
}

/**
 * Who stands behind whom. Every change is one event, within the caller's transaction, and takes effect with it; it throws IDENTITY_REFUSED when it
 * can't be, and then the transaction is to be given up. A DATABASE conflict may be tried again from the beginning.
 */
export interface Persons {
  /** All source patients of the other's person come to the one's (`survivor` says whose stays). Nothing where they are one person. */
  linkPersons(
    transaction: Transaction,
    link: Pair & { readonly survivor?: 'one' | 'other' },
  ): Promise<IdentityChange>;
  /** A source patient leaves its person for one of its own, with the numbers that were retired into its own. Nothing where it is alone. */
  unlink(transaction: Transaction, unlink: Decided & { readonly source: string }): Promise<IdentityChange>;
  /** A40: one authority's number goes on as another, and their charts are one. Unknown numbers are known from then on. */
  mergeNumbers(transaction: Transaction, merge: MergeNumbers): Promise<IdentityChange>;
  /** A43: a number, with those retired into it, comes to the person of another source patient. */
  moveNumber(
    transaction: Transaction,
    move: Decided & { readonly number: SourcePatient; readonly to: SourcePatient },
  ): Promise<IdentityChange>;
  /** A46, A47: the same patient under a new number of the same authority. */
  changeNumber(
    transaction: Transaction,
    change: Decided & { readonly now: SourcePatient; readonly before: SourcePatient },
  ): Promise<IdentityChange>;
  /** A45: a visit goes to another patient, with all that refers to it (id of the Encounter). */
  moveVisit(
    transaction: Transaction,
    move: Decided & { readonly encounter: string; readonly to: SourcePatient },
  ): Promise<IdentityChange>;
  /** A44: an account goes to another patient, with its visits and all that refers to these (id of the Account). */
  moveAccount(
    transaction: Transaction,
    move: Decided & { readonly account: string; readonly to: SourcePatient },
  ): Promise<IdentityChange>;
  /** Takes a decision back, exactly, also for what arrived in between. */
  undo(transaction: Transaction, undo: Decided & { readonly eventId: number }): Promise<IdentityChange>;
  /** Two source patients are not the same: no decision brings them together until this one is taken back. */
  notSame(transaction: Transaction, pair: Pair): Promise<IdentityChange>;
  sameAgain(transaction: Transaction, pair: Pair): Promise<IdentityChange>;
  /**
   * Links one after the other what the algorithm holds for the same, in few statements. What a decision of people, or of later ones, stands
   * against is left out and comes back as refused, by its place.
   */
  linkAll(
    transaction: Transaction,
    links: readonly Pair[],
  ): Promise<{ readonly change: IdentityChange; readonly refused: ReadonlySet<number> }>;
  /** The persons of these source patients are marked as possibly one of these persons, wherever the chart is read; with [] no longer. */
  mark(
    transaction: Transaction,
    marks: readonly { readonly source: string; readonly possibleDuplicateOf: readonly string[] }[],
  ): Promise<IdentityChange>;
}

export function createPersons({ keyring }: PersonsOptions = {}): Persons {
  const working = (transaction: Transaction): Working => ({ transaction, ...(keyring ? { keyring } : {}) });
  return {
    linkPersons: (transaction, link) => linkPersons(working(transaction), link),
    unlink: (transaction, unlink) => unlinkSource(working(transaction), unlink),
    mergeNumbers: (transaction, merge) => mergeNumbers(working(transaction), 'merge', merge),
    moveNumber: (transaction, move) => moveNumber(working(transaction), move),
    changeNumber: (transaction, { now, before, decision }) =>
      mergeNumbers(working(transaction), 'change-id', { surviving: now, retired: before, decision }),
    moveVisit: (transaction, { encounter: id, to, decision }) =>
      moveTo(working(transaction), { type: 'Encounter', id, to, decision }),
    moveAccount: (transaction, { account: id, to, decision }) =>
      moveTo(working(transaction), { type: 'Account', id, to, decision }),
    undo: (transaction, undo) => undoEvent(working(transaction), undo),
    notSame: (transaction, pair) => notSame(working(transaction), pair),
    sameAgain: (transaction, pair) => sameAgain(working(transaction), pair),
    linkAll: (transaction, links) => linkAll(working(transaction), links),
    mark: (transaction, marks) => markSources(working(transaction), marks),
  };
}

async function linkPersons(
  working: Working,
  { one, other, survivor = 'one', decision }: Parameters<Persons['linkPersons']>[1],
): Promise<IdentityChange> {
  const standings = await lockPersonsOf(working, [one, other]);
  const moves = planLink(standings, { one, other, survivor });
  return carryOut(working, standings, { kind: 'link', decision, one, other, moves });
}

async function unlinkSource(
  working: Working,
  { source, decision }: Parameters<Persons['unlink']>[1],
): Promise<IdentityChange> {
  const standings = await lockPersonsOf(working, [source]);
  const moves = planUnlink(standings, source);
  return carryOut(working, standings, { kind: 'unlink', decision, one: source, moves });
}

async function mergeNumbers(
  working: Working,
  kind: 'merge' | 'change-id',
  { surviving, retired, contradictory = false, decision }: MergeNumbers,
): Promise<IdentityChange> {
  if (surviving.authority !== retired.authority)
    throw new IsthmusError('IDENTITY_REFUSED', {
      rule: 'only numbers of one assigning authority are merged',
    });
  const [one, other] = await foundNumbers(working, [surviving, retired]);
  const standings = await lockPersonsOf(working, [one, other]);
  const moves = planMerge(standings, { surviving: one, retired: other, contradictory });
  return carryOut(working, standings, { kind, decision, one, other, moves });
}

async function moveNumber(
  working: Working,
  { number, to, decision }: Parameters<Persons['moveNumber']>[1],
): Promise<IdentityChange> {
  const [one, other] = await foundNumbers(working, [to, number]);
  const standings = await lockPersonsOf(working, [one, other]);
  const moves = planMove(standings, { source: other, to: one });
  return carryOut(working, standings, { kind: 'move', decision, one, other, moves });
}

async function moveTo(
  working: Working,
  { to, ...move }: Decided & { type: 'Encounter' | 'Account'; id: string; to: SourcePatient },
): Promise<IdentityChange> {
  const [target] = await foundNumbers(working, [to, to]);
  return moveBelongings(working, { ...move, to: target });
}

/** Ids of numbers; those that nobody has used yet are known from now on, so that what comes for them finds its person. */
async function foundNumbers(
  { transaction }: Working,
  numbers: readonly [SourcePatient, SourcePatient],
): Promise<[string, string]> {
  const ids: [string, string] = [sourcePatientId(numbers[0]), sourcePatientId(numbers[1])];
  await transaction.query(statements.found, [
    ids,
    numbers.map(({ authority }) => indexable(authority)),
    numbers.map(({ identifier }) => indexable(identifier)),
  ]);
  return ids;
}

async function notSame(working: Working, { one, other, decision }: Pair): Promise<IdentityChange> {
  const standings = await lockPersonsOf(working, [one, other]);
  const [first, second] = [standings.get(one), standings.get(other)];
  if (!first || !second || one === other)
    throw new IsthmusError('IDENTITY_REFUSED', { rule: 'it takes two patients that are known' });
  if (first.person === second.person)
    throw new IsthmusError('IDENTITY_REFUSED', { rule: 'they are one person; part them first' });
  const [known] = await working.transaction.query(statements.apart, [[one, other]]);
  if (known) return nothing;
  const eventId = await writeEvent(working.transaction, { kind: 'not-same', decision, one, other });
  await working.transaction.query(statements.insertApart, [...[one, other].sort(), eventId]);
  return { ...nothing, eventId };
}

async function sameAgain({ transaction }: Working, { one, other, decision }: Pair): Promise<IdentityChange> {
  const [gone] = await transaction.query(statements.deleteApart, [one, other].sort());
  if (!gone) return nothing;
  const eventId = await writeEvent(transaction, { kind: 'same-again', decision, one, other });
  return { ...nothing, eventId };
}

async function linkAll(
  working: Working,
  links: readonly Pair[],
): Promise<{ change: IdentityChange; refused: ReadonlySet<number> }> {
  const refused = new Set<number>();
  if (links.length === 0) return { change: nothing, refused };
  let standings = await lockPersonsOf(working, [...new Set(links.flatMap(({ one, other }) => [one, other]))]);
  const apart = await apartOf(working.transaction, standings);
  const planned: Planned[] = [];
  for (const [n, { one, other, decision }] of links.entries()) {
    if (!standings.has(one) || !standings.has(other)) {
      refused.add(n);
      continue;
    }
    const moves = planLink(standings, { one, other, survivor: 'one' });
    const after = moved(standings, moves);
    if (faultOf(after) || apartIn(after, apart)) refused.add(n);
    else if (moves.length > 0) {
      planned.push({ kind: 'link', decision, one, other, moves });
      standings = after;
    }
  }
  return { change: await carryOutAll(working, planned), refused };
}

async function markSources(working: Working, marks: Parameters<Persons['mark']>[1]): Promise<IdentityChange> {
  if (marks.length === 0) return nothing;
  const { transaction } = working;
  const standings = await lockPersonsOf(
    working,
    marks.map(({ source }) => source),
  );
  if (marks.some(({ source }) => !standings.has(source)))
    throw new IsthmusError('IDENTITY_REFUSED', { rule: 'there is no such patient' });
  const rows = marks.map(({ source, possibleDuplicateOf }) => ({
    source,
    duplicates: [...new Set(possibleDuplicateOf)].sort(),
  }));
  const changed = await transaction.query<{ id: string }>(statements.mark, [JSON.stringify(rows)]);
  if (changed.length === 0) return nothing;
  const persons = [...new Set(changed.flatMap(({ id }) => standings.get(id)?.person ?? []))].sort();
  const told = await publish(working, { persons, gone: [] });
  return { eventId: undefined, persons, moved: [], ...told };
}

const ofSource = async (queryable: Queryable, source: string): Promise<string | undefined> => {
  const [row] = await queryable.query<{ person: string }>(statements.personsOf, [[source]]);
  return row?.person;
};

/** The person who stands behind a source patient; undefined for one that nobody has spoken of. */
export const personOf = ofSource;

/** The source patients that stand behind a person, in the order of ids; none for a person that another has replaced. */
export async function sourcesOf(queryable: Queryable, person: string): Promise<string[]> {
  const rows = await queryable.query<{ source: string }>(statements.standings, [[person]]);
  return rows.map(({ source }) => source).sort();
}

/** What was decided about a source patient, or about everybody of a person: the newest `limit` events, oldest first. */
export async function historyOf(
  queryable: Queryable,
  id: string,
  { limit = 500 }: { readonly limit?: number } = {},
): Promise<IdentityEventRecord[]> {
  return readHistory(queryable, [...new Set([id, ...(await sourcesOf(queryable, id))])], limit);
}
