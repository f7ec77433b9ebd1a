/** A code as an entry has it; without a system it says nothing across senders. */
export interface SubstanceCoding {
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
}

/** An entry of somebody's list of allergies or medications. */
export interface SubstanceEntry {
  /** What it is called in the groups: a reference. */
  readonly id: string;
  /** Of the concept as it stands: the sender's, and translations beside them. */
  readonly codings: readonly SubstanceCoding[];
  /** Of a drug that says what it consists of: the codings of each part, used where the codings of the whole say nothing. */
  readonly parts?: readonly (readonly SubstanceCoding[])[];
}

/**
 * Why entries are one group: they come to the same ingredients of RxNorm, to the same vaccine groups of CVX, or have the very same code. `alone`: nothing is known
 * that another has, or its own codes contradict each other.
 */
export type GroupedBy = 'ingredient' | 'vaccine-group' | 'code' | 'alone';

export interface SubstanceGroup {
  readonly by: GroupedBy;
  /** What is common: ingredients, vaccine groups or the code; none for who stands alone. */
  readonly common: readonly { readonly system: string; readonly code: string; readonly display?: string }[];
  /** Ids, in the order of the entries. */
  readonly entries: readonly string[];
  /** The codes of the entry lead to different substances: it is for a person to look at. */
  readonly isContradictory?: true;
}
