import type { Location, Reference } from '@medplum/fhirtypes';
import type { ComponentValue } from '../../../../standards/hl7v2/index.ts';
import { components, resolve, type WriteContext, type Writer } from '../context.ts';
import { eiParts } from './cx.ts';
import { type HdParts, hdOf, hdOfOrganization } from './hd.ts';

/** The component of each level (location-physical-type). */
const LEVELS: Readonly<Record<string, number>> = { poc: 1, wa: 1, ro: 2, bd: 3, si: 4, bu: 7, lvl: 8 };
/** How far a place may lie within others. */
const MAX_DEPTH = 10;
const OWN = 'urn:isthmus:locations:';

/** Location, with those it lies in, as PL. A place of no level that PL has is a point of care. */
const pl: Writer<Location> = (location, context) => {
  const parts: ComponentValue[] = Array.from({ length: 11 });
  const [narrowest, ...around] = chainOf(location, context);
  for (const place of [...around.reverse(), ...(narrowest ? [narrowest] : [])]) {
    const level = LEVELS[place.physicalType?.coding?.[0]?.code ?? ''] ?? 1;
    parts[level - 1] = nameOf(place);
  }
  parts[4] = location.status === undefined ? undefined : location.status;
  parts[8] = location.description;
  const [number, authority] = numberOf(location, context);
  parts[9] = number;
  parts[10] = authority;
  return components(parts);
};

function chainOf(location: Location, context: WriteContext): Location[] {
  const chain: Location[] = [];
  let place: Location | undefined = location;
  while (place && chain.length < MAX_DEPTH) {
    chain.push(place);
    place = resolve(context, place.partOf, 'Location');
  }
  return chain;
}

/** IS up to 2.8 and HD since, of which it is the first part. */
const nameOf = (place: Location): ComponentValue => namesOf(place) ?? place.name;

const sent = ({ identifier = [] }: Location) =>
  identifier.filter(({ system = '' }) => !system.startsWith(OWN));

function namesOf(place: Location): HdParts | undefined {
  const hd = hdOfOrganization({ resourceType: 'Organization', identifier: sent(place) });
  return hd && (hd[0] !== '' || hd[1] !== undefined) ? hd : undefined;
}

/** Its own number (PL-10), and who gave the names (PL-11). */
function numberOf(place: Location, context: WriteContext): [ComponentValue, ComponentValue] {
  const number = sent(place).find(({ system }) => system !== undefined && system !== 'urn:ietf:rfc:3986');
  const names = sent(place).find(({ assigner }) => assigner);
  return [
    number && eiParts(number, context),
    names && !number ? hdOf({ ...names, system: '' }, context) : undefined,
  ];
}

/** Where a reference leads to as PL; what it is called, when nothing more is known. */
export const plOf: Writer<Reference> = (reference, context) => {
  const location = resolve(context, reference, 'Location');
  if (location) return pl(location, context);
  return reference.display === undefined
    ? undefined
    : components(['', '', '', '', '', '', '', '', reference.display]);
};
