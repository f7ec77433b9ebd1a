import type { Identifier, Reference } from '@medplum/fhirtypes';
import { authorityOf } from '../../identity/index.ts';
import { type Datatype, present } from '../convert.ts';
import { mention } from '../mention.ts';
import { IDENTIFIER_TYPES } from './cx.ts';
import { systemOfHd } from './hd.ts';

/** XON → Organization (v2-to-FHIR guide, XON[Organization]), mentioned. XON-1 name, XON-10 (or XON-3) number, XON-6 authority, XON-7 type. */
export const xon: Datatype<Reference> = (value, context) => {
  const number = value.component(10) || value.component(3);
  const name = value.component(1);
  if (number === '' && name === '') return undefined;
  const type = value.component(7);
  const authority = authorityOf(
    { namespace: value.component(6, 1), universalId: value.component(6, 2) },
    context.authorities,
  );
  const identifier =
    number === ''
      ? undefined
      : present<Identifier>({
          type: type === '' ? undefined : { coding: [{ system: IDENTIFIER_TYPES, code: type }] },
          system: systemOfHd(value, 6, context),
          value: number,
        });
  return mention(context, {
    type: 'Organization',
    display: name || number,
    ...(number === '' ? {} : { number: { authority, value: number } }),
    set: { ...(identifier ? { identifier: [identifier] } : {}), ...(name === '' ? {} : { name }) },
  });
};
