import type { Quantity, ServiceRequest, Timing } from '@medplum/fhirtypes';
import type { ComponentValue, RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { components, type WriteContext, type Writer } from '../context.ts';
import { dtm, tm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { cq, nm } from '../datatypes/quantity.ts';

import { from, fromEach } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { priority } from './obr-order.ts';

/** When something is to be done, and how urgently. */
export interface Timed {
  readonly timing?: Timing | undefined;
  readonly quantity?: Quantity | undefined;
  readonly priority?: string | undefined;
  /** Only when it is needed (0485 PRN). */
  readonly isAsNeeded?: boolean | undefined;
  readonly condition?: string | undefined;
  readonly instructions?: readonly string[] | undefined;
}

const repeatOf = ({ timing }: Timed) => timing?.repeat;
const duration = (value: number | undefined, unit: string | undefined): Quantity | undefined =>
  value === undefined || unit === undefined
    ? undefined
    : { value, unit, system: 'http://unitsofmeasure.org', code: unit };

/** RPT-1, the pattern: its parts are subcomponents. A frequency without a code is said as table 0335 says it. */
function patternOf({ code, repeat: { frequency, period, periodUnit } = {} }: Timing): ComponentValue {
  const [first] = code?.coding ?? [];
  if (first?.code !== undefined)
    return components([first.code, first.display ?? textOf(code?.text, first.code)]);
  if (code?.text !== undefined) return ['', code.text];
  if (frequency === undefined || period === undefined || periodUnit === undefined) return undefined;
  return period === 1 && periodUnit === 'd' && frequency === 1
    ? 'QD'
    : everyOf(frequency, period, periodUnit);
}

/** RPT: the pattern, RPT-5 and 6 the period that no frequency says, RPT-8 to 10 the event and how long before or after it. */
const pattern: Writer<Timing> = (timing) => {
  const { frequency, period, periodUnit, when, offset } = timing.repeat ?? {};
  const interval = frequency === undefined ? [nm(period), periodUnit] : [];
  const around = offset === undefined ? [] : [String(offset), 'min'];
  return components<ComponentValue>([
    patternOf(timing),
    undefined,
    undefined,
    undefined,
    interval[0],
    interval[1],
    undefined,
    when?.[0],
    ...around,
  ]);
};
const textOf = (text: string | undefined, code: string): string | undefined =>
  text === code ? undefined : text;

/** `Q6H` every six hours; `2XD`-like counts as times a day. */
function everyOf(frequency: number, period: number, unit: string): string | undefined {
  const units: Readonly<Record<string, string>> = { s: 'S', min: 'M', h: 'H', d: 'D', wk: 'W', mo: 'L' };
  const letter = units[unit];
  if (letter === undefined) return undefined;
  if (frequency === 1) return `Q${period}${letter}`;
  const names = ['', 'QD', 'BID', 'TID', 'QID'];
  return period === 1 && unit === 'd' ? (names[frequency] ?? `${frequency}XD`) : undefined;
}

/** When an order is to be done. */
export const timesOfOrder = ({
  occurrenceTiming,
  quantityQuantity,
  priority: code,
  asNeededCodeableConcept,
  note,
}: ServiceRequest): Timed[] => [
  {
    timing: occurrenceTiming,
    quantity: quantityQuantity,
    priority: code,
    condition: asNeededCodeableConcept?.text,
    instructions: wordsOf(note),
  },
];
function wordsOf(note: ServiceRequest['note']): string[] | undefined {
  const words = ofField(note, 'TQ1-11').flatMap(({ text: line }) => line ?? []);
  return words.length > 0 ? words.slice(0, 1) : undefined;
}

/** 0485: how urgent, and whether only when needed. */
function urgencyOf({ priority: code, isAsNeeded }: Timed, context: WriteContext): string[] {
  const sent = code === undefined ? undefined : priority(code, context);
  return [...(sent === undefined ? [] : [String(sent)]), ...(isAsNeeded ? ['PRN'] : [])];
}

const code: Writer<string> = (value): RepetitionValue => [value];
const text: Writer<string> = (value) => value;

/** TQ1 for each timing; no segment when nothing is said. */
export const tq1 = <F>(of: (facts: F, context: WriteContext) => readonly Timed[]): SegmentPart<F, Timed> =>
  each<F, Timed>(
    'TQ1',
    (facts, context) =>
      of(facts, context).filter((timed) => Object.values(timed).some((value) => value !== undefined)),
    {
      2: from('quantityQuantity', ({ quantity }) => quantity, cq),
      3: from('timing.code, timing.repeat', ({ timing }) => timing, pattern),
      4: fromEach('timing.repeat.timeOfDay', (timed) => repeatOf(timed)?.timeOfDay, tm),
      6: from('timing.repeat.boundsDuration', (timed) => repeatOf(timed)?.boundsDuration, cq),
      7: from('timing.repeat.boundsPeriod.start', (timed) => repeatOf(timed)?.boundsPeriod?.start, dtm),
      8: from('timing.repeat.boundsPeriod.end', (timed) => repeatOf(timed)?.boundsPeriod?.end, dtm),
      9: fromEach('priority, asNeeded[x]', urgencyOf, code),
      10: from('asNeeded[x], additionalInstruction', ({ condition }) => condition, text),
      11: fromEach('note from TQ1-11, text', ({ instructions }) => instructions, text),
      13: from(
        'timing.repeat.duration',
        (timed) => duration(repeatOf(timed)?.duration, repeatOf(timed)?.durationUnit),
        cq,
      ),
      14: from(
        'timing.repeat.count',
        (timed) => repeatOf(timed)?.count ?? repeatOf(timed)?.countMax,
        (count) => count,
      ),
    },
  );
