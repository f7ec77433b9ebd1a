import type { Rule } from './reason-rule.ts';

const MICROSOFT = /microsoft/;
/** Segments of which the guide 1.0.0 has no map. */
const UNMAPPED = /^(ACC|PDA|DB1|RF1|BLG|CTI|CON|IN2|AUT|UB1|UB2|ARV|SFT|EVN|OM\d)$/;

/** Microsoft's templates: each rule is about a kind of fact. */
export const microsoftRules: readonly Rule[] = [
  {
    collection: MICROSOFT,
    path: /./,
    saidBy: UNMAPPED,
    kind: 'site-rule',
    why: 'the guide has no map of the segment (ACC, PDA, DB1, RF1, BLG, CTI, CON, IN2, EVN): resources of their own making',
  },
  {
    collection: MICROSOFT,
    path: /^(?:Observation|Procedure|Condition)/,
    about: /^(?:death-certificat\w*|autopsy\S*|coroner|injury-incident|disability|I21)$/,
    kind: 'site-rule',
    why: 'ACC, PDA and DB1 as Observations and Procedures with codes of their own making; the guide has no map of them',
  },
  {
    collection: MICROSOFT,
    path: /^(?:Consent|Task|ResearchStudy|MedicationDispense|Basic|ImmunizationRecommendation)(?:\(\)|\.)/,
    kind: 'site-rule',
    why: 'resources that the guide makes of no segment of these messages (CON, CTI, FT1-29 and 42, NTE)',
  },
  {
    collection: MICROSOFT,
    path: /^ServiceRequest/,
    about: /^$/,
    message: /^ADT/,
    kind: 'site-rule',
    why: 'a referral (RF1) as a ServiceRequest; the guide has no map of it',
  },
  {
    collection: MICROSOFT,
    path: /^ServiceRequest/,
    message: /^SIU/,
    kind: 'deliberate',
    why: 'AIS as a ServiceRequest of its own: what is booked is the service of the appointment, and nobody ordered it (guide-differences.ts)',
  },
  {
    collection: MICROSOFT,
    path: /./,
    message: /^ADT\^A(28|31)$/,
    value: /./,
    kind: 'deliberate',
    why: 'A28 and A31 are about the person alone (2.5.1 3.3.28): PV1 is there for form, and what hangs on a visit is not taken',
  },
  {
    collection: MICROSOFT,
    path: /^Encounter\.location\.extension\(temporary-location\)/,
    kind: 'guide',
    why: 'the guide: PV1-11 is temporary by subject-locationClassification; there is no extension of that name',
  },
  {
    path: /^Encounter\.location\.status$/,
    collection: MICROSOFT,
    kind: 'guide',
    why: 'the guide: PV1-3 is active (planned for who is expected, completed after a discharge), PV1-6 completed, PV2-1 planned; theirs are of PV1-2 alone',
  },
  {
    path: /^Practitioner\.identifier\.(?:type\.coding\.code|value)$/,
    saidBy: /^OBX$/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'OBX-25 without the name that it has: their template takes the number for its type',
  },
  {
    path: /^PractitionerRole(?:\(\)|\.code)/,
    collection: MICROSOFT,
    kind: 'guide',
    why: 'the guide: OBX-16 is responsibleObserver; contacts of an appointment and who ordered are Practitioners, and their function stands where they are referred to',
  },
  {
    path: /\.value\.system$/,
    value: /3986/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'a coding system named ISO as the address of the standard for URIs',
  },
  {
    path: /^(?:Device|Condition|AllergyIntolerance|Appointment|Procedure)\.identifier\.(?:type\.coding|system)/,
    collection: MICROSOFT,
    kind: 'guide',
    why: 'the guide, EI[Identifier-Extension]: the type of a universal id (EI-4) is its authority\u2019s, no type of the number',
  },
  {
    path: /^Organization\(\)$|^Organization\.identifier\.value$/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'an authority anew for each name under which a message calls it; one universal id is one authority here, with all its names',
  },
  {
    path: /^RelatedPerson\.(?:name|telecom)|^Patient\.contact/,
    collection: MICROSOFT,
    message: /^(?:ADT|DFT|OMG|VXU|RDE|OML|ORM)/,
    kind: 'deliberate',
    why: 'the parts of NK1-30 to 32 and 41 beside those of NK1-2, as above',
  },
  {
    path: /^ChargeItem\.(?:identifier\.type|reason|service)/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'what the guide has no map of (FT1)',
  },
  {
    path: /^(?:Patient|RelatedPerson|Coverage)\.identifier/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'numbers with payers (IN2-6, 8, 10, 61) and of disability (DB1-3) as the patient\u2019s own, under systems of their making',
  },
  {
    path: /./,
    value: /./,
    saidBy: /^(?:RXO|RXE)$/,
    collection: MICROSOFT,
    kind: 'deliberate',
    why: 'what was asked for (RXO) beside what was encoded (RXE), as above',
  },
  {
    path: /./,
    saidBy: /^PRT$/,
    collection: MICROSOFT,
    kind: 'ours-wrong',
    why: 'PRT in results and orders is not mapped',
  },
  {
    collection: MICROSOFT,
    path: /^Patient\.name/,
    kind: 'site-rule',
    why: 'the name that a payer knows the insured by (IN2-7) as a name of the patient; the guide has no map of IN2',
  },
  {
    path: /^Encounter\.participant/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'the consultant (PV1-9) of more than one visit of a message once for each template that speaks of a visit',
  },
  {
    path: /^ChargeItem/,
    collection: MICROSOFT,
    kind: 'deliberate',
    why: 'payments and adjustments are no charges; credits are negative, and a charge is known by its number (FT1-2)',
  },
  {
    path: /^RelatedPerson\.(?:relationship|communication|identifier)/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'relationships of NK1-3 and GT1-11 by another table than the guide\u2019s (0063), and a preference that no field states',
  },
  {
    path: /^ServiceRequest\.identifier/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'numbers of other segments (RF1, SCH-1, FT1-23) as those of the order, and types of universal ids as types of the number',
  },
  {
    path: /^ServiceRequest\.(?:locationCode|quantity)/,
    collection: MICROSOFT,
    kind: 'site-rule',
    why: 'a code of v3-RoleCode for ORC-29, of which the guide has no map, and TQ1-14, how often, as how much',
  },
  {
    path: /^DocumentReference\.(?:docStatus|content\.attachment\.creation|relatesTo)/,
    collection: MICROSOFT,
    kind: 'guide',
    why: 'the guide: TXA-17 is docStatus, TXA-7 the date; what a document relates to is the document, where its number is known',
  },
  {
    path: /^(?:Practitioner|PractitionerRole)(?:\(\)|\.)/,
    collection: MICROSOFT,
    message: /^(?:ADT|DFT|OMG|OML|ORM|RDE|VXU)/,
    kind: 'site-rule',
    why: 'people of segments that the guide has no map of (FT1, ROL behind PR1 and IN1, RF1, ACC), and names in the wrong part',
  },
];
