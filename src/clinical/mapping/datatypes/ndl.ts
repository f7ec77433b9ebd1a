import type { Practitioner, PractitionerRole, Reference } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, orNothing, present } from '../convert.ts';
import { mention } from '../mention.ts';
import { periodOf } from './dr.ts';
import type { Hd } from './hd.ts';
import { spokenName } from './human-name.ts';
import { identifierOf } from './identifier.ts';
import { type PlaceLayout, placeOf } from './pl.ts';
import { practitionerRole } from './practitioner-role.ts';

const PLACE: PlaceLayout = { poc: 4, room: 5, bed: 6, facility: 7, building: 10, floor: 11 };

/**
 * NDL → PractitionerRole (v2-to-FHIR guide, NDL[PractitionerRole]), mentioned: NDL-1 who (CNN), NDL-2 and 3 from when to when, NDL-4 to 11
 * where.
 */
export const ndl: Datatype<Reference<PractitionerRole>> = (value, context) => {
  const practitioner = cnnAt(value, 1, context);
  if (!practitioner) return undefined;
  const status = value.component(8).trim().toLowerCase();
  const location = placeOf(value, context, PLACE, { status });
  return practitionerRole(context, {
    practitioner,
    location: location && [location],
    period: periodOf(value, context, { start: [2], end: [3] }),
  });
};

/** CNN as a component: CNN-1 number, CNN-2 to 7 the name, CNN-9 to 11 who gave the number; mentioned as a Practitioner. */
function cnnAt(
  value: Repetition,
  component: number,
  context: MapContext,
): Reference<Practitioner> | undefined {
  const at = (subcomponent: number) => value.component(component, subcomponent);
  const given = [at(3), at(4)].filter((text) => text !== '');
  const suffix = [at(5), at(7)].filter((text) => text !== '');
  const name = present({
    family: orNothing(at(2)),
    given: given.length > 0 ? given : undefined,
    prefix: at(6) === '' ? undefined : [at(6)],
    suffix: suffix.length > 0 ? suffix : undefined,
  });
  const number = at(1).trim();
  const display = (name && spokenName(name)) || number;
  if (display === '') return undefined;
  const authority: Hd = { namespace: at(9), universalId: at(10), type: at(11) };
  const identifier = identifierOf({ value: number, authority }, context);
  return mention(context, {
    type: 'Practitioner',
    display,
    ...(identifier ? { number: { authority: identifier.system ?? '', value: number } } : {}),
    set: { ...present({ identifier: identifier && [identifier], name: name && [name] }) },
  }) as Reference<Practitioner>;
}
