import { Hl7Error } from './errors.ts';

/**
 * Reads NM (2.5.1 section 2.A.47) and returns it as a decimal text whose precision is what was sent: `+007.0` is `7.0`. Leading
 * zeros and the plus carry no meaning and go; digits behind the point stay. Throws HL7_BAD_NUMBER, which never shows the value.
 */
export function parseDecimal(text: string, location?: string): string {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  const [, sign = '', whole = '', fraction = ''] = match ?? [];
  if (!match || whole + fraction === '') {
    const rule = 'an optional sign, digits and at most one point';
    throw new Hl7Error('HL7_BAD_NUMBER', { rule, ...(location === undefined ? {} : { location }) });
  }
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  const number = fraction === '' ? digits : `${digits}.${fraction}`;
  const isZero = !/[1-9]/.test(number);
  return sign === '-' && !isZero ? `-${number}` : number;
}
