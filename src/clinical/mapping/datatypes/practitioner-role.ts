import type {
  CodeableConcept,
  ContactPoint,
  Location,
  Organization,
  Period,
  Practitioner,
  PractitionerRole,
  Reference,
} from '@medplum/fhirtypes';
import type { MapContext } from '../context.ts';
import { type Datatype, present } from '../convert.ts';
import { mention } from '../mention.ts';
import { xcn } from './xcn.ts';

/** What somebody does for whom; at least a practitioner or an organization. */
export interface RoleParts {
  readonly practitioner?: Reference<Practitioner> | undefined;
  readonly organization?: Reference<Organization> | undefined;
  readonly location?: readonly Reference<Location>[] | undefined;
  readonly code?: CodeableConcept | undefined;
  readonly period?: Period | undefined;
  readonly telecom?: readonly ContactPoint[] | undefined;
  readonly specialty?: CodeableConcept | undefined;
}

/**
 * A PractitionerRole, mentioned: one for each combination of person, organization and role, so that the same person ordering for two
 * clinics is two roles. Undefined when nobody is named.
 */
export function practitionerRole(
  context: MapContext,
  parts: RoleParts,
): Reference<PractitionerRole> | undefined {
  const { practitioner, organization, location, code, period, telecom, specialty } = parts;
  const display = practitioner?.display ?? organization?.display;
  if (display === undefined) return undefined;
  const set = present<PractitionerRole>({
    practitioner,
    organization,
    location: location && location.length > 0 ? [...location] : undefined,
    code: code && [code],
    period,
    telecom: telecom && telecom.length > 0 ? [...telecom] : undefined,
    specialty: specialty && [specialty],
  });
  const role = code?.coding?.[0]?.code ?? code?.text ?? '';
  return mention(context, {
    type: 'PractitionerRole',
    display,
    number: {
      authority: '',
      value: [practitioner?.reference, organization?.reference, role].join('|'),
    },
    set: { ...set },
  }) as Reference<PractitionerRole>;
}

/** XCN → PractitionerRole (v2-to-FHIR guide, XCN[PractitionerRole]), with the role's code, where the field says what it is. */
export const xcnRole =
  (code?: CodeableConcept): Datatype<Reference<PractitionerRole>> =>
  (value, context) => {
    const practitioner = xcn(value, context);
    return practitioner && practitionerRole(context, { practitioner, code });
  };
