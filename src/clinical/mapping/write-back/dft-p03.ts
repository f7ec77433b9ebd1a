import type { ChargeItem, CodeableConcept } from '@medplum/fhirtypes';
import { cwe } from './datatypes/cwe.ts';
import { dr } from './datatypes/dtm.ts';
import { xcn } from './datatypes/person.ts';
import { from, fromEach } from './fields.ts';
import { each, profile } from './profile.ts';
import { evn } from './segments/evn.ts';
import { MODIFIER_SYSTEM } from './segments/ft1.ts';
import { diagnosesOf, pid, pv1, type VisitFacts } from './visit.ts';

interface Charge {
  readonly item: ChargeItem;
  readonly facts: VisitFacts;
}

const chargesOf = (facts: VisitFacts): readonly Charge[] => facts.charges.map((item) => ({ item, facts }));

const codings = ({ item }: Charge) => item.code.coding ?? [];
const service = from(
  'ChargeItem.code',
  (charge: Charge): CodeableConcept => ({
    coding: codings(charge).filter(({ system }) => system !== MODIFIER_SYSTEM),
  }),
  cwe,
);

/**
 * DFT^P03, post detail financial transactions (2.5.1, 6.5.1): one FT1 for each charge. FT1-2 carries the charge's own number, by which a receiver
 * knows a repeat; FT1-6 CG is a charge (table 0017); FT1-16 holds the place of service, 02 or 10, as agreed with the receiver.
 */
export const visitCharges = profile<VisitFacts>()({
  message: 'DFT^P03',
  parts: {
    EVN: evn<VisitFacts>('P03'),
    PID: pid,
    PV1: pv1,
    FT1: each<VisitFacts, Charge>('FT1', chargesOf, {
      2: from(
        'ChargeItem.identifier',
        ({ item }) => item.identifier?.[0]?.value,
        (value) => value,
      ),
      4: from('ChargeItem.occurrencePeriod', ({ item }) => item.occurrencePeriod, dr),
      6: 'CG',
      7: service,
      10: from(
        'ChargeItem.quantity.value',
        ({ item }) => item.quantity?.value,
        (value) => value,
      ),
      16: from(
        'place of service of the visit',
        ({ facts }) => facts.placeOfService,
        (code) => [code],
      ),
      19: fromEach('Condition.code', ({ facts }) => diagnosesOf(facts), cwe),
      20: from('ChargeItem.performer', ({ facts }) => facts.performer, xcn),
      25: service,
      26: fromEach(
        'ChargeItem.code of modifiers',
        (charge) => codings(charge).filter(({ system }) => system === MODIFIER_SYSTEM),
        ({ code }) => code,
      ),
    }),
  },
});
