import type { Coverage } from '@medplum/fhirtypes';
import { each, profile } from './profile.ts';
import type { Related } from './render.ts';
import { evn } from './segments/evn.ts';
import { in1 } from './segments/in1.ts';
import { type KinFacts, nextOfKin } from './segments/nk1.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';

export interface RegistrationFacts extends PatientFacts, VisitOfFacts, KinFacts, Related {
  /** A04 registers; A08 changes what is known. A28 and A31 do the same for a person without a visit. */
  readonly event: 'A04' | 'A08' | 'A28' | 'A31';
  /** In the order in which they are asked to pay. */
  readonly coverages?: readonly Coverage[];
}

/**
 * ADT^A04 and A08 (2.5.1, 3.3.4, 3.3.8), and A28 and A31: who somebody is, next of kin, and coverages. NK1 and IN1 are groups that replace what the
 * receiver has, so all of them are given, or none.
 */
export const registrations = profile<RegistrationFacts>()({
  message: ({ event }) => `ADT^${event}`,
  parts: {
    EVN: evn<RegistrationFacts>(({ event }) => event),
    PID: pid<RegistrationFacts>(),
    PD1: pd1<RegistrationFacts>(),
    NK1: nextOfKin<RegistrationFacts>(),
    PV1: pv1<RegistrationFacts>(),
    PV2: pv2<RegistrationFacts>(),
    IN1: each<RegistrationFacts, Coverage>('IN1', ({ coverages = [] }) => coverages, in1),
  },
});
