import { spellings } from './spellings.ts';

/** A spelling that feeds use for a unit, what it is in UCUM, and why that is no guess. */
export interface LocalUnit {
  readonly text: string;
  readonly unit: string;
  readonly reason: string;
}

/** A spelling that means different things to different senders: a site maps it, for its sender. */
export interface AmbiguousUnit {
  readonly text: string;
  readonly readings: readonly string[];
}

/** The spellings of common feeds that have one reading. */
export const localUnitSpellings: readonly LocalUnit[] = spellings.flatMap(([reason, units]) =>
  Object.entries(units).map(([text, unit]) => ({ text, unit, reason })),
);

/** Spellings that were left out, so that nobody puts them in again. */
export const ambiguousUnits: readonly AmbiguousUnit[] = [
  { text: 'F', readings: ['[degF]', '[Ch]', 'F'] },
  { text: 'C', readings: ['Cel', 'C'] },
  { text: 'units', readings: ['U', '[iU]'] },
  { text: 'Units', readings: ['U', '[iU]'] },
  { text: 'U', readings: ['U', '[iU]'] },
  { text: 'U/mL', readings: ['U/mL', "[arb'U]/mL"] },
  { text: 'mU/L', readings: ['mU/L', 'm[iU]/L'] },
  { text: 'mU/mL', readings: ['mU/mL', 'm[iU]/mL'] },
  { text: 'uU/mL', readings: ['uU/mL', 'u[iU]/mL'] },
  { text: 'EU/dL', readings: ['[EU]/dL', '[ELU]/dL'] },
  { text: 'M/uL', readings: ['10*6/uL', '10*3/uL'] },
  { text: 'mill/mm3', readings: ['10*6/mm3', '10*3/mm3'] },
  { text: 'tril/L', readings: ['10*12/L', '10*18/L'] },
  { text: '10E3/uL', readings: ['10*3/uL', '10*4/uL'] },
  { text: '10e9/L', readings: ['10*9/L', '10*10/L'] },
  { text: 'G/L', readings: ['g/L', '10*9/L'] },
  { text: 'oz', readings: ['[oz_av]', '[foz_us]'] },
  { text: 'gr', readings: ['[gr]', 'g'] },
  { text: 'pt', readings: ['[pt_us]', '{patient}', 'pt'] },
];

let units: ReadonlyMap<string, string> | undefined;

/** The unit of UCUM behind a spelling, blanks around it aside; undefined when it is unknown or ambiguous. */
export function localUnits(text: string): string | undefined {
  units ??= new Map(localUnitSpellings.map(({ text: spelling, unit }) => [spelling, unit]));
  // Greek mu and the micro sign look alike.
  return units.get(text.trim().replaceAll('μ', 'µ'));
}
