import type { Address } from '@medplum/fhirtypes';
import { components, leaveOut, type Writer } from '../context.ts';
import { boundary } from './dtm.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';

/** Table 0190, the plainest code for each use and type. */
const USES: Readonly<Record<string, string>> = { home: 'H', work: 'B', temp: 'C', old: 'BA', billing: 'BI' };
const TYPES: Readonly<Record<string, string>> = { postal: 'M' };

/** Address as XAD. Lines after the second are XAD-19. */
export const xad: Writer<Address> = (address, context) => {
  const [first, second, ...others] = address.line ?? [];
  const extension = (name: string) => address.extension?.find(({ url }) => url === `${FHIR}/${name}`);
  const use = address.use && USES[address.use];
  const type = address.type && TYPES[address.type];
  if (use && type) leaveOut(context, 'XAD-7 has one code for use and type: the use');
  return components([
    first ?? (address.city === undefined ? address.text : undefined),
    second,
    address.city,
    address.state,
    address.postalCode,
    address.country,
    extension('iso21090-AD-use')?.valueCode ?? use ?? type,
    '',
    address.district,
    extension('iso21090-ADXP-censusTract')?.valueString,
    '',
    '',
    boundary(address.period?.start, context),
    boundary(address.period?.end, context),
    '',
    '',
    '',
    '',
    others.length > 0 ? others.join(', ') : undefined,
  ]);
};
