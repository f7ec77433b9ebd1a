import { csvMap } from './csv-map.ts';
import type { Format } from './format.ts';
import { gem } from './gem.ts';
import { icd9cmFormat } from './icd-9-cm.ts';
import { icd10cmFormat } from './icd-10-cm.ts';

export const formats: readonly Format[] = [icd10cmFormat, icd9cmFormat, gem, csvMap];
