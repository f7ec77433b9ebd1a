import { parseResource } from '../../../standards/fhir/index.ts';
import type { Json, StoredIssue } from '../../../trust/access/index.ts';
import { FhirFailure, invalid, unprocessable } from '../failure.ts';
import type { FhirRequest, Services } from '../interaction.ts';

/** The resource in the body, of the type that the address names. Throws FhirError for what is no FHIR JSON. */
export function resourceIn({ body, target }: FhirRequest): Json {
  if (body.length === 0) throw invalid('body', 'a resource is needed');
  const resource = parseResource(body);
  if (target.type !== undefined && resource.resourceType !== target.type)
    throw invalid('resourceType', 'the type in the address');
  return resource;
}

/** What the validator remarks. Throws INVALID_RESOURCE with all of it when there is an error among it. */
export function validated(resource: Json, { validator }: Services): readonly StoredIssue[] {
  const issues = validator.validate(resource);
  if (issues.some(({ severity }) => severity === 'error'))
    throw new FhirFailure('INVALID_RESOURCE', { issues });
  return issues;
}

/** A resource that was only a part when it was read must not replace the whole (search.html#elements). */
export function refuseSubset({ meta }: Json, place = 'meta.tag'): void {
  const { tag } = (meta ?? {}) as { readonly tag?: unknown };
  const isSubset =
    Array.isArray(tag) && tag.some((one: { readonly code?: unknown } | null) => one?.code === 'SUBSETTED');
  if (isSubset) throw unprocessable(place, 'a whole resource; this one is marked SUBSETTED');
}
