import type { Clinician } from './clinicians.ts';
import type { Measurement, Panel } from './labs.ts';
import type { CalendarDate, Patient } from './patients.ts';

/** What happens in the hospital on a simulated day. Times are local to the hospital (UTC-05:00). */
export type HospitalEvent = Registered | Admitted | Updated | Discharged | Resulted | Booked;

export interface Moment {
  readonly date: CalendarDate;
  readonly secondOfDay: number;
}

interface Happening {
  readonly at: Moment;
  /** As known at that moment: an update changes what later events say. */
  readonly patient: Patient;
  readonly stay: Stay;
}

/** The contact the event belongs to (PV1). */
export interface Stay {
  readonly visitNumber: string;
  /** HL7 table 0004. */
  readonly patientClass: 'I' | 'O';
  readonly unit: string;
  readonly room: string;
  readonly bed: string;
  readonly attending: Clinician;
  readonly startedAt: Moment;
  /** ICD-10-CM code of the reason. */
  readonly diagnosis: string;
}

interface Registered extends Happening {
  readonly kind: 'registered';
}
interface Admitted extends Happening {
  readonly kind: 'admitted';
}
interface Updated extends Happening {
  readonly kind: 'updated';
}
interface Discharged extends Happening {
  readonly kind: 'discharged';
}
interface Resulted extends Happening {
  readonly kind: 'resulted';
  readonly orderNumber: string;
  readonly fillerNumber: string;
  readonly panel: Panel;
  readonly measurements: readonly Measurement[];
  readonly collectedAt: Moment;
  /** HL7 table 0123: final, or a correction of what was final. */
  readonly status: 'F' | 'C';
}
interface Booked extends Happening {
  readonly kind: 'booked';
  readonly appointmentNumber: string;
  readonly clinician: Clinician;
  readonly startsAt: Moment;
  readonly durationMinutes: number;
}
