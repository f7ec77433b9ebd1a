import type { Segment } from '../../../standards/hl7v2/index.ts';
import { codeTable } from '../tables.ts';
import { observationTypeOf } from './observations.ts';
import type { IdentifiedResult } from './oru-keys.ts';

const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';

/** OBR-24 (table 0074) tells images and others from the laboratory, which is what ORU carries when it says nothing. */
const SECTIONS = codeTable({
  RAD: 'imaging',
  CT: 'imaging',
  CTH: 'imaging',
  CUS: 'imaging',
  MRI: 'imaging',
  NMR: 'imaging',
  NMS: 'imaging',
  RUS: 'imaging',
  RX: 'imaging',
  VUS: 'imaging',
  XRC: 'imaging',
  OUS: 'imaging',
  EC: 'procedure',
  EN: 'procedure',
  PHR: 'procedure',
});

const category = (code: string): object => ({ coding: [{ system: OBSERVATION_CATEGORY, code }] });
export const LABORATORY = category('laboratory');

function categoryOf(obr: Segment): object {
  const code = SECTIONS[obr.field(24).text];
  return code === undefined ? LABORATORY : category(code);
}

/** What kind of result it is, for whoever filters: the section of its order, and what OBX-29 says. */
export const categoriesOf = (obr: Segment, result: IdentifiedResult): object[] => [
  categoryOf(obr),
  ...observationTypeOf(result),
];
