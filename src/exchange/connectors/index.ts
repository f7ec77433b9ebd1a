/**
 * Connectors (docs/design/connectors.md): how messages come in from other systems and go out to them. MLLP, HTTP, directories and SFTP in;
 * MLLP, signed webhooks, directories and SFTP out.
 *
 * It promises: a source tells its peer "taken" only after `accept` has committed, and answers in order; a destination says `delivered` only on
 * a positive answer that belongs to the message, and otherwise whether nothing happened, nobody knows, or it will never work. Every wait
 * has a limit and every buffer a bound. It never does: queue, repeat or reorder anything itself, know channels or anything clinical, follow
 * a redirect, send to an address that is not allowed, or write contents and secrets to a log.
 */
export { directoryDestination } from './directory/destination.ts';
export { directorySource } from './directory/source.ts';
export { httpSource } from './http/source.ts';
export { mllpDestination } from './mllp/destination.ts';
export { mllpSource } from './mllp/source.ts';
export { connectorKinds } from './registry.ts';
export { sftpDestination } from './sftp/destination.ts';
export { sftpSource } from './sftp/source.ts';
export { destinationFails, entryFails, entryRefused, outcomeUnknown, reflect } from './shared/results.ts';
export { StatusBoard } from './shared/status.ts';
export type * from './types.ts';
export {
  type AddressGuard,
  type AllowedHost,
  createAddressGuard,
  type Resolve,
} from './webhook/address-guard.ts';
export { createWebhookDestination, webhookDestination } from './webhook/destination.ts';
