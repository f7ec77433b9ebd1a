import type { HumanName } from '@medplum/fhirtypes';
import { type Datatype, orNothing, present } from '../convert.ts';
import { nameUse } from '../tables.ts';

const listed = (...texts: string[]): string[] | undefined => {
  const valued = texts.filter((text) => text !== '');
  return valued.length > 0 ? valued : undefined;
};

/** XPN → HumanName. XPN-1 is FN, whose first part is the family name; XPN-7 its type (0200). A name of a type alone is no name. */
export const xpn: Datatype<HumanName> = (value) => {
  const name = present<HumanName>({
    family: orNothing(value.component(1, 1)),
    given: listed(value.component(2), value.component(3)),
    suffix: listed(value.component(4), value.component(6)),
    prefix: listed(value.component(5)),
  });
  const use = nameUse[value.component(7)] as HumanName['use'];
  return name && { ...(use ? { use } : {}), ...name };
};
