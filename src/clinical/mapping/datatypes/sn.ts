import type { Repetition } from '../../../standards/hl7v2/index.ts';
import { present } from '../convert.ts';
import { type ExactQuantity, quantityOf } from './nm.ts';

const COMPARATORS: ReadonlySet<string> = new Set(['<', '<=', '>=', '>']);

/**
 * SN → Quantity (`>^100`), Ratio (`^1^:^128`), Range (`^2^-^5`), or what it says as text (`<>`, `^2^+`), as a value of `value[x]`.
 * Throws HL7_BAD_NUMBER.
 */
export function structuredNumeric(
  value: Repetition,
  units: ExactQuantity | undefined,
): Record<string, unknown> | undefined {
  const [comparator, low, separator, high] = [1, 2, 3, 4].map((component) =>
    value.component(component).trim(),
  ) as [string, string, string, string];
  if (low === '') return undefined;
  const plain = comparator === '' || comparator === '=';
  if (plain && (separator === ':' || separator === '/') && high !== '') {
    return { Ratio: { numerator: quantityOf(low, units), denominator: quantityOf(high, units) } };
  }
  if (plain && separator === '-' && high !== '')
    return { Range: { low: quantityOf(low, units), high: quantityOf(high, units) } };
  if (separator === '' && (plain || COMPARATORS.has(comparator))) {
    const quantity = quantityOf(low, units);
    return { Quantity: plain ? quantity : present({ ...quantity, comparator }) };
  }
  const unit = units?.unit ?? '';
  return { String: [comparator, low, separator, high, unit].filter((part) => part !== '').join(' ') };
}
