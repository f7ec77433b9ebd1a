/** HL7 tables to FHIR's required codes, after the v2-to-FHIR guide 1.0.0; where the guide is silent a comment says why so. */

export type CodeTable = Readonly<Record<string, string>>;

/** Without a prototype, so that a sender's `constructor` is no code of any table. */
export const codeTable = <T>(codes: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.freeze(Object.assign(Object.create(null), codes));

/** 0001 Administrative sex. */
export const administrativeSex: CodeTable = codeTable({
  F: 'female',
  M: 'male',
  O: 'other',
  U: 'unknown',
  A: 'other',
  N: 'other',
});

/** 0002 Marital status, to v3-MaritalStatus. */
export const maritalStatus: CodeTable = codeTable({
  A: 'L',
  D: 'D',
  M: 'M',
  S: 'S',
  W: 'W',
  C: 'C',
  G: 'T',
  P: 'T',
  R: 'T',
  E: 'L',
  N: 'A',
  I: 'I',
  B: 'U',
});

/** 0004 Patient class, to v3-ActCode. VR is no code of the table, but what senders of virtual visits write. */
export const patientClass: CodeTable = codeTable({
  E: 'EMER',
  I: 'IMP',
  O: 'AMB',
  P: 'PRENC',
  VR: 'VR',
  HH: 'HH',
  R: 'AMB',
  B: 'IMP',
});

/** 0085 Observation result status. B, I, N, O, R, S, U, V have no row in the guide: the nearest status of FHIR, never a more final one. */
export const observationStatus: CodeTable = codeTable({
  A: 'amended',
  B: 'amended',
  C: 'corrected',
  D: 'entered-in-error',
  F: 'final',
  I: 'registered',
  N: 'cancelled',
  O: 'unknown',
  P: 'preliminary',
  R: 'preliminary',
  S: 'preliminary',
  U: 'final',
  V: 'final',
  W: 'entered-in-error',
  X: 'cancelled',
});

/** 0123 Result status. A, M, N, R as for 0085; Y and Z report that nothing is on record. */
export const reportStatus: CodeTable = codeTable({
  A: 'partial',
  C: 'corrected',
  F: 'final',
  I: 'registered',
  M: 'partial',
  N: 'registered',
  O: 'registered',
  P: 'preliminary',
  R: 'partial',
  S: 'registered',
  X: 'cancelled',
  Y: 'unknown',
  Z: 'unknown',
});

/** 0278 Filler status. Overbook is a booking all the same; a discontinued appointment does not take place. */
export const fillerStatus: CodeTable = codeTable({
  PENDING: 'pending',
  WAITLIST: 'waitlist',
  BOOKED: 'booked',
  OVERBOOK: 'booked',
  STARTED: 'checked-in',
  COMPLETE: 'fulfilled',
  CANCELLED: 'cancelled',
  CANCELED: 'cancelled',
  DISCONTINUED: 'cancelled',
  DELETED: 'entered-in-error',
  NOSHOW: 'noshow',
});

/** 0200 Name type, to HumanName.use. */
export const nameUse: CodeTable = codeTable({
  BAD: 'old',
  D: 'usual',
  L: 'official',
  M: 'maiden',
  MSK: 'anonymous',
  N: 'nickname',
  NAV: 'temp',
  NOUSE: 'old',
  R: 'official',
  S: 'anonymous',
  TEMP: 'temp',
});

/** 0190 Address type, to Address.use and Address.type. */
export const addressUse: CodeTable = codeTable({
  BA: 'old',
  BI: 'billing',
  B: 'work',
  C: 'temp',
  H: 'home',
  O: 'work',
  TM: 'temp',
});
export const addressType: CodeTable = codeTable({ M: 'postal', SH: 'postal' });

/** 0201 Telecommunication use, to ContactPoint.use. */
export const telecomUse: CodeTable = codeTable({
  PRN: 'home',
  ORN: 'home',
  VHN: 'home',
  WPN: 'work',
  PRS: 'mobile',
});

/** 0202 Equipment type, to ContactPoint.system. */
export const telecomSystem: CodeTable = codeTable({
  PH: 'phone',
  CP: 'phone',
  SAT: 'phone',
  FX: 'fax',
  BP: 'pager',
  INTERNET: 'email',
  'X.400': 'email',
  MD: 'other',
  TDD: 'other',
  TTY: 'other',
});

/** 0136 Yes/no indicator. */
export const yesNo = codeTable({ Y: true, N: false });

/** Codes that table 0078 shares with v3-ObservationInterpretation. */
export const interpretations: ReadonlySet<string> = new Set(
  (
    'A AA B CAR D DET E EX EXP H HH HU HX I IE IND L LL LU LX MS N NCL ND NEG NR NS POS R RR S SDD ' +
    'SYN-R SYN-S U UNE VS W WR < >'
  ).split(' '),
);

/** 0396 Coding systems (and what senders call them), to FHIR's URIs. */
export const codeSystems: CodeTable = codeTable({
  LN: 'http://loinc.org',
  LOINC: 'http://loinc.org',
  SCT: 'http://snomed.info/sct',
  SNM: 'http://snomed.info/sct',
  SNOMED: 'http://snomed.info/sct',
  'SNOMED-CT': 'http://snomed.info/sct',
  I10C: 'http://hl7.org/fhir/sid/icd-10-cm',
  'ICD-10-CM': 'http://hl7.org/fhir/sid/icd-10-cm',
  ICD10CM: 'http://hl7.org/fhir/sid/icd-10-cm',
  I10: 'http://hl7.org/fhir/sid/icd-10',
  ICD10: 'http://hl7.org/fhir/sid/icd-10',
  I9CDX: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9C: 'http://hl7.org/fhir/sid/icd-9-cm',
  I9: 'http://hl7.org/fhir/sid/icd-9-cm',
  C4: 'http://www.ama-assn.org/go/cpt',
  CPT: 'http://www.ama-assn.org/go/cpt',
  CPT4: 'http://www.ama-assn.org/go/cpt',
  HCPCS: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  HPC: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets',
  RXNORM: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  NDC: 'http://hl7.org/fhir/sid/ndc',
  CVX: 'http://hl7.org/fhir/sid/cvx',
  MVX: 'http://hl7.org/fhir/sid/mvx',
  I10P: 'http://www.cms.gov/Medicare/Coding/ICD10',
  ICD10PCS: 'http://www.cms.gov/Medicare/Coding/ICD10',
  I9CP: 'http://hl7.org/fhir/sid/icd-9-cm',
  CD2: 'http://www.ada.org/cdt',
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  FDDC: 'http://hl7.org/fhir/sid/ndc',
  MDC: 'urn:iso:std:iso:11073:10101',
  UNII: 'http://fdasis.nlm.nih.gov',
  UCUM: 'http://unitsofmeasure.org',
  CDCREC: 'urn:oid:2.16.840.1.113883.6.238',
  NUCC: 'http://nucc.org/provider-taxonomy',
  NULLFL: 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor',
  'ISO639-2': 'urn:ietf:bcp:47',
});
