/** The people who treat. Their NPIs carry a valid check digit and lie in a range made up for this demo. */
export interface Clinician {
  readonly npi: string;
  readonly family: string;
  readonly given: string;
}

const people = [
  ['Proband', 'Adaeze'],
  ['Vorlage', 'Jürgen'],
  ['Modèle', 'Hélène'],
  ['Esempio', 'Luca'],
  ['Wzór', 'Małgorzata'],
  ['Sample-Hawthorne', 'Priya'],
] as const;

export const clinicians: readonly Clinician[] = people.map(([family, given], index) => {
  const body = `1999999${String(10 + index)}`;
  return { npi: body + npiCheckDigit(body), family, given };
});

/**
 * The tenth digit of a National Provider Identifier: Luhn over `80840` and the first nine digits.
 * (45 CFR 162.406; CMS, "Requirements for National Provider Identifier and NPI check digit".)
 */
export function npiCheckDigit(firstNine: string): string {
  const digits = [...`80840${firstNine}`].reverse().map(Number);
  const sum = digits.reduce((total, digit, index) => {
    const weighted = index % 2 === 0 ? digit * 2 : digit;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
