import type { Rule } from './reason-rule.ts';

/** What Microsoft's templates and Google's mapping have in common: each rule is about a kind of fact. */
export const vendorRules: readonly Rule[] = [
  {
    path: /identifier\.type\.coding\.code$/,
    value: /^SB$/,
    kind: 'guide',
    why: 'the guide: a social security number is SS in the United States, SB elsewhere; its system is us-ssn',
  },
  {
    path: /^Practitioner\.identifier\.system$/,
    value: /2\.16\.840\.1\.113883\.4\.6$/,
    kind: 'guide',
    why: 'FHIR R4, identifier registry: this OID is http://hl7.org/fhir/sid/us-npi',
  },
  {
    path: /^Patient\.extension\(patient-religion\)/,
    kind: 'guide',
    why: 'the guide has no code of v3-ReligiousAffiliation for AME; 1002 there is "African Religions"',
  },
  {
    path: /language\.coding\.(?:code|system)$/,
    kind: 'site-rule',
    why: 'the alternate coding once more in BCP 47; ours has the first so, and both as they were sent',
  },
  {
    path: /^Encounter\.priority\.coding/,
    kind: 'site-rule',
    why: 'the alternate coding, which says elective where the first says urgent, mapped as well',
  },
  {
    path: /^(?:Practitioner|PractitionerRole|Location)\(\)$/,
    value: /^$|^MDIR$/,
    kind: 'site-rule',
    why: 'OBX-25 without the name that it has: their template takes the parts of the name for others',
  },
  {
    path: /^Procedure\.status$/,
    kind: 'guide',
    why: 'a procedure of a time past is done; theirs says unknown of all',
  },
  {
    path: /^Procedure\.performer\.function/,
    kind: 'guide',
    why: 'the guide: SNOMED CT 88189002 and 304292004',
  },
  {
    path: /coding\.system$/,
    value: /v2-0136$|icd-o$/,
    kind: 'site-rule',
    why: 'a system of their own making, or that of a yes or no which is no concept',
  },
  {
    path: /^Patient\.(?:active|multipleBirth)$/,
    kind: 'site-rule',
    why: 'active, and no multiple birth, in every patient, though no field says so',
  },
  {
    path: /^Condition\.verificationStatus/,
    kind: 'deliberate',
    why: 'only DG1-21 D is an error; they set it for every action code and for none',
  },
  {
    path: /^(?:Account|Encounter|DiagnosticReport)\.identifier\.type\.coding\.system$/,
    value: /codesystem-v2-0203$/,
    kind: 'guide',
    why: 'the address of a page about table 0203 is no code system',
  },
  {
    path: /^Account\.identifier\.type\.coding\.code$/,
    value: /^AN$/,
    kind: 'site-rule',
    why: 'the type of an account\u2019s number is what CX-5 says; the guide adds none',
  },
  {
    path: /^AllergyIntolerance\.reaction\.onset$/,
    kind: 'guide',
    why: 'the guide: AL1-6 is the onset of the allergy',
  },
  {
    path: /^EpisodeOfCare/,
    kind: 'site-rule',
    why: 'an episode of care for each visit, with its diagnoses, though DG1 speaks of the visit (guide: by context)',
  },
  {
    path: /^DiagnosticReport/,
    collection: /microsoft|google/,
    message: /^(?:DFT|MDM|OML|OMG|ORM|VXU)/,
    kind: 'site-rule',
    why: 'a report for each OBR; the guide makes one of an OBR in a result alone',
  },
  {
    path: /^(?:Specimen)/,
    message: /^(?:DFT|MDM|OML|OMG|ORM|VXU)/,
    collection: /microsoft|google/,
    kind: 'site-rule',
    why: 'a specimen for each OBR, though nothing tells of one (OBR-9, 10, 14, 15, 39, SPM), with the numbers of the order',
  },
  {
    path: /^Specimen\.identifier/,
    kind: 'guide',
    why: 'the guide: SPM-2 is the number of a specimen; those of the order are the order\u2019s',
  },
  {
    path: /^MedicationRequest\.intent$|^MedicationRequest(?:\(\)|\.identifier|\.status)/,
    kind: 'deliberate',
    why: 'RXO and RXE of one ORC are one order (guide-differences.ts); theirs are two, of which one stands for the request',
  },
  {
    path: /^Medication(?:\(\)|\.)/,
    kind: 'deliberate',
    why: 'a drug of a code alone is the code; what RXO and RXE call the same drug is one',
  },
  {
    path: /^ServiceRequest\.intent$/,
    kind: 'guide',
    why: 'the guide: an order of ORC is an order, a reflex where OBR-11 is G; filler-order says that whoever fills it decided so',
  },
  {
    path: /^(?:RelatedPerson\.(?:name|telecom|address))/,
    saidBy: /^NK1$/,
    kind: 'deliberate',
    why: 'NK1-30 to 32 and 41 name another person than NK1-2: they are the contact\u2019s, not the relative\u2019s',
  },
  {
    path: /^Coverage\.(?:identifier|network|type)/,
    kind: 'site-rule',
    why: 'the plan (IN1-2) as identifier and network, and its type in a system that has no such code',
  },
  {
    path: /^Account\.guarantor\.onHold$/,
    kind: 'site-rule',
    why: 'of a field that says nothing of it (GT1-25 is a hospital\u2019s employee)',
  },
  {
    path: /^Encounter\.length\.unit$/,
    value: /^d$/,
    kind: 'guide',
    why: 'the guide: the unit is "days", and d its code',
  },
  {
    path: /^Encounter\.status$|^ChargeItem\.status$/,
    kind: 'guide',
    why: 'a charge (CG) or credit (CD) is billable; theirs says unknown of all',
  },
  {
    path: /^Appointment\.(?:start|end)$/,
    kind: 'guide',
    why: 'the guide: SCH-11 is when; TQ1 and the resources where it says nothing',
  },
  {
    path: /^Appointment\.appointmentType\.coding/,
    kind: 'guide',
    why: 'the guide: SCH-8 is the type, SCH-7 the reason unless its table is 0277',
  },
  {
    path: /^Appointment\.(?:participant\.status|priority|comment)$/,
    kind: 'site-rule',
    why: 'the status of each participant from that of the appointment, a priority that no field has, notes of resources not in the comment',
  },
  {
    path: /^Location\.(?:alias|type|physicalType)|^Location\.identifier|^Location(?:\(\)|\.name)/,
    collection: /microsoft|google/,
    kind: 'site-rule',
    why: 'notes as other names of a place, and places of fields that the guide has no row for (SCH-15, 19, 22, ROL-13 in PR1)',
  },
  {
    path: /^Device/,
    collection: /microsoft|google/,
    kind: 'site-rule',
    why: 'devices of fields that the guide has no row for (FT1-34 and 35), with a status that no field has',
  },
  {
    path: /^Organization\.(?:contact|telecom|identifier)/,
    saidBy: /^(?:IN2|GT1)$/,
    kind: 'site-rule',
    why: 'who speaks for an employer (IN2-49, 50, GT1-45): the guide has no map of IN2 and GT1',
  },
  {
    path: /^MedicationRequest\.dosageInstruction/,
    collection: /microsoft|google/,
    kind: 'site-rule',
    why: 'a dosage for each of RXO, RXE, RXR and TQ1; here TQ1 makes one, and they are its dose, rate and route',
  },
  {
    path: /^Account/,
    collection: /microsoft|google/,
    kind: 'site-rule',
    why: 'an account in messages that name none (PID-18), or by the number of a bill (BLG-3)',
  },
  {
    path: /^Procedure/,
    collection: /microsoft|google/,
    kind: 'site-rule',
    why: 'a procedure of FT1-25, or of a segment that the guide has no map of; here PR1 is one, and FT1-25 the code of the charge',
  },
  {
    path: /^(?:Encounter\.diagnosis|Condition)/,
    message: /^(?:DFT|OML|OMG|ORM|SIU|RDE|MDM)/,
    kind: 'deliberate',
    why: 'a diagnosis beside an order is its reason (reasonCode); beside a bill or a booking it is a copy and no rank of the visit',
  },
  {
    path: /^MedicationRequest\.(?:dispenseRequest|authoredOn|priority|substitution|reasonCode)/,
    collection: /microsoft|google/,
    kind: 'deliberate',
    why: 'what RXO asks for counts where RXE does not encode it; theirs has both',
  },
];
