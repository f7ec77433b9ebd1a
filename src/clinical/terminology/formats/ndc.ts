export interface NdcForms {
  /** Eleven digits: labeler 5, product 4, package 2. What is stored and compared. */
  readonly plain: string;
  /** The same in segments, `00006-4109-02`. */
  readonly dashed: string;
}

/**
 * A National Drug Code in the form of eleven digits (FDA, 21 CFR 207.33; CMS and HIPAA 5-4-2): ten digits come as 4-4-2, 5-3-2 or 5-4-1, and the segment that is short gets a zero in
 * front. Ten digits without dashes may be any of the three, so they are none: undefined.
 */
export function ndcForms(code: string): NdcForms | undefined {
  const plain = /^\d{11}$/.test(code) ? code : padded(code);
  if (plain === undefined) return undefined;
  return { plain, dashed: `${plain.slice(0, 5)}-${plain.slice(5, 9)}-${plain.slice(9)}` };
}

function padded(code: string): string | undefined {
  const [, labeler = '', product = '', pack = ''] = /^(\d{4,5})-(\d{3,4})-(\d{1,2})$/.exec(code) ?? [];
  const digits = labeler.length + product.length + pack.length;
  return digits === 10 || digits === 11
    ? labeler.padStart(5, '0') + product.padStart(4, '0') + pack.padStart(2, '0')
    : undefined;
}
