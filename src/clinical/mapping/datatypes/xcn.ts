import type { Practitioner, PractitionerQualification, Reference } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import { authorityOf } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, present } from '../convert.ts';
import { mention, once } from '../mention.ts';
import { hdAt } from './hd.ts';
import { humanName, type NameLayout, spokenName } from './human-name.ts';
import { identifierOf, NPI_SYSTEM, type NumberParts, numberSystem } from './identifier.ts';

const layout: NameLayout = {
  family: 2,
  given: [3, 4],
  suffix: [5, 7, 21],
  prefix: 6,
  type: 10,
  range: 17,
  assemblyOrder: 18,
  start: 19,
  end: 20,
};
const DEGREES = 'http://terminology.hl7.org/CodeSystem/v2-0360';

/**
 * XCN → Practitioner (v2-to-FHIR guide, XCN[Practitioner]), mentioned. XCN-1 number, XCN-9 authority, XCN-11 and 12 check digit, XCN-13 type of
 * number, XCN-2 to 7 the name. XCN-7, the degree, is a qualification and stands behind the name as well.
 */
export const xcn: Datatype<Reference<Practitioner>> = once((value, context) => practitioner(value, context));

/** What other fields of the segment say of the practitioner that an XCN names. */
export type PractitionerDetails = Pick<Practitioner, 'address' | 'telecom'>;

const partsOf = (value: Repetition): NumberParts => ({
  value: value.component(1).trim(),
  authority: hdAt(value, 9),
  type: value.component(13),
  checkDigit: value.component(11),
  checkDigitScheme: value.component(12),
});

/** The same with their address or telephone, which stand in fields of their own (ORC-24). */
export function practitioner(
  value: Repetition,
  context: MapContext,
  details: PractitionerDetails = {},
): Reference<Practitioner> | undefined {
  const parts = partsOf(value);
  const name = humanName(value, layout, context);
  const display = (name && shownName(value)) || parts.value;
  if (display === '') return undefined;
  const identifier = identifierOf(parts, context);
  const set = present<Practitioner>({
    identifier: identifier && [identifier],
    name: name && [name],
    qualification: qualification(value),
    ...details,
  });
  return mention(context, {
    type: 'Practitioner',
    display,
    ...(parts.value === ''
      ? {}
      : { number: { authority: authorityOfNumber(parts, context), value: parts.value } }),
    set: { ...set },
  }) as Reference<Practitioner>;
}

/** NPI is one authority under all of its names. */
const authorityOfNumber = (parts: NumberParts, context: MapContext): string =>
  numberSystem(parts, context) === NPI_SYSTEM
    ? NPI_SYSTEM
    : authorityOf(parts.authority, context.authorities);

function qualification(value: Repetition): PractitionerQualification[] | undefined {
  const degree = value.component(7);
  return degree === '' ? undefined : [{ code: { coding: [{ system: DEGREES, code: degree }] } }];
}

/** Without degrees, which would make two people of one who is named with and without. */
const shownName = (value: Repetition): string =>
  spokenName({
    prefix: [value.component(6)],
    given: [value.component(3), value.component(4)],
    family: value.component(2, 1),
    suffix: [value.component(5)],
  });
