import type { Rule } from './reason-rule.ts';

const GOOGLE = /google/;

/** Google's mapping (Whistle): each rule is about a kind of fact. */
export const googleRules: readonly Rule[] = [
  {
    path: /^Encounter\.(?:location\.status|location\.period)/,
    collection: GOOGLE,
    kind: 'site-rule',
    why: 'each level of a place, from the facility to the bed, is a location of the visit; the guide has one of each field',
  },
  {
    path: /identifier\.type\.coding\.code$/,
    value: /^MRN$/,
    collection: GOOGLE,
    kind: 'guide',
    why: 'HL7 table 0203: MR; theirs is no code of it',
  },
  {
    path: /^Organization\.(?:active|name|identifier\.type)/,
    collection: GOOGLE,
    kind: 'site-rule',
    why: 'active and "Unknown" in every organization',
  },
  {
    path: /^Organization\(\)$/,
    value: /^Unknown$/,
    collection: GOOGLE,
    kind: 'site-rule',
    why: 'an organization that is called "Unknown"',
  },
  {
    path: /\.coding\.version$|^Encounter\.class\.version$/,
    collection: GOOGLE,
    kind: 'site-rule',
    why: 'the version of a concept map of theirs',
  },
  {
    path: /./,
    value: /^unknown$/i,
    collection: GOOGLE,
    kind: 'site-rule',
    why: 'unknown for every code that a map of theirs does not know, in place of the code that was sent',
  },
  {
    path: /relationship\.coding|^Coverage\.relationship/,
    collection: GOOGLE,
    kind: 'site-rule',
    why: 'U for every relationship that a map of theirs does not know, in place of the code that was sent',
  },
  {
    path: /^AllergyIntolerance\.category$/,
    value: /^environment$|^food$/,
    collection: GOOGLE,
    kind: 'guide',
    why: 'the guide: animal allergy (AA) is biologic; a code that it has no row for is none',
  },
  {
    path: /^AllergyIntolerance\.(?:reaction\.severity|criticality)$/,
    collection: GOOGLE,
    kind: 'guide',
    why: 'the codes of table 0128; words that are none of them are no severity of FHIR',
  },
  {
    path: /\.(?:period\.(?:start|end)|onset|effective|issued|collected|performed|recordedDate)$/,
    collection: GOOGLE,
    kind: 'site-rule',
    why: 'times without an offset in a zone of theirs, or with the time of day that was not sent',
  },
  {
    collection: GOOGLE,
    path: /^(?:Patient|RelatedPerson)\.identifier\.(?:type|system)/,
    kind: 'site-rule',
    why: 'the type or the system of a number where the field is empty',
  },
  {
    collection: GOOGLE,
    path: /^Encounter\.(?:class|type|identifier)/,
    kind: 'site-rule',
    why: 'a class where none was sent, codes of a map of theirs, and a second number of the visit from PID-18',
  },
  {
    collection: GOOGLE,
    path: /^Observation\.(?:category|value)/,
    kind: 'guide',
    why: 'the category is what OBR-24 or the code says; a comparator before a ratio or a range (SN) is kept with it, as text',
  },
  {
    collection: GOOGLE,
    path: /^Patient\.(?:maritalStatus|identifier\.value|extension|telecom)/,
    kind: 'site-rule',
    why: 'numbers that the message does not carry or carries twice, codes and words of a map of theirs',
  },
  {
    collection: GOOGLE,
    path: /^(?:ServiceRequest|DiagnosticReport|Coverage|Condition|Procedure|RelatedPerson|AllergyIntolerance|Practitioner|Organization|Location)(?:\(\)|\.)/,
    message: /^(?:ADT|ORM|OML|RDE)/,
    kind: 'site-rule',
    why: 'resources of their own making beside the order or the visit (a report for an OBR, a Condition for the reason, an authority by each name)',
  },
];
