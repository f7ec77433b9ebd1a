/** What is wrong with a piece of FHIR: a code of the error registry, where, and which rule; never the value. */
export class FhirError extends Error {
  override readonly name = 'FhirError';
  readonly code: 'INVALID_REQUEST' | 'INVALID_RESOURCE' | 'TOO_LARGE';
  readonly place: string;
  readonly rule: string;

  constructor(code: FhirError['code'], place: string, rule: string) {
    super(`${place}: ${rule}`);
    this.code = code;
    this.place = place;
    this.rule = rule;
  }
}
