import type { Identifier } from '@medplum/fhirtypes';
import { authoritySystem } from '../../identity/index.ts';
import { type Datatype, orNothing, present } from '../convert.ts';
import { systemOfHd } from './hd.ts';

export const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const SSN = 'http://hl7.org/fhir/sid/us-ssn';

/** CX → Identifier: CX-1 id, CX-4 assigning authority, CX-5 type (0203). CX-7 and CX-8 as its period, to the day. */
export const cx: Datatype<Identifier> = (value, context) => {
  const id = value.component(1).trim();
  if (id === '') return undefined;
  const type = value.component(5);
  const { defaultAuthority } = context.authorities;
  const declared = defaultAuthority === undefined ? undefined : authoritySystem(defaultAuthority);
  return present<Identifier>({
    type: type === '' ? undefined : { coding: [{ system: IDENTIFIER_TYPES, code: type }] },
    system: type === 'SS' ? SSN : (systemOfHd(value, 4, context) ?? declared),
    value: id,
    assigner: present({ display: orNothing(value.component(6, 1)) }),
  });
};

/** The number of a visit or an account: typed even if the sender left CX-5 empty. */
export const cxOfType =
  (code: string): Datatype<Identifier> =>
  (value, context) => {
    const identifier = cx(value, context);
    return identifier && { type: { coding: [{ system: IDENTIFIER_TYPES, code }] }, ...identifier };
  };

/** A social security number in a field of plain text (PID-19): digits as they came. */
export const ssn: Datatype<Identifier> = (value) =>
  value.text === ''
    ? undefined
    : {
        type: { coding: [{ system: IDENTIFIER_TYPES, code: 'SS' }] },
        system: SSN,
        value: value.text.replaceAll('-', ''),
      };
