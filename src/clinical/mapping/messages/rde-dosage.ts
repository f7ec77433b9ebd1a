import type { Segment } from '../../../standards/hl7v2/index.ts';
import { attempt, type MapContext } from '../context.ts';
import { type Datatype, firstOf, present } from '../convert.ts';
import { cq } from '../datatypes/cq.ts';
import { cwe, cweText, v2Table } from '../datatypes/cwe.ts';
import { type ExactQuantity, quantityOf, unitsOf } from '../datatypes/nm.ts';
import { placeOf } from '../segment-map.ts';
import { amountAt } from '../segments/medication.ts';
import { method, route, site } from '../segments/rxr.ts';
import { quantityTiming, timingOf } from '../segments/tq1-service-request.ts';
import { frequencyOf } from './rde-frequency.ts';
import type { DrugOrder } from './rde-groups.ts';

const DOSE_TYPE = 'http://terminology.hl7.org/CodeSystem/dose-rate-type';

const read = <T>(segment: Segment | undefined, field: number, datatype: Datatype<T>, context: MapContext) =>
  segment &&
  attempt(context, placeOf(segment, field), () => firstOf(segment.field(field), datatype, context));

const lines = (segment: Segment | undefined, field: number, context: MapContext): string[] =>
  segment?.field(field).repetitions.flatMap((value) => cweText(value, context) ?? []) ?? [];

/**
 * How to take a drug: one Dosage for each TQ1, in their order (v2-to-FHIR guide, TQ1[MedicationRequest], RXR[MedicationRequest]); the dose as
 * encoded (RXE), or else as asked for (RXO).
 */
export function dosagesOf(order: DrugOrder, context: MapContext): object[] | undefined {
  const { timings, routes } = order;
  const [rxr, ...others] = routes;
  for (const other of others)
    context.findings.push({ place: placeOf(other, 1), rule: 'a dosage has one route' });
  const given = {
    ...present<object>({
      site: read(rxr, 2, site, context),
      route: read(rxr, 1, route, context),
      method: read(rxr, 4, method, context),
      maxDosePerPeriod: maximumOf(order, context),
    }),
    ...additional(rxr, context),
  };
  const dosages = (timings.length > 0 ? timings : [undefined]).flatMap(
    (tq1) => dosage(order, tq1, given, context) ?? [],
  );
  if (dosages.length < 2) return dosages.length > 0 ? dosages : undefined;
  return dosages.map((one, index) => ({ sequence: index + 1, ...one }));
}

function additional(rxr: Segment | undefined, context: MapContext): { additionalInstruction?: object[] } {
  const instruction = read(rxr, 5, cwe('0164'), context);
  return instruction ? { additionalInstruction: [instruction] } : {};
}

function dosage(
  order: DrugOrder,
  tq1: Segment | undefined,
  given: { additionalInstruction?: object[] },
  context: MapContext,
): object | undefined {
  const { rxe, rxo } = order;
  const words = [
    ...(tq1?.field(11).repetitions.map((value) => value.wholeText.trim()) ?? []),
    ...(rxe ? lines(rxe, 7, context) : lines(rxo, 7, context)),
  ].filter((line) => line !== '');
  const doseAndRate = doseOf(order, tq1, context);
  return present<object>({
    text: words.length > 0 ? words.join('\n') : undefined,
    timing: tq1 ? timingWith(tq1, context) : olderTiming(order, context),
    ...given,
    ...condition(tq1, given),
    doseAndRate: doseAndRate && [doseAndRate],
  });
}

/** TQ1-10 is when it is to be taken at all where TQ1-9 says as needed; otherwise what to heed. */
function condition(tq1: Segment | undefined, given: { additionalInstruction?: object[] }): object {
  const text = tq1?.field(10).wholeText.trim() ?? '';
  const isAsNeeded = tq1?.field(9).repetitions.some((value) => value.text.trim().toUpperCase() === 'PRN');
  if (isAsNeeded) return text === '' ? { asNeededBoolean: true } : { asNeededCodeableConcept: { text } };
  return text === '' ? {} : { additionalInstruction: [...(given.additionalInstruction ?? []), { text }] };
}

