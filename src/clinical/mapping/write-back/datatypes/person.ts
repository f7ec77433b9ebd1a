import type { Organization, Practitioner, PractitionerRole, Reference } from '@medplum/fhirtypes';
import type { RepetitionValue } from '../../../../standards/hl7v2/index.ts';
import { NPI_SYSTEM } from '../../datatypes/identifier.ts';
import { components, resolve, type WriteContext, type Writer } from '../context.ts';
import { checkDigitsOf, typeOf } from './cx.ts';
import { hdOf } from './hd.ts';
import { isDegreeOf, namePartsOf } from './name.ts';

/** Practitioner as XCN. */
export const xcn: Writer<Practitioner> = (practitioner, context) => {
  const [identifier] = practitioner.identifier ?? [];
  const [name = {}] = practitioner.name ?? [];
  const parts = namePartsOf(name, context, isDegreeOf(practitioner));
  const [digit, scheme] = identifier ? checkDigitsOf(identifier) : [];
  const isNpi = identifier?.system === NPI_SYSTEM;
  return components([
    identifier?.value,
    parts.family,
    parts.given,
    parts.others,
    parts.suffix,
    parts.prefix,
    parts.degree,
    '',
    identifier && hdOf(identifier, context),
    parts.type,
    digit,
    scheme,
    identifier && (typeOf(identifier) ?? (isNpi ? 'NPI' : undefined)),
    '',
    '',
    '',
    '',
    parts.order,
    parts.start,
    parts.end,
    parts.professional,
  ]);
};

/** Whoever a reference leads to as XCN: a Practitioner, one in a role, or what the reference itself says of them. */
export const xcnOf: Writer<Reference> = (reference, context) => {
  const role = roleOf(reference, context);
  const practitioner = practitionerOf(reference, context);
  if (practitioner) return xcn(practitioner, context);
  // A role that no person has is an organization's.
  return role && !role.practitioner ? undefined : named(role?.practitioner ?? reference, context);
};

export function practitionerOf(
  reference: Reference | undefined,
  context: WriteContext,
): Practitioner | undefined {
  const role = roleOf(reference, context);
  return resolve(context, role?.practitioner ?? reference, 'Practitioner');
}

export const roleOf = (
  reference: Reference | undefined,
  context: WriteContext,
): PractitionerRole | undefined => resolve(context, reference, 'PractitionerRole');

function named({ identifier, display }: Reference, context: WriteContext): RepetitionValue {
  if (!identifier && display === undefined) return undefined;
  return xcn(
    {
      resourceType: 'Practitioner',
      ...(identifier ? { identifier: [identifier] } : {}),
      ...(display === undefined ? {} : { name: [{ family: display }] }),
    },
    context,
  );
}

/** Organization as XON. */
export const xon: Writer<Organization> = ({ name, identifier: [identifier] = [] }, context) =>
  components([
    name,
    '',
    '',
    ...(identifier ? checkDigitsOf(identifier).map((one) => one ?? '') : ['', '']),
    identifier && hdOf(identifier, context),
    identifier && typeOf(identifier),
    '',
    '',
    identifier?.value,
  ]);

/** What a reference leads to as XON. */
export const xonOf: Writer<Reference> = (reference, context) => {
  const organization = resolve(context, reference, 'Organization');
  if (organization) return xon(organization, context);
  return reference.display === undefined ? undefined : [reference.display];
};
