import type { Datatype } from '../convert.ts';
import { codeSystemUri } from './cwe.ts';
import { type ExactQuantity, quantityOf, unitCode } from './nm.ts';

/** CQ → Quantity (v2-to-FHIR guide, CQ[Quantity]): CQ-1 number, CQ-2 unit as a CWE of subcomponents. Throws HL7_BAD_NUMBER. */
export const cq: Datatype<ExactQuantity> = (value, context) => {
  const [code, text, system, original] = [1, 2, 3, 9].map((part) => value.component(2, part)) as [
    string,
    string,
    string,
    string,
  ];
  const uri = code === '' ? undefined : codeSystemUri(system, context);
  const unit = original || text || code;
  return quantityOf(value.component(1), {
    ...(unit === '' ? {} : { unit }),
    ...(uri === undefined ? {} : unitCode([{ system: uri, code: code.trim() }], context, context.at.place)),
  });
};