function timingWith(tq1: Segment, context: MapContext): object | undefined {
  return counted(timingOf(tq1, context), tq1.field(3).component(1, 1));
}

/** TQ in RXE-1, or ORC-7, before TQ1 took its place; its second component is the repeat pattern. */
function olderTiming({ orc, rxe }: DrugOrder, context: MapContext): object | undefined {
  const at = rxe?.field(1).state === 'valued' ? { segment: rxe, field: 1 } : { segment: orc, field: 7 };
  const when = quantityTiming(at.segment, at.field, context).set['occurrence[x]'] as
    | { Timing?: object; DateTime?: string }
    | undefined;
  const code = at.segment?.field(at.field).component(2, 1).trim() ?? '';
  const timing = when?.Timing ?? (when?.DateTime ? { event: [when.DateTime] } : undefined);
  const named = code === '' ? {} : { code: { coding: [{ system: v2Table('0335'), code }], text: code } };
  return counted(present<object>({ ...timing, ...named }), code);
}

/** With the repeat pattern in numbers, where it is one of numbers. */
function counted(timing: { repeat?: object } | undefined, pattern: string): object | undefined {
  const frequency = frequencyOf(pattern);
  return frequency ? { ...timing, repeat: { ...timing?.repeat, ...frequency } } : timing;
}

/** RXE-3 to 5, RXO-2 to 4, or TQ1-2: from how much to how much; RXE-23 and 24: how fast. */
function doseOf(order: DrugOrder, tq1: Segment | undefined, context: MapContext): object | undefined {
  const { rxe, rxo } = order;
  const [segment, from] = rxe?.field(3).state === 'valued' ? [rxe, 3] : [rxo, 2];
  const low = segment && amount(segment, { value: from, units: from + 2 }, context);
  const high = segment && amount(segment, { value: from + 1, units: from + 2 }, context);
  const isRange = low && high && String(low.value) !== String(high.value);
  const timed = tq1 ? read(tq1, 2, cq, context) : olderDose(order, context);
  const single = isRange ? undefined : (low ?? high ?? timed);
  const dose = present<object>({
    doseRange: isRange ? { low, high } : undefined,
    doseQuantity: single,
    rateQuantity: rxe ? amountAt(rxe, 23, context) : rxo && amountAt(rxo, 21, context),
  });
  return dose && { type: { coding: [{ system: DOSE_TYPE, code: 'ordered' }] }, ...dose };
}

/** TQ-1 in RXE-1, or ORC-7: how much each time, with its unit as subcomponents. */
function olderDose({ orc, rxe }: DrugOrder, context: MapContext): ExactQuantity | undefined {
  const at = rxe?.field(1).state === 'valued' ? { segment: rxe, field: 1 } : { segment: orc, field: 7 };
  const [value] = at.segment?.field(at.field).repetitions ?? [];
  if (!at.segment || !value) return undefined;
  const unit = value.component(1, 2).trim();
  return attempt(context, placeOf(at.segment, at.field), () =>
    quantityOf(value.component(1, 1).trim(), unit === '' ? {} : { unit }),
  );
}

const amount = (
  segment: Segment,
  { value, units }: { value: number; units: number },
  context: MapContext,
): ExactQuantity | undefined =>
  attempt(context, placeOf(segment, value), () =>
    quantityOf(segment.field(value).text.trim(), unitsOf(segment, units, context)),
  );

/** RXE-19, RXO-23: no more than that in a day. */
function maximumOf({ rxe, rxo }: DrugOrder, context: MapContext): object | undefined {
  const numerator = read(rxe, 19, cq, context) ?? read(rxo, 23, cq, context);
  const day = { value: 1, unit: 'day', system: 'http://unitsofmeasure.org', code: 'd' };
  return numerator?.value === undefined ? undefined : { numerator, denominator: day };
}
