import type { GuideDifference } from './guide-difference.ts';
import { orderDifferences } from './guide-differences-orders.ts';
import { peopleDifferences } from './guide-differences-people.ts';

const ENVELOPE =
  'the message itself is kept, byte for byte, and what it changed points to it by a Provenance (record R8); no Bundle or MessageHeader is made of it';

/** The envelope of a message, and what is made of it. */
const envelopeDifferences: readonly GuideDifference[] = [
  { map: 'MSH[*', why: ENVELOPE },
  { map: 'SFT[*', why: ENVELOPE },
  { map: 'MSA[*', why: 'acknowledgments are the business of the connection, not of the record' },
  {
    map: 'EVN[Provenance]',
    why: 'one Provenance a message says who sent it and what it changed; EVN-2 is when it was so',
  },
  {
    map: 'PID[Provenance-Patient]',
    why: 'one Provenance a message says what it changed, the patient among it',
  },
  { map: 'ORC[Provenance]', why: 'one Provenance a message says what it changed, the order among it' },
  { map: 'SCH[Provenance]', why: 'one Provenance a message says what it changed, the appointment among it' },
  { map: 'TXA[Provenance]', why: 'one Provenance a message says what it changed, the document among it' },
  {
    map: 'PV1[Basic-EncounterHistory]',
    why: 'the history of a visit is its versions, each with its message; Basic would be a second one',
  },
];

export const guideDifferences: readonly GuideDifference[] = [
  ...envelopeDifferences,
  ...peopleDifferences,
  ...orderDifferences,
];
