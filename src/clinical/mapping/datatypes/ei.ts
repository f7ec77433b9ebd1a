import type { Identifier } from '@medplum/fhirtypes';
import { authorityOf, authoritySystem } from '../../identity/index.ts';
import type { Datatype } from '../convert.ts';
import { present } from '../convert.ts';
import { IDENTIFIER_TYPES } from './cx.ts';

/** EI → Identifier: EI-1 id, EI-2 to EI-4 who gave it. `type` is PLAC or FILL (0203) where the field says which. */
export const ei =
  (type?: 'PLAC' | 'FILL'): Datatype<Identifier> =>
  (value, context) => {
    const id = value.component(1).trim();
    if (id === '') return undefined;
    const authority = authorityOf(
      { namespace: value.component(2), universalId: value.component(3) },
      context.authorities,
    );
    return present<Identifier>({
      type: type && { coding: [{ system: IDENTIFIER_TYPES, code: type }] },
      system: authority === '' ? undefined : authoritySystem(authority),
      value: id,
    });
  };
