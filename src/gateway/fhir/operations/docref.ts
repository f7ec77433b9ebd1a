import { isResourceId } from '../../../standards/fhir/index.ts';
import { parseSearch, type SearchInput, type SearchQuery } from '../../../standards/fhir-search/index.ts';
import type { Position, SearchPage, StoredResource } from '../../../trust/access/index.ts';
import { FhirFailure, gone, invalid, notFound } from '../failure.ts';
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

/** Of one answer, which has no pages when only the newest of each type are asked for. */
const MAX_BYTES = 67_108_864;

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
  return currentOnly ? newestOfEach(page, (next) => record.search(query, { after: next })) : page;
}

/** Of documents that come newest first, over as many pages as they fill. */
async function newestOfEach(
  first: SearchPage,
  following: (after: Position) => Promise<SearchPage>,
): Promise<SearchPage> {
  const newest = new Map<string, StoredResource>();
  let bytes = 0;
  for (let page: SearchPage | undefined = first; page; ) {
    for (const resource of page.matches) {
      const type = typeOf(resource);
      if (newest.has(type)) continue;
      newest.set(type, resource);
      bytes += resource.json.length;
    }
    if (bytes > MAX_BYTES) throw tooMuch();
    page = page.next && (await following(page.next));
  }
  const matches = [...newest.values()];
  return { matches, included: [], total: matches.length };
}

const tooMuch = () =>
  new FhirFailure('TOO_LARGE', {
    ...{ place: 'type', rule: `the newest documents of these types are at most ${MAX_BYTES} bytes together` },
    issueType: 'too-costly',
  });

/** What makes two documents the same kind: the codes of their type. */
function typeOf({ json }: StoredResource): string {
  const { type } = JSON.parse(json) as { readonly type?: { readonly coding?: unknown } };
  const codings = Array.isArray(type?.coding) ? (type.coding as { system?: unknown; code?: unknown }[]) : [];
  return JSON.stringify(codings.map(({ system, code }) => [system, code]));
}
