import { type Convert, REMOVE } from '../segment-map.ts';
import { yesNo } from '../tables.ts';

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** An indicator (0136) that something is confidential → meta.security: Y labels it as restricted, N takes the label away. */
export const restricted: Convert = (field) => {
  const indicator = yesNo[field.text.trim().toUpperCase()];
  if (indicator === undefined) return undefined;
  return indicator ? [{ system: CONFIDENTIALITY, code: 'R' }] : REMOVE;
};
