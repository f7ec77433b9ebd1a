import type { HumanName, Identifier, Reference } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import { authorityOf } from '../../identity/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, orNothing, present } from '../convert.ts';
import { mention } from '../mention.ts';
import { nameUse } from '../tables.ts';
import { IDENTIFIER_TYPES } from './cx.ts';
import { systemOfHd } from './hd.ts';

const NPI = 'http://hl7.org/fhir/sid/us-npi';

/** XCN → Practitioner (v2-to-FHIR guide, XCN[Practitioner]), mentioned. XCN-1 number, XCN-9 authority, XCN-13 type of number, XCN-2 to 7 the name. */
export const xcn: Datatype<Reference> = (value, context) => {
  const number = value.component(1).trim();
  const name = nameOf(value);
  const display = displayOf(value) || number;
  if (display === '') return undefined;
  const identifier = number === '' ? undefined : identifierOf(value, number, context);
  return mention(context, {
    type: 'Practitioner',
    display,
    ...(number === '' ? {} : { number: { authority: authorityOfXcn(value, context), value: number } }),
    set: { ...(identifier ? { identifier: [identifier] } : {}), ...(name ? { name: [name] } : {}) },
  });
};

const isNpi = (value: Repetition): boolean =>
  value.component(13) === 'NPI' || value.component(9, 1) === 'NPI';

const authorityOfXcn = (value: Repetition, context: MapContext): string =>
  isNpi(value)
    ? NPI
    : authorityOf(
        { namespace: value.component(9, 1), universalId: value.component(9, 2) },
        context.authorities,
      );

function identifierOf(value: Repetition, number: string, context: MapContext): Identifier | undefined {
  const type = value.component(13);
  return present<Identifier>({
    type: type === '' ? undefined : { coding: [{ system: IDENTIFIER_TYPES, code: type }] },
    system: isNpi(value) ? NPI : systemOfHd(value, 9, context),
    value: number,
  });
}

function nameOf(value: Repetition): HumanName | undefined {
  const given = [value.component(3), value.component(4)].filter((part) => part !== '');
  const suffix = [value.component(5), value.component(7)].filter((part) => part !== '');
  return present<HumanName>({
    use: nameUse[value.component(10)] as HumanName['use'],
    family: orNothing(value.component(2, 1)),
    given: given.length > 0 ? given : undefined,
    prefix: value.component(6) === '' ? undefined : [value.component(6)],
    suffix: suffix.length > 0 ? suffix : undefined,
  });
}

const displayOf = (value: Repetition): string =>
  [value.component(6), value.component(3), value.component(4), value.component(2, 1), value.component(5)]
    .filter((part) => part !== '')
    .join(' ');
