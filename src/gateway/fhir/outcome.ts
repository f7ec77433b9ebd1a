import { type ErrorCode, errorRegistry, type IsthmusError } from '../../foundation/errors/index.ts';
import type { StoredIssue } from '../../trust/access/index.ts';
import { FhirFailure } from './failure.ts';

/** IssueType (R4 valueset-issue-type) of the codes that leave through this API; all others are an exception. */
const issueTypes: Partial<Record<ErrorCode, string>> = {
  BUSY: 'throttled',
  CONFLICT: 'conflict',
  DATABASE_FULL: 'no-store',
  DATABASE_UNAVAILABLE: 'transient',
  FORBIDDEN: 'forbidden',
  GONE: 'deleted',
  IDENTITY_REFUSED: 'business-rule',
  INVALID_REQUEST: 'invalid',
  INVALID_RESOURCE: 'processing',
  METHOD_NOT_ALLOWED: 'not-supported',
  NOT_ACCEPTABLE: 'not-supported',
  NOT_FOUND: 'not-found',
  PRECONDITION_FAILED: 'conflict',
  THROTTLED: 'throttled',
  TOO_LARGE: 'too-long',
  UNAUTHENTICATED: 'login',
  UNSUPPORTED_MEDIA_TYPE: 'not-supported',
};

/** An error as FHIR tells it: the registry's text, where, and the id that finds it in the log. No data of anyone. */
export function operationOutcome(error: IsthmusError, correlationId: string): object {
  const failure = error instanceof FhirFailure ? error : undefined;
  if (failure && failure.issues.length > 0) return outcomeOf(failure.issues, correlationId);
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: 'error',
        code: failure?.issueType ?? issueTypes[error.code] ?? 'exception',
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

/** What was found about a resource. Without issues it says so: an outcome has one at least. */
export function outcomeOf(issues: readonly StoredIssue[], correlationId: string): object {
  const told = issues.map(({ severity, code, expression, rule }) => ({
    severity,
    code,
    details: { text: rule },
    expression: [expression],
  }));
  const fine = { severity: 'information', code: 'informational', details: { text: 'nothing to remark' } };
  const [first = fine, ...others] = told;
  const diagnostics = `Correlation id ${correlationId}.`;
  return { resourceType: 'OperationOutcome', issue: [{ ...first, diagnostics }, ...others] };
}
