import type { Identifier } from '@medplum/fhirtypes';
import { authoritySystem } from '../../identity/index.ts';
import type { Datatype } from '../convert.ts';
import { periodOf } from './dr.ts';
import { hdAt } from './hd.ts';
import { IDENTIFIER_TYPES, identifierOf, SSN_SYSTEM } from './identifier.ts';

/**
 * CX → Identifier (v2-to-FHIR guide, CX[Identifier]): CX-1 number, CX-2 and 3 check digit, CX-4 assigning authority, CX-5 type (0203), CX-7
 * and 8 its period.
 */
export const cx: Datatype<Identifier> = (value, context) => {
  const { defaultAuthority } = context.authorities;
  const identifier = identifierOf(
    {
      value: value.component(1).trim(),
      checkDigit: value.component(2),
      checkDigitScheme: value.component(3),
      authority: hdAt(value, 4),
      type: value.component(5),
      otherwiseSystem: defaultAuthority === undefined ? undefined : authoritySystem(defaultAuthority),
    },
    context,
  );
  if (!identifier) return undefined;
  const period = periodOf(value, context, { start: [7], end: [8] });
  return period ? { ...identifier, period } : identifier;
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
        system: SSN_SYSTEM,
        value: value.text.replaceAll('-', ''),
      };
