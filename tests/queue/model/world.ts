import type { QueueEngine } from '../../../src/exchange/queue/index.ts';
import { createAudit } from '../../../src/foundation/audit/index.ts';
import { type Database, sql } from '../../../src/foundation/database/index.ts';
import { newEngine } from '../support.ts';
import { Actors } from './actors.ts';
import { type History, newHistory } from './history.ts';
import {
  channelNames,
  type DestinationName,
  definitionOf,
  destinations,
  entryTries,
  queuesOf,
} from './house.ts';
import { type Mortal, mortal } from './mortal.ts';
import { Operators, type Request } from './operators.ts';
import type { Step } from './script.ts';
import { Senders } from './senders.ts';
import { within } from './within.ts';

/** As if the dead process had run elsewhere and its lease had run out. */
const expireLease = sql(
  'model_expire',
  `update lease set owner_host = 'elsewhere', expires_at = clock_timestamp()`,
);

export interface WorldOptions {
  /** Generous: the machine may be busy. What takes longer is stuck. Default 20 s. */
  readonly deadlineMs?: number;
  /** What a broken variant puts between the engine and the world, so that the checks have something to find. */
  database?(database: Database): Database;
  actors?(history: History): Actors;
}

interface Incarnation {
  readonly engine: QueueEngine;
  readonly mortal: Mortal;
  readonly current: ReadonlySet<DestinationName>;
}

const everyDestination: ReadonlySet<DestinationName> = new Set(destinations.map((item) => item.name));

/** Runs the steps of a script on the real engine, and lets its process die and return. */
export class World {
  readonly history: History = newHistory();
  readonly actors: Actors;
  readonly deadlineMs: number;
  readonly #database: Database;
  readonly #options: WorldOptions;
  readonly #senders: Senders;
  readonly #operators: Operators;
  /** The destinations of the next process. */
  #next = everyDestination;
  #running: Incarnation | undefined;
  #doom: ((mortal: Mortal) => void) | undefined;

  constructor(database: Database, options: WorldOptions = {}) {
    this.#database = database;
    this.#options = options;
    this.deadlineMs = options.deadlineMs ?? 20_000;
    this.actors = options.actors?.(this.history) ?? new Actors(this.history);
    this.#senders = new Senders(this.history);
    this.#operators = new Operators(database, this.history, this.actors);
  }

  async perform(step: Exclude<Step, { do: 'settle' | 'stop' }>): Promise<void> {
    switch (step.do) {
      case 'accept':
        return this.#accept(step);
      case 'finish':
        this.actors.gate.letGo();
        return;
      case 'operate': {
        const choice = await this.#operators.choose(step);
        return choice && this.operate(choice.request, choice.message);
      }
      case 'crash':
        this.#decide((mortal) => mortal.killAt(step.statements, step.executed));
        return;
      case 'blip':
        this.#running?.mortal.failNext(step.statements, step.executed);
        return;
      case 'edit':
        this.#next = new Set([...everyDestination].filter((name) => !step.without.includes(name)));
    }
  }

  /** Decides the end of the process, or of the next one when none runs. */
  #decide(doom: (mortal: Mortal) => void): void {
    if (this.#running) doom(this.#running.mortal);
    else this.#doom = doom;
  }

  /** The running process; one that dies while it starts is followed by another. */
  async start(): Promise<Incarnation> {
    for (;;) {
      const running = this.#running ?? (await this.#begin());
      if (running) return running;
    }
  }

  async #begin(): Promise<Incarnation | undefined> {
    const life = mortal(this.#options.database?.(this.#database) ?? this.#database, {
      death: () => this.#died(),
      failure: () => this.history.failures.push(this.history.tick()),
    });
    const { database, clock } = life;
    const engine = newEngine(database, { clock, audit: createAudit(database), leaseMs: 60_000 });
    const incarnation = { engine, mortal: life, current: this.#next };
    this.#running = incarnation;
    this.#doom?.(life);
    this.#doom = undefined;
    await this.#database.query(expireLease);
    const starting = Promise.race([this.#open(incarnation), life.death]);
    await within(this.deadlineMs, () => 'Q8 the start', starting);
    return this.#running;
  }

  async #open({ engine, mortal: { isDead }, current }: Incarnation): Promise<void> {
    const life = { isDead, current };
    await engine.start();
    await engine.define(definitionOf(current));
    for (const destination of destinations.filter((item) => current.has(item.name)))
      await engine.deliver(destination.channel, destination.name, {
        deliver: this.actors.receiver(destination, life),
        lanes: destination.lanes,
        commit: destination.commit,
        window: destination.window,
        backoff: { firstMs: 1, mostMs: 4 },
        entryTries,
        ...(destination.renders ? { release: this.actors.release(destination, life) } : {}),
      });
    for (const channel of channelNames) await engine.plan(channel, { planner: this.actors.planner(life) });
  }

  #died(): void {
    const at = this.history.tick();
    this.history.crashes.push(at);
    this.#running = undefined;
    let nth = 0;
    for (const attempt of this.history.attempts)
      if (attempt.endedAt === Number.POSITIVE_INFINITY) {
        attempt.endedAt = at;
        nth += 1;
        // What was on its way then may or may not have arrived.
        attempt.received = nth % 2 === 0;
      }
  }

  kill(): void {
    this.#running?.mortal.kill();
  }

  /** A clean stop: what is in flight ends. False when the process died on the way: then what it had sent may still be under way. */
  async stop(): Promise<boolean> {
    const running = this.#running;
    if (!running) return false;
    this.actors.gate.open = true;
    const stopping = Promise.race([running.engine.stop(), running.mortal.death]);
    await within(this.deadlineMs, () => `Q1 the stop (${stateOf(running)})`, stopping);
    this.actors.gate.open = false;
    await this.answered();
    const isClean = this.#running === running;
    this.#running = undefined;
    return isClean;
  }

  /** Every sender has its answer. */
  async answered(): Promise<void> {
    await within(this.deadlineMs, () => 'Q1 the answers to the senders', this.#senders.answered());
  }

  async #accept({ burst, wait }: Extract<Step, { do: 'accept' }>): Promise<void> {
    const { engine, mortal: life, current } = await this.start();
    this.#senders.offer(burst, engine, {
      death: life.death,
      pinsOf: (channel) => queuesOf(current, channel),
    });
    if (wait) await this.answered();
  }

  async operate(request: Request, message?: string): Promise<void> {
    const running = this.#running;
    const consumed: readonly string[] = running ? [...channelNames, ...queuesOf(running.current)] : [];
    const { isDead, death } = running?.mortal ?? {};
    const by =
      isDead && death && consumed.includes(request.queue)
        ? { isDead, death, limitMs: this.deadlineMs }
        : undefined;
    await this.#operators.ask(request, by, message);
  }

  /** From now on everything goes well, and every destination is configured. */
  mendAll(): void {
    this.actors.mended = true;
    this.#doom = undefined;
    this.#next = everyDestination;
  }
}

const stateOf = ({ engine, mortal: life }: Incarnation): string =>
  JSON.stringify({ consumers: engine.consumers(), unanswered: life.pending() });
