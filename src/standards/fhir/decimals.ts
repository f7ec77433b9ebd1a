import { isNumber, MARK } from './json/marks.ts';
import { scan } from './json/scan.ts';

/**
 * FHIR decimals keep their precision: 7.0 is not 7 (R4 json.html#decimal). JavaScript's numbers don't keep it, so a decimal that would
 * change is carried as a marked text between `parseExact` and `stringifyExact`, and is a plain number in the JSON.
 */
export type Decimal = number | ExactDecimal;
type ExactDecimal = string & { readonly exactDecimal: unique symbol };

const MARKED = /"\\u0000#(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)"/g;

/** A decimal from its text; undefined when the text is not a JSON number. */
export function decimalOf(text: string): Decimal | undefined {
  if (!isNumber(text)) return undefined;
  return String(Number(text)) === text ? Number(text) : (`${MARK}${text}` as ExactDecimal);
}

/** The number's value, for comparing and counting. */
export const decimalValue = (decimal: Decimal): number =>
  typeof decimal === 'number' ? decimal : Number(decimal.slice(MARK.length));

/** JSON.parse that keeps the texts of decimals; for JSON of our own store, whose size and depth were checked when it came in. */
export function parseExact(json: string): unknown {
  return JSON.parse(scan(json).text);
}

export function stringifyExact(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent);
  return json.includes('\\u0000#') ? json.replace(MARKED, '$1') : json;
}
