import { IsthmusError } from '../../foundation/errors/index.ts';
import { dateInterval, isResourceId } from '../../standards/fhir/index.ts';
import {
  type DateClause,
  type DatePrefix,
  datePrefixes,
  type FormerPosition as Position,
  type RecordQuery,
} from '../../trust/access/index.ts';
import type { ServedParameter, ServedResource } from './resources.ts';

/** Parameters of the answer's form, not of the search. */
export const FORM_PARAMETERS: ReadonlySet<string> = new Set(['_format', '_pretty']);

const DEFAULT_COUNT = 50;
const MAX_COUNT = 1000;
const MAX_ALTERNATIVES = 100;
const MAX_CLAUSES = 20;

type Clauses = { -readonly [K in keyof RecordQuery]: RecordQuery[K] };

/**
 * The query string as a query of the record. Throws INVALID_REQUEST naming the parameter when it is not supported (also by a modifier
 * or a chain) or its value is not understood: a search must not find more than was asked for.
 */
export function parseSearch(
  resource: ServedResource,
  parameters: readonly (readonly [string, string])[],
): RecordQuery {
  const query: Clauses = { type: resource.type, count: DEFAULT_COUNT };
  const asked = parameters.filter(([name]) => !FORM_PARAMETERS.has(name));
  if (asked.length > MAX_CLAUSES) throw refused('query', `at most ${MAX_CLAUSES} parameters`);
  for (const [name, value] of asked) {
    if (name === '_count') query.count = countOf(value);
    else if (name === '_cursor') query.after = readCursor(value);
    else {
      const parameter = resource.parameters.find((one) => one.name === name);
      if (!parameter)
        throw refused(shown(name), `not a search parameter that is supported for ${resource.type}`);
      add(query, parameter, value);
    }
  }
  return query;
}

function add(query: Clauses, { name, kind }: ServedParameter, value: string): void {
  if (kind === 'date') query.date = [...(query.date ?? []), dateClause(name, value)];
  else if (kind === 'lastUpdated')
    query.lastUpdated = [...(query.lastUpdated ?? []), dateClause(name, value)];
  else if (kind === 'id') query.ids = both(query.ids, alternatives(name, value));
  else if (kind === 'patient') {
    query.patients = both(
      query.patients,
      alternatives(name, value).map((one) => idOf(name, one)),
    );
  } else if (kind === 'reference') {
    const anyOf = alternatives(name, value).map((one) => `Encounter/${idOf(name, one, 'Encounter')}`);
    query.references = [...(query.references ?? []), { param: name, anyOf }];
  } else
    query.tokens = [
      ...(query.tokens ?? []),
      { param: name, anyOf: alternatives(name, value).map((one) => token(name, one)) },
    ];
}

/** A parameter that is given twice must be satisfied twice. */
const both = (before: readonly string[] | undefined, now: readonly string[]): readonly string[] =>
  before ? before.filter((id) => now.includes(id)) : now;

/** search.html#escaping: `\,` is no separator. */
function alternatives(name: string, value: string): string[] {
  const parts = value.split(/(?<!\\),/).map((part) => part.replace(/\\([,$|\\])/g, '$1'));
  if (parts.length > MAX_ALTERNATIVES) throw refused(name, `at most ${MAX_ALTERNATIVES} alternatives`);
  if (parts.some((part) => part === '')) throw refused(name, 'a value');
  return parts;
}

function token(name: string, value: string): { code: string; system?: string } {
  const at = value.indexOf('|');
  if (at === -1) return { code: value };
  const [system, code] = [value.slice(0, at), value.slice(at + 1)];
  if (system === '' || code === '') throw refused(name, 'code, or system|code');
  return { code, system };
}

function idOf(name: string, value: string, type = 'Patient'): string {
  const id = value.startsWith(`${type}/`) ? value.slice(type.length + 1) : value;
  if (!isResourceId(id)) throw refused(name, `an id, or ${type}/id`);
  return id;
}

function dateClause(name: string, value: string): DateClause {
  const [, prefix = '', text = ''] = /^([a-z]{2})?(.*)$/.exec(value) ?? [];
  const interval = dateInterval(text.replace(' ', '+'));
  const known = prefix === '' ? 'eq' : datePrefixes.find((one): one is DatePrefix => one === prefix);
  if (!interval || !known) throw refused(name, `a date, with a prefix of ${datePrefixes.join(', ')} or none`);
  return { prefix: known, ...interval };
}

export function countOf(value: string): number {
  if (!/^\d{1,9}$/.test(value) || Number(value) === 0)
    throw refused('_count', 'a number from 1; more than 1000 are not given at once');
  return Math.min(Number(value), MAX_COUNT);
}

/** Opaque to the caller: where the page before ended. */
export const writeCursor = ({ lastUpdated, id }: Position): string =>
  Buffer.from(`${lastUpdated.getTime()}/${id}`).toString('base64url');

function readCursor(value: string): Position {
  const match = /^(\d{1,15})\/(.+)$/.exec(Buffer.from(value, 'base64url').toString());
  const [, time = '', id = ''] = match ?? [];
  const lastUpdated = new Date(Number(time));
  if (!match || !isResourceId(id) || Number.isNaN(lastUpdated.getTime()))
    throw refused('_cursor', 'a link of this server, unchanged');
  return { lastUpdated, id };
}

/** A name is shown only if it can be one: an address may hold anything. */
const shown = (name: string): string => (/^[_A-Za-z][\w.:-]{0,63}$/.test(name) ? name : 'query');

const refused = (place: string, rule: string) => new IsthmusError('INVALID_REQUEST', { place, rule });
