import { dateInterval } from '../../standards/fhir/index.ts';
import { indexable } from './text.ts';
import type { Content } from './write/slot.ts';

/** What the columns of a resource's row hold for searching; the content itself is opened by nobody but the reader. */
export interface Searchable {
  readonly dateFrom: string | null;
  readonly dateTo: string | null;
  readonly tokens: readonly string[];
  readonly refs: readonly string[];
}

/** The main date of a type, first that is filled (US Core: the parameter `date` of each type). */
const MAIN_DATES: Readonly<Record<string, readonly string[]>> = {
  Appointment: ['start'],
  ChargeItem: ['occurrenceDateTime', 'occurrencePeriod'],
  Condition: ['recordedDate'],
  DiagnosticReport: ['effectiveDateTime', 'effectivePeriod'],
  DocumentReference: ['date'],
  Encounter: ['period'],
  Observation: ['effectiveDateTime', 'effectiveInstant', 'effectivePeriod'],
  Patient: ['birthDate'],
  Procedure: ['performedDateTime', 'performedPeriod'],
};

/** Token parameters by element; every resource that has the element can be searched by it. */
const TOKENS: readonly { readonly param: string; readonly element: string }[] = [
  { param: 'identifier', element: 'identifier' },
  { param: 'code', element: 'code' },
  { param: 'category', element: 'category' },
];
const REFERENCES: readonly { readonly param: string; readonly element: string }[] = [
  { param: 'encounter', element: 'encounter' },
];

/** Parameters of `search` beside those every type has (record.ts: _id, _lastUpdated, patient, subject). */
export const tokenParameters: readonly string[] = TOKENS.map(({ param }) => param);
export const referenceParameters: readonly string[] = REFERENCES.map(({ param }) => param);
export const hasMainDate = (type: string): boolean => MAIN_DATES[type] !== undefined;

/** The array entry that stands for a token; without `system` it stands for the code in any system. */
export const tokenEntry = (param: string, code: string, system?: string): string =>
  indexable(system === undefined ? `${param}|${code}` : `${param}|${system}|${code}`);

export const referenceEntry = (param: string, reference: string): string =>
  indexable(`${param}|${reference}`);

export function searchableOf(content: Content): Searchable {
  const [dateFrom, dateTo] = mainDate(content);
  const tokens = new Set<string>();
  for (const { param, element } of TOKENS) collectTokens(content[element], param, tokens);
  const refs = REFERENCES.flatMap(({ param, element }) => {
    const value = content[element];
    const reference = isObject(value) ? value.reference : undefined;
    return typeof reference === 'string' ? [referenceEntry(param, reference)] : [];
  });
  return { dateFrom, dateTo, tokens: [...tokens], refs };
}

function mainDate(content: Content): [string | null, string | null] {
  for (const element of MAIN_DATES[String(content.resourceType)] ?? []) {
    const value = content[element];
    if (typeof value === 'string') {
      const interval = dateInterval(value);
      if (interval) return [interval.from.toISOString(), interval.to.toISOString()];
    } else if (isObject(value)) {
      const start =
        typeof value.start === 'string' ? dateInterval(value.start)?.from.toISOString() : undefined;
      const end = typeof value.end === 'string' ? dateInterval(value.end)?.to.toISOString() : undefined;
      if (start || end) return [start ?? '-infinity', end ?? 'infinity'];
    }
  }
  return [null, null];
}

/** Identifier, Coding and CodeableConcept, alone or in lists. */
function collectTokens(value: unknown, param: string, into: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) collectTokens(item, param, into);
    return;
  }
  if (!isObject(value)) return;
  if (value.coding !== undefined) collectTokens(value.coding, param, into);
  const code = value.code ?? value.value;
  if (typeof code !== 'string') return;
  into.add(tokenEntry(param, code));
  if (typeof value.system === 'string') into.add(tokenEntry(param, code, value.system));
}

const isObject = (value: unknown): value is Content =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
