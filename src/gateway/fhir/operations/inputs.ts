import { dateInterval, type Interval, isKnownResourceType } from '../../../standards/fhir/index.ts';
import type { StoredIssue } from '../../../trust/access/index.ts';
import { invalid } from '../failure.ts';
import type { FhirRequest, Parameter } from '../interaction.ts';
import { outcomeOf } from '../outcome.ts';
import type { Asked } from './asked.ts';

/** What each parameter's value is taken as. Throws INVALID_REQUEST for one that is none of it. */

/** The value of a parameter that may be given once. */
export function onlyOne(asked: readonly Asked[], name: string): string | undefined {
  const found = asked.filter((one) => one.name === name);
  if (found.length > 1) throw invalid(name, 'given once');
  return found[0]?.value;
}

export function dateOf(asked: readonly Asked[], name: string): Interval | undefined {
  const value = onlyOne(asked, name);
  // A `+` in a query is a blank after decoding.
  const interval = value === undefined ? undefined : dateInterval(value.replace(' ', '+'));
  if (value !== undefined && !interval) throw invalid(name, 'a date or an instant');
  return interval;
}

export function countOf(asked: readonly Asked[], max: number): number | undefined {
  const value = onlyOne(asked, '_count');
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,17}$/.test(value)) throw invalid('_count', 'a number from 1');
  return Math.min(Number(value), max);
}

export function typesOf(asked: readonly Asked[]): string[] | undefined {
  const given = asked.filter(({ name }) => name === '_type');
  if (given.length === 0) return undefined;
  const types = given.flatMap(({ value }) => value.split(',').map((type) => type.trim()));
  if (!types.every(isKnownResourceType)) throw invalid('_type', 'types of resources of R4');
  return [...new Set(types)];
}

const FORM: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements', '_cursor']);

export interface Sorted {
  /** What the operation knows, and what is for every answer, for the links. */
  readonly used: readonly Parameter[];
  /** An OperationOutcome that names what was left out. */
  readonly outcome: string | undefined;
}

/** Parts what an operation knows from what it does not, which strict handling refuses. */
export function sortOut(
  asked: readonly Asked[],
  known: ReadonlySet<string>,
  { prefer, correlationId }: Pick<FhirRequest, 'prefer' | 'correlationId'>,
  remarks: readonly StoredIssue[] = [],
): Sorted {
  const isUsed = ({ name }: Asked) => known.has(name) || FORM.has(name);
  const unknown = asked.filter((one) => !isUsed(one)).map(({ name }) => shownName(name));
  const [first] = unknown;
  if (first !== undefined && prefer.handling === 'strict')
    throw invalid(first, 'this operation does not know the parameter');
  const ignored = unknown.map((name) => remark(name, 'this parameter was ignored: it is not known here'));
  const issues = [...ignored, ...remarks];
  return {
    used: asked
      .filter((one) => isUsed(one) && one.name !== '_cursor')
      .map(({ name, value }): Parameter => [name, value]),
    outcome: issues.length === 0 ? undefined : JSON.stringify(outcomeOf(issues, correlationId)),
  };
}

export const remark = (place: string, rule: string, code = 'not-supported'): StoredIssue => ({
  severity: 'warning',
  code,
  expression: place,
  rule,
});

/** A name is shown only if it can be one: an address may hold anything. */
const shownName = (name: string): string => (/^[_A-Za-z][\w.:-]{0,127}$/.test(name) ? name : 'query');

export function flagOf(asked: readonly Asked[], name: string): boolean {
  const value = onlyOne(asked, name);
  if (value !== undefined && value !== 'true' && value !== 'false') throw invalid(name, 'true or false');
  return value === 'true';
}

const MAX_REASON = 1_000;

/** Why somebody decides so, for the log of decisions. */
export function reasonOf(asked: readonly Asked[]): string | undefined {
  const reason = onlyOne(asked, 'reason')?.trim();
  if (reason !== undefined && (reason === '' || reason.length > MAX_REASON))
    throw invalid('reason', `a text of at most ${MAX_REASON} characters`);
  return reason;
}

/** A number from 1. Throws INVALID_REQUEST where it is missing. */
export function numberIn(asked: readonly Asked[], name: string): number {
  const value = onlyOne(asked, name);
  if (value === undefined || !/^[1-9]\d{0,14}$/.test(value)) throw invalid(name, 'a number from 1');
  return Number(value);
}
