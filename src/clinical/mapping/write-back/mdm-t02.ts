import type { Practitioner } from '@medplum/fhirtypes';
import { components, type WriteContext } from './context.ts';
import { dtm } from './datatypes/dtm.ts';
import { xcn } from './datatypes/person.ts';
import { from } from './fields.ts';
import { each, profile } from './profile.ts';
import { evn } from './segments/evn.ts';
import { splitLines } from './segments/obx-document.ts';
import { type SentDocument, txa } from './segments/txa.ts';
import { pid, pv1, type VisitFacts } from './visit.ts';

const PPN_TIME = 15;

/** PPN: who signed, with the time in its fifteenth component. */
function signature(performer: Practitioner, at: string | undefined, context: WriteContext) {
  const person = xcn(performer, context);
  const parts = Array.isArray(person) ? person.slice(0, 13) : [person];
  const gap = Array.from({ length: PPN_TIME - 1 - parts.length }, () => '');
  return components([...parts, ...gap, at && (dtm(at, context) as string)]);
}

/** The note with its visit. */
interface VisitNote extends SentDocument {
  readonly facts: VisitFacts;
}
const performer = from('DocumentReference.author', ({ facts }: VisitNote) => facts.performer, xcn);

/**
 * MDM^T02, original document notification and content (2.5.1, 9.6.2): the note of a visit, as in `documents`, one OBX of type TX a line. TXA-2 PN
 * progress note (table 0270). TXA-12 is the number under which an addendum or a replacement finds it.
 */
export const visitNote = profile<VisitFacts>()({
  message: 'MDM^T02',
  parts: {
    EVN: evn<VisitFacts>('T02'),
    PID: pid,
    PV1: pv1,
    TXA: each<VisitFacts, VisitNote>('TXA', (facts) => [{ document: facts.note, facts }], {
      ...txa,
      2: 'PN',
      3: 'TX',
      4: from('Encounter.period.start', ({ facts }) => facts.encounter.period?.start, dtm),
      5: performer,
      9: performer,
      22: {
        from: 'DocumentReference.author, DocumentReference.date',
        write: ({ facts, document }, context) => signature(facts.performer, document.date, context),
      },
    }),
    OBX: each<VisitFacts, string>('OBX', ({ noteText }) => splitLines(noteText), {
      2: 'TX',
      3: () => ['11506-3', 'Progress note', 'LN'],
      4: 1,
      5: from(
        'DocumentReference.content',
        (line) => line,
        (line) => line,
      ),
      11: 'F',
    }),
  },
});
