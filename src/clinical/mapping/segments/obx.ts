import type {
  CodeableConcept,
  Extension,
  Observation,
  ObservationReferenceRange,
  Reference,
} from '@medplum/fhirtypes';
import { decimalOf } from '../../../standards/fhir/index.ts';
import { parseDecimal } from '../../../standards/hl7v2/index.ts';
import { choice, type Datatype, each, first, listOf, present } from '../convert.ts';
import { cwe } from '../datatypes/cwe.ts';
import { cweOrganization } from '../datatypes/cwe-named.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { ei, eip } from '../datatypes/ei.ts';
import { code, text } from '../datatypes/text.ts';
import type { Convert, SegmentMap } from '../segment-map.ts';
import { interpretations, observationStatus } from '../tables.ts';
import { device, performingOrganization, responsibleObserver } from './obx-performer.ts';
import { observationComponents, observationValue } from './obx-value.ts';

const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';

const interpretation: Datatype<CodeableConcept> = (value, context) => {
  const concept = cwe('0078')(value, context);
  const sent = value.text.trim().toUpperCase();
  if (!concept || !interpretations.has(sent)) return concept;
  const { coding = [], ...rest } = concept;
  // A code alone is said by FHIR's; one that came with its table is kept as it came.
  const kept = value.component(3) === '' ? coding.slice(1) : coding;
  return { ...rest, coding: [{ system: INTERPRETATION, code: sent }, ...kept] };
};

const BOUNDS = /^\s*([+-]?\d*\.?\d+)\s*-\s*([+-]?\d*\.?\d+)\s*$/;
const ONE_BOUND = /^\s*([<>])=?\s*([+-]?\d*\.?\d+)\s*$/;

/** The sender's words always; as numbers, too, where they are plainly two bounds or one. */
const referenceRange: Datatype<ObservationReferenceRange> = (value, context) => {
  const words = text(value, context);
  if (words === undefined) return undefined;
  const both = BOUNDS.exec(words);
  const one = ONE_BOUND.exec(words);
  const quantity = (number: string | undefined) =>
    number === undefined ? undefined : { value: decimalOf(parseDecimal(number)) };
  return present<Record<string, unknown>>({
    low: quantity(both?.[1] ?? (one?.[1] === '>' ? one[2] : undefined)),
    high: quantity(both?.[2] ?? (one?.[1] === '<' ? one[2] : undefined)),
    text: words,
  }) as ObservationReferenceRange | undefined;
};

/** OBX-11 N: it was not asked for, so the value is not missing by mistake. */
const notAsked: Convert = (field) =>
  field.text === 'N'
    ? { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-asked' }] }
    : undefined;

const FHIR = 'http://hl7.org/fhir/StructureDefinition';
const SUB_ID = `${FHIR}/observation-v2-subid`;
const ANALYSED = `${FHIR}/observation-analysis-date-time`;
const ABNORMALITY = `${FHIR}/observation-nature-of-abnormal-test`;

/** OBX-4: what groups observations of one code, as it was sent (OG-1), since nothing of it is known beyond the message. */
const subId: Datatype<Extension> = (value) => {
  const whole = value.wholeText.trim();
  return whole === ''
    ? undefined
    : { url: SUB_ID, extension: [{ url: 'original-sub-identifier', valueString: whole }] };
};

const analysed: Datatype<Extension> = (value, context) => {
  const at = dateTime(value, context);
  return at === undefined ? undefined : { url: ANALYSED, valueDateTime: at };
};

const abnormality: Datatype<Extension> = (value, context) => {
  const nature = cwe('0080')(value, context);
  return nature && { url: ABNORMALITY, valueCodeableConcept: nature };
};

/** OBX-33: which of the order's specimens; where it has but one, that one (messages/oru.ts). */
const specimen: Datatype<Reference> = (value, context) => {
  const [identifier] = eip({ filler: 'FGN', placer: 'PGN' })(value, context) ?? [];
  return identifier && { type: 'Specimen', identifier };
};

/** A medical director of a laboratory that nobody named. */
const directorAlone: Convert = (field, context, at) =>
  at.segment.field(23).state === 'valued' ? undefined : performingOrganization(field, context, at);

/** OBX → Observation (v2-to-FHIR guide, OBX[Observation]). Its identity, category and notes: messages/oru.ts. */
export const obx: SegmentMap<Observation> = {
  segment: 'OBX',
  resource: 'Observation',
  rows: [
    { field: 3, to: 'code', as: first(cwe()) },
    { field: 4, to: `extension[url=${SUB_ID}]`, as: listOf(first(subId)) },
    { field: 5, to: 'value[x]', as: observationValue, with: [2, 6] },
    { field: 5, to: 'component@OBX-5', as: observationComponents, with: [2, 3, 6] },
    { field: 7, to: 'referenceRange', as: listOf(first(referenceRange)) },
    { field: 8, to: 'interpretation', as: each(interpretation) },
    { field: 10, to: `extension[url=${ABNORMALITY}]`, as: each(abnormality) },
    { field: 11, to: 'status', as: first(code('0085', observationStatus)) },
    { field: 11, to: 'dataAbsentReason', as: notAsked },
    { field: 14, to: 'effective[x]', as: choice('DateTime', first(dateTime)) },
    { field: 15, to: 'performer@OBX-15', as: listOf(first(cweOrganization)) },
    { field: 16, to: 'performer@OBX-16', as: each(responsibleObserver) },
    { field: 17, to: 'method', as: first(cwe()) },
    { field: 18, to: 'device', as: first(device) },
    { field: 19, to: `extension[url=${ANALYSED}]`, as: listOf(first(analysed)) },
    { field: 20, to: 'bodySite', as: first(cwe('0163')) },
    { field: 21, to: 'identifier@OBX-21', as: listOf(first(ei('FILL'))) },
    { field: 23, to: 'performer@OBX-23', as: performingOrganization, with: [24, 25] },
    { field: 25, to: 'performer@OBX-23', as: directorAlone, with: [23, 24] },
    { field: 33, to: 'specimen', as: first(specimen) },
  ],
  elsewhere: [1, 29],
};
