import type { Address, Extension } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, orNothing, present } from '../convert.ts';
import { addressType, addressUse } from '../tables.ts';
import { periodOf } from './dr.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';
const USE = `${FHIR}/iso21090-AD-use`;
const CENSUS_TRACT = `${FHIR}/iso21090-ADXP-censusTract`;

/**
 * XAD → Address (v2-to-FHIR guide, XAD[Address]). XAD-1 is SAD, whose first part is the whole street line; XAD-2 and XAD-19 are further lines,
 * XAD-7 the type (0190), XAD-9 the county, XAD-10 the census tract, XAD-12 to 14 the period.
 */
export const xad: Datatype<Address> = (value, context) => {
  const { componentCount } = value;
  const text = (component: number) => (component > componentCount ? '' : value.component(component));
  const lines = [
    value.component(1, 1),
    value.component(1, 2),
    value.component(1, 3),
    text(2),
    text(19),
  ].filter((line) => line !== '');
  const address = present<Address>({
    line: lines.length > 0 ? lines : undefined,
    city: orNothing(text(3)),
    district: orNothing(countyOf(value)),
    state: orNothing(text(4)),
    postalCode: orNothing(text(5)),
    country: orNothing(text(6)),
  });
  if (!address) return undefined;
  const kind = text(7);
  return {
    ...present<Address>({
      extension: extensions(kind, text(10)),
      use: addressUse[kind] as Address['use'],
      type: addressType[kind] as Address['type'],
    }),
    ...address,
    ...(componentCount < 12 ? {} : validity(value, context)),
  };
};

/** XAD-9: a code; since 2.7 a CWE, whose words say what it is. */
const countyOf = (value: Repetition): string =>
  value.componentCount < 9 ? '' : value.component(9, 2) || value.component(9, 1);

function extensions(kind: string, censusTract: string): Extension[] | undefined {
  const all = [
    ...(kind === 'HV' ? [{ url: USE, valueCode: 'HV' }] : []),
    ...(censusTract === '' ? [] : [{ url: CENSUS_TRACT, valueString: censusTract }]),
  ];
  return all.length > 0 ? all : undefined;
}

function validity(value: Repetition, context: MapContext): Pick<Address, 'period'> {
  const period =
    periodOf(value, context, { start: [13], end: [14] }) ??
    periodOf(value, context, { start: [12, 1], end: [12, 2] });
  return period ? { period } : {};
}
