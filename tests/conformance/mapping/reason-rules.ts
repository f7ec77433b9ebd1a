import type { Rule } from './reason-rule.ts';

/** Reasons that count for every collection, and those of the two of the CDC, which have the same dialect. */
export const commonRules: readonly Rule[] = [
  {
    path: /./,
    value: /^""$/,
    kind: 'guide',
    why: 'HL7 2.5.1, 2.5.3: two quotes remove what was there; they keep them as a text',
  },
  {
    path: /(?:system|url)$/,
    value: /^http:\/\/example\.com\//,
    kind: 'site-rule',
    why: 'a system made up under example.com',
  },
  {
    path: /^Location\.description$|\.value$|\.text$/,
    value: /\w--\w/,
    kind: 'site-rule',
    why: 'the components of a field in one text with dashes',
  },
  {
    path: /(?:identifier|coding|value|numerator|denominator|low|high)\.system$/,
    value: /^[^:]*$/,
    kind: 'guide',
    why: 'FHIR R4, Identifier.system and Coding.system: a system is a URI; theirs is the name that the sender wrote (HD-1, CWE-3)',
  },
  {
    path: /coding\.system$/,
    value: /\/valueset\//,
    kind: 'guide',
    why: 'FHIR R4, Coding.system: a value set is no code system',
  },
  {
    path: /\.system$/,
    value: /^urn:oid:(?![0-2]\.)|^urn:id:/,
    kind: 'site-rule',
    why: 'their prefix before a name that is no OID; urn:id is no namespace of URNs',
  },
  {
    path: /coding\.system$/,
    value: /codesystem-v2-0396\.html/,
    kind: 'site-rule',
    why: 'the address of a page about table 0396 stands for the system of a local code',
  },
  {
    path: /^Observation\.identifier\./,
    collection: /reportstream/,
    kind: 'site-rule',
    why: 'every result carries the number of its order as its own, typed by its code; OBX has no such field',
  },
  {
    path: /^(Practitioner|Organization)\.identifier\.type\.coding/,
    value: /v2-0912|^MDIR$/,
    kind: 'site-rule',
    why: 'a role (0912) in place of the type of a number (0203)',
  },
  {
    path: /^Observation\.issued$/,
    kind: 'guide',
    why: 'the guide: OBX-19 is when it was analysed, an extension; OBX has no field of issue',
  },
  {
    path: /^ServiceRequest\.reasonCode\.coding\.system$/,
    value: /icd-10-cm$/,
    kind: 'guide',
    why: 'HL7 table 0396: I10 is ICD-10, I10C is ICD-10-CM',
  },
  {
    path: /^Device(?:\(\)|\.(?:manufacturer|deviceName|identifier\.type))/,
    collection: /reportstream/,
    kind: 'site-rule',
    why: 'the make of a test kit as the health departments write it in OBX-17 and OBX-18; the guide: OBX-17 is the method',
  },
  {
    path: /^Practitioner\.telecom/,
    collection: /reportstream/,
    kind: 'guide',
    why: 'the guide: ORC-14 and OBR-17 are where to call back about the order, an extension of it',
  },
  {
    path: /^Observation\.value\.(?:numerator|denominator)/,
    collection: /reportstream/,
    kind: 'guide',
    why: 'the guide, SN[Quantity]: a comparator and one number without a separator is a quantity, no ratio',
  },
  {
    path: /^ServiceRequest\.identifier\.type\.coding\.code$/,
    value: /^VN$/,
    kind: 'site-rule',
    why: 'the number of the visit stands at the order',
  },
  {
    path: /^(?:DiagnosticReport|ServiceRequest|Specimen)\.identifier\.type\.coding/,
    value: /loinc|^\d+-\d$/,
    kind: 'site-rule',
    why: 'the number of an order typed by the code of what was ordered',
  },
  {
    path: /^ServiceRequest\.identifier\.(?:value|type\.coding\.(?:code|system))$/,
    elsewhere: /^ServiceRequest\.requisition\./,
    kind: 'guide',
    why: 'the guide: ORC-4 is the requisition of the order, not a number of its own',
  },
  {
    path: /^Specimen\(\)$/,
    value: /^$/,
    kind: 'site-rule',
    why: 'a specimen for every order, though the message tells of none',
  },
  {
    path: /^(?:ServiceRequest|DiagnosticReport)\.identifier\.|^ServiceRequest\.(?:status|reasonCode)|^Observation\.dataAbsentReason/,
    isReverse: true,
    kind: 'not-in-message',
    why: 'the message was made of the bundle and carries fewer numbers and states of the order',
  },
  {
    path: /^DiagnosticReport\.issued$|^Observation\.value$/,
    isReverse: true,
    kind: 'not-in-message',
    why: 'the message was made of the bundle and tells the time less exactly',
  },
  {
    path: /^Observation\.value$/,
    value: /\\\.br\\/,
    kind: 'guide',
    why: 'HL7 2.5.1, 2.7.6: an escape sequence of formatted text is a line break; theirs keeps the sequence',
  },
  {
    path: /^EpisodeOfCare\(\)$/,
    collection: /reportstream/,
    kind: 'site-rule',
    why: 'an episode of care for every visit, though PV1-54 names none',
  },
  {
    path: /^Practitioner\.name\.family\.extension\(humanname-own-name\)/,
    collection: /reportstream/,
    kind: 'site-rule',
    why: 'their samples give one number to several people; here a number is one person',
  },
  {
    path: /^Organization\.contact\.telecom/,
    elsewhere: /^Organization\.telecom/,
    kind: 'guide',
    why: 'the guide: ORC-23 is the telephone of the organization, not of a contact',
  },
  {
    path: /^Encounter\.status$/,
    kind: 'deliberate',
    why: 'the event says what state a visit is in, not its class (PV1-2): 2.5.1 chapter 3',
  },
  {
    path: /telecom\.system\.extension\(data-absent-reason\)/,
    kind: 'deliberate',
    why: 'XTN-3 is required since 2.7 only: a number of which nobody says what it is, is a telephone',
  },
  {
    path: /^Patient\.extension\(patient-mothersMaidenName\)\.value\./,
    kind: 'guide',
    why: 'FHIR R4, patient-mothersMaidenName: the value is a string; theirs is a HumanName',
  },
];
