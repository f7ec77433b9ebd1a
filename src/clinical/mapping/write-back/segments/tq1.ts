import type { Quantity, Timing } from '@medplum/fhirtypes';
import { components, type Writer } from '../context.ts';
import { cwe } from '../datatypes/cwe.ts';
import { dtm } from '../datatypes/dtm.ts';
import { cq } from '../datatypes/quantity.ts';
import { from } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';
import { priority } from './obr-order.ts';

/** When something is to be done, and how urgently. */
export interface Timed {
  readonly timing?: Timing | undefined;
  readonly quantity?: Quantity | undefined;
  readonly priority?: string | undefined;
  readonly condition?: string | undefined;
  readonly instruction?: string | undefined;
}

const repeatOf = ({ timing }: Timed) => timing?.repeat;
const duration = (value: number | undefined, unit: string | undefined): Quantity | undefined =>
  value === undefined || unit === undefined
    ? undefined
    : { value, unit, system: 'http://unitsofmeasure.org', code: unit };

/** RPT-1: its parts are subcomponents. A frequency without a code is said as table 0335 says it. */
const pattern: Writer<Timing> = ({ code, repeat: { frequency, period, periodUnit } = {} }) => {
  const [first] = code?.coding ?? [];
  if (first?.code !== undefined)
    return components([components([first.code, first.display ?? textOf(code?.text, first.code)])]);
  if (code?.text !== undefined) return [['', code.text]];
  if (frequency === undefined || period === undefined || periodUnit === undefined) return undefined;
  return period === 1 && periodUnit === 'd' && frequency === 1
    ? 'QD'
    : everyOf(frequency, period, periodUnit);
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

/** TQ1; no segment when nothing is said. */
export const tq1 = <F>(of: (facts: F) => Timed): SegmentPart<F, Timed> =>
  each<F, Timed>(
    'TQ1',
    (facts) => {
      const timed = of(facts);
      return Object.values(timed).some((value) => value !== undefined) ? [timed] : [];
    },
    {
      2: from('quantityQuantity', ({ quantity }) => quantity, cq),
      3: from('occurrenceTiming.code', ({ timing }) => timing, pattern),
      6: from('occurrenceTiming.repeat.boundsDuration', (timed) => repeatOf(timed)?.boundsDuration, cq),
      7: from(
        'occurrenceTiming.repeat.boundsPeriod.start',
        (timed) => repeatOf(timed)?.boundsPeriod?.start,
        dtm,
      ),
      8: from('occurrenceTiming.repeat.boundsPeriod.end', (timed) => repeatOf(timed)?.boundsPeriod?.end, dtm),
      9: from(
        'priority',
        ({ priority: code }) => code,
        (code, context) => {
          const sent = priority(code, context);
          return sent === undefined ? undefined : cwe({ coding: [{ code: String(sent) }] }, context);
        },
      ),
      10: from(
        'asNeeded',
        ({ condition }) => condition,
        (text) => text,
      ),
      11: from(
        'note from TQ1-11',
        ({ instruction }) => instruction,
        (text) => text,
      ),
      13: from(
        'occurrenceTiming.repeat.duration',
        (timed) => duration(repeatOf(timed)?.duration, repeatOf(timed)?.durationUnit),
        cq,
      ),
      14: from(
        'occurrenceTiming.repeat.countMax',
        (timed) => repeatOf(timed)?.countMax,
        (count) => count,
      ),
    },
  );
