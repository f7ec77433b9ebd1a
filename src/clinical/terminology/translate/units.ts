import { localUnitSpellings, localUnits } from '../../../standards/ucum/index.ts';

/** Units that senders spell as UCUM does, and that have no other reading; other texts may be UCUM's by chance (`K/uL` would be kelvins). */
const PLAIN = [
  ...[
    'mg',
    'ng',
    'pg',
    'fL',
    'dL',
    'L',
    'mm',
    'mmol',
    'nmol',
    'pmol',
    'kPa',
    '/uL',
    'g/mL',
    'ng/L',
    'pmol/L',
  ],
  ...[
    'U/L',
    'U/mL',
    'kU/L',
    'mU/L',
    'mU/mL',
    'mg/kg',
    'mg/mL',
    'g/d',
    'mg/d',
    'mL/kg',
    'mmol/mol',
    'mg/mmol',
    'mg/g',
  ],
];

let plain: ReadonlySet<string> | undefined;

/** The unit of UCUM that a sender without a coding system means; undefined when it is unknown or ambiguous. */
export function unitOfSpelling(text: string): string | undefined {
  plain ??= new Set([...PLAIN, ...localUnitSpellings.map(({ unit }) => unit)].flatMap(eitherLitre));
  return localUnits(text) ?? (plain.has(text) ? text : undefined);
}

/** UCUM has the litre in both letters. */
const eitherLitre = (unit: string): readonly string[] => [unit, unit.replace(/L\b/g, 'l')];
