import type { Identifier, Organization } from '@medplum/fhirtypes';
import { NPI_SYSTEM, SSN_SYSTEM } from '../../datatypes/identifier.ts';
import { resolve, type WriteContext } from '../context.ts';

/** HD as its three parts. */
export type HdParts = readonly [namespace: string, universalId?: string, type?: string];

/** What HL7 v2 calls the authorities that FHIR knows by a URI. */
const REGISTERED: Readonly<Record<string, HdParts>> = {
  [NPI_SYSTEM]: ['NPI', '2.16.840.1.113883.4.6', 'ISO'],
  [SSN_SYSTEM]: ['USSSA', '2.16.840.1.113883.4.1', 'ISO'],
};
const LOCAL = 'urn:isthmus:authority:';
const URI_SYSTEM = 'urn:ietf:rfc:3986';

/** Identifier.system as HD. */
function hdOfSystem(system: string | undefined): HdParts | undefined {
  if (system === undefined) return undefined;
  const registered = REGISTERED[system];
  if (registered) return registered;
  if (system.startsWith('urn:oid:')) return ['', system.slice('urn:oid:'.length), 'ISO'];
  if (system.startsWith('urn:uuid:')) return ['', system.slice('urn:uuid:'.length), 'UUID'];
  if (system.startsWith(LOCAL)) return [decodeURIComponent(system.slice(LOCAL.length))];
  return ['', system, 'URI'];
}

/** Who gave a number: the assigner by all its names where it is known, or else the system. */
export function hdOf({ system, assigner }: Identifier, context: WriteContext): HdParts | undefined {
  const organization = resolve(context, assigner, 'Organization');
  return (organization && hdOfOrganization(organization, assigner?.display)) ?? hdOfSystem(system);
}

/**
 * The names of an authority: a namespace is an identifier without a system, a universal id one with a type of table 0301. Of several namespaces it is
 * the one that it is called by.
 */
export function hdOfOrganization({ identifier = [] }: Organization, called?: string): HdParts | undefined {
  const namespaces = identifier
    .filter((one) => one.system === undefined && one.type === undefined)
    .map(({ value }) => value);
  const universalOnly = identifier.some((one) => isUniversal(one) && idOf(one) === called);
  const namespace = universalOnly ? undefined : namespaces.includes(called) ? called : namespaces[0];
  const universal = identifier.find(isUniversal);
  if (namespace === undefined && universal === undefined) return undefined;
  if (!universal) return [namespace ?? ''];
  const type = universal.type?.coding?.[0]?.code;
  const id = idOf(universal);
  return type === undefined ? [namespace ?? '', id] : [namespace ?? '', id, type];
}

const idOf = ({ value = '' }: Identifier): string => value.replace(/^urn:(?:oid|uuid):/, '');
const isUniversal = ({ system, type }: Identifier): boolean =>
  system === URI_SYSTEM || (type?.coding?.[0]?.system ?? '').endsWith('/v2-0301');
