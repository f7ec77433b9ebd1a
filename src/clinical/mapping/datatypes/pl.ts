import type { Identifier, Location, Reference } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import type { Datatype } from '../convert.ts';
import { mention } from '../mention.ts';
import { eiAt } from './ei.ts';
import { assignerOf, type Hd, hdAt, identifiersOf } from './hd.ts';

const PHYSICAL_TYPE = 'http://terminology.hl7.org/CodeSystem/location-physical-type';

/** The levels of a place from the widest to the narrowest, and FHIR's codes for them. */
const LEVELS = [
  { level: 'facility', type: 'si' },
  { level: 'building', type: 'bu' },
  { level: 'floor', type: 'lvl' },
  { level: 'poc', type: 'poc' },
  { level: 'room', type: 'ro' },
  { level: 'bed', type: 'bd' },
] as const;

/** Codes of Location.status that stand in PL-5 and NDL-8 as they are; table 0306 is the site's own. */
const STATUSES: ReadonlySet<string> = new Set(['active', 'suspended', 'inactive']);

/** At which component each level stands; PL and NDL have the same levels. */
export type PlaceLayout = Readonly<Record<(typeof LEVELS)[number]['level'], number>>;
const PL: PlaceLayout = { poc: 1, room: 2, bed: 3, facility: 4, building: 7, floor: 8 };

/**
 * PL → Location (v2-to-FHIR guide, PL[Location]), mentioned: one for each level that is filled, the narrower part of the wider; the
 * reference is to the narrowest. PL-9 describes it, PL-10 is its own number, PL-11 who gave its names.
 */
export const pl: Datatype<Reference<Location>> = (value, context) => {
  const { componentCount } = value;
  const description = componentCount < 9 ? '' : value.component(9).trim();
  const number = componentCount < 10 ? undefined : eiAt(value, context, { component: 10 });
  const assigner = componentCount < 11 ? undefined : hdAt(value, 11);
  const status = value.component(5).trim().toLowerCase();
  const reference = placeOf(value, context, PL, { description, number, assigner, status });
  if (reference) return description === '' ? reference : { ...reference, display: description };
  return description === '' ? undefined : { type: 'Location', display: description };
};

/** What is said of the narrowest place, and of all of them. */
interface PlaceDetails {
  readonly description?: string;
  readonly number?: Identifier | undefined;
  readonly assigner?: Hd | undefined;
  readonly status?: string;
}

/** The places of a value as Locations within each other; the reference is to the narrowest. */
export function placeOf(
  value: Repetition,
  context: MapContext,
  layout: PlaceLayout,
  details: PlaceDetails = {},
): Reference<Location> | undefined {
  const named = LEVELS.flatMap(({ level, type }) => {
    const hd = hdAt(value, layout[level]);
    const name = (hd.namespace || hd.universalId).trim();
    return name === '' ? [] : [{ type, name, hd }];
  });
  let within: Reference<Location> | undefined;
  const path: string[] = [];
  for (const [index, level] of named.entries()) {
    path.push(level.name);
    const isNarrowest = index === named.length - 1;
    within = placed(
      { ...level, path, within, details: isNarrowest ? details : onlyAssigner(details) },
      context,
    );
  }
  return within;
}

const onlyAssigner = ({ assigner }: PlaceDetails): PlaceDetails => (assigner ? { assigner } : {});

/** As people say it: the narrow places first, the site last. */
const shownPath = ([widest, ...others]: readonly string[]): string => [...others.reverse(), widest].join(' ');

interface Place {
  readonly type: string;
  readonly name: string;
  readonly hd: Hd;
  readonly path: readonly string[];
  readonly within: Reference<Location> | undefined;
  readonly details: PlaceDetails;
}

/** Known by its path within the site: bed 2 of room N is not bed 2 of room S. */
function placed({ type, name, hd, path, within, details }: Place, context: MapContext): Reference<Location> {
  const { description = '', number, assigner, status = '' } = details;
  const given = assigner && assignerOf(assigner, context);
  const own: Identifier = {
    system: `urn:isthmus:locations:${encodeURIComponent(context.system)}`,
    value: path.join('|'),
  };
  const sent = [...identifiersOf(hd), ...(number ? [number] : [])];
  const set: Partial<Location> = {
    identifier: [own, ...sent.map((one) => (given ? { ...one, assigner: given } : one))],
    name,
    ...(description === '' ? {} : { description }),
    ...(STATUSES.has(status) ? { status: status as NonNullable<Location['status']> } : {}),
    mode: 'instance',
    physicalType: { coding: [{ system: PHYSICAL_TYPE, code: type }] },
    ...(within ? { partOf: within } : {}),
  };
  return mention(context, {
    type: 'Location',
    display: path.length === 1 ? name : shownPath(path),
    number: { authority: own.system ?? '', value: own.value ?? '' },
    set,
  }) as Reference<Location>;
}
