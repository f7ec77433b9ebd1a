import { isResourceId } from '../../../standards/fhir/index.ts';
import { parseSearch, type SearchInput, type SearchQuery } from '../../../standards/fhir-search/index.ts';
import type { Position, SearchPage, StoredResource } from '../../../trust/access/index.ts';
import { gone, invalid, notFound } from '../failure.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { searchset } from '../read/bundles.ts';
import { readCursor } from '../read/cursor.ts';
import { linksOf } from '../read/links.ts';
import { MAX_COUNT } from '../read/search-request.ts';
import { shapeOf } from '../read/shape.ts';
import { type Asked, askedOf } from './asked.ts';
import { countOf, dateOf, onlyOne, remark, sortOut } from './inputs.ts';

const shared = { path: '/DocumentReference/$docref', effect: 'read', run: docref } as const;

/**
 * `DocumentReference/$docref` (US Core 6.1): references to the documents of a patient. With dates those whose period of care overlaps them; without,
 * the current one of each type. No document is made on demand.
 */
export const docrefs: readonly Interaction[] = [
  {
    ...{ name: 'docref', method: 'GET', body: 'none', ...shared },
    capability: {
      ...{ level: 'type', types: ['DocumentReference'], operation: 'docref' },
      definition: 'http://hl7.org/fhir/us/core/OperationDefinition/docref',
    },
  },
  { name: 'docref-by-parameters', method: 'POST', body: 'parameters', ...shared },
];

const KNOWN: ReadonlySet<string> = new Set(['patient', 'start', 'end', 'type', 'on-demand', '_count']);
const DEFAULT_COUNT = 50;

async function docref(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const asked = askedOf(request);
  const patient = patientOf(asked);
  const onDemand = isOnDemand(asked);
  const remarks = onDemand ? [remark('on-demand', 'documents are not made on demand here')] : [];
  const { used, outcome } = sortOut(asked, KNOWN, request, remarks);
  const address = `${request.base}/DocumentReference/$docref`;
  const audience = { caller: request.caller, query: `${address}?${JSON.stringify(used)}` };
  const cursor = onlyOne(asked, '_cursor');
  const place = cursor === undefined ? undefined : readCursor<Position>(cursor, audience, services);
  const state = await request.record.state('Patient', patient);
  if (state.kind === 'deleted') throw gone(state.version);
  if (state.kind === 'absent') throw notFound();
  const page = onDemand ? NONE : await found(request, queryOf(asked, patient, services), place?.after);
  const { matches, included, total, next } = page;
  const links = linksOf({ address, parameters: used, audience, place, cursor, next }, services);
  const shape = shapeOf(used);
  return {
    status: 200,
    body: searchset({ base: request.base, links, shape, matches, included, total, outcome }),
    reference: `Patient/${patient}`,
  };
}

const NONE: SearchPage = { matches: [], included: [] };

function patientOf(asked: readonly Asked[]): string {
  const id = onlyOne(asked, 'patient')?.replace(/^Patient\//, '');
  if (id === undefined || !isResourceId(id)) throw invalid('patient', 'the id of a patient');
  return id;
}

function isOnDemand(asked: readonly Asked[]): boolean {
  const value = onlyOne(asked, 'on-demand');
  if (value !== undefined && value !== 'true' && value !== 'false')
    throw invalid('on-demand', 'true or false');
  return value === 'true';
}

interface Documents {
  readonly query: SearchQuery;
  /** Only the newest of each type. */
  readonly currentOnly: boolean;
}

/** The parameters as a search of DocumentReference. Throws SearchError. */
function queryOf(asked: readonly Asked[], patient: string, { clock }: Services): Documents {
  const count = countOf(asked, MAX_COUNT) ?? DEFAULT_COUNT;
  const parsed = (input: SearchInput) =>
    parseSearch(['DocumentReference'], input, {
      ...{ handling: 'strict', now: clock.now(), defaultCount: count, maxCount: MAX_COUNT },
    }).query;
  const types = asked.filter(({ name }) => name === 'type').map(({ value }) => value);
  const query = parsed([
    ['patient', patient],
    ['status', 'current'],
    ...(types.length === 0 ? [] : [['type', types.join(',')] as const]),
    ['_sort', '-date'],
  ]);
  const bounds = [
    ...(dateOf(asked, 'start') ? [`ge${onlyOne(asked, 'start')}`] : []),
    ...(dateOf(asked, 'end') ? [`le${onlyOne(asked, 'end')}`] : []),
  ];
  if (bounds.length === 0) return { query: { ...query, count: MAX_COUNT }, currentOnly: true };
  const within = (param: string) => bounds.map((bound) => [param, bound.replace(' ', '+')] as const);
  // The dates are those of care; a document that does not tell them has its own.
  const dated = [parsed(within('period')), parsed([['period:missing', 'true'], ...within('date')])];
  const where = [...query.where, { kind: 'any', of: dated.map((one) => one.where) } as const];
  return { query: { ...query, where }, currentOnly: false };
}

async function found(
  { record }: FhirRequest,
  { query, currentOnly }: Documents,
  after: Position | undefined,
): Promise<SearchPage> {
  const page = await record.search(query, after && { after });
  if (!currentOnly) return page;
  const newest = new Map<string, StoredResource>();
  for (const resource of page.matches) {
    const type = typeOf(resource);
    if (!newest.has(type)) newest.set(type, resource);
  }
  const matches = [...newest.values()];
  return { matches, included: [], total: matches.length };
}

/** What makes two documents the same kind: the codes of their type. */
function typeOf({ json }: StoredResource): string {
  const { type } = JSON.parse(json) as { readonly type?: { readonly coding?: unknown } };
  const codings = Array.isArray(type?.coding) ? (type.coding as { system?: unknown; code?: unknown }[]) : [];
  return JSON.stringify(codings.map(({ system, code }) => [system, code]));
}
