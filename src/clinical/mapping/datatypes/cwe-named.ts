import type { Device, Organization, Reference } from '@medplum/fhirtypes';
import { type Datatype, orNothing, present } from '../convert.ts';
import { mention } from '../mention.ts';
import { codingsOf, cweText } from './cwe.ts';

/** CWE[Organization]: CWE-1 its number, CWE-3 who gave it, CWE-2 or CWE-9 its name; mentioned. */
export const cweOrganization: Datatype<Reference<Organization>> = (value, context) => {
  const [code] = codingsOf(value, context);
  const name = orNothing(value.component(9)) ?? orNothing(value.component(2));
  const display = name ?? code?.code;
  if (display === undefined) return undefined;
  return mention(context, {
    type: 'Organization',
    display,
    ...(code ? { number: { authority: code.system ?? '', value: code.code ?? '' } } : {}),
    set: {
      ...(code ? { identifier: [present({ system: code.system, value: code.code })] } : {}),
      ...(name === undefined ? {} : { name }),
    },
  }) as Reference<Organization>;
};

/** CWE[Device]: the device by its number and its names; mentioned. */
export const cweDevice: Datatype<Reference<Device>> = (value, context) => {
  const codings = codingsOf(value, context);
  const [head] = codings;
  const display = cweText(value, context);
  if (display === undefined) return undefined;
  const names = [...codings.map(({ display: name }) => name), orNothing(value.component(9))];
  const identifier = codings.map(({ system, code = '' }) => ({ ...(system ? { system } : {}), value: code }));
  return mention(context, {
    type: 'Device',
    display,
    ...(head ? { number: { authority: head.system ?? '', value: head.code ?? '' } } : {}),
    set: {
      ...(identifier.length > 0 ? { identifier } : {}),
      deviceName: names.flatMap((name) => (name ? [{ name, type: 'other' }] : [])),
    },
  }) as Reference<Device>;
};
