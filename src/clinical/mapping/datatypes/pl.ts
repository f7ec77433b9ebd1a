import type { Location, Reference } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import type { Datatype } from '../convert.ts';
import { mention } from '../mention.ts';

const PHYSICAL_TYPE = 'http://terminology.hl7.org/CodeSystem/location-physical-type';

/** The parts of PL from the widest to the narrowest: facility, building, floor, point of care, room, bed. */
const LEVELS: readonly { readonly component: number; readonly type: string }[] = [
  { component: 4, type: 'si' },
  { component: 7, type: 'bu' },
  { component: 8, type: 'lvl' },
  { component: 1, type: 'poc' },
  { component: 2, type: 'ro' },
  { component: 3, type: 'bd' },
];

/**
 * PL → Location (v2-to-FHIR guide, PL[Location]), mentioned: one for each part that is filled, the narrower part of the wider; the
 * reference is to the narrowest. PL-9 describes it.
 */
export const pl: Datatype<Reference> = (value, context) => {
  let within: Reference | undefined;
  const path: string[] = [];
  for (const { component, type } of LEVELS) {
    const name = value.component(component, 1).trim();
    if (name === '') continue;
    path.push(name);
    within = placed({ type, name, path, within }, context);
  }
  return within ? described(value, within) : onlyDescribed(value);
};

/** As people say it: the narrow places first, the site last. */
const shownPath = ([widest, ...others]: readonly string[]): string => [...others.reverse(), widest].join(' ');

interface Place {
  readonly type: string;
  readonly name: string;
  readonly path: readonly string[];
  readonly within: Reference | undefined;
}

/** Known by its path within the site: bed 2 of room N is not bed 2 of room S. */
function placed({ type, name, path, within }: Place, context: MapContext): Reference {
  const identifier = {
    system: `urn:isthmus:locations:${encodeURIComponent(context.system)}`,
    value: path.join('|'),
  };
  const set: Partial<Location> = {
    identifier: [identifier],
    name,
    mode: 'instance',
    physicalType: { coding: [{ system: PHYSICAL_TYPE, code: type }] },
    ...(within ? { partOf: within as Reference<Location> } : {}),
  };
  return mention(context, {
    type: 'Location',
    display: path.length === 1 ? name : shownPath(path),
    number: { authority: identifier.system, value: identifier.value },
    set,
  });
}

const described = (value: Repetition, reference: Reference): Reference =>
  value.component(9) === '' ? reference : { ...reference, display: value.component(9) };

const onlyDescribed = (value: Repetition): Reference | undefined =>
  value.component(9) === '' ? undefined : { type: 'Location', display: value.component(9) };
