import type { SearchValue } from '../types.ts';
import { type Elements, isElements, numberOf, textOf } from './shapes.ts';

const NONE: readonly SearchValue[] = [];
const CURRENCIES = 'urn:iso:std:iso:4217';

interface Ends {
  readonly low?: string;
  readonly high?: string;
}

interface Unit {
  readonly system?: string;
  readonly code?: string;
  readonly unit?: string;
}

/** Quantity, Age, Duration, Count, Distance. One with a comparator stands for all that it may be: `<5` has no lower end. */
export function quantity(value: unknown): readonly SearchValue[] {
  if (!isElements(value)) return NONE;
  const number = numberOf(value.value);
  if (number === undefined) return NONE;
  return [{ kind: 'quantity', ...compared(number, value.comparator), ...unitOf(value) }];
}

function compared(number: string, comparator: unknown): Ends {
  if (comparator === '<' || comparator === '<=') return { high: number };
  if (comparator === '>' || comparator === '>=') return { low: number };
  return { low: number, high: number };
}

function unitOf(value: Elements): Unit {
  const [system, code, unit] = [textOf(value.system), textOf(value.code), textOf(value.unit)];
  return {
    ...(system === undefined ? {} : { system }),
    ...(code === undefined ? {} : { code }),
    ...(unit === undefined ? {} : { unit }),
  };
}

export function money(value: unknown): readonly SearchValue[] {
  if (!isElements(value)) return NONE;
  const number = numberOf(value.value);
  if (number === undefined) return NONE;
  const code = textOf(value.currency);
  return [
    {
      kind: 'quantity',
      low: number,
      high: number,
      ...(code === undefined ? {} : { system: CURRENCIES, code }),
    },
  ];
}

/** An end that is not there is open; the unit is that of the end that has one. */
export function range(value: unknown): readonly SearchValue[] {
  if (!isElements(value)) return NONE;
  const [lowEnd, highEnd] = [value.low, value.high].map((end) => (isElements(end) ? end : {}));
  const [low, high] = [numberOf(lowEnd?.value), numberOf(highEnd?.value)];
  if (low === undefined && high === undefined) return NONE;
  return [
    {
      kind: 'quantity',
      ...(low === undefined ? {} : { low }),
      ...(high === undefined ? {} : { high }),
      ...unitOf(highEnd ?? {}),
      ...unitOf(lowEnd ?? {}),
    },
  ];
}

export function plainNumber(value: unknown): readonly SearchValue[] {
  const number = numberOf(value);
  return number === undefined ? NONE : [{ kind: 'quantity', low: number, high: number }];
}
