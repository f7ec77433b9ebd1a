import type { CodeableConcept, Observation, Reference } from '@medplum/fhirtypes';
import { observationStatus } from '../../tables.ts';
import { components, resolve, type WriteContext, type Writer } from '../context.ts';
import { coded, cwe, inverse } from '../datatypes/cwe.ts';
import { ei, eip } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { roleOf, xcnOf, xon } from '../datatypes/person.ts';
import { nm } from '../datatypes/quantity.ts';
import { xad } from '../datatypes/xad.ts';
import { type Fields, from, fromEach, needed } from '../fields.ts';
import type { ObxLine } from './obx-lines.ts';
import { obxValue } from './obx-value.ts';

const FHIR = 'http://hl7.org/fhir/StructureDefinition';
const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';

/** 0078, of which FHIR has the common codes as its own: they go back as the code alone, unless they came with their table. */
const interpretation: Writer<CodeableConcept> = (concept, context) => {
  const [first, ...sent] = concept.coding ?? [];
  if (first?.system !== INTERPRETATION) return cwe(concept, context);
  if (sent[0]?.code?.toUpperCase() === first.code) return cwe({ ...concept, coding: sent }, context);
  return cwe(
    {
      ...concept,
      coding: [{ code: first.code ?? '', ...(first.display ? { display: first.display } : {}) }, ...sent],
    },
    context,
  );
};

/** 0085. What is being collected is not final yet; FHIR's `registered` has no result at all. */
const status = coded('0085', {
  ...inverse(observationStatus),
  final: 'F',
  amended: 'A',
  'entered-in-error': 'W',
  cancelled: 'X',
  preliminary: 'P',
});

/** A status that nobody knows, or ever said, has no code: those of the tables say that there is no result, or no order. */
export const said = <S extends string>(value: S | undefined): S | undefined =>
  value === 'unknown' ? undefined : value;

const extensionOf = ({ extension = [] }: Observation, name: string) =>
  extension.filter(({ url }) => url === `${FHIR}/${name}`);

/** OBX-4: what the sender gave it, or else the number that holds the OBX of one observation together. */
function subId({ observation, group }: ObxLine): string | undefined {
  const parts = extensionOf(observation, 'observation-v2-subid')[0]?.extension;
  const sent = parts?.find(({ url }) => url === 'original-sub-identifier');
  return sent?.valueString ?? (group === undefined ? undefined : String(group));
}

/** The words, or else the two bounds. */
function rangeOf({ referenceRange: [first] = [] }: Observation): string | undefined {
  if (!first) return undefined;
  if (first.text !== undefined) return first.text;
  const [low, high] = [nm(first.low?.value), nm(first.high?.value)];
  if (low !== undefined && high !== undefined) return `${low}-${high}`;
  return low === undefined ? high && `<${high}` : `>${low}`;
}

const isOf =
  (...types: string[]) =>
  ({ reference = '' }: Reference) =>
    types.includes(reference.split('/')[0] ?? '');
const performers =
  (field: string, ...types: string[]) =>
  ({ observation }: ObxLine) =>
    ofField(observation.performer, field, isOf(...types));

/** CWE of OBX-15 and others: an organization by its number and its name. */
export const producer: Writer<Reference> = (reference, context) => {
  const organization = resolve(context, reference, 'Organization');
  const [number] = organization?.identifier ?? [];
  const name = organization ? organization.name : reference.display;
  if (number?.value === undefined) return name === undefined ? undefined : ['', name];
  const coding = {
    code: number.value,
    ...(number.system ? { system: number.system } : {}),
    ...(name ? { display: name } : {}),
  };
  return cwe({ coding: [coding] }, context);
};

