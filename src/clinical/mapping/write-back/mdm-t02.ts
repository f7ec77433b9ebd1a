import type { RepetitionValue } from '../../../standards/hl7v2/index.ts';
import { dtm, hd, xcn } from './datatypes.ts';
import { each, one, profile } from './profile.ts';
import { evn, pid, pv1, type VisitFacts } from './visit.ts';

/** EI of the note: the number under which an addendum or a replacement finds it. */
const documentNumber = ({ note }: VisitFacts): RepetitionValue => {
  const identifier = note.masterIdentifier ?? note.identifier?.[0];
  const authority = hd(identifier?.system);
  const [namespace, universalId, type] = Array.isArray(authority) ? authority : [authority];
  return [identifier?.value, namespace, universalId, type];
};

/** PPN: who signed, with the time in its fifteenth component. */
const signature = ({ performer, note }: VisitFacts, zone: string): RepetitionValue => {
  const person = xcn(performer);
  const parts = Array.isArray(person) ? person.slice(0, 13) : [person];
  return [...parts, ...Array<string>(14 - parts.length).fill(''), dtm(note.date, zone)];
};

/**
 * MDM^T02, original document notification and content (2.5.1, 9.6.2): the note of a visit, one OBX of type TX a line. TXA-2 PN progress note
 * (table 0270), TXA-17 AU authenticated (0271), TXA-19 AV available (0273).
 */
export const visitNote = profile<VisitFacts>({
  message: 'MDM^T02',
  segments: [
    evn('T02'),
    pid,
    pv1,
    one('TXA', {
      1: 1,
      2: 'PN',
      3: 'TX',
      4: ({ encounter }, { zone }) => dtm(encounter.period?.start, zone),
      5: ({ performer }) => xcn(performer),
      6: ({ note }, { zone }) => dtm(note.date, zone),
      9: ({ performer }) => xcn(performer),
      12: documentNumber,
      17: 'AU',
      19: 'AV',
      22: (facts, { zone }) => signature(facts, zone),
    }),
    each('OBX', ({ noteText }) => noteText.split(/\r\n|\r|\n/), {
      2: 'TX',
      3: () => ['11506-3', 'Progress note', 'LN'],
      4: 1,
      5: (line) => line,
      11: 'F',
    }),
  ],
});
