import type { ChargeItem } from '@medplum/fhirtypes';
import { repeat } from '../../../standards/hl7v2/index.ts';
import { cwe, dtm, xcn } from './datatypes.ts';
import { each, profile } from './profile.ts';
import { diagnosesOf, evn, pid, pv1, type VisitFacts } from './visit.ts';

interface Charge {
  readonly item: ChargeItem;
  readonly facts: VisitFacts;
}

const chargesOf = (facts: VisitFacts): readonly Charge[] => facts.charges.map((item) => ({ item, facts }));

/** CPT modifiers are the further codings of a charge's code, under this system of ours: FHIR R4 has no element for them. */
export const MODIFIER_SYSTEM = 'urn:isthmus:procedure-modifier';

const service = ({ item }: Charge) =>
  cwe({ coding: (item.code.coding ?? []).filter(({ system }) => system !== MODIFIER_SYSTEM) });
const modifiers = ({ item }: Charge) =>
  (item.code.coding ?? []).filter(({ system }) => system === MODIFIER_SYSTEM).map(({ code }) => code);

/**
 * DFT^P03, post detail financial transactions (2.5.1, 6.5.1): one FT1 for each charge. FT1-2 carries the charge's own number, by which a receiver
 * knows a repeat; FT1-6 CG is a charge (table 0017); FT1-16 holds the place of service, 02 or 10, as agreed with the receiver.
 */
export const visitCharges = profile<VisitFacts>({
  message: 'DFT^P03',
  segments: [
    evn('P03'),
    pid,
    pv1,
    each('FT1', chargesOf, {
      2: ({ item }) => item.identifier?.[0]?.value,
      4: ({ item }, { zone }) => [
        dtm(item.occurrencePeriod?.start, zone),
        dtm(item.occurrencePeriod?.end, zone),
      ],
      6: 'CG',
      7: service,
      10: ({ item }) => item.quantity?.value,
      16: ({ facts }) => [facts.placeOfService],
      19: ({ facts }) => repeat(...diagnosesOf(facts).map(cwe)),
      20: ({ facts }) => xcn(facts.performer),
      25: service,
      26: (charge) => repeat(...modifiers(charge)),
    }),
  ],
});
