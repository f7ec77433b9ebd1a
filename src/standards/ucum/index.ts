/**
 * Units of measure: the Unified Code for Units of Measure (UCUM 2.1), case-sensitive (docs/design/units.md, rules UC1-UC16).
 *
 * It promises: a unit is UCUM's letter by letter or refused by place and rule; values are computed with as the decimals they are, without doubles wherever
 * UCUM defines a ratio; what depends on the analyte or the assay is refused with that reason. It never does: correct or suggest a unit, guess a molar
 * mass, round to fewer digits than are known, throw on a text, or keep more than a bounded number of them.
 */
export {
  type Converted,
  canonical,
  commensurable,
  compareQuantities,
  convert,
  divide,
  type Exactness,
  multiply,
  type Quantity,
  type Refusal,
  type Refused,
} from './convert.ts';
export { describe } from './describe.ts';
export { type Unit, type UnitError, type UnitRule, unitRules } from './expression.ts';
export {
  type AmbiguousUnit,
  ambiguousUnits,
  type LocalUnit,
  localUnitSpellings,
  localUnits,
} from './local-units.ts';
export { isValidUnit, parseUnit } from './parse.ts';
