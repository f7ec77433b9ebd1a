/**
 * Why a fact that is only theirs is not ours.
 * - `guide`: the guide, or FHIR itself, says otherwise than they do
 * - `site-rule`: a rule of theirs alone
 * - `not-in-chart`: it is about the transport or a site's extension, not about the patient
 * - `not-in-message`: their bundle is the source of the message, and the message does not carry it
 * - `deliberate`: we differ from the guide, and say why (docs/design/mapping.md)
 * - `ours-wrong`: to be mended
 */
type ReasonClass = 'guide' | 'site-rule' | 'not-in-chart' | 'not-in-message' | 'deliberate' | 'ours-wrong';

export interface Reason {
  readonly kind: ReasonClass;
  readonly why: string;
}

export interface Rule extends Reason {
  readonly collection?: RegExp;
  readonly path: RegExp;
  readonly value?: RegExp;
  /** Only for bundles that messages were made of. */
  readonly isReverse?: boolean;
  /** We say the same at this path. */
  readonly elsewhere?: RegExp;
  /** The code of the resource that it is said of. */
  readonly about?: RegExp;
  /** Only these segments of the message say it. */
  readonly saidBy?: RegExp;
  /** The type of the message, `ADT^A28`. */
  readonly message?: RegExp;
}
