/**
 * FHIR R4 (4.0.1) as data: its dates as intervals, its decimals digit by digit, the formats of its names.
 *
 * It promises: a date keeps the precision and a decimal the digits it was given. It never does: I/O, look at a clock, or let a value
 * into an error text.
 */
export { dateInterval, type Interval } from './dates.ts';
export { type Decimal, decimalOf, decimalValue, parseExact, stringifyExact } from './decimals.ts';
export { structureFromDefinition } from './definitions/from-definition.ts';
export type * from './definitions/types.ts';
export { isResourceId, isResourceType } from './names.ts';
