import { IsthmusError } from '../../foundation/errors/index.ts';
import type { Move, Standing } from './types.ts';

/**
 * What a decision moves, told without a database. Every plan is given all source patients of the persons that it is about, and leaves what
 * `faultOf` holds: a person carries the id of one of its source patients, whose number is in use, and a retired number leads, in
 * however many steps, to one of the same person.
 */
export type Standings = ReadonlyMap<string, Standing>;

const refused = (rule: string): IsthmusError => new IsthmusError('IDENTITY_REFUSED', { rule });

/** All source patients of `other`'s person come to `one`'s, or the other way round. */
export function planLink(
  standings: Standings,
  link: { one: string; other: string; survivor: 'one' | 'other' },
): Move[] {
  const [stays, comes] = link.survivor === 'one' ? [link.one, link.other] : [link.other, link.one];
  const to = standing(standings, stays).person;
  return movesTo(standings, ofPerson(standings, standing(standings, comes).person), to);
}

/** A source patient leaves its person with the numbers that were retired into its own. Empty when nobody else is there. */
export function planUnlink(standings: Standings, source: string): Move[] {
  const { person, retiredInto } = standing(standings, source);
  const all = ofPerson(standings, person);
  const leaving = all.filter((each) => leadsTo(standings, each, source));
  const staying = all.filter((each) => !leaving.includes(each));
  if (staying.length === 0) return [];
  const moves = parted(standings, { person, leaving, staying, founder: source });
  if (retiredInto === null) return moves;
  const own = moves.find((move) => move.source === source) ?? unmoved(standing(standings, source));
  return [...moves.filter((move) => move.source !== source), { ...own, toRetiredInto: null }];
}

/** A source patient and the numbers retired into its own come to another person. */
export function planMove(standings: Standings, move: { source: string; to: string }): Move[] {
  const { source, to } = move;
  const from = standing(standings, source).person;
  const target = standing(standings, to).person;
  if (from === target) return [];
  const all = ofPerson(standings, from);
  const leaving = all.filter((each) => leadsTo(standings, each, source));
  const staying = all.filter((each) => !leaving.includes(each));
  const left =
    leaving.includes(from) && staying.length > 0
      ? movesTo(standings, staying, heirOf(standings, staying))
      : [];
  const gone = movesTo(standings, leaving, target).map((one) =>
    one.source === source ? { ...one, toRetiredInto: null } : one,
  );
  return [...left, ...gone];
}

/** The number `retired` goes on as `surviving`, and the two charts are one. */
export function planMerge(
  standings: Standings,
  merge: { surviving: string; retired: string; contradictory: boolean },
): Move[] {
  const { surviving, retired, contradictory } = merge;
  if (surviving === retired) throw refused('a number is not merged into itself');
  const winner = standing(standings, surviving);
  const loser = standing(standings, retired);
  if (loser.retiredInto !== null && loser.person !== winner.person) {
    if (!contradictory) throw refused('the number was merged into another before');
    return retire(planMove(standings, { source: retired, to: surviving }), standings, {
      retired,
      into: surviving,
    });
  }
  // Where the survivor had been retired into this number before (A→B, then B→A), it is in use again.
  const comesBack = leadsTo(standings, surviving, retired);
  const joined = [...new Set([...ofPerson(standings, winner.person), ...ofPerson(standings, loser.person)])];
  const to =
    winner.person === retired ? (comesBack ? surviving : rootOf(standings, surviving)) : winner.person;
  const moves = retire(movesTo(standings, joined, to), standings, { retired, into: surviving });
  return comesBack ? retire(moves, standings, { retired: surviving, into: null }) : moves;
}

