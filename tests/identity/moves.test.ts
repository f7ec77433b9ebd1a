import { expect, test } from 'vitest';
import {
  faultOf,
  type Move,
  moved,
  obstacleTo,
  planLink,
  planMerge,
  planMove,
  planUndo,
  planUnlink,
  type Standing,
  type Standings,
} from '../../src/clinical/identity/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { type Dice, dice } from './dice.ts';

/** Decisions without a database: what each must come to is told here in sets, apart from how it is planned. */

const SOURCES = Array.from({ length: 12 }, (_, index) => `s${String(index).padStart(2, '0')}`);
const alone: Standings = new Map(
  SOURCES.map((source): [string, Standing] => [source, { source, person: source, retiredInto: null }]),
);

type Kind = 'link' | 'unlink' | 'merge' | 'move';
interface Logged {
  readonly id: number;
  readonly undoes: number | null;
  readonly moves: readonly Move[];
}

class Log {
  standings: Standings = alone;
  readonly events: Logged[] = [];
  /** What arrived, and for whom: never changed by any decision. */
  readonly messages: string[] = [];

  take(moves: readonly Move[], undoes: number | null = null): void {
    if (moves.length === 0) return;
    const after = moved(this.standings, moves);
    const fault = faultOf(after);
    if (fault) throw new IsthmusError('IDENTITY_REFUSED', { rule: fault });
    this.standings = after;
    this.events.push({ id: this.events.length + 1, undoes, moves });
  }

  /** Refused as the database refuses. */
  undo(event: Logged): void {
    const sources = new Set(event.moves.map(({ source }) => source));
    const later = this.events
      .slice(event.id)
      .filter(({ moves }) => moves.some(({ source }) => sources.has(source)));
    const rule = obstacleTo(event.id, later);
    if (rule) throw new IsthmusError('IDENTITY_REFUSED', { rule });
    this.take(planUndo(this.standings, event.moves), event.id);
  }

  group(source: string): string {
    const { person } = this.standings.get(source) ?? { person: '' };
    return this.members(person).join(' ');
  }

  members(person: string): string[] {
    return SOURCES.filter((each) => this.standings.get(each)?.person === person);
  }

  into(source: string): string | null {
    return this.standings.get(source)?.retiredInto ?? null;
  }
}

function root(log: Log, source: string): string {
  let at = source;
  for (let steps = 0; log.into(at) !== null; steps += 1) {
    if (steps > SOURCES.length) throw new Error('retired numbers lead in a circle');
    at = log.into(at) ?? '';
  }
  return at;
}

const withRetired = (log: Log, source: string): string[] =>
  SOURCES.filter((each) => {
    for (let at: string | null = each; at !== null; at = log.into(at)) if (at === source) return true;
    return false;
  });

const joined = (...groups: readonly string[]): string =>
  [...new Set(groups.flatMap((group) => group.split(' ')))]
    .filter((each) => each !== '')
    .sort()
    .join(' ');
const less = (group: string, gone: readonly string[]): string =>
  group
    .split(' ')
    .filter((each) => !gone.includes(each))
    .join(' ');

/** What has to hold whatever was decided. */
function expectSound(log: Log): void {
  for (const { source, person, retiredInto } of log.standings.values()) {
    if (log.standings.get(person)?.person !== person) throw new Error(`${person} is not with its founder`);
    if (log.into(person) !== null) throw new Error(`${person} is known by a retired number`);
    if (retiredInto === null) continue;
    if (log.standings.get(root(log, source))?.person !== person)
      throw new Error(`${source} leads to somebody else`);
  }
}

/** As `expect(…).toBe(…)`, which a million times takes long. */
function same(found: unknown, wanted: unknown): void {
  if (found !== wanted) expect(found).toBe(wanted);
}

