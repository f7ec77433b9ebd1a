import type { CodeableConcept } from '@medplum/fhirtypes';
import type { Datatype } from '../convert.ts';
import { cwe, withCoding } from '../datatypes/cwe.ts';
import { codeTable } from '../tables.ts';

const ROLE_CODE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const CONTACT_ROLE = 'http://terminology.hl7.org/CodeSystem/v2-0131';

/** 0063 Relationship, to v3-RoleCode. */
const roles = codeTable({
  SEL: 'ONESELF',
  SPO: 'SPS',
  DOM: 'SIGOTHR',
  CHD: 'CHILD',
  GCH: 'GRNDCHILD',
  NCH: 'NCHILD',
  SCH: 'STPCHLD',
  FCH: 'CHLDFOST',
  PAR: 'PRN',
  MTH: 'MTH',
  FTH: 'FTH',
  GRP: 'GRPRN',
  EXF: 'EXT',
  SIB: 'SIB',
  BRO: 'BRO',
  SIS: 'SIS',
  FND: 'FRND',
});
/** Those that the guide has under table 0131. */
const contactRoles = codeTable({ EMR: 'E', EMC: 'C', UNK: 'U', OTH: 'O' });
/** Codings of the table itself, and codes whose sender named no table; a local `MTH` is the sender's own. */
const isOfTable = (system: string): boolean => system === '' || /^(HL7)?0063$/i.test(system);

/** CWE of table 0063 → CodeableConcept with FHIR's code first and the original behind it. */
export const relationship: Datatype<CodeableConcept> = (value, context) => {
  const concept = cwe('0063')(value, context);
  if (!concept || !isOfTable(value.component(3))) return concept;
  const sent = value.text.trim().toUpperCase();
  const role = roles[sent];
  if (role) return withCoding(concept, { system: ROLE_CODE, code: role });
  const contactRole = contactRoles[sent];
  return contactRole ? withCoding(concept, { system: CONTACT_ROLE, code: contactRole }) : concept;
};

/** What senders write for the patient being the insured or the guarantor: 0063, X12 1069, and words. */
const SELF: ReadonlySet<string> = new Set(['SEL', 'SELF', '18', 'ONESELF', 'PT', 'PATIENT']);

export const isSelf = (code: string): boolean => SELF.has(code.trim().toUpperCase());
