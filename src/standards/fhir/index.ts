/**
 * FHIR R4 (4.0.1) as data: its dates as intervals, its decimals digit by digit, the formats of its names, its types and value sets.
 *
 * It promises: a date keeps the precision and a decimal the digits it was given. It never does: I/O, look at a clock, or let a value
 * into an error text.
 */
export { dateInterval, type Interval } from './dates.ts';
export { type Decimal, decimalOf, decimalValue, parseExact, stringifyExact } from './decimals.ts';
export { patientCompartment } from './definitions/compartment.ts';
export { expandValueSet, type TerminologySource } from './definitions/expand.ts';
export { structureFromDefinition } from './definitions/from-definition.ts';
export { isKnownResourceType, resourceTypes, structure, structureNames } from './definitions/structures.ts';
export {
  publishedCanonicals,
  publishedTerminology,
  type TerminologyType,
} from './definitions/terminology.ts';
export type * from './definitions/types.ts';
export { codeSystemCodes, valueSet } from './definitions/value-sets.ts';
export { FhirError, type FhirErrorCode } from './errors.ts';
export { type Json, type JsonLimits, parseJson, parseResource } from './json/parse.ts';
export { isResourceId, isResourceType } from './names.ts';
export { applyFhirPathPatch } from './patch/fhirpath/fhirpath-patch.ts';
export { applyJsonPatch } from './patch/json-patch.ts';
export type { PatchLimits } from './patch/operations.ts';
export { type Projection, project } from './project/project.ts';
