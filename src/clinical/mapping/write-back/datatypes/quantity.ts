import type { Quantity, Range, Ratio } from '@medplum/fhirtypes';
import { stringifyExact } from '../../../../standards/fhir/index.ts';
import type { ComponentValue, LeafValue, RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { components, type WriteContext, type Writer } from '../context.ts';
import { nameOfSystem } from './cwe.ts';

/** A decimal with the digits it has; exponents are written out, because NM has none. */
export function nm(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = stringifyExact(value);
  return /e/i.test(text) ? plain(text) : text;
}

function plain(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]?\d+)$/i.exec(text) ?? [];
  const shift = whole.length + Number(exponent);
  const digits = `${'0'.repeat(Math.max(0, 1 - shift))}${whole}${fraction}`.padEnd(Math.max(1, shift), '0');
  const at = Math.max(1, shift);
  return `${sign}${digits.slice(0, at)}${digits.length > at ? `.${digits.slice(at)}` : ''}`;
}

/** The unit of a quantity as CWE, as OBX-6 and CQ-2 have it. */
export function unit(
  { unit: shown, code, system }: Quantity,
  context: WriteContext,
): LeafValue[] | undefined {
  if (code === undefined) return shown === undefined ? undefined : [shown];
  return components([code, shown === code ? undefined : shown, nameOfSystem(system, context)]);
}

/** Quantity as CQ: the unit's parts are subcomponents. */
export const cq: Writer<Quantity> = (quantity, context) => {
  const number = nm(quantity.value);
  return number === undefined ? undefined : components<ComponentValue>([number, unit(quantity, context)]);
};

/** Quantity with a comparator, Ratio and Range as SN. */
export const sn = {
  quantity: ({ comparator, value }: Quantity): RepetitionValue => components([comparator, nm(value)]),
  ratio: ({ numerator, denominator }: Ratio): RepetitionValue =>
    components(['', nm(numerator?.value), ':', nm(denominator?.value)]),
  range: ({ low, high }: Range): RepetitionValue => components(['', nm(low?.value), '-', nm(high?.value)]),
};