/** OBX-23 to 25: an organization, or its medical director in that role. */
const performedBy = (line: ObxLine): Reference | undefined => performers('OBX-23', 'Organization')(line)[0];
function laboratory(line: ObxLine, context: WriteContext) {
  const reference = performedBy(line);
  return resolve(context, roleOf(reference, context)?.organization ?? reference, 'Organization');
}
const director = (line: ObxLine, context: WriteContext) => roleOf(performedBy(line), context)?.practitioner;

/** A device by its number, or else by what it is called. */
const device: Writer<Reference> = (reference, context) => {
  const { identifier: [number] = [], deviceName: [called] = [] } =
    resolve(context, reference, 'Device') ?? {};
  if (number) return ei(number, context);
  const name = called?.name ?? reference.display ?? reference.identifier?.value;
  return name === undefined ? undefined : components([name]);
};

/** A period is that of the order, where OBX-14 would say its start only. */
const observedAt = ({ observation }: ObxLine): string | undefined =>
  observation.effectiveDateTime ?? observation.effectiveInstant;

const KINDS = 'http://terminology.hl7.org/CodeSystem/v2-0936';
const kindOf = ({ category = [] }: Observation): string | undefined =>
  category.flatMap(({ coding = [] }) => coding).find(({ system }) => system === KINDS)?.code;

const methodOf = ({ observation }: ObxLine): CodeableConcept | undefined => observation.method;

/** OBX from the Observation. */
export const obx: Fields<ObxLine> = {
  2: { from: 'Observation.value[x]', write: ({ values }, context) => obxValue(values, context)?.type },
  3: needed(from('Observation.code', ({ code }) => code, cwe)),
  4: { from: 'Observation.extension(observation-v2-subid)', write: subId },
  5: {
    from: 'Observation.value[x]',
    write: ({ values }, context) => obxValue(values, { ...context, findings: [] })?.value,
  },
  6: {
    from: 'Observation.valueQuantity.unit',
    write: ({ values }, context) => obxValue(values, { ...context, findings: [] })?.units,
  },
  7: { from: 'Observation.referenceRange', write: ({ observation }) => rangeOf(observation) },
  8: fromEach('Observation.interpretation', ({ observation }) => observation.interpretation, interpretation),
  10: fromEach(
    'Observation.extension(observation-nature-of-abnormal-test)',
    ({ observation }) =>
      extensionOf(observation, 'observation-nature-of-abnormal-test').flatMap(
        (one) => one.valueCodeableConcept ?? [],
      ),
    cwe,
  ),
  11: from('Observation.status', ({ observation }) => said(observation.status), status),
  14: from('Observation.effectiveDateTime', observedAt, dtm),
  15: from('Observation.performer from OBX-15', (line) => performers('OBX-15')(line)[0], producer),
  16: fromEach(
    'Observation.performer of people',
    performers('OBX-16', 'Practitioner', 'PractitionerRole'),
    xcnOf,
  ),
  17: from('Observation.method', methodOf, cwe),
  18: from('Observation.device', ({ observation }) => observation.device, device),
  19: from(
    'Observation.extension(observation-analysis-date-time)',
    ({ observation }) => extensionOf(observation, 'observation-analysis-date-time')[0]?.valueDateTime,
    dtm,
  ),
  20: from('Observation.bodySite', ({ observation }) => observation.bodySite, cwe),
  21: from(
    'Observation.identifier',
    ({ observation }) => ofField(observation.identifier, 'OBX-21', () => true)[0],
    ei,
  ),
  23: from('Observation.performer(Organization)', laboratory, xon),
  24: from(
    'Observation.performer(Organization).address',
    (line, context) => laboratory(line, context)?.address?.[0],
    xad,
  ),
  25: from('Observation.performer, its medical director', director, xcnOf),
  33: from(
    'Observation.specimen by its number',
    ({ observation }) => observation.specimen?.identifier && [observation.specimen.identifier],
    eip({ placer: 'PGN', filler: 'FGN' }),
  ),
  29: { from: 'Observation.category of table 0936', write: ({ observation }) => kindOf(observation) },
};
