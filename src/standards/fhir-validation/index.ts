/**
 * The FHIR R4 (4.0.1) validator: structure, cardinality, formats, choices, required bindings, references, extensions, narrative, contained resources, Bundles,
 * invariants, and the profiles that it is given. Rules V1 to V24 in docs/design/validation.md.
 *
 * It promises: every finding names a place and a rule, never a value; findings are bounded; no resource makes it throw or takes more than time linear in its
 * size for the structural rules. It never does: I/O, ask a terminology server, make a snapshot, or change the resource.
 */

export type {
  Issue,
  ProfileSource,
  UncheckedBinding,
  ValidatedResource,
  ValidateOptions,
  Validator,
} from './types.ts';
export { MAX_ISSUES } from './types.ts';
export { createValidator } from './validator.ts';
