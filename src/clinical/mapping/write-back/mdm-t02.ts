import type { Practitioner } from '@medplum/fhirtypes';
import { components, type WriteContext } from './context.ts';
import { ei } from './datatypes/cx.ts';
import { dtm } from './datatypes/dtm.ts';
import { xcn } from './datatypes/person.ts';
import { from, needed } from './fields.ts';
import { each, one, profile } from './profile.ts';
import { evn } from './segments/evn.ts';
import { pid, pv1, type VisitFacts } from './visit.ts';

const PPN_TIME = 15;

/** PPN: who signed, with the time in its fifteenth component. */
function signature(performer: Practitioner, at: string | undefined, context: WriteContext) {
  const person = xcn(performer, context);
  const parts = Array.isArray(person) ? person.slice(0, 13) : [person];
  const gap = Array.from({ length: PPN_TIME - 1 - parts.length }, () => '');
  return components([...parts, ...gap, at && (dtm(at, context) as string)]);
}

const performer = from('DocumentReference.author', ({ performer }: VisitFacts) => performer, xcn);

/**
 * MDM^T02, original document notification and content (2.5.1, 9.6.2): the note of a visit, one OBX of type TX a line. TXA-2 PN progress note
 * (table 0270), TXA-17 AU authenticated (0271), TXA-19 AV available (0273). TXA-12 is the number under which an addendum or a replacement
 * finds it.
 */
export const visitNote = profile<VisitFacts>()({
  message: 'MDM^T02',
  parts: {
    EVN: evn<VisitFacts>('T02'),
    PID: pid,
    PV1: pv1,
    TXA: one<VisitFacts>('TXA', {
      1: 1,
      2: 'PN',
      3: 'TX',
      4: from('Encounter.period.start', ({ encounter }) => encounter.period?.start, dtm),
      5: performer,
      6: from('DocumentReference.date', ({ note }) => note.date, dtm),
      9: performer,
      12: needed(
        from(
          'DocumentReference.masterIdentifier',
          ({ note }) => note.masterIdentifier ?? note.identifier?.[0],
          ei,
        ),
      ),
      17: 'AU',
      19: 'AV',
      22: {
        from: 'DocumentReference.author, DocumentReference.date',
        write: ({ performer: who, note }, context) => signature(who, note.date, context),
      },
    }),
    OBX: each<VisitFacts, string>('OBX', ({ noteText }) => noteText.split(/\r\n|\r|\n/), {
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
