import type { Identifier, Reference } from '@medplum/fhirtypes';
import { type Datatype, orNothing, present } from '../convert.ts';
import { systemOfHd } from './hd.ts';

const NPI = 'http://hl7.org/fhir/sid/us-npi';

/** XCN → a logical reference to a Practitioner: by number and name, without a resource of its own. XCN-9 authority, XCN-13 type. */
export const xcn: Datatype<Reference> = (value, context) => {
  const id = value.component(1).trim();
  const isNpi = value.component(13) === 'NPI' || value.component(9, 1) === 'NPI';
  const identifier = present<Identifier>({
    system: isNpi ? NPI : systemOfHd(value, 9, context),
    value: orNothing(id),
  });
  const name = [
    value.component(6),
    value.component(3),
    value.component(4),
    value.component(2, 1),
    value.component(5),
  ];
  const display = name.filter((part) => part !== '').join(' ');
  if (id === '' && display === '') return undefined;
  return present<Reference>({
    type: 'Practitioner',
    identifier: id === '' ? undefined : identifier,
    display: orNothing(display),
  });
};