function decide(log: Log, kind: Kind, [one, other]: readonly [string, string]): void {
  const before = { one: log.group(one), other: log.group(other) };
  const untouched = SOURCES.filter((each) => !joined(before.one, before.other).split(' ').includes(each)).map(
    (each) => `${each}:${log.standings.get(each)?.person}:${log.into(each)}`,
  );
  const retiredWith = withRetired(log, one);
  const moving = withRetired(log, other);
  if (kind === 'link') {
    log.take(planLink(log.standings, { one, other, survivor: 'one' }));
    same(log.group(one), joined(before.one, before.other));
  } else if (kind === 'unlink') {
    log.take(planUnlink(log.standings, one));
    const isAll = retiredWith.length === before.one.split(' ').length;
    if (!isAll) {
      same(log.group(one), retiredWith.join(' '));
      same(log.into(one), null);
      for (const left of less(before.one, retiredWith).split(' '))
        same(log.group(left), less(before.one, retiredWith));
    }
  } else if (kind === 'merge') {
    log.take(planMerge(log.standings, { surviving: one, retired: other, contradictory: false }));
    same(log.group(one), joined(before.one, before.other));
    same(log.into(other), one);
    same(root(log, other), root(log, one));
  } else {
    log.take(planMove(log.standings, { source: other, to: one }));
    if (before.one === before.other) same(log.group(one), before.one);
    else {
      same(log.group(one), joined(before.one, moving.join(' ')));
      for (const left of less(before.other, moving).split(' '))
        if (left !== '') same(log.group(left), less(before.other, moving));
    }
  }
  for (const each of untouched) {
    const [source = ''] = each.split(':');
    same(`${source}:${log.standings.get(source)?.person}:${log.into(source)}`, each);
  }
}

const KINDS: readonly (Kind | 'undo' | 'message')[] = [
  'link',
  'merge',
  'unlink',
  'move',
  'undo',
  'undo',
  'message',
];

/** Returns what was decided; a refusal changes nothing. */
function step(log: Log, random: Dice): string {
  const kind = random.one(KINDS);
  if (kind === 'message') {
    log.messages.push(random.one(SOURCES));
    return kind;
  }
  const before = log.standings;
  try {
    if (kind === 'undo') {
      if (log.events.length === 0) return 'none';
      const event = random.one(log.events.slice(-12));
      log.undo(event);
      for (const { source, fromPerson, fromRetiredInto } of event.moves)
        same(
          JSON.stringify(log.standings.get(source)),
          JSON.stringify({ source, person: fromPerson, retiredInto: fromRetiredInto }),
        );
    } else {
      const one = random.one(SOURCES);
      const other = random.one(SOURCES.filter((each) => each !== one));
      decide(log, kind, [one, other]);
    }
    return kind;
  } catch (error) {
    if (!(error instanceof IsthmusError) || error.code !== 'IDENTITY_REFUSED') throw error;
    same(log.standings, before);
    return `${kind} refused`;
  }
}

/** Newest first; an undo that is itself taken back brings back what it took, which is then taken back in its turn. */
function undoEverything(log: Log): void {
  for (const event of [...log.events].reverse()) log.undo(event);
}

test('[ID2] [ID3] [ID5] 100,000 random decisions: nobody is on two charts, retired numbers lead to one, and all undone everything is as it was', () => {
  const told = new Map<string, number>();
  for (let run = 0; run < 400; run += 1) {
    const random = dice(run);
    const log = new Log();
    for (let at = 0; at < 250; at += 1) {
      const kind = step(log, random);
      told.set(kind, (told.get(kind) ?? 0) + 1);
      expectSound(log);
    }
    // A chart is the messages of its source patients: each is on one, whatever was decided.
    const persons = new Set([...log.standings.values()].map(({ person }) => person));
    const charted = [...persons].flatMap((person) =>
      log.messages.filter((source) => log.members(person).includes(source)),
    );
    expect(charted.length).toBe(log.messages.length);
    undoEverything(log);
    expect([...log.standings.values()]).toEqual([...alone.values()]);
  }
  for (const kind of ['link', 'merge', 'unlink', 'move', 'undo', 'undo refused', 'merge refused'])
    expect(told.get(kind) ?? 0, kind).toBeGreaterThan(1000);
}, 60_000);

test('the judge catches a plan that leaves a retired number behind', () => {
  const log = new Log();
  log.take(planMerge(log.standings, { surviving: 's00', retired: 's01', contradictory: false }));
  log.standings = moved(log.standings, [
    { source: 's01', fromPerson: 's00', toPerson: 's01', fromRetiredInto: 's00', toRetiredInto: 's00' },
  ]);
  expect(() => expectSound(log)).toThrow();
});
