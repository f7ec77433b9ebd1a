/** R4 issue-type, as far as terminology needs it. */
export type TerminologyIssueType =
  | 'invalid'
  | 'required'
  | 'not-found'
  | 'not-supported'
  | 'too-costly'
  | 'business-rule'
  | 'processing'
  | 'exception';

/**
 * A question that cannot be answered. Its text is for who asked and names codes, systems and canonicals of the question and of definitions; there is
 * nothing of a patient in either.
 */
export class TerminologyError extends Error {
  override readonly name = 'TerminologyError';
  readonly type: TerminologyIssueType;
  /** A code of http://hl7.org/fhir/tools/CodeSystem/tx-issue-type, where one says more than the type. */
  readonly detail: string | undefined;
  /** FHIRPath of what is wrong in the request, where it is known. */
  readonly place: string | undefined;

  /** Name of the message in FHIR's own catalogue, where it has one. */
  readonly messageId: string | undefined;

  constructor(
    type: TerminologyIssueType,
    message: string | { readonly id: string; readonly text: string },
    { detail, place }: { readonly detail?: string; readonly place?: string } = {},
  ) {
    super(typeof message === 'string' ? message : message.text);
    this.type = type;
    this.messageId = typeof message === 'string' ? undefined : message.id;
    this.detail = detail;
    this.place = place;
  }
}
