import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'lossless-json';
import { list } from 'tar';
import { describe, expect, test } from 'vitest';
import {
  applyFhirPathPatch,
  applyJsonPatch,
  type ElementRule,
  expandValueSet,
  FhirError,
  type Json,
  parseResource,
  patientCompartment,
  resourceTypes,
  type Structure,
  stringifyExact,
  structure,
  structureFromDefinition,
  structureNames,
  type ValueSetCodes,
  valueSet,
} from '../../src/standards/fhir/index.ts';
import { corporaFolder, corpusFiles } from './corpora.ts';
import { parseXml, resourceOf } from './fhir-xml.ts';

type Published = { readonly resourceType: string; readonly url: string; readonly [element: string]: unknown };

/** HL7's own package of R4 4.0.1. */
async function official(): Promise<Published[]> {
  const resources: Published[] = [];
  const parser = list({
    onReadEntry(entry) {
      const parts: Buffer[] = [];
      entry.on('data', (part: Buffer) => parts.push(part));
      entry.on('end', () => {
        if (
          /(?:^|\/)(?:StructureDefinition|ValueSet|CodeSystem|CompartmentDefinition)-[^/]*\.json$/.test(
            entry.path,
          )
        )
          resources.push(JSON.parse(Buffer.concat(parts).toString('utf8')));
      });
    },
  });
  const file = join(corporaFolder(), 'fhir-r4-official/hl7.fhir.r4.core-4.0.1.tar.gz');
  await new Promise((done, failed) =>
    createReadStream(file).pipe(parser).on('end', done).on('error', failed),
  );
  return resources;
}

const published = official();
const byUrl = async (resourceType: string): Promise<Map<string, Published>> =>
  new Map((await published).filter((one) => one.resourceType === resourceType).map((one) => [one.url, one]));

describe('the definitions of R4 against HL7’s package', () => {
  test('all types are there, with the same elements', async () => {
    const theirs = [...(await byUrl('StructureDefinition')).values()].flatMap(
      (one) => structureFromDefinition(one) ?? [],
    );
    const types = theirs.filter(
      ({ derivation, kind }) => derivation === 'specialization' && kind !== 'logical',
    );
    expect(types.length).toBeGreaterThan(200);
    const differences = [];
    for (const one of types) {
      const ours = structure(one.url.replace(/^.*\//, ''));
      if (!ours) throw new Error(`${one.url} is missing`);
      expect(ours.elements.map(({ path }) => path)).toEqual(one.elements.map(({ path }) => path));
      for (const [index, element] of one.elements.entries())
        if (!same(ours.elements[index], decisive(element))) differences.push(element.path);
    }
    // Corrected after 4.0.1: scripts/definitions/corrections.ts says how.
    expect(differences.sort()).toEqual(['Appointment', 'Bundle.entry', 'Timing.repeat']);
    const concrete = types.filter(({ kind, abstract }) => kind === 'resource' && !abstract);
    expect([...resourceTypes, 'Parameters'].sort()).toEqual(concrete.map(({ type }) => type).sort());
    const constrained = ['SimpleQuantity', 'MoneyQuantity'];
    expect([...structureNames()]).toHaveLength(types.length + constrained.length);
  });

  test('the value sets have the same codes', async () => {
    const [codeSystems, valueSets] = [await byUrl('CodeSystem'), await byUrl('ValueSet')];
    const find = (among: Map<string, Published>) => (canonical: string) =>
      among.get(canonical) ?? among.get(canonical.split('|')[0] ?? '');
    const source = { codeSystem: find(codeSystems), valueSet: find(valueSets) };
    const different = [...valueSets].filter(([url, one]) => {
      const [ours, theirs] = [valueSet(url), expandValueSet(one, source)];
      const licensed = [...(theirs.systems?.keys() ?? [])].some((system) => /snomed|loinc/.test(system));
      return !licensed && codesText(ours) !== codesText(theirs);
    });
    // Two codes that the package adds to sets which bind nothing.
    expect(different.map(([url]) => url).sort()).toEqual([
      'http://hl7.org/fhir/ValueSet/questionnaire-item-control',
      'http://terminology.hl7.org/ValueSet/v2-0550',
    ]);
    expect(valueSets.size).toBeGreaterThan(1000);
  });

  test('the patient compartment is the same', async () => {
    const definition = (await byUrl('CompartmentDefinition')).get(
      'http://hl7.org/fhir/CompartmentDefinition/patient',
    );
    const resources = definition?.resource as { code: string; param?: string[] }[];
    expect(resources.length).toBeGreaterThan(100);
    for (const { code, param = [] } of resources) expect(patientCompartment(code), code).toEqual(param);
  });
});

/** What of a published element is carried along: only bindings that decide. */
function decisive({ binding, ...element }: ElementRule): Structure['elements'][number] {
  return binding && (binding.strength === 'required' || binding.maxValueSet)
    ? { ...element, binding }
    : element;
}

const same = (one: unknown, other: unknown): boolean => sortedText(one) === sortedText(other);

const sortedText = (value: unknown): string =>
  JSON.stringify(value, (_key, member) => {
    if (member === Number.POSITIVE_INFINITY) return '*';
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

const codesText = (codes: ValueSetCodes | undefined): string =>
  JSON.stringify(
    codes?.systems &&
      [...codes.systems].map(([system, list]) => [system, list === 'all' ? list : [...list].sort()]).sort(),
  );

test('every official example is parsed and comes back digit by digit', () => {
  const examples = corpusFiles('fhir-r4-official').filter(({ path }) => path.startsWith('examples'));
  expect(examples.length).toBeGreaterThan(500);
  for (const { path, bytes } of examples) {
    const resource = parseResource(bytes);
    // Another parser that keeps numbers as they are written.
    expect(stringifyExact(resource), path).toBe(stringify(parse(bytes.toString('utf8'))));
  }
});

test('the vectors of RFC 6902 in FHIR’s test cases', () => {
  interface Vector {
    readonly comment: string;
    readonly doc: Json;
    readonly patch: unknown;
    readonly expected?: object;
  }
  const file = join(corporaFolder(), 'fhir-test-cases/r4/patch/json-patch-tests.json');
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vector[];
  expect(vectors.length).toBeGreaterThan(15);
  // FHIR has no empty objects, so the one that is added here goes ([P7]).
  const empty = 'A.10.  Adding a nested Member Object';
  for (const { comment, doc, patch, expected } of vectors) {
    if (comment === empty) expect(applyJsonPatch(doc, patch)).toEqual({ foo: 'bar' });
    else if (expected) expect(applyJsonPatch(doc, patch), comment).toEqual(expected);
    else expect(() => applyJsonPatch(doc, patch), comment).toThrow(FhirError);
  }
});

test('the vectors of FHIRPath Patch in FHIR’s test cases', () => {
  const file = join(corporaFolder(), 'fhir-test-cases/r4/patch/fhir-patch-tests.xml');
  const [tests] = parseXml(readFileSync(file, 'utf8')).children;
  const cases = tests?.children.filter(({ name }) => name === 'case') ?? [];
  expect(cases).toHaveLength(33);
  for (const one of cases) {
    const title = one.attributes.name;
    const part = (name: string): Json | undefined =>
      one.children.find((child) => child.name === name)?.children.map(resourceOf)[0];
    const [input, parameters, output] = [part('input'), part('diff'), part('output')];
    if (!input) throw new Error(`${title} has no input`);
    if (output) expect(applyFhirPathPatch(input, parameters), title).toEqual(output);
    else expect(() => applyFhirPathPatch(input, parameters), title).toThrow(FhirError);
  }
});
