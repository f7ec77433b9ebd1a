/**
 * Virtual visits. Here: a visit that a telehealth platform reports as finished becomes part of the record, and goes back to the chart
 * as a note (MDM^T02) and charges (DFT^P03).
 *
 * It promises: the same report under the same key gives the same writes and the same messages, byte for byte; every mistake of a report is
 * listed at once, by place and rule; nothing is coded or charged that was not reported. It never does: I/O, look at a clock, choose a code,
 * or repeat a value of the report in an error.
 */
export { type CheckedVisit, checkVisit, type VisitMistake } from './check.ts';
export { type ClosedVisit, type CloseVisitOptions, closeVisit } from './close-visit.ts';
export { isCptOrHcpcs, isIcd10Cm, isModifier, isNpi } from './codes.ts';
export type { VisitReport } from './report.ts';
