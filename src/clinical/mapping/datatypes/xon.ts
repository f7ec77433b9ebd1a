import type { Organization, Reference } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import { authorityOf } from '../../source-patients/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, present } from '../convert.ts';
import { mention, once } from '../mention.ts';
import { hdAt } from './hd.ts';
import { identifierOf } from './identifier.ts';

/** What other fields of the segment say of the organization that an XON names. */
export type OrganizationDetails = Pick<
  Organization,
  'identifier' | 'address' | 'telecom' | 'contact' | 'type' | 'partOf'
>;

/** XON → Organization (v2-to-FHIR guide, XON[Organization]), mentioned. */
export const xon: Datatype<Reference<Organization>> = once((value, context) => organization(value, context));

/**
 * The same with its address or telephone, which stand in fields of their own (OBX-24, ORC-22, ORC-23). XON-1 name, XON-10 (or XON-3) number,
 * XON-4 and 5 check digit, XON-6 authority, XON-7 type of number.
 */
export function organization(
  value: Repetition,
  context: MapContext,
  details: OrganizationDetails = {},
): Reference<Organization> | undefined {
  const number = value.component(10) || value.component(3);
  const name = value.component(1);
  if (number === '' && name === '') return undefined;
  const authority = hdAt(value, 6);
  const identifier = identifierOf(
    {
      value: number,
      authority,
      type: value.component(7),
      checkDigit: value.component(4),
      checkDigitScheme: value.component(5),
    },
    context,
  );
  const { identifier: further = [], ...others } = details;
  const identifiers = [...(identifier ? [identifier] : []), ...further];
  const set = present<Organization>({
    identifier: identifiers.length > 0 ? identifiers : undefined,
    name: name === '' ? undefined : name,
    ...notAtHome(others),
  });
  return mention(context, {
    type: 'Organization',
    display: name || number,
    ...(number === ''
      ? {}
      : { number: { authority: authorityOf(authority, context.authorities), value: number } }),
    set: { ...set },
  }) as Reference<Organization>;
}

/** An organization has no home (FHIR R4, org-2 and org-3): what a sender calls so says only where it is. */
function notAtHome({ address, telecom, ...rest }: OrganizationDetails): OrganizationDetails {
  return {
    ...rest,
    ...(address ? { address: address.map(withoutHome) } : {}),
    ...(telecom ? { telecom: telecom.map(withoutHome) } : {}),
  };
}

function withoutHome<T extends { use?: string }>(value: T): T {
  if (value.use !== 'home') return value;
  const { use: _home, ...rest } = value;
  return rest as T;
}
