/**
 * What may be wrong with FHIR JSON and with a patch of it.
 * - `TOO_LARGE`, `TOO_DEEP`: a limit; nothing was parsed.
 * - `BAD_ENCODING`, `BAD_SYNTAX`, `DUPLICATE_KEY`, `FORBIDDEN_KEY`: no acceptable JSON.
 * - `NOT_AN_OBJECT`, `NO_RESOURCE_TYPE`, `UNKNOWN_RESOURCE_TYPE`: JSON, but no R4 resource.
 * - `BAD_PATCH`: no patch document; `PATCH_TEST_FAILED`: a `test` found another value; `PATCH_FAILED`: an operation cannot be applied to this resource;
 *   `PATCH_FORBIDDEN`: it would change what the server owns.
 */
export type FhirErrorCode =
  | 'TOO_LARGE'
  | 'TOO_DEEP'
  | 'BAD_ENCODING'
  | 'BAD_SYNTAX'
  | 'DUPLICATE_KEY'
  | 'FORBIDDEN_KEY'
  | 'NOT_AN_OBJECT'
  | 'NO_RESOURCE_TYPE'
  | 'UNKNOWN_RESOURCE_TYPE'
  | 'BAD_PATCH'
  | 'PATCH_TEST_FAILED'
  | 'PATCH_FAILED'
  | 'PATCH_FORBIDDEN';

export interface FhirErrorOptions {
  /** `line 3, column 14` of the text, `resourceType`, or `operation 2` of a patch (from 0). Never a value. */
  readonly place?: string;
  /** Which rule is broken. Never a value. */
  readonly rule: string;
}

/** Thrown by parsing and patching. Neither message nor properties ever carry a value of the resource. */
export class FhirError extends Error {
  override readonly name = 'FhirError';
  readonly code: FhirErrorCode;
  readonly place: string | undefined;
  readonly rule: string;

  constructor(code: FhirErrorCode, { place, rule }: FhirErrorOptions) {
    super(`${code}${place === undefined ? '' : ` at ${place}`} (${rule})`);
    this.code = code;
    this.place = place;
    this.rule = rule;
  }
}
