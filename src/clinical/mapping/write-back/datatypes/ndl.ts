import type { Practitioner, Reference } from '@medplum/fhirtypes';
import type { ComponentValue } from '../../../../standards/hl7v2/index.ts';
import { components, resolve, type WriteContext, type Writer } from '../context.ts';
import { boundary } from './dtm.ts';
import { hdOf } from './hd.ts';
import { isDegreeOf, namePartsOf } from './name.ts';
import { practitionerOf, roleOf } from './person.ts';
import { levelsOf } from './pl.ts';

/** CNN as a component: number, name, and who gave the number. */
function cnn(practitioner: Practitioner, context: WriteContext): ComponentValue {
  const [identifier] = practitioner.identifier ?? [];
  const parts = namePartsOf(practitioner.name?.[0] ?? {}, context, isDegreeOf(practitioner));
  const family = Array.isArray(parts.family) ? parts.family[0] : parts.family;
  const { given, others, suffix, prefix, degree } = parts;
  const authority = identifier ? (hdOf(identifier, context) ?? []) : [];
  return components([
    identifier?.value,
    family as string | undefined,
    given,
    others,
    suffix,
    prefix,
    degree,
    '',
    ...authority,
  ]);
}

/** Somebody with where and when they did it as NDL (2.5.1, 2.A.44). */
export const ndlOf: Writer<Reference> = (reference, context) => {
  const role = roleOf(reference, context);
  const who =
    practitionerOf(reference, context) ??
    (reference.display === undefined
      ? undefined
      : { resourceType: 'Practitioner', name: [{ family: reference.display }] });
  const place = resolve(context, role?.location?.[0], 'Location');
  const { poc, ro, bd, si, bu, lvl } = place ? levelsOf(place, context) : {};
  return components<ComponentValue>([
    who && cnn(who as Practitioner, context),
    boundary(role?.period?.start, context),
    boundary(role?.period?.end, context),
    ...[poc, ro, bd, si, place?.status, undefined, bu, lvl],
  ]);
};
