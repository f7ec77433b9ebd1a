import { csvMap } from './csv-map.ts';
import { cvx } from './cvx.ts';
import { fhir } from './fhir.ts';
import type { Format } from './format.ts';
import { gem } from './gem.ts';
import { icd9cmFormat } from './icd-9-cm.ts';
import { icd10cmFormat } from './icd-10-cm.ts';
import { loinc } from './loinc.ts';
import { nlmIcd9 } from './nlm-icd9.ts';
import { rxnorm } from './rxnorm.ts';
import { snomed } from './snomed.ts';

export const formats: readonly Format[] = [
  snomed,
  nlmIcd9,
  loinc,
  rxnorm,
  icd10cmFormat,
  icd9cmFormat,
  gem,
  cvx,
  csvMap,
  fhir,
];
