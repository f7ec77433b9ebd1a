import type { Appointment, Resource } from '@medplum/fhirtypes';
import { type Clock, pause } from '../../src/foundation/clock/index.ts';
import { Bell, backoffMs, type Report } from '../process/index.ts';
import type { WaitingRoom } from './board.ts';
import type { EngineApi } from './engine-api.ts';
import type { Ledger } from './ledger.ts';
import { patientOf, readResult, referenceTo } from './reading.ts';

/** What the parts of the platform share. */
export interface PlatformParts {
  readonly ledger: Ledger;
  readonly api: EngineApi;
  readonly room: WaitingRoom;
  readonly clock: Clock;
  readonly report: Report;
  /** Called whenever the page should look different. */
  readonly onChange: () => void;
}

const retry = { firstMs: 200, mostMs: 5_000 };

/** Pulls what notifications named, one resource after the other, and never anything else but the patient it is about. */
export class Puller {
  readonly #parts: PlatformParts;
  readonly #bell = new Bell();
  #pulls = 0;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(parts: PlatformParts) {
    this.#parts = parts;
  }

  /** Resources pulled since the start. */
  pulls(): number {
    return this.#pulls;
  }
  /** The latest instant (ms) at which something is known to have happened: the time of the simulated day. */
  latestInstantMs(): number {
    return this.#latest;
  }

  /** Resolves when the notification is on disk. */
  async accept(id: string, reference: string): Promise<'new' | 'repeat' | 'full'> {
    const { ledger, room } = this.#parts;
    if (ledger.knows(id)) {
      room.count({ repeats: room.tally().repeats + 1 });
      return 'repeat';
    }
    if (ledger.isFull()) return 'full';
    await ledger.write({ kind: 'notified', id, reference });
    room.count({ notified: room.tally().notified + 1, waiting: ledger.pendingCount() });
    this.#bell.ring();
    return 'new';
  }

  /** Until the signal aborts; the pull in flight is finished or given up, and is pulled again at the next start. */
  async run(signal: AbortSignal, afterPull: () => void): Promise<void> {
    const { ledger, clock, report } = this.#parts;
    let failures = 0;
    while (!signal.aborted) {
      const next = ledger.nextPending();
      if (!next) {
        await this.#bell.wait(signal);
        continue;
      }
      const failure = await this.#pull(next.reference, signal);
      if (signal.aborted) return;
      if (failure === undefined) {
        failures = 0;
        await ledger.wasPulled(next.reference, next.turn);
        this.#changed();
        afterPull();
        continue;
      }
      failures += 1;
      ledger.putLast(next.reference);
      const waitMs = backoffMs(failures, retry);
      report('pull-failed', { reference: next.reference, reason: failure, retryInMs: waitMs });
      await pause(clock, waitMs, signal);
    }
  }

  /** Undefined when done, else why it is to be tried again. */
  async #pull(reference: string, signal: AbortSignal): Promise<string | undefined> {
    const { api, room, clock, report } = this.#parts;
    const startedMs = clock.monotonicMs();
    const answer = await api.read(reference, signal);
    if (answer.outcome === 'again') return answer.reason;
    if (answer.outcome === 'refused') {
      room.remove(reference);
      report('gone', { reference, status: answer.status });
      return undefined;
    }
    const failure = await this.#pullPatient(answer.value, signal);
    if (failure !== undefined) return failure;
    await this.#learn(answer.value);
    const ms = clock.monotonicMs() - startedMs;
    this.#pulls += 1;
    room.trace(reference, ms);
    report('pulled', { reference, ms: Math.round(ms * 10) / 10 });
    return undefined;
  }

  async #learn(resource: Resource): Promise<void> {
    const { ledger, room } = this.#parts;
    if (resource.resourceType === 'Observation') this.#sawInstant(readResult(resource).at);
    if (resource.resourceType === 'DiagnosticReport') this.#sawInstant(resource.issued ?? '');
    if (resource.resourceType === 'Encounter')
      this.#sawInstant(resource.period?.end ?? resource.period?.start ?? '');
    if (resource.resourceType === 'Appointment') await this.#learnAppointment(resource);
    room.show(resource);
    if (resource.resourceType !== 'Appointment') return;
    const reference = `Appointment/${resource.id}`;
    const status = ledger.visitStatus(reference);
    if (status !== 'none') room.mark(reference, status);
  }

  async #learnAppointment(appointment: Appointment): Promise<void> {
    const { ledger } = this.#parts;
    const reference = `Appointment/${appointment.id}`;
    if (ledger.visitStatus(reference) !== 'none') return;
    const waits = ledger.appointments().has(reference);
    if (!willTakePlace(appointment)) {
      if (waits) await ledger.write({ kind: 'dropped', reference });
      return;
    }
    const startsAt = appointment.start ?? '';
    if (ledger.appointments().get(reference) === startsAt) return;
    await ledger.write({ kind: 'appointment', reference, startsAt });
  }

  /** The page shows a name beside a result; a patient never heard of is pulled with the first resource about them. */
  async #pullPatient(resource: Resource, signal: AbortSignal): Promise<string | undefined> {
    const { api, room } = this.#parts;
    const reference =
      resource.resourceType === 'Appointment'
        ? patientOf(resource)
        : resource.resourceType === 'Observation'
          ? referenceTo('Patient', [resource.subject])
          : undefined;
    if (reference === undefined || room.knowsPatient(reference)) return undefined;
    const answer = await api.read(reference, signal);
    if (answer.outcome === 'ok') room.show(answer.value);
    return answer.outcome === 'again' ? answer.reason : undefined;
  }

  #sawInstant(text: string): void {
    const instant = Date.parse(text);
    if (instant > this.#latest) this.#latest = instant;
  }

  #changed(): void {
    const { ledger, room, onChange } = this.#parts;
    room.count({ pulled: this.#pulls, waiting: ledger.pendingCount() });
    onChange();
  }
}

export const willTakePlace = (appointment: Appointment): boolean =>
  ['proposed', 'pending', 'booked', 'arrived', 'checked-in'].includes(appointment.status ?? '');
