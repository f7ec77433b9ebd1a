import type {
  ChargeItem,
  CodeableConcept,
  Coding,
  Condition,
  DocumentReference,
  Encounter,
  Patient,
  Practitioner,
  Reference,
} from '@medplum/fhirtypes';
import { controlIdOf, MODIFIER_SYSTEM, type VisitFacts } from '../../clinical/mapping/index.ts';
import { authoritySystem } from '../../clinical/source-patients/index.ts';
import { patientReference, resourceId } from '../../trust/access/index.ts';
import { isCpt } from './codes.ts';
import type { VisitReport } from './report.ts';

const NPI = 'http://hl7.org/fhir/sid/us-npi';
const CPT = 'http://www.ama-assn.org/go/cpt';
const HCPCS = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const ICD_10_CM = 'http://hl7.org/fhir/sid/icd-10-cm';
const PLACE_OF_SERVICE =
  'https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set';
/** Where the patient was, for billing: FHIR R4 has it on claims only. */
const PLACE_OF_SERVICE_EXTENSION = 'urn:isthmus:extension:place-of-service';
const terminology = (name: string): string => `http://terminology.hl7.org/CodeSystem/${name}`;
const concept = (system: string, code: string, display?: string): CodeableConcept => ({
  coding: [{ system, code, ...(display === undefined ? {} : { display }) }],
});

export interface VisitIdentity {
  /** The reporting system. */
  readonly system: string;
  /** What the visit is known by within the system. */
  readonly visitKey: string;
  /** What is known of the patient from the record, for who receives the messages. */
  readonly patient?: Patient;
}

/** The report as FHIR R4, shaped after US Core: what is written to the record, and what the messages are made of. */
export function visitFacts(report: VisitReport, identity: VisitIdentity): VisitFacts {
  const { system, visitKey } = identity;
  const id = (type: 'Encounter' | 'Condition' | 'DocumentReference' | 'ChargeItem', part = '') =>
    resourceId(type, system, `${visitKey}${part}`);
  const about = aboutVisit(report, id('Encounter'));
  const conditions = report.diagnoses.map(({ code }) => condition(code, about, id('Condition', `|${code}`)));
  const charges = report.procedures.map((_, index) =>
    charge(report, index, {
      about,
      id: id('ChargeItem', `|charge|${index + 1}`),
      number: number(identity, `charge|${index + 1}`),
    }),
  );
  return {
    patient: patientFor(report, identity.patient),
    performer: performerOf(report),
    encounter: encounter(report, about, {
      conditions,
      number: report.encounter?.identifier ?? number(identity, 'visit'),
      system,
    }),
    note: note(report, about, {
      id: id('DocumentReference', '|note'),
      number: number(identity, 'note'),
      system,
    }),
    noteText: report.note.text,
    conditions,
    charges,
    placeOfService: report.placeOfService,
  };
}

/** What everything of the visit refers to. */
interface About {
  readonly subject: Reference<Patient>;
  readonly encounterId: string;
  readonly encounter: Reference<Encounter>;
  readonly performer: Reference<Practitioner>;
  readonly period: { readonly start: string; readonly end: string };
}

function aboutVisit(report: VisitReport, encounterId: string): About {
  const { npi, family, given } = report.performer;
  return {
    subject: { reference: patientReference(report.patient) },
    encounterId,
    encounter: { reference: `Encounter/${encounterId}` },
    performer: {
      type: 'Practitioner',
      identifier: { system: NPI, value: npi },
      display: [given, family].filter((part) => part !== undefined).join(' '),
    },
    period: { start: report.start, end: report.end },
  };
}

/** A number for a part of the visit, short enough for HL7 v2 (FT1-2: 12 characters), the same for every repeat. */
const number = ({ system, visitKey }: VisitIdentity, part: string): string =>
  controlIdOf(`${system}\n${visitKey}`, part).slice(0, 12);

