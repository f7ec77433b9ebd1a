import { patientCompartment, resourceTypes } from '../../../standards/fhir/index.ts';
import type { Clause } from '../../../standards/fhir-search/index.ts';
import type { Position, SearchPage } from '../../../trust/access/index.ts';
import { invalid } from '../failure.ts';
import { checkAccepted } from '../http/media.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { outcomeOf } from '../outcome.ts';
import { searchset } from './bundles.ts';
import { readCursor } from './cursor.ts';
import { linksOf } from './links.ts';
import { type SearchRequest, searchRequestOf } from './search-request.ts';
import { shapeOf } from './shape.ts';

type Run = Interaction['run'];

const ofType: Run = (request, services) => search(request, services, { types: request.target.type ?? '' });

const ofSystem: Run = (request, services) => search(request, services, { types: resourceTypes });

const ofCompartment: Run = (request, services) => {
  const { id = '', within = '' } = request.target;
  const isOne = compartmentTypes.includes(within);
  if (!isOne && within !== '*') throw invalid('address', 'the type is in no compartment of a patient');
  const and: Clause = { kind: 'compartment', patient: id };
  return search(request, services, { types: isOne ? within : compartmentTypes, and });
};

const compartmentTypes = resourceTypes.filter(
  (type) => type === 'Patient' || patientCompartment(type).length > 0,
);

const shared = { effect: 'read' } as const;
const byAddress = { ...shared, method: 'GET', body: 'none' } as const;
const byForm = { ...shared, method: 'POST', body: 'form' } as const;
const searchType = { level: 'type', code: 'search-type' } as const;
const searchSystem = { level: 'system', code: 'search-system' } as const;

/** search.html; a search by form is the same search (http.html#search). */
export const searches: readonly Interaction[] = [
  { name: 'search', path: '/:type', ...byAddress, capability: searchType, run: ofType },
  { name: 'search-by-form', path: '/:type/_search', ...byForm, run: ofType },
  { name: 'search-system', path: '', ...byAddress, capability: searchSystem, run: ofSystem },
  { name: 'search-system-by-form', path: '/_search', ...byForm, run: ofSystem },
  { name: 'search-compartment', path: '/Patient/:id/:within', ...byAddress, run: ofCompartment },
  { name: 'search-compartment-by-form', path: '/Patient/:id/:within/_search', ...byForm, run: ofCompartment },
];

interface Where {
  /** One, or those that `_type` may name. */
  readonly types: string | readonly string[];
  /** Beside what is asked for. */
  readonly and?: Clause;
}

async function search(request: FhirRequest, services: Services, { types, and }: Where): Promise<FhirAnswer> {
  // Of a form only now; of the address it was looked at before the body was read.
  checkAccepted(undefined, request.parameters);
  const asked = await searchRequestOf(types, request, services);
  const query = and ? { ...asked.query, where: [and, ...asked.query.where] } : asked.query;
  const shape = shapeOf(request.parameters);
  const address = `${request.base}${request.path.replace(/\/(_search)?$/, '')}`;
  const audience = { caller: request.caller, query: `${address}?${JSON.stringify(asked.used)}` };
  const place =
    asked.cursor === undefined ? undefined : readCursor<Position>(asked.cursor, audience, services);
  const page = await request.record.search(query, place && { after: place.after });
  const links = linksOf(
    { address, parameters: asked.used, audience, place, cursor: asked.cursor, next: page.next },
    services,
  );
  const outcome = remarksOn(asked, page, request.correlationId);
  const { matches, included, total } = page;
  return {
    status: 200,
    body: searchset({ base: request.base, links, shape, matches, included, total, outcome }),
  };
}

/** What the search did not do, as an entry of mode `outcome` (search.html#modifiers, lenient handling). */
function remarksOn({ ignored }: SearchRequest, page: SearchPage, correlationId: string): string | undefined {
  const issues = ignored.map(({ name, reason }) => ({
    severity: 'warning' as const,
    code: 'not-supported',
    expression: name,
    rule: `this parameter was ignored: ${reason}`,
  }));
  if (page.truncatedIncludes)
    issues.push({
      severity: 'warning',
      code: 'incomplete',
      expression: '_include',
      rule: 'more would have been included than one answer holds',
    });
  return issues.length === 0 ? undefined : JSON.stringify(outcomeOf(issues, correlationId));
}
