/** No FHIR string holds a NUL, so no text can be taken for a marked decimal. */
export const MARK = '\0#';

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A number as JSON writes it. */
export const isNumber = (text: string): boolean => NUMBER.test(text);

/** The token of a number as it is, or as a marked string where a JavaScript number would change it; what is no number stays for JSON.parse to refuse. */
export function markedIfInexact(token: string): string {
  return String(Number(token)) === token || !NUMBER.test(token) ? token : `"\\u0000#${token}"`;
}
