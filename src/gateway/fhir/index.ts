/**
 * The FHIR R4 API over the record (docs/design/fhir-api.md, rules F1-F28): read, write, search, history, batch, transaction, operations.
 *
 * It promises: every answer, errors too, is FHIR (OperationOutcome); routes and CapabilityStatement are made from one table; what was
 * answered as written is committed, and what was refused left nothing behind; a parameter that is not supported is named or, in strict handling,
 * refused. It never does: read or write past the context of the client (trust/access), build SQL, or put a patient's data into an
 * error, an address or a notification.
 */
export { fhirApi } from './api.ts';
export { FhirFailure, invalid, notFound } from './failure.ts';
export type { BodyLimits } from './http/body.ts';
export type {
  BodyKind,
  Capability,
  FhirAnswer,
  FhirRequest,
  Interaction,
  Method,
  Noted,
  Parameter,
  Preference,
  Services,
  Target,
} from './interaction.ts';
export { type Notification, notificationOf } from './notification.ts';
export { type Asked, askedOf } from './operations/asked.ts';
export type { FhirApiOptions, Heard } from './options.ts';
export { operationOutcome, outcomeOf } from './outcome.ts';
export { applyTransaction, UnresolvedReference } from './transaction/apply.ts';
export { type Entry, entryOf, MAX_ENTRIES, rawEntries, resourceEntry } from './transaction/entries.ts';
export { type PreparedTransaction, prepareEntries } from './transaction/prepare.ts';
export { retried } from './transaction/process.ts';
export type { EntryResult, TransactionDeps } from './transaction/types.ts';
