import type { ContactPoint, Extension } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import { type Datatype, present } from '../convert.ts';
import { telecomSystem, telecomUse } from '../tables.ts';
import { periodOf } from './dr.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';

/** XTN-5 to XTN-8: the parts of a number, by the extension of FHIR for each. */
const PARTS: readonly (readonly [component: number, url: string])[] = [
  [5, `${FHIR}/contactpoint-country`],
  [6, `${FHIR}/contactpoint-area`],
  [7, `${FHIR}/contactpoint-local`],
  [8, `${FHIR}/contactpoint-extension`],
];

/**
 * XTN → ContactPoint (v2-to-FHIR guide, XTN[ContactPoint]). `use` is taken when XTN-2 (0201) says none: the field itself tells home from
 * work. A number whose equipment (XTN-3) nobody named is a telephone.
 */
export const xtn =
  (use: ContactPoint['use']): Datatype<ContactPoint> =>
  (value, context) => {
    const email = value.component(4);
    const equipment = value.component(3).toUpperCase();
    const isEmail =
      email !== '' &&
      (value.component(2) === 'NET' || telecomSystem[equipment] === 'email' || !hasNumber(value));
    const number = isEmail ? email : numberOf(value);
    if (number === '') return undefined;
    const declared = telecomUse[value.component(2)] as ContactPoint['use'];
    const parts = isEmail ? [] : partsOf(value);
    return present<ContactPoint>({
      extension: parts.length > 0 ? parts : undefined,
      system: isEmail ? 'email' : ((telecomSystem[equipment] as ContactPoint['system']) ?? 'phone'),
      value: number,
      use: equipment === 'CP' ? 'mobile' : (declared ?? use),
      rank: rankOf(value),
      period: value.componentCount < 13 ? undefined : periodOf(value, context, { start: [13], end: [14] }),
    });
  };

const partsOf = (value: Repetition): Extension[] =>
  PARTS.flatMap(([component, url]) => {
    const text = value.component(component);
    return text === '' ? [] : [{ url, valueString: text }];
  });

/** XTN-18, preference order. */
function rankOf(value: Repetition): number | undefined {
  const text = value.componentCount < 18 ? '' : value.component(18);
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
}

const hasNumber = (value: Repetition): boolean => numberOf(value) !== '';

/** XTN-12 is the number as it is dialled; or else it is put together from XTN-5 to XTN-8; XTN-1 is the same before 2.3. */
function numberOf(value: Repetition): string {
  const dialled = value.component(12);
  if (dialled !== '') return dialled;
  const local = value.component(7);
  if (local === '' && value.component(1) !== '') return value.component(1);
  const country = value.component(5);
  const extension = value.component(8);
  const parts = [
    country && `+${country.replace(/^\+/, '')}`,
    value.component(6),
    local,
    extension && `x${extension}`,
  ];
  return parts.filter((text) => text !== '').join(' ');
}
