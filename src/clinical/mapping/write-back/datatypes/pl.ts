import type { Location, Reference } from '@medplum/fhirtypes';
import type { ComponentValue } from '../../../../standards/hl7v2/index.ts';
import { components, resolve, type WriteContext, type Writer } from '../context.ts';
import { eiParts } from './cx.ts';
import { type HdParts, hdOf, hdOfOrganization } from './hd.ts';

/** Levels of a place (location-physical-type) by what PL and NDL have components for. A place of no level of them is a point of care. */
type Level = 'poc' | 'ro' | 'bd' | 'si' | 'bu' | 'lvl';
const LEVELS: Readonly<Record<string, Level>> = {
  poc: 'poc',
  wa: 'poc',
  ro: 'ro',
  bd: 'bd',
  si: 'si',
  bu: 'bu',
  lvl: 'lvl',
};
/** How far a place may lie within others. */
const MAX_DEPTH = 10;
const OWN = 'urn:isthmus:locations:';

/** What each level of a place is called, with those it lies in. */
export function levelsOf(
  location: Location,
  context: WriteContext,
): Readonly<Partial<Record<Level, ComponentValue>>> {
  const names: Partial<Record<Level, ComponentValue>> = {};
  for (const place of chainOf(location, context).reverse())
    names[LEVELS[place.physicalType?.coding?.[0]?.code ?? ''] ?? 'poc'] = nameOf(place);
  return names;
}

/** Location, with those it lies in, as PL. */
const pl: Writer<Location> = (location, context) => {
  const { poc, ro, bd, si, bu, lvl } = levelsOf(location, context);
  const [number, authority] = numberOf(location, context);
  const parts = [poc, ro, bd, si, location.status, undefined, bu, lvl, location.description];
  return components<ComponentValue>([...parts, number, authority]);
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
  if (!hd || (hd[0] === '' && hd[1] === undefined)) return undefined;
  // A second name is a universal id of which nobody said the type.
  const [, second] = sent(place).filter(({ system, type }) => system === undefined && type === undefined);
  return hd[1] === undefined && second?.value !== undefined ? [hd[0], second.value] : hd;
}

/** Its own number (PL-10), and who gave the names (PL-11), who then counts for the number as well. */
function numberOf(location: Location, context: WriteContext): [ComponentValue, ComponentValue] {
  const number = sent(location).find(({ system }) => system !== undefined && system !== 'urn:ietf:rfc:3986');
  const names = sent(location).find((one) => one.assigner && one !== number);
  if (!names) return [number && eiParts(number, context), undefined];
  const { assigner: _names, ...alone } = number ?? {};
  return [number && eiParts(alone, context), hdOf({ ...names, system: '' }, context)];
}

/** Where a reference leads to as PL; what it is called, when nothing more is known. */
export const plOf: Writer<Reference> = (reference, context) => {
  const location = resolve(context, reference, 'Location');
  if (location) return pl(location, context);
  return reference.display === undefined
    ? undefined
    : components(['', '', '', '', '', '', '', '', reference.display]);
};
