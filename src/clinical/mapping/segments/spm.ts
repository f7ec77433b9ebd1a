import type { Identifier, Specimen, SpecimenContainer } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, each, first, firstOf, listOf, present } from '../convert.ts';
import { cq } from '../datatypes/cq.ts';
import { cwe } from '../datatypes/cwe.ts';
import { cx } from '../datatypes/cx.ts';
import { dr } from '../datatypes/dr.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei, eip } from '../datatypes/ei.ts';
import { code } from '../datatypes/text.ts';
import { type Convert, REMOVE, type SegmentMap } from '../segment-map.ts';
import { codeTable } from '../tables.ts';

/** SPM-20, table 0136. */
const availability = codeTable({ Y: 'available', N: 'unavailable' });

const numbers = eip({ placer: 'PGN', filler: 'FGN' });

/** SPM-17 with an end is a period, without one a moment; the other of the two goes. */
const collected =
  (kind: 'period' | 'moment'): Convert =>
  (field, context) => {
    const [value] = field.repetitions;
    if (!value) return undefined;
    const isPeriod = value.component(2) !== '';
    if (isPeriod !== (kind === 'period')) return REMOVE;
    return isPeriod ? dr(value, context) : dateTime(value, context);
  };

/** SPM-3: specimens that this one was made from, by their numbers. */
const parents: Convert = (field, context) => {
  const identifiers: Identifier[] = field.repetitions.flatMap((value) => numbers(value, context) ?? []);
  return identifiers.length === 0
    ? undefined
    : identifiers.map((identifier) => ({ type: 'Specimen', identifier }));
};

/** SPM-6 and SPM-27 are of one container. */
const container: Convert = (_field, context, { segment }) => containerOf(segment, context);

function containerOf(spm: Segment, context: MapContext): SpecimenContainer[] | undefined {
  const one = present<SpecimenContainer>({
    type: firstOf(spm.field(27), cwe(), context),
    additiveCodeableConcept: firstOf(spm.field(6), cwe('0371'), context),
  });
  return one && [one];
}

const described: Datatype<{ text: string }> = (value) =>
  value.wholeText.trim() === '' ? undefined : { text: value.wholeText.trim() };

/** SPM-32: how it travelled. */
const shipment = ei('SHIP');

/** SPM-21: a specimen that was rejected can't be used, unless SPM-20 says so, and the reason is its condition. */
const unsatisfactory: Convert = () => 'unsatisfactory';

/** SPM → Specimen (v2-to-FHIR guide, SPM[Specimen]). */
export const spm: SegmentMap<Specimen> = {
  segment: 'SPM',
  resource: 'Specimen',
  rows: [
    { field: 2, to: 'identifier@SPM-2', as: (field, context) => firstOf(field, numbers, context) },
    { field: 3, to: 'parent', as: parents },
    { field: 4, to: 'type', as: first(cwe('0487')) },
    { field: 6, to: 'container@SPM-27', as: container, with: [27] },
    { field: 7, to: 'collection.method', as: first(cwe('0488')) },
    { field: 8, to: 'collection.bodySite', as: first(cwe()) },
    { field: 12, to: 'collection.quantity', as: first(cq) },
    { field: 14, to: 'note@SPM-14', as: each(described) },
    { field: 17, to: 'collection.collectedPeriod', as: collected('period') },
    { field: 17, to: 'collection.collectedDateTime', as: collected('moment') },
    { field: 18, to: 'receivedTime', as: first(dateTime) },
    { field: 21, to: 'status', as: unsatisfactory },
    { field: 20, to: 'status', as: first(code('0136', availability)) },
    { field: 21, to: 'condition@SPM-21', as: each(cwe('0490')) },
    { field: 24, to: 'condition@SPM-24', as: each(cwe('0493')) },
    { field: 27, to: 'container@SPM-27', as: container, with: [6] },
    { field: 30, to: 'accessionIdentifier', as: first(cx) },
    { field: 31, to: 'identifier@SPM-31', as: each(cx) },
    { field: 32, to: 'identifier@SPM-32', as: listOf(first(shipment)) },
  ],
  elsewhere: [1],
};
