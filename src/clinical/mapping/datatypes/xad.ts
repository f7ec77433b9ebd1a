import type { Address } from '@medplum/fhirtypes';
import { type Datatype, orNothing, present } from '../convert.ts';
import { addressType, addressUse } from '../tables.ts';

/** XAD → Address. XAD-1 is SAD, whose first part is the whole street line; XAD-7 the type (0190); XAD-9 the county. */
export const xad: Datatype<Address> = (value) => {
  const lines = [value.component(1, 1), value.component(2)].filter((line) => line !== '');
  const address = present<Address>({
    line: lines.length > 0 ? lines : undefined,
    city: orNothing(value.component(3)),
    district: orNothing(value.component(9)),
    state: orNothing(value.component(4)),
    postalCode: orNothing(value.component(5)),
    country: orNothing(value.component(6)),
  });
  const kind = value.component(7);
  return (
    address && {
      ...present<Address>({
        use: addressUse[kind] as Address['use'],
        type: addressType[kind] as Address['type'],
      }),
      ...address,
    }
  );
};