/** Back to where the moves of an event came from. */
export function planUndo(standings: Standings, moves: readonly Move[]): Move[] {
  for (const move of moves) {
    const now = standing(standings, move.source);
    if (now.person !== move.toPerson || now.retiredInto !== move.toRetiredInto)
      throw refused('a later decision moved the same patient; undo that one first');
  }
  return moves.map(({ source, fromPerson, toPerson, fromRetiredInto, toRetiredInto }) => ({
    source,
    fromPerson: toPerson,
    toPerson: fromPerson,
    fromRetiredInto: toRetiredInto,
    toRetiredInto: fromRetiredInto,
  }));
}

/** The state after the moves. */
export function moved(standings: Standings, moves: readonly Move[]): Standings {
  const after = new Map(standings);
  for (const { source, toPerson, toRetiredInto } of moves)
    after.set(source, { source, person: toPerson, retiredInto: toRetiredInto });
  return after;
}

/** The rule that these persons break, if they break one; given all source patients of each. */
export function faultOf(standings: Standings): string | undefined {
  for (const person of new Set([...standings.values()].map((one) => one.person))) {
    const founder = standings.get(person);
    if (founder?.person !== person) return 'the patient by whom the person is known has gone elsewhere since';
    if (founder.retiredInto !== null) return 'the number by which the person is known is retired';
  }
  for (const { source, person, retiredInto } of standings.values()) {
    if (retiredInto !== null && standings.get(retiredInto)?.person !== person)
      return 'a retired number and the one in its place have the same person';
    if (retiredInto !== null && leadsTo(standings, retiredInto, source))
      return 'a retired number leads to itself';
  }
  return undefined;
}

function standing(standings: Standings, source: string): Standing {
  const found = standings.get(source);
  if (!found) throw refused('there is no such patient');
  return found;
}

const ofPerson = (standings: Standings, person: string): string[] =>
  [...standings.values()].flatMap((one) => (one.person === person ? [one.source] : [])).sort();

/** Whether a number is this one, or was retired into it. */
function leadsTo(standings: Standings, source: string, target: string): boolean {
  const seen = new Set<string>();
  for (
    let at: string | null = source;
    at !== null && !seen.has(at);
    at = standings.get(at)?.retiredInto ?? null
  ) {
    if (at === target) return true;
    seen.add(at);
  }
  return false;
}

/** The number in use that this one leads to. */
function rootOf(standings: Standings, source: string): string {
  let at = standing(standings, source);
  while (at.retiredInto !== null) at = standing(standings, at.retiredInto);
  return at.source;
}

const unmoved = ({ source, person, retiredInto }: Standing): Move => ({
  source,
  fromPerson: person,
  toPerson: person,
  fromRetiredInto: retiredInto,
  toRetiredInto: retiredInto,
});

const movesTo = (standings: Standings, sources: readonly string[], person: string): Move[] =>
  sources.flatMap((source) => {
    const now = standing(standings, source);
    return now.person === person ? [] : [{ ...unmoved(now), toPerson: person }];
  });

function retire(
  moves: readonly Move[],
  standings: Standings,
  to: { retired: string; into: string | null },
): Move[] {
  const { retired, into } = to;
  const own = moves.find((move) => move.source === retired) ?? unmoved(standing(standings, retired));
  const others = moves.filter((move) => move.source !== retired);
  return own.fromPerson === own.toPerson && own.fromRetiredInto === into
    ? others
    : [...others, { ...own, toRetiredInto: into }];
}

/** Whoever holds the person's id keeps it; the others go on under one of their own. */
function parted(
  standings: Standings,
  parts: { person: string; leaving: readonly string[]; staying: readonly string[]; founder: string },
): Move[] {
  const { person, leaving, staying, founder } = parts;
  return leaving.includes(person)
    ? movesTo(standings, staying, heirOf(standings, staying))
    : movesTo(standings, leaving, founder);
}

/** Of those in use the first by id, so that everybody comes to the same. */
const heirOf = (standings: Standings, sources: readonly string[]): string =>
  sources.find((source) => standing(standings, source).retiredInto === null) ?? sources[0] ?? '';
