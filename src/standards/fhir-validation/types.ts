import type { Structure, ValueSetCodes } from '../fhir/index.ts';

/** One finding. Place and rule only: no value of the resource is ever in it. */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'information';
  /** OperationOutcome.issue.code (valueset-issue-type): `structure`, `required`, `value`, `invariant`, `code-invalid`, … */
  readonly code: string;
  /** FHIRPath of the place: `Observation.component[0].code`. */
  readonly expression: string;
  /** The rule that is broken, in words; starts with the key of an invariant or the canonical URL of a profile where there is one. */
  readonly rule: string;
}

/** Where profiles and their value sets come from: packages that were loaded. Asked by canonical URL, perhaps with `|version`. */
export interface ProfileSource {
  /** A profile or an extension's definition; `no-snapshot` when it is known but came without a snapshot. */
  structure(canonical: string): Structure | 'no-snapshot' | undefined;
  /** The codes of a value set; undefined when it is unknown or can't be expanded. */
  valueSet?(canonical: string): ValueSetCodes | undefined;
}

/** A required binding to a value set whose codes are not all at hand: the issue says so, and who has terminology can tell more. */
export interface UncheckedBinding {
  /** The information that it was not checked, as it stands among the issues. */
  readonly issue: Issue;
  /** What is said instead where the value is not in the value set. */
  readonly broken: Issue;
  /** Canonical, perhaps with `|version`. */
  readonly valueSet: string;
  /** A code, Coding, CodeableConcept or Quantity, as `type` says. */
  readonly value: unknown;
  readonly type: string;
}

export interface ValidateOptions {
  /** Is told of each binding that could not be checked. */
  readonly unchecked?: (binding: UncheckedBinding) => void;
  /** Canonical URLs of profiles that the resource must meet, besides those it claims in meta.profile. */
  readonly profiles?: readonly string[];
  /** FHIRPath invariants; on unless `false`. The rules for structure never depend on it. */
  readonly invariants?: boolean;
  /** `create` and `update` as `$validate` means them (R4 resource-operation-validate.html): an update needs an id. */
  readonly mode?: 'create' | 'update';
}

/** A resource as `parseResource` gives it, with exact decimals. */
export interface ValidatedResource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

export interface Validator {
  /** What is wrong, in the resource's order, at most `MAX_ISSUES`; an empty list when nothing is. Never throws because of the resource. */
  validate(resource: ValidatedResource, options?: ValidateOptions): Issue[];
  /** The resource type that a profile is of; undefined when it is not known here or has no snapshot, so that nothing can be held against it. */
  profiledType(canonical: string): string | undefined;
}

/** Of more errors only the first are told, the last of them being that there are more. */
export const MAX_ERRORS = 80;
/** Warnings and information beyond are not told; they never crowd out an error. */
export const MAX_REMARKS = 20;
/** The longest list that `validate` gives. */
export const MAX_ISSUES = MAX_ERRORS + MAX_REMARKS;
