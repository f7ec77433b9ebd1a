import type { Appointment, Observation, Patient, Resource } from '@medplum/fhirtypes';
import { nameOf, patientOf, type ReadResult, readResult, referenceTo } from './reading.ts';

const mostVisits = 60;
const mostResults = 40;
const mostPatients = 2_000;

export type VisitState = 'booked' | 'delivering' | 'finished' | 'refused' | 'cancelled';

export interface BoardVisit {
  readonly reference: string;
  readonly patient: string;
  readonly startsAt: string;
  readonly minutes: number;
  readonly state: VisitState;
}

export interface BoardResult extends ReadResult {
  readonly reference: string;
  readonly patient: string;
}

export interface Tally {
  readonly notified: number;
  readonly repeats: number;
  readonly pulled: number;
  readonly waiting: number;
  readonly delivered: number;
}

export interface Board {
  readonly visits: readonly BoardVisit[];
  readonly results: readonly BoardResult[];
  readonly tally: Tally;
  /** Newest first: what was pulled and how long it took. */
  readonly trail: readonly { readonly reference: string; readonly ms: number }[];
}

/** What the page shows, kept in memory only and within bounds; it is pulled anew after a restart. */
export class WaitingRoom {
  readonly #patients = new Map<string, string>();
  readonly #visits = new Map<string, BoardVisit & { patientReference: string }>();
  readonly #results = new Map<string, BoardResult & { patientReference: string }>();
  readonly #trail: { reference: string; ms: number }[] = [];
  #tally: Tally = { notified: 0, repeats: 0, pulled: 0, waiting: 0, delivered: 0 };

  knowsPatient(reference: string): boolean {
    return this.#patients.has(reference);
  }

  show(resource: Resource): void {
    if (resource.resourceType === 'Patient') this.#showPatient(resource);
    if (resource.resourceType === 'Appointment') this.#showVisit(resource);
    if (resource.resourceType === 'Observation') this.#showResult(resource);
  }

  remove(reference: string): void {
    this.#visits.delete(reference);
    this.#results.delete(reference);
    this.#patients.delete(reference);
  }

  mark(reference: string, state: VisitState): void {
    const visit = this.#visits.get(reference);
    if (visit) this.#visits.set(reference, { ...visit, state });
  }

  count(changes: Partial<Tally>): void {
    this.#tally = { ...this.#tally, ...changes };
  }
  tally(): Tally {
    return this.#tally;
  }

  trace(reference: string, ms: number): void {
    this.#trail.unshift({ reference, ms: Math.round(ms * 10) / 10 });
    this.#trail.length = Math.min(this.#trail.length, 6);
  }

  snapshot(): Board {
    const name = (reference: string): string => this.#patients.get(reference) ?? '';
    const visits = [...this.#visits.values()].sort((a, b) => instant(a.startsAt) - instant(b.startsAt));
    return {
      visits: visits.map(({ patientReference, ...visit }) => ({ ...visit, patient: name(patientReference) })),
      results: [...this.#results.values()]
        .reverse()
        .map(({ patientReference, ...result }) => ({ ...result, patient: name(patientReference) })),
      tally: this.#tally,
      trail: this.#trail,
    };
  }

  #showPatient(patient: Patient): void {
    keepNewest(this.#patients, `Patient/${patient.id}`, nameOf(patient), mostPatients);
  }

  #showVisit(appointment: Appointment): void {
    const reference = `Appointment/${appointment.id}`;
    const before = this.#visits.get(reference);
    const over = ['cancelled', 'noshow', 'entered-in-error'].includes(appointment.status ?? '');
    keepNewest(
      this.#visits,
      reference,
      {
        reference,
        patient: '',
        patientReference: patientOf(appointment) ?? '',
        startsAt: appointment.start ?? '',
        minutes: minutesOf(appointment),
        state: over ? 'cancelled' : (before?.state ?? 'booked'),
      },
      mostVisits,
    );
  }

  #showResult(observation: Observation): void {
    const reference = `Observation/${observation.id}`;
    const patientReference = referenceTo('Patient', [observation.subject]) ?? '';
    if (observation.status === 'entered-in-error' || observation.status === 'cancelled') {
      this.#results.delete(reference);
      return;
    }
    const shown = { ...readResult(observation), reference, patient: '', patientReference };
    keepNewest(this.#results, reference, shown, mostResults);
  }
}

export function minutesOf(appointment: Appointment): number {
  if (appointment.minutesDuration) return appointment.minutesDuration;
  const span = instant(appointment.end ?? '') - instant(appointment.start ?? '');
  return span > 0 && Number.isFinite(span) ? Math.round(span / 60_000) : 20;
}

/** Unknown times come last. */
function instant(text: string): number {
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? Number.MAX_SAFE_INTEGER : parsed;
}

function keepNewest<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
