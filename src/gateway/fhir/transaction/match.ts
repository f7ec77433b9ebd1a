import type {
  Clause,
  DateValue,
  IndexedValue,
  ReferenceValue,
  SearchValue,
  TokenValue,
} from '../../../standards/fhir-search/index.ts';

/** A resource of this bundle as the criteria of its entries see it, although the database does not have it yet. */
export interface Candidate {
  readonly type: string;
  readonly id: string;
  readonly values: readonly IndexedValue[];
}

/** Whether every clause holds; undefined when one can't be decided outside the database (a chain, a text, a range of quantities). */
export function matches(candidate: Candidate, where: readonly Clause[]): boolean | undefined {
  let certain = true;
  for (const clause of where) {
    const holds = holdsFor(candidate, clause);
    if (holds === false) return false;
    if (holds === undefined) certain = false;
  }
  return certain ? true : undefined;
}

function holdsFor(candidate: Candidate, clause: Clause): boolean | undefined {
  switch (clause.kind) {
    case 'id':
      return clause.anyOf.includes(candidate.id);
    case 'token': {
      const found = some(candidate, clause.param, (value) =>
        clause.anyOf.some((asked) => isToken(clause.param, value, asked)),
      );
      return clause.not ? !found : found;
    }
    case 'of-type':
      return some(candidate, clause.param, (value) =>
        clause.anyOf.some(
          (asked) =>
            value.kind === 'typed-identifier' &&
            value.code === asked.code &&
            value.value === asked.value &&
            (asked.system === undefined || value.system === asked.system),
        ),
      );
    case 'string':
      return clause.match === 'exact'
        ? some(
            candidate,
            clause.param,
            (value) => value.kind === 'string' && clause.anyOf.includes(value.value),
          )
        : undefined;
    case 'uri':
      return clause.match === 'exact'
        ? some(candidate, clause.param, (value) => value.kind === 'uri' && clause.anyOf.includes(value.value))
        : undefined;
    case 'date':
      return some(candidate, clause.param, (value) => clause.anyOf.some((asked) => isDate(value, asked)));
    case 'reference':
      return some(candidate, clause.param, (value) =>
        clause.anyOf.some((asked) => isReference(value, asked)),
      );
    case 'missing':
      return candidate.values.some(({ param }) => param === clause.param) !== clause.missing;
    default:
      return undefined;
  }
}

const some = (candidate: Candidate, wanted: string, test: (value: SearchValue) => boolean): boolean =>
  candidate.values.some(({ param, value }) => param === wanted && test(value));

/** Identifiers are compared with their case, other codes without it, as the record does. */
function isToken(param: string, value: SearchValue, { system, code }: TokenValue): boolean {
  if (value.kind !== 'token') return false;
  if (system !== undefined && (value.system ?? '') !== (system ?? '')) return false;
  if (code === undefined) return true;
  return param === 'identifier'
    ? value.code === code
    : value.code !== undefined && value.code.toLowerCase() === code.toLowerCase();
}

/** R4 search.html#prefix; an end that is open counts as far as time goes. */
function isDate(value: SearchValue, { prefix, from, to }: DateValue): boolean {
  if (value.kind !== 'date') return false;
  const low = value.from?.getTime() ?? Number.NEGATIVE_INFINITY;
  const high = value.to?.getTime() ?? Number.POSITIVE_INFINITY;
  const [start, end] = [from.getTime(), to.getTime()];
  const tests: Readonly<Record<DateValue['prefix'], boolean>> = {
    eq: start <= low && high <= end,
    ne: !(start <= low && high <= end),
    gt: high > end,
    lt: low < start,
    ge: high > end || (start <= low && high <= end) || low >= start,
    le: low < start || (start <= low && high <= end) || high <= end,
    sa: low >= end,
    eb: high <= start,
    ap: low < end && high > start,
  };
  return tests[prefix];
}

function isReference(value: SearchValue, asked: ReferenceValue): boolean {
  if (value.kind !== 'reference') return false;
  if ('url' in asked) return value.url === asked.url;
  return asked.types.some((type) => value.local === `${type}/${asked.id}`);
}
