import type { Identifier, Specimen } from '@medplum/fhirtypes';
import { components, type Writer } from '../context.ts';
import { coded, cwe } from '../datatypes/cwe.ts';
import { cx, ei, eiParts, eip, typeOf } from '../datatypes/cx.ts';
import { dr, dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { cq } from '../datatypes/quantity.ts';
import { type Fields, from, fromEach } from '../fields.ts';

const numbers = eip({ placer: 'PGN', filler: 'FGN' });

/** SPM-2: the typed numbers, or else the first one as the filler's. */
const own: Writer<readonly Identifier[]> = (identifiers, context) => {
  const [first] = identifiers;
  const isTyped = identifiers.some((one) => ['PGN', 'FGN'].includes(typeOf(one) ?? ''));
  if (isTyped || !first) return numbers(identifiers, context);
  return components([undefined, eiParts(first, context)]);
};

/** 0136; unsatisfactory is said by the reason. */
const available = coded('0136', { available: 'Y', unavailable: 'N' });
const container = ({ container: all }: Specimen) => ofField(all, 'SPM-27', () => true)[0];
const isRejected = ({ status }: Specimen): boolean => status === 'unsatisfactory';

/** SPM from the Specimen. */
export const spm: Fields<Specimen> = {
  2: from('Specimen.identifier', ({ identifier }) => ofField(identifier, 'SPM-2', () => true), own),
  3: fromEach(
    'Specimen.parent.identifier',
    ({ parent }) => parent?.flatMap(({ identifier }) => (identifier ? [[identifier]] : [])),
    numbers,
  ),
  4: from('Specimen.type', ({ type }) => type, cwe),
  6: from(
    'Specimen.container.additiveCodeableConcept',
    (specimen) => container(specimen)?.additiveCodeableConcept,
    cwe,
  ),
  7: from('Specimen.collection.method', ({ collection }) => collection?.method, cwe),
  8: from('Specimen.collection.bodySite', ({ collection }) => collection?.bodySite, cwe),
  12: from('Specimen.collection.quantity', ({ collection }) => collection?.quantity, cq),
  14: fromEach(
    'Specimen.note',
    ({ note }) => ofField(note, 'SPM-14', () => true),
    ({ text }) => text,
  ),
  17: from(
    'Specimen.collection.collected',
    ({ collection }) =>
      collection?.collectedPeriod ??
      (collection?.collectedDateTime ? { start: collection.collectedDateTime } : undefined),
    dr,
  ),
  18: from('Specimen.receivedTime', ({ receivedTime }) => receivedTime, dtm),
  20: from('Specimen.status', (specimen) => (isRejected(specimen) ? undefined : specimen.status), available),
  21: fromEach(
    'Specimen.condition of a rejected one',
    (specimen) => ofField(specimen.condition, 'SPM-21', () => isRejected(specimen)),
    cwe,
  ),
  24: fromEach(
    'Specimen.condition',
    (specimen) => ofField(specimen.condition, 'SPM-24', () => !isRejected(specimen)),
    cwe,
  ),
  27: from('Specimen.container.type', (specimen) => container(specimen)?.type, cwe),
  30: from('Specimen.accessionIdentifier', ({ accessionIdentifier }) => accessionIdentifier, cx),
  31: fromEach('Specimen.identifier from SPM-31', ({ identifier }) => ofField(identifier, 'SPM-31'), cx),
  32: from('Specimen.identifier from SPM-32', ({ identifier }) => ofField(identifier, 'SPM-32')[0], ei),
};
