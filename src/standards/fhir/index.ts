/**
 * FHIR R4 (4.0.1) as data: reading its JSON safely, its dates as intervals, its identifiers' formats.
 *
 * It promises: input is bounded before it is parsed; a date keeps the precision it was given. It never does: I/O, look at a
 * clock, or let a value into an error text.
 */
export { dateInterval, type Interval } from './dates.ts';
export { type Decimal, decimalOf, decimalValue, parseExact, stringifyExact } from './decimals.ts';
export { FhirError } from './error.ts';
export { type JsonLimits, parseJson } from './json.ts';
export { isResourceId, isResourceType } from './names.ts';
