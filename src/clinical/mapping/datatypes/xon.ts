import type { Identifier, Reference } from '@medplum/fhirtypes';
import { type Datatype, orNothing, present } from '../convert.ts';
import { systemOfHd } from './hd.ts';

/** XON → a logical reference to an Organization: XON-1 name, XON-10 (or XON-3) number, XON-6 authority. */
export const xon: Datatype<Reference> = (value, context) => {
  const id = value.component(10) || value.component(3);
  const name = value.component(1);
  if (id === '' && name === '') return undefined;
  const identifier =
    id === '' ? undefined : present<Identifier>({ system: systemOfHd(value, 6, context), value: id });
  return present<Reference>({ type: 'Organization', identifier, display: orNothing(name) });
};
