import type { Encounter } from '@medplum/fhirtypes';
import { codeTable } from '../tables.ts';

/** What an event of 2.5.1 chapter 3 makes of the visit. */
export interface AdtEvent {
  /** Without it the event says nothing of the status: an A08 after an A03 does not reopen a visit. */
  readonly status?: Encounter['status'];
  /** What it takes back, whatever the message still carries. */
  readonly removes?: readonly string[];
  /** The event is about the person: what is said of a visit is not taken. */
  readonly personOnly?: boolean;
  /** Tracking of who is in the house (A10): for those who are no inpatients it is how a visit begins. */
  readonly outpatientStatus?: Encounter['status'];
}

const PLANNED_END =
  'extension[url=http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate]';

/** Merges, moves, links and new ids are no states: messages/identity-event.ts. */
export const events: Readonly<Record<string, AdtEvent>> = codeTable<AdtEvent>({
  A01: { status: 'in-progress' },
  /** A transfer: PV1-3 is where the patient is now, PV1-6 where they were. */
  A02: { status: 'in-progress' },
  A03: { status: 'finished' },
  A04: { status: 'in-progress' },
  A05: { status: 'planned' },
  /** Outpatient to inpatient and back: PV1-2 is the new class. */
  A06: { status: 'in-progress' },
  A07: { status: 'in-progress' },
  A08: {},
  /** Departing and arriving: places alone. */
  A09: {},
  A10: { outpatientStatus: 'arrived' },
  A11: { status: 'cancelled' },
  /** The transfer did not take place: PV1-3 is the place again, and there is no former one. */
  A12: { status: 'in-progress', removes: ['location@PV1-6', 'location@PV1-42'] },
  A13: { status: 'in-progress', removes: ['period.end', 'hospitalization.dischargeDisposition'] },
  A14: { status: 'planned' },
  /** Pending: PV1-42 is where to, PV2-9 when. */
  A15: {},
  A16: {},
  /** Beds of two patients changed places; each PID has its PV1. */
  A17: {},
  A21: { status: 'onleave' },
  A22: { status: 'in-progress' },
  A23: { status: 'entered-in-error' },
  A25: { removes: [PLANNED_END] },
  A26: { removes: ['location@PV1-42'] },
  A27: { status: 'cancelled' },
  A28: { personOnly: true },
  A31: { personOnly: true },
  /** Cancelled tracking: who has not arrived is expected; who has not departed is where they were. */
  A32: { outpatientStatus: 'planned' },
  A33: { removes: ['location@PV1-11', 'location@PV1-43'] },
  A38: { status: 'cancelled' },
  A52: { status: 'in-progress' },
  A53: { status: 'onleave' },
  A54: {},
  A55: {},
  A60: { personOnly: true },
});

/** Events that `mapAdt` takes: `A01` … */
export const adtEvents: readonly string[] = Object.keys(events);
