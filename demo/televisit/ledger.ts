import { type Journal, openJournal } from '../process/index.ts';
import { type PlatformRecord, parseRecord } from './records.ts';

/** Notifications remembered for the duplicate rule; the oldest are forgotten first. */
const rememberedIds = 10_000;
/** References waiting to be pulled. Beyond, notifications are refused and come again. */
const mostPending = 10_000;
/** References kept to fill the page after a restart. */
const rememberedReferences = 80;
const compactBeyondLines = 20_000;

export interface FinishedVisit {
  readonly reference: string;
  readonly key: string;
  readonly body: string;
}

/**
 * The platform's memory: which notifications it knows, what it still has to pull, which appointments wait, which visits are
 * still to be delivered. Every change is on disk before it is acted on, so a kill at any moment repeats work but loses none.
 */
export class Ledger {
  readonly #journal: Journal<PlatformRecord>;
  readonly #state: State;

  static async open(path: string): Promise<Ledger> {
    const state = new State();
    const journal = await openJournal({ path, parse: parseRecord, replay: (record) => state.apply(record) });
    return new Ledger(journal, state);
  }

  private constructor(journal: Journal<PlatformRecord>, state: State) {
    this.#journal = journal;
    this.#state = state;
  }

  knows(notificationId: string): boolean {
    return this.#state.ids.has(notificationId);
  }
  isFull(): boolean {
    return this.#state.pending.size >= mostPending;
  }
  pendingCount(): number {
    return this.#state.pending.size;
  }
  /** The reference that has waited longest, with the turn that `wasPulled` wants back. */
  nextPending(): { reference: string; turn: number } | undefined {
    for (const [reference, turn] of this.#state.pending) return { reference, turn };
    return undefined;
  }
  /** Asks for another pull of what the page showed before a restart. In memory only. */
  reopenRecent(): void {
    for (const reference of this.#state.recent)
      if (!this.#state.pending.has(reference)) this.#state.announce(reference);
  }
  /** Lets the others go first, after a failure. */
  putLast(reference: string): void {
    const turn = this.#state.pending.get(reference);
    if (turn === undefined) return;
    this.#state.pending.delete(reference);
    this.#state.pending.set(reference, turn);
  }
  /** A notification that came during the pull may tell of a later change: then the reference stays, for another pull. */
  async wasPulled(reference: string, turn: number): Promise<void> {
    if (this.#state.pending.get(reference) === turn) await this.write({ kind: 'pulled', reference });
  }
  /** Appointments that wait, with the instant they start. */
  appointments(): ReadonlyMap<string, string> {
    return this.#state.appointments;
  }
  undelivered(): readonly FinishedVisit[] {
    return [...this.#state.undelivered.values()];
  }
  /** Whether a visit came of the appointment; a later change of the appointment does not make another one. */
  visitStatus(reference: string): 'none' | 'delivering' | 'finished' | 'refused' {
    const visit = this.#state.finished.get(reference);
    if (!visit) return 'none';
    if (visit.status === 0) return 'delivering';
    return visit.status < 300 ? 'finished' : 'refused';
  }

  /** Resolves when the record is on disk. */
  async write(record: PlatformRecord): Promise<void> {
    if (record.kind === 'notified') this.#state.announce(record.reference);
    await this.#journal.append(record);
    this.#state.apply(record);
    if (this.#journal.length() > compactBeyondLines) await this.#journal.compact(this.#state.records());
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

class State {
  readonly ids = new Map<string, string>();
  /** Reference → turn, which grows with every notification. */
  readonly pending = new Map<string, number>();
  readonly appointments = new Map<string, string>();
  readonly undelivered = new Map<string, FinishedVisit>();
  readonly finished = new Map<string, { key: string; status: number }>();
  readonly recent = new Set<string>();
  #turn = 0;

  announce(reference: string): void {
    this.#turn += 1;
    this.pending.set(reference, this.#turn);
  }

  apply(record: PlatformRecord): void {
    switch (record.kind) {
      case 'notified':
        this.ids.set(record.id, record.reference);
        forgetOldest(this.ids, rememberedIds);
        if (!this.pending.has(record.reference)) this.announce(record.reference);
        return;
      case 'pulled':
        this.pending.delete(record.reference);
        this.#remember(record.reference);
        return;
      case 'appointment':
        this.appointments.set(record.reference, record.startsAt);
        return;
      case 'dropped':
        this.appointments.delete(record.reference);
        return;
      case 'finished':
        this.appointments.delete(record.reference);
        this.finished.set(record.reference, { key: record.key, status: 0 });
        this.undelivered.set(record.key, { reference: record.reference, key: record.key, body: record.body });
        return;
      case 'answered':
        this.undelivered.delete(record.key);
        this.finished.set(record.reference, { key: record.key, status: record.status });
        forgetOldest(this.finished, rememberedIds);
        return;
    }
  }

  /** The shortest journal that leads to this state. */
  records(): PlatformRecord[] {
    return [
      ...[...this.ids].map(([id, reference]) => ({ kind: 'notified' as const, id, reference })),
      ...[...new Set(this.ids.values())]
        .filter((reference) => !this.pending.has(reference))
        .map((reference) => ({ kind: 'pulled' as const, reference })),
      ...[...this.recent].map((reference) => ({ kind: 'pulled' as const, reference })),
      ...[...this.appointments].map(([reference, startsAt]) => ({
        kind: 'appointment' as const,
        reference,
        startsAt,
      })),
      ...[...this.finished]
        .filter(([, visit]) => !this.undelivered.has(visit.key))
        .map(([reference, visit]) => ({ kind: 'answered' as const, reference, ...visit })),
      ...[...this.undelivered.values()].map((visit) => ({ kind: 'finished' as const, ...visit })),
    ];
  }

  #remember(reference: string): void {
    if (!/^(Appointment|Observation)\//.test(reference)) return;
    this.recent.delete(reference);
    this.recent.add(reference);
    forgetOldest(this.recent, rememberedReferences);
  }
}

function forgetOldest(collection: Map<string, unknown> | Set<string>, most: number): void {
  for (const key of collection.keys()) {
    if (collection.size <= most) return;
    collection.delete(key);
  }
}
