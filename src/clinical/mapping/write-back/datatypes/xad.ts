import type { Address } from '@medplum/fhirtypes';
import type { ComponentValue } from '../../../../standards/hl7v2/index.ts';
import { components, leaveOut, type Writer } from '../context.ts';
import { boundary } from './dtm.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';

/** Table 0190, the plainest code for each use and type. */
const USES: Readonly<Record<string, string>> = { home: 'H', work: 'B', temp: 'C', old: 'BA', billing: 'BI' };
const TYPES: Readonly<Record<string, string>> = { postal: 'M' };

/** Up to three lines stand in XAD-1, XAD-2 and XAD-19; more of them are parts of XAD-1 as well, as they are read. */
function linesOf(line: readonly string[]): [ComponentValue, string | undefined, string | undefined] {
  if (line.length <= 3) return [line[0], line[1], line[2]];
  const parts = Math.min(3, line.length - 2);
  return [line.slice(0, parts), line[parts], line.slice(parts + 1).join(', ')];
}

/** Address as XAD. */
export const xad: Writer<Address> = (address, context) => {
  const [first, second, last] = linesOf(address.line ?? []);
  const extension = (name: string) => address.extension?.find(({ url }) => url === `${FHIR}/${name}`);
  const use = address.use && USES[address.use];
  const type = address.type && TYPES[address.type];
  if (use && type) leaveOut(context, 'XAD-7 has one code for use and type: the use');
  return components<ComponentValue>([
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
    last,
  ]);
};
