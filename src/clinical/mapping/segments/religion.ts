import type { CodeableConcept, Extension } from '@medplum/fhirtypes';
import type { Datatype } from '../convert.ts';
import { cwe, withCoding } from '../datatypes/cwe.ts';
import { type CodeTable, codeTable } from '../tables.ts';

export const RELIGION = 'http://hl7.org/fhir/StructureDefinition/patient-religion';
export const RELIGIOUS_AFFILIATION = 'http://terminology.hl7.org/CodeSystem/v3-ReligiousAffiliation';

/** 0006 Religion, to v3-ReligiousAffiliation, as far as the guide has one for it. */
export const religions: CodeTable = codeTable(
  Object.fromEntries(
    (
      'A:1007 B:1009 E:1069 J:1026 L:1028 M:1027 N:1020 P:1077 AGN:1004 ATH:1007 BAH:1008 BRE:1062 ' +
      'BMA:1029 BTH:1051 CHR:1013 ANG:1005 AOG:1061 BAP:1009 CRR:1079 CHS:1063 COC:1064 COG:1065 ' +
      'COL:1066 EOT:1068 EPI:1069 FRQ:1071 FUL:1072 JWN:1025 MOM:1027 LUT:1028 MET:1073 NAZ:1075 ' +
      'ORT:1036 PEN:1038 PRE:1076 PRO:1077 PRC:1078 QUA:1071 REC:1079 CAT:1041 SAA:1080 SEV:1001 ' +
      'UCC:1082 UNI:1052 UNU:1081 CNF:1014 DOC:1067 HSH:1020 HVA:1020 HOT:1020 JAI:1024 MOS:1023 ' +
      'MSH:1045 MSU:1049 NAM:1074 SHN:1046 SIK:1047 SPI:1048'
    )
      .split(' ')
      .map((pair) => pair.split(':') as [string, string]),
  ),
);

/** PID-17: FHIR's code first, the original behind it. */
export const religion: Datatype<Extension> = (value, context) => {
  const concept: CodeableConcept | undefined = cwe('0006')(value, context);
  const code = religions[value.text.trim().toUpperCase()];
  if (!concept) return undefined;
  const told = code ? withCoding(concept, { system: RELIGIOUS_AFFILIATION, code }) : concept;
  return { url: RELIGION, valueCodeableConcept: told };
};
