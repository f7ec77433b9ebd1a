/**
 * The FHIR R4 API over the record (read side): read, vread, instance history, a small search, metadata.
 *
 * It promises: every answer, errors too, is FHIR (OperationOutcome); the CapabilityStatement is made from the table that the routes are
 * made from; a parameter that is not supported is refused by name, so that no search finds more than was asked for. It never does: read past the
 * context of the client (trust/access), build SQL, or put a patient's data into an error or a notification.
 */
export { type FhirApiOptions, fhirApi } from './api.ts';
export { type Notification, notificationOf } from './notification.ts';
