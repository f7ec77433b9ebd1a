import { type ErrorCode, type IsthmusError, toIsthmusError } from '../../foundation/errors/index.ts';
import { FhirError, type FhirErrorCode } from '../../standards/fhir/index.ts';
import { SearchError } from '../../standards/fhir-search/index.ts';
import { FhirFailure, statusOf } from './failure.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from './interaction.ts';
import { operationOutcome } from './outcome.ts';

/** Runs an interaction; whatever goes wrong is an answer too. */
export async function execute(
  interaction: Interaction,
  request: FhirRequest,
  services: Services,
): Promise<FhirAnswer> {
  try {
    return await interaction.run(request, services);
  } catch (thrown) {
    return failed(thrown, request.correlationId, services);
  }
}

/** An error as an answer. What is our own fault goes to the log with its cause; the answer has place and rule alone. */
export function failed(
  thrown: unknown,
  correlationId: string,
  { logger }: Pick<Services, 'logger'>,
): FhirAnswer {
  const error = errorOf(thrown);
  const status = statusOf(error);
  // Whoever sends too much at once is told; the log is not for them to fill.
  if (status >= 500 && error.code !== 'BUSY') logger.error({ error, correlationId }, 'a FHIR request failed');
  return {
    status,
    headers: {
      ...(status === 401 ? { 'www-authenticate': 'Bearer realm="isthmus"' } : {}),
      ...(status === 503 ? { 'retry-after': '5' } : {}),
      ...(error instanceof FhirFailure ? error.headers : {}),
    },
    body: JSON.stringify(operationOutcome(error, correlationId)),
  };
}

/** Codes of FhirError that are more than 400. */
const statuses: Partial<Record<FhirErrorCode, ErrorCode>> = {
  TOO_LARGE: 'TOO_LARGE',
  PATCH_TEST_FAILED: 'INVALID_RESOURCE',
  PATCH_FAILED: 'INVALID_RESOURCE',
  PATCH_FORBIDDEN: 'INVALID_RESOURCE',
};

/** The standards' modules have errors of their own, which know no HTTP. */
export function errorOf(thrown: unknown): IsthmusError {
  if (thrown instanceof SearchError) {
    const { kind, place, rule } = thrown;
    const issueType = kind === 'unknown' ? 'not-supported' : kind;
    return new FhirFailure('INVALID_REQUEST', { place, rule, issueType });
  }
  if (!(thrown instanceof FhirError)) return toIsthmusError(thrown);
  const { code, place, rule } = thrown;
  const known = statuses[code];
  const issueType = known ? {} : { issueType: 'structure' };
  return new FhirFailure(known ?? 'INVALID_REQUEST', { place: place ?? 'body', rule, ...issueType });
}
