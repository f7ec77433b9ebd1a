import type { Annotation, CodeableConcept, Coding } from '@medplum/fhirtypes';
import type { Repetition } from '../../../standards/hl7v2/index.ts';
import type { MapContext } from '../context.ts';
import { type Datatype, orNothing, present } from '../convert.ts';
import { codeSystems } from '../tables.ts';

/** `http://terminology.hl7.org/CodeSystem/v2-0001` for table 0001. */
export const v2Table = (table: string): string => `http://terminology.hl7.org/CodeSystem/v2-${table}`;

/**
 * A coding system by its name in table 0396. A name that is known to nobody is the sender's own: its URI carries the sender, so that two
 * systems' `L` are not one.
 */
export function codeSystemUri(name: string, context: MapContext): string | undefined {
  if (name === '') return undefined;
  const known = codeSystems[name] ?? codeSystems[name.toUpperCase()];
  if (known) return known;
  const table = /^HL7(\d{4})$/i.exec(name)?.[1];
  if (table) return v2Table(table);
  const oid = /^(?:urn:oid:)?([0-2](?:\.(?:0|[1-9]\d*))+)$/i.exec(name)?.[1];
  if (oid) return oidSystems[oid] ?? `urn:oid:${oid}`;
  if (/^(?:https?|urn):/i.test(name)) return name;
  return `urn:isthmus:codes:${encodeURIComponent(context.system)}:${encodeURIComponent(name)}`;
}

/** Where the parts of CWE's three codings stand: code, name, system, version, OID of the system. */
const CODINGS = [
  { code: 1, system: 3, version: 7, oid: 14 },
  { code: 4, system: 6, version: 8, oid: 17 },
  { code: 10, system: 12, version: 13, oid: 20 },
] as const;
type CodingAt = (typeof CODINGS)[number];

/** OIDs (CWE-14, 17, 20) of systems that have a URI in FHIR. */
const oidSystems: Readonly<Record<string, string>> = {
  '2.16.840.1.113883.6.1': 'http://loinc.org',
  '2.16.840.1.113883.6.96': 'http://snomed.info/sct',
  '2.16.840.1.113883.6.90': 'http://hl7.org/fhir/sid/icd-10-cm',
  '2.16.840.1.113883.6.3': 'http://hl7.org/fhir/sid/icd-10',
  '2.16.840.1.113883.6.8': 'http://unitsofmeasure.org',
  '2.16.840.1.113883.6.88': 'http://www.nlm.nih.gov/research/umls/rxnorm',
  '2.16.840.1.113883.6.69': 'http://hl7.org/fhir/sid/ndc',
  '2.16.840.1.113883.12.292': 'http://hl7.org/fhir/sid/cvx',
};

/**
 * CWE, CE, CNE, and IS or ID as a code alone, → CodeableConcept (v2-to-FHIR guide, CWE[CodeableConcept]): each of the up to three codings is
 * kept with the version of its system, and CWE-9 or the first name as the text. `table` is the field's own table, taken when CWE-3 is empty.
 */
export const cwe =
  (table?: string): Datatype<CodeableConcept> =>
  (value, context) => {
    const coding = codingsOf(value, context, table);
    return present<CodeableConcept>({
      coding: coding.length > 0 ? coding : undefined,
      text: orNothing(value.component(9)) ?? coding[0]?.display ?? orNothing(value.component(2)),
    });
  };

/** Its codings alone. */
export function codingsOf(value: Repetition, context: MapContext, table?: string): Coding[] {
  const { componentCount } = value;
  const codings: Coding[] = [];
  for (const at of CODINGS) {
    if (at.code > componentCount) break;
    const coding = codingAt(value, at, context, at.code === 1 ? table : undefined);
    if (coding) codings.push(coding);
  }
  return codings;
}

function codingAt(value: Repetition, at: CodingAt, context: MapContext, table?: string): Coding | undefined {
  const code = value.component(at.code).trim();
  if (code === '') return undefined;
  const oid = value.component(at.oid);
  const named =
    codeSystemUri(value.component(at.system), context) ??
    (oid === '' ? undefined : codeSystemUri(oid, context));
  return present<Coding>({
    system: named ?? (table && v2Table(table)),
    version: orNothing(value.component(at.version)),
    code,
    display: orNothing(value.component(at.code + 1)),
  });
}

/** CWE[Coding]: the first coding. */
export const coding =
  (table?: string): Datatype<Coding> =>
  (value, context) =>
    codingsOf(value, context, table)[0];

/** CWE[string]: what it says in words, or else its code. */
export const cweText: Datatype<string> = (value) =>
  orNothing(value.component(9)) ?? orNothing(value.component(2)) ?? orNothing(value.component(1));

/** CWE[Annotation]. */
export const cweNote: Datatype<Annotation> = (value, context) => {
  const text = cweText(value, context);
  return text === undefined ? undefined : { text };
};

/** The concept with a coding of FHIR's own put first, the sender's kept behind it. */
export function withCoding(concept: CodeableConcept, first: Coding): CodeableConcept {
  return { ...concept, coding: [first, ...(concept.coding ?? [])] };
}
