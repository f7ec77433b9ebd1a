import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import { codeSystems } from '../../tables.ts';
import { components, leaveOut, type WriteContext, type Writer } from '../context.ts';

/** URIs to the names that receivers know (table 0396); the first name of each in `codeSystems`. */
const names: ReadonlyMap<string, string> = new Map(
  Object.entries(codeSystems)
    .map(([name, uri]) => [uri, name] as const)
    .reverse(),
);
const V2_TABLE = /^http:\/\/terminology\.hl7\.org\/CodeSystem\/v2-(\d{4})$/;
const LOCAL = /^urn:isthmus:codes:([^:]*):(.*)$/;

/** What a receiver calls a code system. A system's own code systems are called so only before itself. */
export function nameOfSystem(
  uri: string | undefined,
  { system, codeSystems: own }: WriteContext,
): string | undefined {
  if (uri === undefined) return undefined;
  const known = own[uri] ?? names.get(uri);
  if (known !== undefined) return known;
  const table = V2_TABLE.exec(uri)?.[1];
  if (table !== undefined) return `HL7${table}`;
  const [, of = '', name = ''] = LOCAL.exec(uri) ?? [];
  return name !== '' && decodeURIComponent(of) === system ? decodeURIComponent(name) : uri;
}

/**
 * CodeableConcept as CWE: up to three codings with the versions of their systems, CWE-9 the text where it is not the name of the first. A concept
 * of words only is CWE-2.
 */
export const cwe: Writer<CodeableConcept> = ({ coding = [], text }, context) => {
  const [first, second, third, ...others] = coding.filter((one) => one.code !== undefined && isNear(one));
  if (others.length > 0) leaveOut(context, 'CWE has three codings');
  if (!first) return text === undefined ? undefined : ['', text];
  const of = (one: Coding | undefined) => [one?.code, one?.display, nameOfSystem(one?.system, context)];
  return components([
    ...of(first),
    ...of(second),
    first.version,
    second?.version,
    text === first.display ? undefined : text,
    ...of(third),
    third?.version,
  ]);
};

/**
 * A translation that was put beside what was sent (docs/design/terminology.md, TU19) goes out only where it says the same, because CWE has no place for how
 * near it comes.
 */
function isNear({ extension = [] }: Coding): boolean {
  const translation = extension.find(({ url }) => url === 'urn:isthmus:extension:translation');
  const nearness = translation?.extension?.find(({ url }) => url === 'equivalence')?.valueCode;
  return translation === undefined || nearness === 'equal' || nearness === 'equivalent';
}

/** The concept as it was sent: without the coding of FHIR's that mapping put before it. */
export function asSent(concept: CodeableConcept, systems: readonly string[]): CodeableConcept {
  const [first, ...sent] = concept.coding ?? [];
  return sent.length > 0 && systems.includes(first?.system ?? '') ? { ...concept, coding: sent } : concept;
}

/** The codes that a table of the way in maps from, by what it maps to; the first of each. */
export const inverse = (table: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(table)
      .map(([sent, mapped]) => [String(mapped), sent] as const)
      .reverse(),
  );

/**
 * A concept that has the code of an HL7 table, or a code of FHIR that stands for one, as CWE: what was sent goes back; what FHIR's code alone
 * says is looked up.
 */
export const cweOfTable =
  (
    table: string,
    fhir: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): Writer<CodeableConcept> =>
  (concept, context) => {
    const sent = asSent(concept, Object.keys(fhir));
    const [first] = sent.coding ?? [];
    const mapped = fhir[first?.system ?? '']?.[first?.code ?? ''];
    if (mapped === undefined) return cwe(sent, context);
    const original = { system: `http://terminology.hl7.org/CodeSystem/v2-${table}`, code: mapped };
    return cwe({ ...concept, coding: [original] }, context);
  };

const BCP_47 = 'urn:ietf:bcp:47';

/** A language (0296): what was sent, or else the code of BCP 47 alone. */
export const language: Writer<CodeableConcept> = (concept, context) => {
  const sent = asSent(concept, [BCP_47]);
  const [first] = sent.coding ?? [];
  if (sent !== concept || first?.system !== BCP_47) return cwe(sent, context);
  return components([first.code, first.display ?? concept.text]);
};

/** A code of FHIR as the code of a table; one that has none is left out, and said so. */
export const coded =
  (table: string, codes: Readonly<Record<string, string>>): Writer<string> =>
  (value, context) =>
    Object.hasOwn(codes, value) ? codes[value] : leaveOut(context, `table ${table} has a code for it`);