function encounter(
  report: VisitReport,
  about: About,
  { conditions, number, system }: { conditions: readonly Condition[]; number: string; system: string },
): Encounter {
  const use = concept(terminology('diagnosis-role'), 'billing');
  return {
    resourceType: 'Encounter',
    id: about.encounterId,
    identifier: [
      { type: concept(terminology('v2-0203'), 'VN'), system: authoritySystem(system), value: number },
    ],
    status: 'finished',
    class: { system: terminology('v3-ActCode'), code: 'VR', display: 'virtual' },
    subject: about.subject,
    participant: [
      { type: [concept(terminology('v3-ParticipationType'), 'ATND')], individual: about.performer },
    ],
    ...(report.appointment === undefined ? {} : { appointment: [{ reference: report.appointment }] }),
    period: about.period,
    diagnosis: conditions.map(({ id }, index) => ({
      condition: { reference: `Condition/${id}` },
      use,
      rank: index + 1,
    })),
  };
}

function condition(code: string, about: About, id: string): Condition {
  return {
    resourceType: 'Condition',
    id,
    clinicalStatus: concept(terminology('condition-clinical'), 'active'),
    verificationStatus: concept(terminology('condition-ver-status'), 'confirmed'),
    category: [concept(terminology('condition-category'), 'encounter-diagnosis')],
    code: concept(ICD_10_CM, code),
    subject: about.subject,
    encounter: about.encounter,
    recordedDate: about.period.end,
    recorder: about.performer,
  };
}

function note(
  report: VisitReport,
  about: About,
  { id, number, system }: { id: string; number: string; system: string },
): DocumentReference {
  const data = Buffer.from(report.note.text).toString('base64');
  return {
    resourceType: 'DocumentReference',
    id,
    masterIdentifier: { system: authoritySystem(system), value: number },
    status: 'current',
    docStatus: 'final',
    type: concept('http://loinc.org', '11506-3', 'Progress note'),
    category: [
      concept('http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category', 'clinical-note'),
    ],
    subject: about.subject,
    date: about.period.end,
    author: [about.performer],
    content: [{ attachment: { contentType: 'text/plain;charset=utf-8', data } }],
    context: { encounter: [about.encounter], period: about.period },
  };
}

function charge(
  report: VisitReport,
  index: number,
  { about, id, number }: { about: About; id: string; number: string },
): ChargeItem {
  const { code, modifiers, units } = report.procedures[index] ?? { code: '', modifiers: [], units: 0 };
  const coding: Coding[] = [
    { system: isCpt(code) ? CPT : HCPCS, code },
    ...modifiers.map((modifier) => ({ system: MODIFIER_SYSTEM, code: modifier })),
  ];
  return {
    resourceType: 'ChargeItem',
    id,
    extension: [
      {
        url: PLACE_OF_SERVICE_EXTENSION,
        valueCoding: { system: PLACE_OF_SERVICE, code: report.placeOfService },
      },
    ],
    identifier: [{ value: number }],
    status: 'billable',
    code: { coding },
    subject: about.subject,
    context: about.encounter,
    occurrencePeriod: about.period,
    performer: [{ actor: about.performer }],
    quantity: { value: units },
    reason: report.diagnoses.map(({ code: diagnosis }) => concept(ICD_10_CM, diagnosis)),
  };
}

function performerOf({ performer: { npi, family, given } }: VisitReport): Practitioner {
  return {
    resourceType: 'Practitioner',
    identifier: [{ system: NPI, value: npi }],
    name: [{ family, ...(given === undefined ? {} : { given: [given] }) }],
  };
}

/** For the receiver of the messages: its own number first; name and birth date as the record has them, or else as they were reported. */
function patientFor({ patient: reported }: VisitReport, known: Patient | undefined): Patient {
  const { family, given } = reported;
  const name =
    known?.name ??
    (family === undefined ? undefined : [{ family, ...(given === undefined ? {} : { given: [given] }) }]);
  const birthDate = known?.birthDate ?? reported.birthDate;
  const gender = known?.gender ?? reported.gender;
  return {
    resourceType: 'Patient',
    identifier: [{ system: authoritySystem(reported.authority), value: reported.identifier }],
    ...(name ? { name } : {}),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(gender === undefined ? {} : { gender }),
    ...(known?.address ? { address: known.address } : {}),
  };
}
