const ICD_9_CM = 'http://hl7.org/fhir/sid/icd-9-cm';
/** Of categories of three characters with what follows behind a dot. */
const ICD_10 = new Set(['http://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-10']);

/**
 * The ways a code that came in may be written in FHIR, the given one first: ICD codes have a dot and capital letters there (terminology.hl7.org, ICD), and HL7 v2 messages and claims often
 * leave the dot out. In ICD-9-CM 0010 is a diagnosis (001.0) or a procedure (00.10), which only the place of the code tells.
 */
export function formsOf({ system, code }: Coded, isProcedure = false): readonly string[] {
  if (system !== ICD_9_CM && !ICD_10.has(system)) return [code];
  const upper = code.trim().toUpperCase();
  const dotted = upper.includes('.') ? upper : withDot(system, upper, isProcedure);
  return [...new Set([code, upper, dotted])];
}

interface Coded {
  readonly system: string;
  readonly code: string;
}

/** Diagnoses of ICD-9-CM have the dot behind three characters, external causes (E) behind four, procedures behind two digits. */
function withDot(system: string, code: string, isProcedure: boolean): string {
  if (system === ICD_9_CM && isProcedure)
    return /^\d{3,4}$/.test(code) ? `${code.slice(0, 2)}.${code.slice(2)}` : code;
  const head = system === ICD_9_CM && code.startsWith('E') ? 4 : 3;
  const isCode = system === ICD_9_CM ? /^[EV]?\d+$/.test(code) : /^[A-Z]\d[0-9A-Z]+$/.test(code);
  return isCode && code.length > head ? `${code.slice(0, head)}.${code.slice(head)}` : code;
}
