import type {
  Coding,
  Encounter,
  EncounterLocation,
  EncounterParticipant,
  EpisodeOfCare,
  Identifier,
  Reference,
} from '@medplum/fhirtypes';
import { patientClass } from '../../tables.ts';
import type { WriteContext, Writer } from '../context.ts';
import { components, resolve } from '../context.ts';
import { cwe, inverse, nameOfSystem } from '../datatypes/cwe.ts';
import { cx, cxOfType } from '../datatypes/cx.ts';
import { dtm } from '../datatypes/dtm.ts';
import { ofField } from '../datatypes/marks.ts';
import { xcnOf } from '../datatypes/person.ts';
import { plOf } from '../datatypes/pl.ts';
import { type Fields, from, fromEach } from '../fields.ts';
import type { SegmentPart } from '../parts.ts';
import { each } from '../profile.ts';

export interface VisitOfFacts {
  readonly encounter?: Encounter;
}

const CLASSES: Readonly<Record<string, string>> = { ...inverse(patientClass), VR: 'O' };
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const UNKNOWN_CLASS = 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor';

/** 0004 Patient class, which has none for virtual: an outpatient. */
const visitClass: Writer<Coding> = ({ system, code = '' }) => {
  if (system === ACT_CODE) return CLASSES[code] ?? 'U';
  return system === UNKNOWN_CLASS ? 'U' : code;
};

type Participants = (encounter: Encounter) => Reference[];
const participants =
  (field: string, role: string): Participants =>
  ({ participant }) =>
    ofField<EncounterParticipant>(participant, field, ({ type = [] }) =>
      type.some(({ coding = [] }) => coding.some(({ code }) => code === role)),
    ).flatMap(({ individual }) => individual ?? []);

const place =
  (field: string, fits: (one: EncounterLocation) => boolean = () => false) =>
  ({ location }: Encounter): Reference | undefined =>
    ofField(location, field, fits)[0]?.location;

/** DLD: where somebody was discharged to, a concept of subcomponents. */
const destination: Writer<Reference> = (reference, context) => {
  const { type, identifier, name } = resolve(context, reference, 'Location') ?? {};
  const [kind] = type?.[0]?.coding ?? [];
  const code = kind?.code ?? identifier?.[0]?.value ?? name ?? reference.display;
  const display = kind?.display ?? (name === code ? undefined : name);
  const system = kind?.system?.endsWith('/v2-0113') ? undefined : nameOfSystem(kind?.system, context);
  return code === undefined ? undefined : components([components([code, display, system])]);
};

const people = (number: number, role: string) =>
  fromEach(`Encounter.participant ${role}`, participants(`PV1-${number}`, role), xcnOf);

const fields: Fields<Encounter> = {
  2: from('Encounter.class', (encounter) => encounter.class, visitClass),
  3: from(
    'Encounter.location of now',
    place('PV1-3', ({ status }) => status === 'active' || status === undefined),
    plOf,
  ),
  4: from('Encounter.type from PV1-4', ({ type }) => ofField(type, 'PV1-4')[0], cwe),
  5: from(
    'Encounter.hospitalization.preAdmissionIdentifier',
    ({ hospitalization }) => hospitalization?.preAdmissionIdentifier,
    cx,
  ),
  6: from('Encounter.location from PV1-6', place('PV1-6'), plOf),
  7: people(7, 'ATND'),
  8: people(8, 'REF'),
  9: people(9, 'CON'),
  10: from('Encounter.serviceType', ({ serviceType }) => serviceType, cwe),
  11: from('Encounter.location from PV1-11', place('PV1-11'), plOf),
  13: from(
    'Encounter.hospitalization.reAdmission',
    ({ hospitalization }) => hospitalization?.reAdmission,
    cwe,
  ),
  14: from(
    'Encounter.hospitalization.admitSource',
    ({ hospitalization }) => hospitalization?.admitSource,
    cwe,
  ),
  15: fromEach(
    'Encounter.hospitalization.specialArrangement',
    ({ hospitalization }) => hospitalization?.specialArrangement,
    cwe,
  ),
  16: fromEach(
    'Encounter.hospitalization.specialCourtesy',
    ({ hospitalization }) => hospitalization?.specialCourtesy,
    cwe,
  ),
  17: people(17, 'ADM'),
  18: from('Encounter.type from PV1-18', ({ type }) => ofField(type, 'PV1-18')[0], cwe),
  19: from('Encounter.identifier', visitNumber, cxOfType('VN')),
  36: from(
    'Encounter.hospitalization.dischargeDisposition',
    ({ hospitalization }) => hospitalization?.dischargeDisposition,
    cwe,
  ),
  37: from(
    'Encounter.hospitalization.destination',
    ({ hospitalization }) => hospitalization?.destination,
    destination,
  ),
  38: fromEach(
    'Encounter.hospitalization.dietPreference',
    ({ hospitalization }) => hospitalization?.dietPreference,
    cwe,
  ),
  42: from('Encounter.location from PV1-42', place('PV1-42'), plOf),
  43: from('Encounter.location from PV1-43', place('PV1-43'), plOf),
  44: from('Encounter.period.start', ({ period }) => period?.start, dtm),
  45: from('Encounter.period.end', ({ period }) => period?.end, dtm),
  50: fromEach('Encounter.identifier from PV1-50', ({ identifier }) => ofField(identifier, 'PV1-50'), cx),
  52: people(52, 'PART'),
  53: from('EpisodeOfCare.extension(resource-instance-description)', description, (text) => text),
  54: from(
    'Encounter.episodeOfCare',
    (encounter, context) => episode(encounter, context)?.identifier?.[0],
    cx,
  ),
};

/** Our own id stands for a visit that nobody gave a number, and that can't be told by its account or its beginning either. */
function visitNumber({ identifier, account, period, id }: Encounter): Identifier | undefined {
  const [given] = ofField(identifier, 'PV1-19', () => true);
  const isKnown = given ?? identifier?.[0] ?? account?.[0] ?? period?.start;
  if (isKnown !== undefined || id === undefined) return given;
  return { system: 'urn:isthmus:authority:ISTHMUS', value: id };
}

/** PV1 from the Encounter; no segment without one. */
export const pv1 = <F extends VisitOfFacts>(): SegmentPart<F, Encounter> =>
  each<F, Encounter>('PV1', ({ encounter }) => (encounter ? [encounter] : []), fields);

/** PV1-53 and 54: what the visit is a part of. */
function episode({ episodeOfCare }: Encounter, context: WriteContext): EpisodeOfCare | undefined {
  return resolve(context, ofField(episodeOfCare, 'PV1-54', () => true)[0], 'EpisodeOfCare');
}
const DESCRIPTION = 'http://hl7.org/fhir/StructureDefinition/resource-instance-description';
function description(encounter: Encounter, context: WriteContext): string | undefined {
  const { extension = [] } = episode(encounter, context) ?? {};
  return extension.find(({ url }) => url === DESCRIPTION)?.valueString;
}
