import { randomUUID } from 'node:crypto';
import { pause } from '../../src/foundation/clock/index.ts';
import { Bell, backoffMs } from '../process/index.ts';
import { finishVisit } from './finishing.ts';
import type { FinishedVisit } from './ledger.ts';
import { type PlatformParts, type Puller, willTakePlace } from './puller.ts';
import { patientOf } from './reading.ts';

interface VisitingOptions {
  readonly parts: PlatformParts;
  readonly puller: Puller;
  /** Under which the hospital knows its patients. */
  readonly authority: string;
  /** An appointment is due when its time has come, or when so many resources were pulled after it. */
  readonly dueAfterPulls: number;
}

const retry = { firstMs: 500, mostMs: 10_000 };

/** Finishes the visits that are due and hands each to the engine until it is taken, under one key. */
export class Visiting {
  readonly #options: VisitingOptions;
  readonly #bell = new Bell();
  /** Pulls at the moment an appointment was first seen. */
  readonly #seenAt = new Map<string, number>();

  constructor(options: VisitingOptions) {
    this.#options = options;
  }

  /** Something was pulled: perhaps a visit is due. */
  look(): void {
    this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { parts } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const failure = await this.#step(signal);
      if (failure === undefined) {
        failures = 0;
        continue;
      }
      if (failure === 'idle') {
        await this.#bell.wait(signal);
        continue;
      }
      failures += 1;
      const waitMs = backoffMs(failures, retry);
      if (!signal.aborted) parts.report('visit-waits', { reason: failure, retryInMs: waitMs });
      await pause(parts.clock, waitMs, signal);
    }
  }

  /** Undefined when something got done, `idle` when there is nothing to do, else why it is to be tried again. */
  async #step(signal: AbortSignal): Promise<string | undefined> {
    const visit = this.#options.parts.ledger.undelivered()[0];
    if (visit) return this.#deliver(visit);
    const due = this.#nextDue();
    return due === undefined ? 'idle' : this.#finish(due, signal);
  }

  #nextDue(): string | undefined {
    const { parts, puller, dueAfterPulls } = this.#options;
    const appointments = parts.ledger.appointments();
    for (const reference of this.#seenAt.keys())
      if (!appointments.has(reference)) this.#seenAt.delete(reference);
    for (const [reference, startsAt] of appointments) {
      const seenAt = this.#seenAt.get(reference) ?? puller.pulls();
      this.#seenAt.set(reference, seenAt);
      const timeHasCome = Date.parse(startsAt) <= puller.latestInstantMs();
      if (timeHasCome || puller.pulls() - seenAt >= dueAfterPulls) return reference;
    }
    return undefined;
  }

  /** Reads appointment and patient afresh, writes the note, and fixes the visit on disk before it is sent. */
  async #finish(reference: string, signal: AbortSignal): Promise<string | undefined> {
    const { parts, authority } = this.#options;
    const appointment = await parts.api.read(reference, signal);
    if (appointment.outcome === 'again') return appointment.reason;
    if (appointment.outcome === 'refused' || appointment.value.resourceType !== 'Appointment')
      return this.#drop(reference);
    const patientReference = patientOf(appointment.value);
    if (patientReference === undefined || !willTakePlace(appointment.value)) return this.#drop(reference);
    const patient = await parts.api.read(patientReference, signal);
    if (patient.outcome === 'again') return patient.reason;
    if (patient.outcome === 'refused' || patient.value.resourceType !== 'Patient')
      return this.#drop(reference);
    const visit = finishVisit({ appointment: appointment.value, patient: patient.value, authority });
    if (!visit) return this.#drop(reference);
    await parts.ledger.write({ kind: 'finished', reference, key: randomUUID(), body: JSON.stringify(visit) });
    parts.room.mark(reference, 'delivering');
    parts.onChange();
    return undefined;
  }

  async #drop(reference: string): Promise<undefined> {
    const { parts } = this.#options;
    await parts.ledger.write({ kind: 'dropped', reference });
    parts.report('visit-dropped', { reference });
  }

  async #deliver(visit: FinishedVisit): Promise<string | undefined> {
    const { parts } = this.#options;
    const startedMs = parts.clock.monotonicMs();
    const answer = await parts.api.postVisit(visit.body, visit.key);
    if (answer.outcome === 'again') return answer.reason;
    const { reference, key } = visit;
    await parts.ledger.write({ kind: 'answered', reference, key, status: answer.status });
    const taken = answer.outcome === 'ok';
    parts.room.mark(reference, taken ? 'finished' : 'refused');
    if (taken) parts.room.count({ delivered: parts.room.tally().delivered + 1 });
    const ms = Math.round((parts.clock.monotonicMs() - startedMs) * 10) / 10;
    parts.report(taken ? 'visit-sent' : 'visit-refused', { reference, key, status: answer.status, ms });
    parts.onChange();
    return undefined;
  }
}
