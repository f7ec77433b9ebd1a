/** Canonicals of code systems, as R4 and terminology.hl7.org have them. */
export const systems = {
  snomed: 'http://snomed.info/sct',
  icd10cm: 'http://hl7.org/fhir/sid/icd-10-cm',
  icd9cm: 'http://hl7.org/fhir/sid/icd-9-cm',
  loinc: 'http://loinc.org',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ndc: 'http://hl7.org/fhir/sid/ndc',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  mvx: 'http://terminology.hl7.org/CodeSystem/MVX',
} as const;

/** Canonicals of maps whose publishers gave none. */
export const maps = {
  gem9to10: 'urn:isthmus:map:gem-icd-9-cm-to-icd-10-cm',
  gem10to9: 'urn:isthmus:map:gem-icd-10-cm-to-icd-9-cm',
  nlmIcd9ToSnomed: 'urn:isthmus:map:nlm-icd-9-cm-to-snomed-ct',
  ndcToRxnorm: 'urn:isthmus:map:ndc-to-rxnorm',
  ndcToCvx: 'urn:isthmus:map:ndc-to-cvx',
  ndcToMvx: 'urn:isthmus:map:ndc-to-mvx',
  loincMapTo: 'urn:isthmus:map:loinc-map-to',
} as const;
