import { type ErrorCode, errorRegistry, type IsthmusError } from '../../foundation/errors/index.ts';

/** IssueType (R4 valueset-issue-type) of the codes that leave through this API; all others are an exception. */
const issueTypes: Partial<Record<ErrorCode, string>> = {
  DATABASE_FULL: 'no-store',
  DATABASE_UNAVAILABLE: 'transient',
  FORBIDDEN: 'forbidden',
  GONE: 'deleted',
  INVALID_REQUEST: 'invalid',
  INVALID_RESOURCE: 'processing',
  NOT_FOUND: 'not-found',
  TOO_LARGE: 'too-long',
  UNAUTHENTICATED: 'login',
};

/** An error as FHIR tells it: the registry's text, where, and the id that finds it in the log. No data of anyone. */
export function operationOutcome(error: IsthmusError, correlationId: string, issueType?: string): object {
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: issueType ?? issueTypes[error.code] ?? 'exception',
        details: {
          coding: [{ system: 'urn:isthmus:error', code: error.code }],
          text: error.message,
        },
        diagnostics: `${errorRegistry[error.code].advice} Correlation id ${correlationId}.`,
        ...(error.place === undefined ? {} : { expression: [error.place] }),
      },
    ],
  };
}
