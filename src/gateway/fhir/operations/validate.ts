import { FhirError, parseExact, parseResource } from '../../../standards/fhir/index.ts';
import type { Json, StoredIssue } from '../../../trust/access/index.ts';
import { gone, invalid, notFound } from '../failure.ts';
import type { Capability, FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { outcomeOf } from '../outcome.ts';
import { type Asked, askedIn } from './asked.ts';
import { onlyOne } from './inputs.ts';
import { validated } from './validated.ts';

const capability: Capability = {
  ...{ level: 'type', operation: 'validate' },
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
};

/**
 * `$validate` (R4 resource-operation-validate.html): of a resource that is sent, alone or in Parameters, or of one that is stored. Whatever is
 * wrong with the resource is told with status 200; other statuses tell that there was nothing to validate.
 */
export const validations: readonly Interaction[] = [
  {
    ...{ name: 'validate', method: 'POST', path: '/:type/$validate', body: 'resource', effect: 'read' },
    ...{ capability, run: validateSent },
  },
  {
    ...{ name: 'validate-instance', method: 'POST', path: '/:type/:id/$validate', body: 'resource' },
    ...{ effect: 'read', run: validateInstance },
  },
  {
    ...{ name: 'validate-stored', method: 'GET', path: '/:type/:id/$validate', body: 'none' },
    ...{ effect: 'read', run: validateInstance },
  },
];

const MODES = ['create', 'update', 'delete', 'profile'] as const;

interface Validation {
  readonly resource: Json | undefined;
  readonly mode: (typeof MODES)[number] | undefined;
  readonly profiles: readonly string[];
}

async function validateSent(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const sent = understood(() => validationOf(request));
  if (Array.isArray(sent)) return told(request, sent);
  if (sent.mode === 'delete') throw invalid('mode', 'delete is asked of an instance');
  if (!sent.resource) throw invalid('resource', 'a resource to validate');
  return told(request, await issuesOf(sent.resource, sent, { request, services }));
}

async function validateInstance(request: FhirRequest, services: Services): Promise<FhirAnswer> {
  const { type = '', id = '' } = request.target;
  const sent = understood(() => validationOf(request));
  if (Array.isArray(sent)) return told(request, sent);
  if (sent.resource && sent.mode !== 'delete')
    return told(request, await issuesOf(sent.resource, sent, { request, services }));
  const state = await request.record.state(type, id);
  if (state.kind === 'deleted') throw gone(state.version);
  if (state.kind === 'absent') throw notFound();
  // Nothing keeps a resource from being deleted: references to it may dangle.
  if (sent.mode === 'delete') return told(request, []);
  const { json, issues = [] } = state.resource;
  const found = await validated(parseExact(json) as Json, { profiles: sent.profiles }, services);
  const known = new Set(found.map(keyOf));
  return told(request, [...found, ...issues.filter((issue) => !known.has(keyOf(issue)))]);
}

const keyOf = ({ severity, expression, rule }: StoredIssue): string => `${severity} ${expression} ${rule}`;

const told = ({ correlationId }: FhirRequest, issues: readonly StoredIssue[]): FhirAnswer => ({
  status: 200,
  body: JSON.stringify(outcomeOf(issues, correlationId)),
});

/** What can't be parsed is no resource, which is what was asked. */
function understood(read: () => Validation): Validation | StoredIssue[] {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const { place = 'body', rule } = error;
    return [{ severity: 'error', code: 'structure', expression: place, rule }];
  }
}

/** The body is the resource, or Parameters that hold it. */
function validationOf({ body, parameters }: FhirRequest): Validation {
  const inAddress = parameters.map(([name, value]): Asked => ({ name, value }));
  const content = body.length > 0 ? parseResource(body) : undefined;
  return content?.resourceType === 'Parameters'
    ? validation([...inAddress, ...askedIn(content)], undefined)
    : validation(inAddress, content);
}

function validation(asked: readonly Asked[], content: Json | undefined): Validation {
  const name = onlyOne(asked, 'mode');
  const mode = MODES.find((one) => one === name);
  if (name !== undefined && !mode) throw invalid('mode', 'create, update, delete or profile');
  const profiles = asked.filter((one) => one.name === 'profile').map(({ value }) => value);
  if (mode === 'profile' && profiles.length === 0) throw invalid('profile', 'a profile to validate against');
  const resource = content ?? asked.find((one) => one.name === 'resource')?.resource;
  return { resource, mode, profiles };
}

async function issuesOf(
  resource: Json,
  { mode, profiles }: Validation,
  { request: { target }, services }: { readonly request: FhirRequest; readonly services: Services },
): Promise<StoredIssue[]> {
  const issues: StoredIssue[] = [];
  const wrong = (expression: string, rule: string) =>
    issues.push({ severity: 'error', code: 'invalid', expression, rule });
  if (resource.resourceType !== target.type) wrong('resourceType', 'the type in the address');
  if (mode === 'update' && target.id !== undefined && resource.id !== target.id)
    wrong(`${resource.resourceType}.id`, 'the id in the address');
  const how = mode === 'create' || mode === 'update' ? { mode } : {};
  return [...issues, ...(await validated(resource, { profiles, ...how }, services))];
}
