/** Shapes of codes. Whether a code exists, and on which day it may be billed, is asked of loaded code tables; their texts are not ours to ship. */

/** ICD-10-CM: a letter, a digit, a digit or letter, and up to four more behind a point (CMS, ICD-10-CM Official Guidelines I.A). */
export const isIcd10Cm = (code: string): boolean => /^[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?$/.test(code);

/** CPT (five digits; category II, III and others end in F, T, U, M, A) or HCPCS level II (A to V and four digits). */
export const isCptOrHcpcs = (code: string): boolean => isCpt(code) || /^[A-V]\d{4}$/.test(code);
export const isCpt = (code: string): boolean => /^\d{4}[\dFTUMA]$/.test(code);

/** Two digits or capitals. */
export const isModifier = (code: string): boolean => /^[0-9A-Z]{2}$/.test(code);

/** National Provider Identifier: ten digits from 1 or 2, the last by Luhn over 80840 and the first nine (45 CFR 162.406). */
export function isNpi(text: string): boolean {
  if (!/^[12]\d{9}$/.test(text)) return false;
  const sum = [...`80840${text}`].reverse().reduce((total, digit, index) => {
    const weighted = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return sum % 10 === 0;
}
