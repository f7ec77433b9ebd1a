import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { StoredIssue, StoredResource, WriteOutcome } from '../../../trust/access/index.ts';
import { FhirFailure, unmet } from '../failure.ts';
import type { FhirAnswer, FhirRequest } from '../interaction.ts';
import { outcomeOf } from '../outcome.ts';
import { etagOf, validatorsOf } from '../read/validators.ts';
import type { Match } from './conditions.ts';

/** Throws what a write that did not take place means for who asked for it. */
export function done(outcome: WriteOutcome, match: Match): WriteOutcome {
  const { kind } = outcome;
  if (kind !== 'conflict' && kind !== 'absent') return outcome;
  if (match.exists) throw unmet('If-Match', 'the current version');
  // What may not be written is told apart neither by its id nor by whether it is there.
  if (kind === 'absent')
    throw new IsthmusError('FORBIDDEN', { rule: 'a resource that the caller may write' });
  throw new FhirFailure('CONFLICT', { headers: { etag: etagOf(outcome.version) } });
}

/** 201 or 200 with what Prefer asks for (http.html#create, #update). */
export function written(
  request: FhirRequest,
  outcome: WriteOutcome,
  issues: readonly StoredIssue[] = [],
): FhirAnswer {
  const { type, id, version, kind, lastUpdated } = outcome;
  const isNew = kind === 'created';
  const address = `${request.base}/${type}/${id}/_history/${version}`;
  return {
    status: isNew ? 201 : 200,
    headers: {
      etag: etagOf(version),
      ...(lastUpdated ? { 'last-modified': lastUpdated.toUTCString() } : {}),
      ...(isNew ? { location: address } : { 'content-location': address }),
    },
    ...contentOf(request, outcome.json, issues),
    reference: `${type}/${id}`,
    ...(kind === 'unchanged' ? { unwritten: true } : {}),
  };
}

/** A conditional create that found what it would have made: 200, and nothing changed. */
export function foundInstead(request: FhirRequest, resource: StoredResource): FhirAnswer {
  const { type, id, version, json } = resource;
  const location = `${request.base}/${type}/${id}/_history/${version}`;
  return {
    status: 200,
    headers: { ...validatorsOf(resource), location },
    ...contentOf(request, json, []),
    reference: `${type}/${id}`,
    unwritten: true,
  };
}

/** 204, or an outcome for who wants to read one; the same for what was deleted before (http.html#delete). */
export function deleted(request: FhirRequest, outcome: WriteOutcome | undefined): FhirAnswer {
  const headers = outcome && outcome.version > 0 ? { etag: etagOf(outcome.version) } : {};
  const told: Pick<FhirAnswer, 'headers' | 'reference' | 'unwritten'> = {
    headers,
    ...(outcome ? { reference: `${outcome.type}/${outcome.id}` } : {}),
    ...(outcome?.kind === 'deleted' ? {} : { unwritten: true }),
  };
  if (request.prefer.return !== 'OperationOutcome') return { status: 204, ...told };
  return { status: 200, body: outcomeText(request, []), ...told };
}

function contentOf(
  request: FhirRequest,
  json: string | undefined,
  issues: readonly StoredIssue[],
): { readonly body?: string } {
  const wanted = request.prefer.return;
  if (wanted === 'minimal') return {};
  if (wanted === 'OperationOutcome') return { body: outcomeText(request, issues) };
  return json === undefined ? {} : { body: json };
}

const outcomeText = ({ correlationId }: FhirRequest, issues: readonly StoredIssue[]): string =>
  JSON.stringify(outcomeOf(issues, correlationId));
