import { profile } from './profile.ts';
import type { Related } from './render.ts';
import { type AllergyFacts, adverseReactions, allergies } from './segments/allergy.ts';
import { type DiagnosisFacts, diagnoses } from './segments/dg1.ts';
import { evn } from './segments/evn.ts';
import { type AccountFacts, guarantors } from './segments/gt1.ts';
import { type CoverageFacts, insurances } from './segments/in1.ts';
import { type KinFacts, nextOfKin } from './segments/nk1.ts';
import { type ObservationFacts, observed } from './segments/observed.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { type ProcedureFacts, procedures } from './segments/pr1.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';
import { type CareTeamFacts, patientRoles, visitRoles } from './segments/rol.ts';

export interface RegistrationFacts
  extends PatientFacts,
    VisitOfFacts,
    KinFacts,
    CareTeamFacts,
    ObservationFacts,
    AllergyFacts,
    DiagnosisFacts,
    ProcedureFacts,
    AccountFacts,
    CoverageFacts,
    Related {
  /** A04 registers; A08 changes what is known. A28 and A31 do the same for a person without a visit; others as chapter 3 names them. */
  readonly event: `A${number}`;
}

/**
 * ADT^A04 and A08 (2.5.1, 3.3.4, 3.3.8), A28 and A31, and other events of ADT_A01: who somebody is, the visit, and what comes with them. NK1, AL1,
 * DG1, PR1, GT1 and IN1 are groups that replace what the receiver has, so all that stands is given, or none.
 */
export const registrations = profile<RegistrationFacts>()({
  message: ({ event }) => `ADT^${event}`,
  parts: {
    EVN: evn<RegistrationFacts>(({ event }) => event),
    PID: pid<RegistrationFacts>(),
    PD1: pd1<RegistrationFacts>(),
    ROL: patientRoles<RegistrationFacts>(),
    NK1: nextOfKin<RegistrationFacts>(),
    PV1: pv1<RegistrationFacts>(),
    PV2: pv2<RegistrationFacts>(),
    VISIT_ROL: visitRoles<RegistrationFacts>(),
    OBX: observed<RegistrationFacts>(({ observations = [] }) => observations),
    AL1: allergies<RegistrationFacts>(),
    IAM: adverseReactions<RegistrationFacts>(),
    DG1: diagnoses<RegistrationFacts>(),
    PROCEDURE: procedures<RegistrationFacts>(),
    GT1: guarantors<RegistrationFacts>(),
    INSURANCE: insurances<RegistrationFacts>(),
  },
});
