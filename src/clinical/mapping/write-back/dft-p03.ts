import { cwe } from './datatypes/cwe.ts';
import { xcn } from './datatypes/person.ts';
import { from, fromEach } from './fields.ts';
import { each, profile } from './profile.ts';
import { evn } from './segments/evn.ts';
import { ft1, type SentCharge } from './segments/ft1.ts';
import { diagnosesOf, pid, pv1, type VisitFacts } from './visit.ts';

interface Charge extends SentCharge {
  readonly facts: VisitFacts;
}

const chargesOf = (facts: VisitFacts): readonly Charge[] => facts.charges.map((item) => ({ item, facts }));

/**
 * DFT^P03, post detail financial transactions (2.5.1, 6.5.1): one FT1 for each charge of a visit, as in `charges`, with the visit's diagnoses and
 * performer. FT1-16 holds the place of service, 02 or 10, as agreed with the receiver.
 */
export const visitCharges = profile<VisitFacts>()({
  message: 'DFT^P03',
  parts: {
    EVN: evn<VisitFacts>('P03'),
    PID: pid,
    PV1: pv1,
    FT1: each<VisitFacts, Charge>('FT1', chargesOf, {
      ...ft1,
      16: from(
        'place of service of the visit',
        ({ facts }) => facts.placeOfService,
        (code) => [code],
      ),
      19: fromEach('Condition.code', ({ facts }) => diagnosesOf(facts), cwe),
      20: from('ChargeItem.performer', ({ facts }) => facts.performer, xcn),
    }),
  },
});
