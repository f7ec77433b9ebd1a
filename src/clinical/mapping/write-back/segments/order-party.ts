import type { Organization, Reference } from '@medplum/fhirtypes';
import { resolve, type WriteContext, type Writer } from '../context.ts';
import { roleOf, xcnOf } from '../datatypes/person.ts';

/** Who orders, as a person; an organization alone is none. */
export const orderingPerson: Writer<Reference> = (requester, context) => {
  const role = roleOf(requester, context);
  if (role && !role.practitioner) return undefined;
  return requester.reference?.startsWith('Organization/') ? undefined : xcnOf(requester, context);
};

/** For which organization they order. */
export function orderingFacility(
  requester: Reference | undefined,
  context: WriteContext,
): Organization | undefined {
  const reference = roleOf(requester, context)?.organization ?? requester;
  return resolve(context, reference, 'Organization');
}
