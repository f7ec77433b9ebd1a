import type { Extension, HumanName } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { orNothing, present } from '../convert.ts';
import { nameUse } from '../tables.ts';
import { periodOf } from './dr.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';

/** FN-2 to FN-5: the parts of a family name, by the extension of FHIR for each. */
const FAMILY_PARTS: readonly (readonly [subcomponent: number, url: string])[] = [
  [2, `${FHIR}/humanname-own-prefix`],
  [3, `${FHIR}/humanname-own-name`],
  [4, `${FHIR}/humanname-partner-prefix`],
  [5, `${FHIR}/humanname-partner-name`],
];

/** Where the parts of a name stand in a datatype; XPN and XCN have the same parts at different components. */
export interface NameLayout {
  /** FN. */
  readonly family: number;
  readonly given: readonly number[];
  readonly suffix: readonly number[];
  readonly prefix: number;
  /** Table 0200. */
  readonly type: number;
  /** DR, which counts only when `start` and `end` are empty. */
  readonly range: number;
  /** Table 0444: family name first, or given name first. */
  readonly assemblyOrder: number;
  readonly start: number;
  readonly end: number;
}

/** A name → HumanName (v2-to-FHIR guide, XPN[HumanName], FN[HumanName]). A name of a type alone is no name. */
export function humanName(value: Repetition, layout: NameLayout, context: MapContext): HumanName | undefined {
  const { componentCount } = value;
  const text = (component: number) => (component > componentCount ? '' : value.component(component));
  const family = value.component(layout.family, 1);
  const name = present<HumanName>({
    family: orNothing(family),
    given: listed(layout.given.map(text)),
    suffix: listed(layout.suffix.map(text)),
    prefix: listed([text(layout.prefix)]),
  });
  if (!name) return undefined;
  const familyParts = value.subcomponentCount(layout.family) > 1 ? partsOfFamily(value, layout.family) : [];
  const order = text(layout.assemblyOrder);
  const use = nameUse[text(layout.type)] as HumanName['use'];
  return {
    ...(order === '' ? {} : { extension: [{ url: `${FHIR}/humanname-assembly-order`, valueCode: order }] }),
    ...(use ? { use } : {}),
    ...name,
    ...(familyParts.length === 0 ? {} : { _family: { extension: familyParts } }),
    ...(componentCount < Math.min(layout.range, layout.start) ? {} : periodOfName(value, layout, context)),
  };
}

function periodOfName(
  value: Repetition,
  { range, start, end }: NameLayout,
  context: MapContext,
): { period?: NonNullable<HumanName['period']> } {
  const period =
    periodOf(value, context, { start: [start], end: [end] }) ??
    periodOf(value, context, { start: [range, 1], end: [range, 2] });
  return period ? { period } : {};
}

const partsOfFamily = (value: Repetition, component: number): Extension[] =>
  FAMILY_PARTS.flatMap(([subcomponent, url]) => {
    const text = value.component(component, subcomponent);
    return text === '' ? [] : [{ url, valueString: text }];
  });

function listed(texts: readonly string[]): string[] | undefined {
  const valued = texts.filter((text) => text !== '');
  return valued.length > 0 ? valued : undefined;
}

/** As people say it: prefix, given names, family, suffix. Empty when there is no name. */
export function spokenName({ prefix = [], given = [], family = '', suffix = [] }: HumanName): string {
  return [...prefix, ...given, family, ...suffix].filter((text) => text !== '').join(' ');
}
