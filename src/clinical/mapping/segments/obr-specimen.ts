import type { Annotation, CodeableConcept, Specimen, SpecimenContainer } from '@medplum/fhirtypes';
import type { Repetition, Segment } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, each, first, firstOf, listOf, orNothing, present } from '../convert.ts';
import { cq } from '../datatypes/cq.ts';
import { codeSystemUri, cwe, cweNote, v2Table } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { xcn } from '../datatypes/xcn.ts';
import { type Convert, REMOVE, type SegmentMap } from '../segment-map.ts';

/** SPS, a specimen before SPM took its place: its parts are codes of subcomponents, or a code alone. */
const source =
  (component: number, table: string): Datatype<CodeableConcept> =>
  (value, context) =>
    conceptAt(value, component, { context, table });

function conceptAt(
  value: Repetition,
  component: number,
  { context, table }: { context: MapContext; table: string },
): CodeableConcept | undefined {
  const code = value.component(component, 1).trim();
  const display = orNothing(value.component(component, 2).trim());
  if (code === '') return display === undefined ? undefined : { text: display };
  const system = codeSystemUri(value.component(component, 3), context) ?? v2Table(table);
  return present<CodeableConcept>({
    coding: [{ system, code, ...(display ? { display } : {}) }],
    text: display,
  });
}

/** OBR-15 that is a whole code (`440500007^Blood^SCT`) and not SPS: its third part names a coding system. */
const isPlainCode = (value: Repetition): boolean =>
  value.componentCount <= 3 && value.subcomponentCount(1) <= 1 && value.component(3) !== '';

const type: Datatype<CodeableConcept> = (value, context) =>
  isPlainCode(value) ? cwe()(value, context) : source(1, '0487')(value, context);

const unlessPlain =
  <T>(datatype: Datatype<T>): Datatype<T> =>
  (value, context) =>
    isPlainCode(value) ? undefined : datatype(value, context);

const freeText: Datatype<Annotation> = (value) =>
  value.component(3) === '' ? undefined : { text: value.component(3) };

const container: Datatype<SpecimenContainer> = (value, context) =>
  present<SpecimenContainer>({ additiveCodeableConcept: source(2, '0371')(value, context) });

/** OBR-7 is when the specimen was taken, OBR-8 until when (2.5.1, 4.5.3.7); one of moment and period. */
const collected =
  (kind: 'period' | 'moment'): Convert =>
  (field, context, { segment }) => {
    const end = first(dateTime)(segment.field(8), context, { segment, place: '' });
    if ((end !== undefined) !== (kind === 'period')) return REMOVE;
    const start = firstOf(field, dateTime, context);
    return end === undefined ? start : { start, end };
  };

/** OBR-8 without OBR-7. */
const collectedEnd: Convert = (field, context, { segment }) => {
  const end = segment.field(7).state === 'empty' ? firstOf(field, dateTime, context) : undefined;
  return end === undefined ? undefined : { end };
};

/** OBR → Specimen (v2-to-FHIR guide, OBR[Specimen]): the sample of an order that has no SPM of its own, or more about the one SPM it has. */
export const obrSpecimen: SegmentMap<Specimen> = {
  segment: 'OBR',
  resource: 'Specimen',
  rows: [
    { field: 7, to: 'collection.collectedPeriod', as: collected('period'), with: [8] },
    { field: 7, to: 'collection.collectedDateTime', as: collected('moment'), with: [8] },
    { field: 8, to: 'collection.collectedPeriod', as: collectedEnd, with: [7] },
    { field: 9, to: 'collection.quantity', as: first(cq) },
    { field: 10, to: 'collection.collector', as: first(xcn) },
    { field: 14, to: 'receivedTime', as: first(dateTime) },
    { field: 15, to: 'type', as: first(type) },
    { field: 15, to: 'container@SPM-27', as: listOf(first(unlessPlain(container))) },
    { field: 15, to: 'note@SPM-14', as: listOf(first(unlessPlain(freeText))) },
    { field: 15, to: 'collection.bodySite', as: first(unlessPlain(source(4, '0163'))) },
    { field: 15, to: 'condition@SPM-24', as: listOf(first(unlessPlain(source(6, '0493')))) },
    { field: 39, to: 'note@OBR-39', as: each(cweNote) },
  ],
  elsewhere: [],
};

/** Fields that only an order with a sample has; OBR-7 alone may be the time of an image. */
const OF_A_SPECIMEN = [9, 10, 14, 15, 39];

export const hasSpecimen = (obr: Segment): boolean =>
  OF_A_SPECIMEN.some((field) => obr.field(field).state === 'valued');
