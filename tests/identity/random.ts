import { expect } from 'vitest';
import {
  faultOf,
  type IdentityChange,
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
import { applyWrites, patientId, previewWrites, type RecordWrite } from '../../src/clinical/record/index.ts';
import type { SourcePatient } from '../../src/clinical/source-patients/index.ts';
import type { Transaction } from '../../src/foundation/database/index.ts';
import { IsthmusError } from '../../src/foundation/errors/index.ts';
import { type Dice, dice } from './dice.ts';
import { CLINIC, decision, number, observation, patient, type World } from './world.ts';

/**
 * Random decisions and messages on a real record. What must come of it is told apart: who stands behind whom by the plans alone (moves.test.ts holds
 * those), and what a source says by what its messages make on an empty record, where nobody was ever linked to anybody.
 */
export interface RandomOptions {
  readonly world: World;
  /** What is done; the same for the same seed. */
  readonly seed: number;
  /** Whose numbers these are, so that several runs share a world. */
  readonly name: string;
  readonly steps: number;
  /** Breaks the product on purpose; the judge must notice. */
  readonly sabotage?: (transaction: Transaction) => Transaction;
}

interface Logged {
  readonly id: number;
  readonly undoes: number | null;
  readonly moves: readonly Move[];
}

type Kind = 'message' | 'link' | 'merge' | 'unlink' | 'move' | 'undo';

const FAMILIES = ['Smith', 'Smyth', 'Jones', 'Brown', 'Braun'];
const GIVEN = ['Ann', 'Anna', 'Ben', 'Bea'];

export async function runRandom(options: RandomOptions): Promise<Map<string, number>> {
  const run = new Run(options);
  const told = new Map<string, number>();
  for (let at = 0; at < options.steps; at += 1) {
    const kind = await run.step();
    told.set(kind, (told.get(kind) ?? 0) + 1);
    if (at % 50 === 49) await run.judge(run.ids);
  }
  await run.judge(run.ids);
  await run.undoEverything();
  await run.judgeParted();
  return told;
}

class Run {
  readonly #world: World;
  readonly #random: Dice;
  readonly #sabotage: (transaction: Transaction) => Transaction;
  readonly #numbers: ReadonlyMap<string, SourcePatient>;
  readonly #log: Logged[] = [];
  readonly #patients = new Map<string, RecordWrite[]>();
  readonly #observations = new Map<string, Set<string>>();
  #standings: Standings;
  #minute = 0;
  #feed = 0;

  constructor({ world, seed, name, sabotage }: RandomOptions) {
    this.#world = world;
    this.#random = dice(seed);
    this.#sabotage = sabotage ?? ((transaction) => transaction);
    const numbers = Array.from({ length: 10 }, (_, index) =>
      number(`${name}-${index}`, index % 2 === 0 ? undefined : CLINIC),
    );
    this.#numbers = new Map(numbers.map((one) => [patientId(one), one]));
    this.#standings = new Map();
  }

  get ids(): string[] {
    return [...this.#numbers.keys()];
  }

  async step(): Promise<string> {
    const kind = this.#random.one<Kind>([
      'message',
      'message',
      'message',
      'link',
      'merge',
      'unlink',
      'move',
      'undo',
      'undo',
    ]);
    if (kind === 'message') return this.#message();
    const known = [...this.#standings.keys()];
    const one = this.#random.one(this.ids);
    const other = this.#random.one(this.ids.filter((each) => each !== one));
    const isKnown = known.includes(one) && known.includes(other);
    if (kind === 'undo')
      return this.#log.length === 0 ? 'none' : this.#undo(this.#random.one(this.#log.slice(-8)));
    if (kind === 'merge' || kind === 'move') return this.#decideNumbers(kind, one, other);
    return isKnown ? this.#decide(kind, one, other) : 'none';
  }

  #now(source: string): Standing {
    return this.#standings.get(source) ?? { source, person: source, retiredInto: null };
  }

  #meet(...sources: readonly string[]): void {
    const next = new Map(this.#standings);
    for (const source of sources) next.set(source, this.#now(source));
    this.#standings = next;
  }

  async #message(): Promise<string> {
    const source = this.#random.one(this.ids);
    const who = this.#numbers.get(source) ?? number('');
    // Some come late.
    this.#minute += 1;
    const minute = this.#random.below(5) === 0 ? Math.max(this.#minute - 30, 0) : this.#minute;
    this.#meet(source);
    if (this.#random.below(2) === 0) {
      const key = `${source}-${this.#minute}`;
      const writes = [observation(who, key, { minute, value: this.#minute })];
      await this.#world.run((transaction) => applyWrites(this.#sabotage(transaction), writes));
      const own = this.#observations.get(source) ?? new Set();
      this.#observations.set(source, own.add(writes[0]?.id ?? ''));
      return 'observation';
    }
    const write = patient(who, this.#says(), { minute });
    this.#patients.set(source, [...(this.#patients.get(source) ?? []), write]);
    await this.#world.run((transaction) => applyWrites(this.#sabotage(transaction), [write]));
    await this.judge([source]);
    return 'patient';
  }

  #says(): RecordWrite['set'] {
    const random = this.#random;
    const set: Record<string, unknown> = {};
    if (random.below(2) === 0) set.name = [{ family: random.one(FAMILIES), given: [random.one(GIVEN)] }];
    if (random.below(3) === 0) set.birthDate = `19${50 + random.below(50)}-0${1 + random.below(9)}-11`;
    if (random.below(3) === 0) set.gender = random.one(['male', 'female', 'unknown']);
    if (random.below(3) === 0) set['telecom@PID-13'] = [{ system: 'phone', value: `555-${random.below(5)}` }];
    return set;
  }

  #decideNumbers(kind: 'merge' | 'move', one: string, other: string): Promise<string> {
    const [surviving, retired] = [this.#numbers.get(one), this.#numbers.get(other)];
    if (!surviving || !retired) throw new Error('no such number');
    const { persons } = this.#world;
    if (kind === 'move') {
      return this.#take(kind, {
        plan: (standings) => planMove(standings, { source: other, to: one }),
        carryOut: (transaction) =>
          persons.moveNumber(transaction, { number: retired, to: surviving, decision: decision() }),
        meets: [one, other],
      });
    }
    return this.#take(kind, {
      plan(standings) {
        if (surviving.authority !== retired.authority) throw new IsthmusError('IDENTITY_REFUSED');
        return planMerge(standings, { surviving: one, retired: other, contradictory: false });
      },
      carryOut: (transaction) =>
        persons.mergeNumbers(transaction, { surviving, retired, decision: decision() }),
      meets: [one, other],
    });
  }

  #decide(kind: 'link' | 'unlink', one: string, other: string): Promise<string> {
    const { persons } = this.#world;
    return kind === 'link'
      ? this.#take(kind, {
          plan: (standings) => planLink(standings, { one, other, survivor: 'one' }),
          carryOut: (transaction) => persons.linkPersons(transaction, { one, other, decision: decision() }),
        })
      : this.#take(kind, {
          plan: (standings) => planUnlink(standings, one),
          carryOut: (transaction) => persons.unlink(transaction, { source: one, decision: decision() }),
        });
  }

  #undo(event: Logged): Promise<string> {
    const { persons } = this.#world;
    const sources = new Set(event.moves.map(({ source }) => source));
    return this.#take('undo', {
      plan: (standings) => {
        const later = this.#log.filter(
          ({ id, moves }) => id > event.id && moves.some(({ source }) => sources.has(source)),
        );
        const rule = obstacleTo(event.id, later);
        if (rule) throw new IsthmusError('IDENTITY_REFUSED', { rule });
        return planUndo(standings, event.moves);
      },
      carryOut: (transaction) => persons.undo(transaction, { eventId: event.id, decision: decision() }),
      undoes: event.id,
    });
  }

  /** The database comes to what the plan comes to, or both refuse. */
  async #take(
    kind: string,
    {
      plan,
      carryOut,
      undoes,
      meets = [],
    }: {
      readonly plan: (standings: Standings) => readonly Move[];
      readonly carryOut: (transaction: Transaction) => Promise<IdentityChange>;
      readonly undoes?: number;
      readonly meets?: readonly string[];
    },
  ): Promise<string> {
    const before = this.#standings;
    let moves: readonly Move[] | 'refused' = 'refused';
    try {
      this.#meet(...meets);
      moves = plan(this.#standings);
      if (moves.length > 0 && faultOf(moved(this.#standings, moves))) moves = 'refused';
    } catch (error) {
      if (!(error instanceof IsthmusError) || error.code !== 'IDENTITY_REFUSED') throw error;
    }
    const change = await this.#world
      .run((transaction) => carryOut(this.#sabotage(transaction)))
      .catch((error: unknown) => {
        if (error instanceof IsthmusError && error.code === 'IDENTITY_REFUSED') return undefined;
        throw error;
      });
    if (moves === 'refused' || change === undefined) {
      expect(change, `${kind} is refused by both or by none`).toBe(
        moves === 'refused' ? undefined : (change ?? 'taken'),
      );
      this.#standings = before;
      return `${kind} refused`;
    }
    expect(change.moved).toEqual(moves.map(({ source }) => source).sort());
    if (moves.length === 0) return `${kind} nothing`;
    this.#standings = moved(this.#standings, moves);
    this.#log.push({ id: change.eventId ?? 0, undoes: undoes ?? null, moves });
    await this.#judgeFeed(moves.filter(({ fromPerson, toPerson }) => fromPerson !== toPerson));
    await this.judge(moves.map(({ source }) => source));
    return kind;
  }

  /** Everything whose person has changed is told of, and its own Patient. */
  async #judgeFeed(moves: readonly Move[]): Promise<void> {
    const rows = await this.#newInFeed();
    for (const { source } of moves) {
      const wanted = [
        `Patient/${source}`,
        ...[...(this.#observations.get(source) ?? [])].map((id) => `Observation/${id}`),
      ];
      for (const name of wanted)
        if (!rows.has(name) && (await this.#isThere(name)))
          throw new Error(`followers did not hear of ${name}`);
    }
  }

  async #isThere(name: string): Promise<boolean> {
    const [type = '', id = ''] = name.split('/');
    return (await this.#world.all.read(type, id)) !== undefined;
  }

  /** Read as a table: what followers see of it waits for the transactions of every other test on the server. */
  async #newInFeed(): Promise<Set<string>> {
    const rows = await this.#world.rows<{ id: number; name: string }>(
      `SELECT id, type || '/' || resource_id AS name FROM change_feed WHERE id > $1::bigint ORDER BY id`,
      this.#feed,
    );
    this.#feed = rows.at(-1)?.id ?? this.#feed;
    return new Set(rows.map(({ name }) => name));
  }

  /** What is seen of these source patients and of their persons. */
  async judge(sources: readonly string[]): Promise<void> {
    await this.#newInFeed();
    const persons = new Set(sources.map((source) => this.#now(source).person));
    for (const person of persons) await this.#judgePerson(person);
    for (const source of sources) if (!persons.has(source)) await this.#judgeReplaced(source);
  }

  #members(person: string): string[] {
    return this.ids.filter((source) => this.#standings.has(source) && this.#now(source).person === person);
  }

  /** What a source says, as if nobody had ever been linked. */
  #said(source: string): Record<string, unknown> | undefined {
    const writes = this.#patients.get(source);
    return writes && (previewWrites(writes)[0] as Record<string, unknown> | undefined);
  }

  async #judgePerson(person: string): Promise<void> {
    const members = this.#members(person);
    const shown = await this.#world.shown(person);
    if (members.length <= 1) expect(shown).toEqual(this.#said(person));
    else this.#judgeComposed(person, members, shown);
    const chart = await this.#world
      .as({ kind: 'compartment', person })
      .everything(person, { types: ['Observation'] });
    const wanted = members.flatMap((source) => [...(this.#observations.get(source) ?? [])]);
    expect(chart.matches.map(({ id }) => id).sort()).toEqual(wanted.sort());
    const subjects = chart.matches.map(
      ({ json }) => (JSON.parse(json) as { subject: { reference: string } }).subject.reference,
    );
    expect(subjects.filter((subject) => subject !== `Patient/${person}`)).toEqual([]);
  }

  #judgeComposed(
    person: string,
    members: readonly string[],
    shown: Record<string, unknown> | undefined,
  ): void {
    const values = (name: string): string[] =>
      ((shown?.[name] ?? []) as { value?: string; family?: string; given?: string[] }[]).map(
        ({ value, family, given }) => value ?? `${family} ${given?.[0]}`,
      );
    const identifiers = (shown?.identifier ?? []) as { value: string; use?: string }[];
    expect(identifiers.map(({ value, use }) => `${value} ${use ?? ''}`).sort()).toEqual(
      members
        .map(
          (source) =>
            `${this.#numbers.get(source)?.identifier} ${this.#now(source).retiredInto === null ? '' : 'old'}`,
        )
        .sort(),
    );
    const said = members.flatMap((source) => this.#said(source) ?? []) as Record<
      string,
      Record<string, unknown>[]
    >[];
    const names = said
      .flatMap(({ name }) => name ?? [])
      .map(({ family, given }) => `${family} ${(given as string[])[0]}`);
    expect(new Set(values('name'))).toEqual(new Set(names));
    const phones = said.flatMap(({ telecom }) => telecom ?? []).map(({ value }) => String(value));
    expect(new Set(values('telecom'))).toEqual(new Set(phones));
    for (const name of ['birthDate', 'gender']) {
      const stated = said.flatMap((one) => one[name] ?? []);
      if (stated.length === 0) expect(shown).not.toHaveProperty(name);
      else expect(stated).toContain(shown?.[name]);
    }
    const links = (shown?.link ?? []) as { other: { reference: string }; type: string }[];
    expect(links.map(({ other, type }) => `${type} ${other.reference}`).sort()).toEqual(
      members
        .filter((source) => source !== person)
        .map((source) => `replaces Patient/${source}`)
        .sort(),
    );
  }

  async #judgeReplaced(source: string): Promise<void> {
    const { person } = this.#now(source);
    expect(await this.#world.shown(source)).toEqual({
      resourceType: 'Patient',
      id: source,
      active: false,
      link: [{ other: { reference: `Patient/${person}` }, type: 'replaced-by' }],
    });
    const own = await this.#world
      .as({ kind: 'compartment', person: source })
      .everything(source, { types: ['Observation'] });
    expect(own.matches).toEqual([]);
  }

  async undoEverything(): Promise<void> {
    for (const event of [...this.#log].reverse()) expect(await this.#undo(event)).toBe('undo');
  }

  /** Everybody is by themselves again, with all that arrived in between. */
  async judgeParted(): Promise<void> {
    for (const source of this.#standings.keys())
      expect(this.#now(source)).toEqual({ source, person: source, retiredInto: null });
    await this.judge(this.ids);
    const left = await this.#world.rows(
      `SELECT 1 FROM resource WHERE type = 'Patient' AND source_system = 'urn:isthmus:identity' AND id = ANY($1::text[])
       UNION ALL SELECT 1 FROM source_demographics WHERE source_patient_id = ANY($1::text[])`,
      this.ids,
    );
    expect(left).toEqual([]);
  }
}
