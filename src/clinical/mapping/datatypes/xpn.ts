import type { HumanName } from '@medplum/fhirtypes';
import { allOf, type Datatype } from '../convert.ts';
import type { Convert } from '../segment-map.ts';
import { humanName, type NameLayout, spokenName } from './human-name.ts';

const layout: NameLayout = {
  family: 1,
  given: [2, 3],
  suffix: [4, 6, 14],
  prefix: 5,
  type: 7,
  range: 10,
  assemblyOrder: 11,
  start: 12,
  end: 13,
};

/** XPN → HumanName (v2-to-FHIR guide, XPN[HumanName]). */
export const xpn: Datatype<HumanName> = (value, context) => humanName(value, layout, context);

/** XPN → HumanName of every repetition, and XPN-15, what the person is called, as a nickname. */
export const names: Convert = (field, context, { place }) => {
  const all = allOf(field, xpn, { context, place });
  for (const repetition of field.repetitions) {
    const called = repetition.componentCount < 15 ? '' : repetition.component(15);
    if (called !== '') all.push({ use: 'nickname', given: [called] });
  }
  return all.length > 0 ? all : undefined;
};

/** XPN[string]: the name as one text. */
export const xpnText: Datatype<string> = (value, context) => {
  const name = xpn(value, context);
  return name && spokenName(name);
};
