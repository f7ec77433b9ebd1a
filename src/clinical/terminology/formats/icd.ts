/** ICD codes as publishers write them in files (no dot) and as FHIR does (with one). Undefined for what is no code. */

/** ICD-10-CM: 3 to 7 characters, the dot behind the third (CDC, ICD-10-CM Official Guidelines, I.A.2). */
export function icd10cm(code: string): string | undefined {
  const plain = code.replace('.', '');
  if (!/^[A-Z]\d[0-9A-Z][0-9A-Z]{0,4}$/.test(plain)) return undefined;
  return placed(code, plain, 3);
}

/** ICD-9-CM diagnoses: the dot behind three characters, behind four of an external cause (E). */
export function icd9cm(code: string): string | undefined {
  const plain = code.replace('.', '');
  if (!/^(?:\d{3,5}|V\d{2,4}|E\d{3,4})$/.test(plain)) return undefined;
  return placed(code, plain, plain.startsWith('E') ? 4 : 3);
}

/** ICD-9-CM procedures: the dot behind two digits. */
export function icd9Procedure(code: string): string | undefined {
  const plain = code.replace('.', '');
  return /^\d{2,4}$/.test(plain) ? placed(code, plain, 2) : undefined;
}

/** A dot that is there already has to stand at its place. */
function placed(code: string, plain: string, head: number): string | undefined {
  const dotted = plain.length > head ? `${plain.slice(0, head)}.${plain.slice(head)}` : plain;
  return code === plain || code === dotted ? dotted : undefined;
}
