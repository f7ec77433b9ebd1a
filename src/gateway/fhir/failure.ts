import {
  type ErrorCode,
  type ErrorOptions,
  errorRegistry,
  IsthmusError,
} from '../../foundation/errors/index.ts';
import type { StoredIssue } from '../../trust/access/index.ts';

/** An error with what a FHIR answer needs beyond place and rule. */
export class FhirFailure extends IsthmusError {
  /** What the validator found, where that is the reason. */
  readonly issues: readonly StoredIssue[];
  /** `Allow`, and the like. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of valueset-issue-type, where the code of the registry does not decide it. */
  readonly issueType: string | undefined;

  constructor(
    code: ErrorCode,
    options: ErrorOptions & {
      readonly issues?: readonly StoredIssue[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly issueType?: string;
    } = {},
  ) {
    super(code, options);
    this.issues = options.issues ?? [];
    this.headers = options.headers ?? {};
    this.issueType = options.issueType;
  }
}

export const notFound = (): IsthmusError => new IsthmusError('NOT_FOUND');
export const gone = (version: number): IsthmusError =>
  new FhirFailure('GONE', { headers: { etag: `W/"${version}"` } });
/** 400; `place` is a parameter, a header or a path in the body. */
export const invalid = (place: string, rule: string): IsthmusError =>
  new IsthmusError('INVALID_REQUEST', { place, rule });
/** 412. */
export const unmet = (place: string, rule: string): IsthmusError =>
  new IsthmusError('PRECONDITION_FAILED', { place, rule });
/** 422 for a rule of ours; what the validator found goes by `FhirFailure`. */
export const unprocessable = (place: string, rule: string): IsthmusError =>
  new IsthmusError('INVALID_RESOURCE', { place, rule });

export const statusOf = (error: IsthmusError): number => errorRegistry[error.code].http;
