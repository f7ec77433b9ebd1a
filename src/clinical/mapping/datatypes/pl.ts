import type { Reference } from '@medplum/fhirtypes';
import { type Datatype, present } from '../convert.ts';

/** PL → a logical reference to a Location: point of care, room, bed, facility (PL-1, 2, 3, 4), building and floor left to the display. */
export const pl: Datatype<Reference> = (value, context) => {
  const place = [value.component(4, 1), value.component(1), value.component(2), value.component(3)];
  const shown = [...place.slice(1), value.component(7), value.component(8), value.component(4, 1)];
  const display = (value.component(9) || shown.filter((part) => part !== '').join(' ')).trim();
  if (display === '') return undefined;
  const named = place.some((part) => part !== '');
  return present<Reference>({
    type: 'Location',
    identifier: named
      ? { system: `urn:isthmus:locations:${encodeURIComponent(context.system)}`, value: place.join('|') }
      : undefined,
    display,
  });
};
