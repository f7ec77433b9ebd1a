import { dateInterval } from '../../../standards/fhir/index.ts';
import type { HistoryOptions, HistoryPosition } from '../../../trust/access/index.ts';
import { invalid, notFound } from '../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction, Parameter, Services } from '../interaction.ts';
import { historyBundle } from './bundles.ts';
import { readCursor } from './cursor.ts';
import { linksOf } from './links.ts';
import { cursorOf, MAX_COUNT } from './search-request.ts';
import { shapeOf } from './shape.ts';

const shared = { method: 'GET', body: 'none', effect: 'read' } as const;
const ofType = { level: 'type', code: 'history-type' } as const;
const ofInstance = { level: 'type', code: 'history-instance' } as const;
const ofSystem = { level: 'system', code: 'history-system' } as const;

/** http.html#history: newest first. */
export const histories: readonly Interaction[] = [
  { name: 'history', path: '/:type/:id/_history', ...shared, capability: ofInstance, run: history },
  { name: 'history-type', path: '/:type/_history', ...shared, capability: ofType, run: history },
  { name: 'history-system', path: '/_history', ...shared, capability: ofSystem, run: history },
];

const DEFAULT_COUNT = 50;
const FORM: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_elements', '_cursor']);
const OWN: ReadonlySet<string> = new Set(['_count', '_since', '_at']);

async function history(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const { target, parameters, base, path, caller } = request;
  const asked = parameters.filter(([name]) => OWN.has(name));
  const unknown = parameters.some(([name]) => !OWN.has(name) && !FORM.has(name));
  if (unknown && request.prefer.handling === 'strict')
    throw invalid('query', '_count, _since, _at and the parameters of every answer');
  const options = optionsOf(asked);
  const shape = shapeOf(parameters);
  const used = parameters.filter(([name]) => name !== '_cursor' && (OWN.has(name) || FORM.has(name)));
  const address = `${base}${path}`;
  const audience = { caller, query: `${address}?${JSON.stringify(used)}` };
  const cursor = cursorOf(parameters);
  const place = cursor === undefined ? undefined : readCursor<HistoryPosition>(cursor, audience, services);
  const { type, id } = target;
  const of = { ...(type === undefined ? {} : { type }), ...(id === undefined ? {} : { id }) };
  const page = await request.record.history(of, place ? { ...options, after: place.after } : options);
  if (page.entries.length === 0 && id !== undefined) await refuseUnknown(request);
  const links = linksOf({ address, parameters: used, audience, place, cursor, next: page.next }, services);
  const { entries, total } = page;
  return { status: 200, body: historyBundle({ base, links, shape, entries, total }) };
}

/** Nothing since then is an answer; nothing at all is not there. */
async function refuseUnknown({ record, target: { type = '', id = '' } }: FhirRequest): Promise<void> {
  const state = await record.state(type, id);
  if (state.kind === 'absent') throw notFound();
}

function optionsOf(parameters: readonly Parameter[]): HistoryOptions {
  const since = dateOf(parameters, '_since');
  const at = dateOf(parameters, '_at');
  return {
    count: countOf(parameters),
    ...(since ? { since: since.from } : {}),
    ...(at ? { at } : {}),
  };
}

function dateOf(parameters: readonly Parameter[], wanted: string) {
  const value = parameters.findLast(([name]) => name === wanted)?.[1];
  if (value === undefined) return undefined;
  // A `+` in a query is a blank after decoding.
  const interval = dateInterval(value.replace(' ', '+'));
  if (!interval) throw invalid(wanted, 'a date or an instant');
  return interval;
}

function countOf(parameters: readonly Parameter[]): number {
  const value = parameters.findLast(([name]) => name === '_count')?.[1];
  if (value === undefined) return DEFAULT_COUNT;
  if (!/^\d{1,18}$/.test(value) || Number(value) === 0) throw invalid('_count', 'a number from 1');
  return Math.min(Number(value), MAX_COUNT);
}
