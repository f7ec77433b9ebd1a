import type { EverythingOptions, Position } from '../../../trust/access/index.ts';
import { gone, invalid, notFound } from '../failure.ts';
import type { Capability, FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { searchset } from '../read/bundles.ts';
import { readCursor } from '../read/cursor.ts';
import { linksOf } from '../read/links.ts';
import { MAX_COUNT } from '../read/search-request.ts';
import { shapeOf } from '../read/shape.ts';
import { type Asked, askedOf } from './asked.ts';
import { countOf, dateOf, onlyOne, remark, sortOut, typesOf } from './inputs.ts';

const capability: Capability = {
  ...{ level: 'type', types: ['Patient'], operation: 'everything' },
  definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
};
const ofInstance = { path: '/Patient/:id/$everything', effect: 'read', run: everything } as const;
const ofContext = { path: '/Patient/$everything', effect: 'read', run: everything } as const;

/**
 * `Patient/{id}/$everything` (R4 patient-operation-everything.html), and without an id for who sees one patient only. All at once unless
 * `_count` asks for pages.
 */
export const everythings: readonly Interaction[] = [
  { name: 'everything', method: 'GET', body: 'none', capability, ...ofInstance },
  { name: 'everything-by-parameters', method: 'POST', body: 'parameters', ...ofInstance },
  { name: 'everything-of-context', method: 'GET', body: 'none', ...ofContext },
  { name: 'everything-of-context-by-parameters', method: 'POST', body: 'parameters', ...ofContext },
];

const KNOWN: ReadonlySet<string> = new Set(['start', 'end', '_since', '_type', '_count']);

async function everything(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const asked = askedOf(request);
  const { used } = sortOut(asked, KNOWN, request);
  const id = request.target.id ?? (await onlyPatient(request));
  const address = `${request.base}/Patient/${id}/$everything`;
  const audience = { caller: request.caller, query: `${address}?${JSON.stringify(used)}` };
  const cursor = onlyOne(asked, '_cursor');
  const place = cursor === undefined ? undefined : readCursor<Position>(cursor, audience, services);
  const state = await request.record.state('Patient', id);
  if (state.kind === 'deleted') throw gone(state.version);
  if (state.kind === 'absent') throw notFound();
  const page = await request.record.everything(id, {
    ...optionsOf(asked),
    ...(place ? { after: place.after } : {}),
  });
  const { matches, included, total, next } = page;
  const cut = page.truncatedIncludes
    ? [remark('Bundle.entry', 'more is referred to than one answer holds', 'incomplete')]
    : [];
  const links = linksOf({ address, parameters: used, audience, place, cursor, next }, services);
  const shape = shapeOf(used);
  const { outcome } = sortOut(asked, KNOWN, request, cut);
  return {
    status: 200,
    body: searchset({ base: request.base, links, shape, matches, included, total, outcome }),
    reference: `Patient/${id}`,
  };
}

/** The patient of a context that sees no other. */
async function onlyPatient({ record }: FhirRequest): Promise<string> {
  const { matches } = await record.search({
    ...{ types: ['Patient'], where: [], sort: [], include: [], revinclude: [] },
    ...{ count: 2, total: 'none' },
  });
  const [patient, another] = matches;
  if (!patient) throw notFound();
  if (another) throw invalid('address', 'Patient/{id}/$everything, for who sees more than one patient');
  return patient.id;
}

function optionsOf(asked: readonly Asked[]): EverythingOptions {
  const [start, end, since] = [dateOf(asked, 'start'), dateOf(asked, 'end'), dateOf(asked, '_since')];
  const types = typesOf(asked);
  const count = countOf(asked, MAX_COUNT);
  return {
    ...(start ? { start: start.from } : {}),
    // The day named is within.
    ...(end ? { end: end.to } : {}),
    ...(since ? { since: since.from } : {}),
    ...(types ? { types } : {}),
    ...(count === undefined ? {} : { count }),
  };
}
