import type { CodeableConcept } from '@medplum/fhirtypes';
import { type Decimal, decimalOf } from '../../../standards/fhir/index.ts';
import { parseDecimal } from '../../../standards/hl7v2/index.ts';
import { type Datatype, orNothing, present } from '../convert.ts';
import { codeTable } from '../tables.ts';
import { v2Table } from './cwe.ts';

/** What senders write for the units of time that FHIR takes (UnitsOfTime). */
const timeUnits = codeTable({
  S: 's',
  SEC: 's',
  MIN: 'min',
  H: 'h',
  HR: 'h',
  D: 'd',
  DAY: 'd',
  WK: 'wk',
  MO: 'mo',
  A: 'a',
});

/** FHIR's code for a unit of time; undefined when it is none. */
export const timeUnit = (text: string): string | undefined => timeUnits[text.trim().toUpperCase()];

/** Table 0528 as EventTiming; its intervals (IC, ICM, ICD, ICV) have no code of FHIR. */
const EVENTS: ReadonlySet<string> = new Set('HS WAKE C CM CD CV AC ACM ACD ACV PC PCM PCD PCV'.split(' '));
/** At a meal nothing is before or after it (FHIR R4, tim-9). */
const WITHOUT_OFFSET: ReadonlySet<string> = new Set(['C', 'CM', 'CD', 'CV']);
const MINUTES = codeTable({ s: 1 / 60, min: 1, h: 60, d: 1440 });

interface Repeat {
  readonly period: Decimal;
  readonly periodUnit: string;
  readonly when: string[];
  readonly offset: number;
}

/**
 * RPT → Timing.repeat (v2-to-FHIR guide, RPT[Timing]): RPT-5 and 6 the period, RPT-8 the event, RPT-9 and 10 how long before or after it, in
 * minutes. Throws HL7_BAD_NUMBER.
 */
export const rptRepeat: Datatype<Partial<Repeat>> = (value) => {
  const periodUnit = timeUnit(value.component(6));
  const period = value.component(5).trim();
  const event = value.component(8).trim().toUpperCase();
  const when = EVENTS.has(event) ? event : undefined;
  const counts = period !== '' && periodUnit !== undefined;
  return present<Repeat>({
    period: counts ? decimalOf(parseDecimal(period)) : undefined,
    periodUnit: counts ? periodUnit : undefined,
    when: when === undefined ? undefined : [when],
    offset:
      when === undefined || WITHOUT_OFFSET.has(when)
        ? undefined
        : minutesOf(value.component(9), value.component(10)),
  });
};

function minutesOf(amount: string, unit: string): number | undefined {
  const factor = MINUTES[timeUnit(unit) ?? ''];
  const minutes = factor === undefined || amount.trim() === '' ? Number.NaN : Number(amount) * factor;
  return minutes >= 0 && Number.isFinite(minutes) ? Math.round(minutes) : undefined;
}

/** RPT-1, the pattern (table 0335), whose parts are subcomponents → Timing.code. */
export const rptCode: Datatype<CodeableConcept> = (value) => {
  const code = value.component(1, 1).trim();
  const words = value.component(1, 2).trim();
  return present<CodeableConcept>({
    coding: code === '' ? undefined : [{ system: v2Table('0335'), code }],
    text: orNothing(words || code),
  });
};
