import { namedOrder } from './orders.ts';
import { group } from './parts.ts';
import { one, profile } from './profile.ts';
import type { Related } from './render.ts';
import { evn } from './segments/evn.ts';
import { type KinFacts, nextOfKin } from './segments/nk1.ts';
import { documentContent } from './segments/obx-document.ts';
import type { SentOrder } from './segments/orc.ts';
import { type PatientFacts, pd1, pid } from './segments/pid.ts';
import { pv1, type VisitOfFacts } from './segments/pv1.ts';
import { pv2 } from './segments/pv2.ts';
import { type SentDocument, txa } from './segments/txa.ts';

export interface DocumentFacts extends PatientFacts, VisitOfFacts, KinFacts, SentDocument, Related {
  /** T02 new, T04 changed, T06 an addendum, T08 edited, T10 a replacement, T11 taken back. Without it the document says. */
  readonly event?: `T${number}`;
  /** The orders that it answers. */
  readonly orders?: readonly SentOrder[];
}

/** Of each pair the second brings the content. */
function eventOf({ event, document }: DocumentFacts): string {
  if (event) return event;
  const relations = (document.relatesTo ?? []).map(({ code }) => code);
  if (document.status === 'entered-in-error') return 'T11';
  if (relations.includes('replaces')) return 'T10';
  return relations.includes('appends') ? 'T06' : 'T02';
}

const isNotification = (facts: DocumentFacts): boolean =>
  ['T01', 'T03', 'T05', 'T07', 'T09', 'T11'].includes(eventOf(facts));
const answered = ({ orders = [] }: DocumentFacts): readonly SentOrder[] =>
  orders.map((order) => ({ control: 'RE', ...order }));

/** MDM^T01 to T11 (2.5.1, 9.6): a document of the patient or the visit, with its content unless it is only told that there is one. */
export const documents = profile<DocumentFacts>()({
  message: (facts) => `MDM^${eventOf(facts)}`,
  parts: {
    EVN: evn<DocumentFacts>(eventOf),
    PID: pid<DocumentFacts>(),
    PD1: pd1<DocumentFacts>(),
    NK1: nextOfKin<DocumentFacts>(),
    PV1: pv1<DocumentFacts>(),
    PV2: pv2<DocumentFacts>(),
    ORDER: group(answered, namedOrder),
    TXA: one<DocumentFacts>('TXA', txa),
    CONTENT: documentContent<DocumentFacts>((facts) => (isNotification(facts) ? [] : [facts])),
  },
});
