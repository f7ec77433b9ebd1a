import type { Identifier } from '@medplum/fhirtypes';
import { authoritySystem } from '../../source-patients/index.ts';
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

/** The number of a visit: typed as such (guide, PV1-19), behind the type that the sender gave it. */
export const cxOfType = (code: string): Datatype<Identifier> => {
  const coding = { system: IDENTIFIER_TYPES, code };
  return (value, context) => {
    const identifier = cx(value, context);
    const sent = identifier?.type?.coding ?? [];
    if (!identifier || sent.some((one) => one.code === code)) return identifier;
    return { ...identifier, type: { coding: [...sent, coding] } };
  };
};

/** FHIR's us-ssn has no dashes; what is no number of that form stays as it came. */
const withoutDashes = (number: string): string =>
  /^\d{3}-\d{2}-\d{4}$/.test(number) ? number.replaceAll('-', '') : number;

/** A social security number in a field of plain text (PID-19). */
export const ssn: Datatype<Identifier> = (value) =>
  value.text === ''
    ? undefined
    : {
        type: { coding: [{ system: IDENTIFIER_TYPES, code: 'SS' }] },
        system: SSN_SYSTEM,
        value: withoutDashes(value.text),
      };
