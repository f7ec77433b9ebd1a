import type { Annotation, Immunization, Observation } from '@medplum/fhirtypes';
import type { WriteContext } from './context.ts';
import { ofField } from './datatypes/marks.ts';
import { group } from './parts.ts';
import { each, one, profile } from './profile.ts';
import type { Related } from './render.ts';
import { type AccountFacts, guarantors } from './segments/gt1.ts';
import { type CoverageFacts, insurances } from './segments/in1.ts';
import { type KinFacts, nextOfKin } from './segments/nk1.ts';
import { notes } from './segments/nte.ts';
import { type ObservationFacts, observed } from './segments/observed.ts';
import { type VaccinationLine, vaccinationLines, vaccinationObx } from './segments/obx-vaccination.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';
import { rxa, vaccinationOrder, vaccinationRoute } from './segments/rxa.ts';

export interface VaccinationFacts
  extends PatientFacts,
    VisitOfFacts,
    KinFacts,
    CoverageFacts,
    AccountFacts,
    ObservationFacts,
    Related {
  /** Given or not. */
  readonly immunizations: readonly Immunization[];
}

/** What was observed with it. */
const observedWith = ({ id }: Immunization, { known }: WriteContext): Observation[] =>
  [...known.values()].flatMap((one) =>
    one.resourceType === 'Observation' &&
    (one.partOf ?? []).some(({ reference }) => reference === `Immunization/${id}`)
      ? [one]
      : [],
  );

/** Notes stand behind an OBX. */
const noted = (immunization: Immunization): readonly Annotation[] =>
  vaccinationLines(immunization).length === 0 ? [] : ofField(immunization.note, 'NTE-3');
const hasRoute = ({ route, site }: Immunization): boolean => (route ?? site) !== undefined;

/** VXU^V04, unsolicited vaccination record update (2.5.1, 4.17.6; CDC immunization guide 1.5): each Immunization, given or not. */
export const vaccinations = profile<VaccinationFacts>()({
  message: 'VXU^V04',
  parts: {
    PID: pid<VaccinationFacts>(),
    PD1: pd1<VaccinationFacts>(),
    NK1: nextOfKin<VaccinationFacts>(),
    PV1: pv1<VaccinationFacts>(),
    PV2: pv2<VaccinationFacts>(),
    GT1: guarantors<VaccinationFacts>(),
    INSURANCE: insurances<VaccinationFacts>(),
    OBX: observed<VaccinationFacts>(({ observations = [] }) => observations),
    ORDER: group((facts: VaccinationFacts): readonly Immunization[] => facts.immunizations, {
      ORC: one<Immunization>('ORC', vaccinationOrder),
      RXA: one<Immunization>('RXA', rxa),
      RXR: each<Immunization, Immunization>('RXR', (one) => (hasRoute(one) ? [one] : []), vaccinationRoute),
      TOLD: each<Immunization, VaccinationLine>('OBX', vaccinationLines, vaccinationObx),
      NTE: notes<Immunization>(noted),
      OBX: observed<Immunization>(observedWith),
    }),
  },
});
