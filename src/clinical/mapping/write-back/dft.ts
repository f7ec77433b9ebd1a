import type { ChargeItem, Procedure } from '@medplum/fhirtypes';
import { resolve, type WriteContext } from './context.ts';
import { ofField } from './datatypes/marks.ts';
import { namedOrder } from './orders.ts';
import { group } from './parts.ts';
import { each, profile } from './profile.ts';
import type { Related } from './render.ts';
import { type DiagnosisFacts, diagnoses } from './segments/dg1.ts';
import { evn } from './segments/evn.ts';
import { ft1, type SentCharge } from './segments/ft1.ts';
import { type AccountFacts, guarantors } from './segments/gt1.ts';
import { type CoverageFacts, insurances } from './segments/in1.ts';
import { type KinFacts, nextOfKin } from './segments/nk1.ts';
import { notes } from './segments/nte.ts';
import { numbered, type ObservationFacts, observed } from './segments/observed.ts';
import type { SentOrder } from './segments/orc.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { pr1 } from './segments/pr1.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';

export interface ChargeFacts
  extends PatientFacts,
    VisitOfFacts,
    KinFacts,
    DiagnosisFacts,
    ObservationFacts,
    CoverageFacts,
    AccountFacts,
    Related {
  readonly charges: readonly ChargeItem[];
  /** The orders that are charged. */
  readonly orders?: readonly SentOrder[];
}

const procedures = ({ item }: SentCharge, context: WriteContext): Procedure[] =>
  (item.service ?? []).flatMap((reference) => resolve(context, reference, 'Procedure') ?? []);

/** DFT^P03, post detail financial transactions (2.5.1, 6.5.1): each charge with its notes and procedures, and the diagnoses of the visit. */
export const charges = profile<ChargeFacts>()({
  message: 'DFT^P03',
  parts: {
    EVN: evn<ChargeFacts>('P03'),
    PID: pid<ChargeFacts>(),
    PD1: pd1<ChargeFacts>(),
    NK1: nextOfKin<ChargeFacts>(),
    PV1: pv1<ChargeFacts>(),
    PV2: pv2<ChargeFacts>(),
    ORDER: group(({ orders = [] }: ChargeFacts): readonly SentOrder[] => orders, namedOrder),
    OBX: observed<ChargeFacts>(({ observations = [] }) => observations),
    CHARGE: group(
      ({ charges: items }: ChargeFacts): readonly SentCharge[] => items.map((item) => ({ item })),
      {
        FT1: each<SentCharge, SentCharge>('FT1', (charge) => [charge], { ...ft1, 1: numbered }),
        NTE: notes<SentCharge>(({ item }) => ofField(item.note, 'NTE-3', () => true)),
        PR1: each<SentCharge, Procedure>('PR1', procedures, pr1),
      },
    ),
    DG1: diagnoses<ChargeFacts>(),
    GT1: guarantors<ChargeFacts>(),
    INSURANCE: insurances<ChargeFacts>(),
  },
});
