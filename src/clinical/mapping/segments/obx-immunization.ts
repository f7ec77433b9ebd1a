import type { Immunization, ImmunizationEducation, ImmunizationProtocolApplied } from '@medplum/fhirtypes';
import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { type Datatype, firstOf, present } from '../convert.ts';
import { cwe, cweText } from '../datatypes/cwe.ts';
import { dateTime } from '../datatypes/dtm.ts';
import { text } from '../datatypes/text.ts';
import { placeOf } from '../segment-map.ts';

/** LOINC codes of observations that are elements of Immunization (CDC immunization guide 1.5, appendix A, OBX-3). */
const ELIGIBILITY = '64994-7';
const FUNDING = '30963-3';
const DOCUMENT_TYPES: ReadonlySet<string> = new Set(['69764-9', '30956-7']);
const PUBLISHED = '29768-9';
const PRESENTED = '29769-7';
const DOSE_NUMBER = '30973-2';
const DOSES_IN_SERIES = '59782-3';
const SERIES = '59779-9';
const REMARK = '48767-8';
/** Its Observation is Immunization.reaction.detail. */
export const REACTION = '31044-1';

const DATES: ReadonlySet<string> = new Set([PUBLISHED, PRESENTED]);
const OTHERS: ReadonlySet<string> = new Set([
  ELIGIBILITY,
  FUNDING,
  DOSE_NUMBER,
  DOSES_IN_SERIES,
  SERIES,
  REMARK,
]);
const DATE_TYPES: ReadonlySet<string> = new Set(['DT', 'TS', 'DTM']);

export const codeOf = (obx: Segment): string => obx.field(3).component(1).trim();

/** Whether an OBX is told by the vaccination itself; others are Observations of their own. */
export function isElement(obx: Segment): boolean {
  const code = codeOf(obx);
  if (DATES.has(code)) return DATE_TYPES.has(obx.field(2).text.trim().toUpperCase());
  return OTHERS.has(code) || DOCUMENT_TYPES.has(code);
}

/** OBX of a vaccination → Immunization: who pays, what was explained to whom it was given, and which dose of how many it was. */
export function immunizationElements(
  observations: readonly Segment[],
  context: MapContext,
): Partial<Record<string, unknown>> {
  const read = <T>(code: string, datatype: Datatype<T>) =>
    observations
      .filter((obx) => codeOf(obx) === code)
      .flatMap((obx) => valueIn(obx, datatype, context) ?? []);
  const eligibility = read(ELIGIBILITY, cwe('0064'));
  const remarks = read(REMARK, text).map((words) => ({ text: words }));
  const education = educationOf(observations, context);
  const protocol = protocolOf(read);
  return {
    ...present<Pick<Immunization, 'fundingSource'>>({ fundingSource: read(FUNDING, cwe())[0] }),
    ...(eligibility.length > 0 ? { programEligibility: eligibility } : {}),
    ...(education.length > 0 ? { education } : {}),
    ...(protocol ? { protocolApplied: [protocol] } : {}),
    ...(remarks.length > 0 ? { 'note@OBX-5': remarks } : {}),
  };
}

const valueIn = <T>(obx: Segment, datatype: Datatype<T>, context: MapContext): T | undefined =>
  attempt(context, placeOf(obx, 5), () => firstOf(obx.field(5), datatype, context));

/** What belongs together has one sub-id (OBX-4); without any, each document type begins anew. */
function educationOf(observations: readonly Segment[], context: MapContext): ImmunizationEducation[] {
  const told = new Map<string, ImmunizationEducation>();
  let unnamed = 0;
  for (const obx of observations) {
    const code = codeOf(obx);
    if (!DATES.has(code) && !DOCUMENT_TYPES.has(code)) continue;
    if (DOCUMENT_TYPES.has(code)) unnamed += 1;
    const group = obx.field(4).text.trim() || `unnamed ${unnamed}`;
    const before = told.get(group) ?? {};
    told.set(group, { ...before, ...educationPart(obx, code, context) });
  }
  return [...told.values()].filter((one) => Object.keys(one).length > 0);
}

function educationPart(obx: Segment, code: string, context: MapContext): ImmunizationEducation {
  if (DOCUMENT_TYPES.has(code))
    return present<ImmunizationEducation>({ documentType: valueIn(obx, cweText, context) }) ?? {};
  const at = valueIn(obx, dateTime, context);
  if (at === undefined) return {};
  return code === PUBLISHED ? { publicationDate: at } : { presentationDate: at };
}

type Read = <T>(code: string, datatype: Datatype<T>) => T[];

/** Needs the dose's number (R4, protocolApplied.doseNumber): as a number where it is one. */
function protocolOf(read: Read): ImmunizationProtocolApplied | undefined {
  const [number] = read(DOSE_NUMBER, cweText);
  if (number === undefined) return undefined;
  const [doses] = read(DOSES_IN_SERIES, cweText);
  const [series] = read(SERIES, cweText);
  return {
    ...(series === undefined ? {} : { series }),
    ...(isCount(number) ? { doseNumberPositiveInt: Number(number) } : { doseNumberString: number }),
    ...(doses === undefined ? {} : seriesDoses(doses)),
  } as ImmunizationProtocolApplied;
}

const seriesDoses = (doses: string) =>
  isCount(doses) ? { seriesDosesPositiveInt: Number(doses) } : { seriesDosesString: doses };
const isCount = (digits: string): boolean => /^[1-9]\d{0,3}$/.test(digits);
