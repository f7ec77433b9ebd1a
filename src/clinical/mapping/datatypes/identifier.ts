import type { Extension, Identifier } from '@medplum/fhirtypes';
import type { MapContext } from '../context.ts';
import { present } from '../convert.ts';
import { assignerOf, type Hd, systemOf } from './hd.ts';

/** Table 0203. */
export const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';
export const SSN_SYSTEM = 'http://hl7.org/fhir/sid/us-ssn';
export const NPI_SYSTEM = 'http://hl7.org/fhir/sid/us-npi';
/** The OIDs of authorities that FHIR knows by a URI (identifier registry). */
const REGISTRY: Readonly<Record<string, string>> = {
  '2.16.840.1.113883.4.6': NPI_SYSTEM,
  '2.16.840.1.113883.4.1': SSN_SYSTEM,
};
const SYSTEMS_OF_TYPES: Readonly<Record<string, string>> = { SS: SSN_SYSTEM, NPI: NPI_SYSTEM };

const CHECK_DIGIT = 'http://hl7.org/fhir/StructureDefinition/identifier-checkDigit';
const CHECK_DIGIT_SCHEME = 'http://hl7.org/fhir/StructureDefinition/namingsystem-checkDigit';

/** The parts that CX, XCN, XON, EI and CNN have in common, each at its own component. */
export interface NumberParts {
  readonly value: string;
  readonly authority: Hd;
  /** Table 0203. */
  readonly type?: string;
  readonly checkDigit?: string;
  readonly checkDigitScheme?: string;
  /** Taken when the field names no authority. */
  readonly otherwiseSystem?: string | undefined;
}

/** The system of a number: that of a registry of FHIR, or its assigning authority's. */
export function numberSystem(
  { authority, type = '', otherwiseSystem }: NumberParts,
  context: MapContext,
): string | undefined {
  const registered = REGISTRY[authority.universalId] ?? SYSTEMS_OF_TYPES[type];
  if (registered) return registered;
  if (authority.namespace === 'NPI' && authority.universalId === '') return NPI_SYSTEM;
  return systemOf(authority, context) ?? otherwiseSystem;
}

/** A number and who gave it → Identifier. Undefined without a number. */
export function identifierOf(parts: NumberParts, context: MapContext): Identifier | undefined {
  const { value, authority, type = '' } = parts;
  if (value === '') return undefined;
  return present<Identifier>({
    extension: checkDigits(parts),
    type: type === '' ? undefined : { coding: [{ system: IDENTIFIER_TYPES, code: type }] },
    system: numberSystem(parts, context),
    value,
    assigner: assignerOf(authority, context),
  });
}

function checkDigits({ checkDigit = '', checkDigitScheme = '' }: NumberParts): Extension[] | undefined {
  if (checkDigit === '' && checkDigitScheme === '') return undefined;
  return [
    ...(checkDigit === '' ? [] : [{ url: CHECK_DIGIT, valueString: checkDigit }]),
    ...(checkDigitScheme === '' ? [] : [{ url: CHECK_DIGIT_SCHEME, valueString: checkDigitScheme }]),
  ];
}
