import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseExact, parseResource } from '../../src/standards/fhir/index.ts';
import { createValidator, type Issue, type Validator } from '../../src/standards/fhir-validation/index.ts';
import { corporaFolder, corpusFiles } from './corpora.ts';
import { archiveFiles, packageSource } from './fhir-packages-in-memory.ts';

type Resource = Parameters<Validator['validate']>[0];
const base = createValidator();

/** Published examples that break R4 themselves, and how. */
const INVALID_EXAMPLES: Readonly<Record<string, readonly RegExp[]>> = {
  'ActivityDefinition-blood-tubes-supply.json': [/text\.div: txt-2/],
  'ActivityDefinition-heart-valve-replacement.json': [/text\.div: txt-2/],
  'DeviceMetric-example.json': [/^DeviceMetric\.parent: must refer to a type/],
  'DeviceUseStatement-example.json': [/reasonReference\[0\]: must refer to a type/],
  'EventDefinition-example.json': [/text\.div: txt-2/],
  'MedicationRequest-medrx0301.json': [/dispenseRequest\.performer: must refer to a type/],
  'Observation-clinical-gender.json': [/performer\[0\]: must refer to a type/],
  'Questionnaire-qs1.json': [/linkId: the element is required/],
  'Questionnaire-zika-virus-exposure-assessment.json': [/text\.div: txt-2/],
  'Library-zika-virus-intervention-logic.json': [/must be an oid after urn:oid/],
  // The fullUrl of a page's entry and the id of its resource differ.
  'Bundle-*': [/fullUrl: must end in the type and id of the resource/],
  // A part of an extension that the extension's definition does not have.
  'Bundle-hla-1.json': [/hla-genotyping-results-glstring: has no such part/],
  // US Core: a narrative without div; Encounter as the encounter's organization or practitioner.
  'diagnosticreport-cbc.json': [/text\.div: the element is required/],
  'USCore6-resource-bundle.json': [/encounter: must refer to a type/],
  'V6.1.0_USCoreCompliantResources.json': [/encounter: must refer to a type/],
};

const told = ({ expression, rule }: Issue): string => `${expression}: ${rule}`;

function errors(validator: Validator, resource: Resource, file: string): string[] {
  const name = file.split('/').at(-1) ?? '';
  const known = [
    ...(INVALID_EXAMPLES[name] ?? []),
    ...(name.startsWith('Bundle-') ? (INVALID_EXAMPLES['Bundle-*'] ?? []) : []),
  ];
  return validator
    .validate(resource)
    .filter(({ severity }) => severity === 'error')
    .map(told)
    .filter((text) => !known.some((pattern) => pattern.test(text)));
}

function resourcesOf(path: string, bytes: Buffer): Resource[] {
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const texts = path.includes('.ndjson') ? text.split('\n').filter((line) => line.trim() !== '') : [text];
  return texts
    .map((line) => parseExact(line) as Resource)
    .filter(({ resourceType }) => resourceType !== undefined);
}

function invalidOf(
  collection: string,
  accept: RegExp,
  validator = base,
): { count: number; invalid: string[] } {
  let count = 0;
  const invalid: string[] = [];
  for (const { path, bytes } of corpusFiles(collection)) {
    if (!accept.test(path)) continue;
    for (const resource of resourcesOf(path, bytes)) {
      count += 1;
      const found = errors(validator, resource, path);
      if (found.length > 0) invalid.push(`${path}: ${found.slice(0, 3).join('; ')}`);
    }
  }
  return { count, invalid };
}

describe('what is published is valid R4', () => {
  test.each([
    ['fhir-r4-official', /^examples\/.*\.json$/, 700],
    ['synthea-r4-uscore', /\.json\.gz$/, 62],
    ['synthea-r4-smart', /\.json\.gz$/, 30],
    ['synthea-r4-bulk-ndjson', /^10-patients\/.*\.ndjson\.gz$/, 7000],
    // One of the bundles is no JSON (a value is missing in it).
    ['fhir-us-core', /^(?:examples-current|azure-bundles)\/(?!V3\.1\.1).*\.json$/, 230],
  ])('%s', (collection, accept, least) => {
    const { count, invalid } = invalidOf(collection, accept);
    expect(count).toBeGreaterThanOrEqual(least);
    expect(invalid).toEqual([]);
  });
});

describe('US Core 6.1.0', () => {
  let validator: Validator;
  let files: Map<string, Buffer>;
  beforeAll(async () => {
    files = await archiveFiles(join(corporaFolder(), 'fhir-packages/hl7.fhir.us.core-6.1.0.tgz'));
    validator = createValidator(packageSource(files));
  });

  test('its examples meet the profiles that they claim', () => {
    const examples = [...files].filter(([path]) => /^package\/example\/.*\.json$/.test(path));
    expect(examples.length).toBeGreaterThan(150);
    const invalid = examples.flatMap(([path, bytes]) => {
      const resource = parseExact(bytes.toString()) as Resource;
      if (resource.resourceType === undefined) return [];
      const found = errors(validator, resource, path);
      return found.length > 0 ? [`${path}: ${found.slice(0, 3).join('; ')}`] : [];
    });
    expect(invalid).toEqual([]);
  });

  test('Synthea, which writes for 3.1.1, breaks two of its newer rules and no other', () => {
    const newer = /us-core-smokingstatus: category:SocialHistory must occur|^us-core-17: /;
    const broken = new Map<string, number>();
    for (const { path, bytes } of corpusFiles('synthea-r4-uscore')) {
      if (!path.endsWith('.json.gz')) continue;
      for (const resource of resourcesOf(path, bytes).flatMap(entries))
        for (const { severity, rule } of validator.validate(resource))
          if (severity === 'error' && !newer.test(rule)) broken.set(rule, (broken.get(rule) ?? 0) + 1);
    }
    expect([...broken]).toEqual([]);
  });
});

const entries = (bundle: Resource): Resource[] =>
  (bundle.entry as { resource: Resource }[]).map(({ resource }) => resource);

interface Case {
  readonly name: string;
  readonly file: string;
  readonly version?: string;
  readonly module?: string;
  readonly java?: string;
  readonly [option: string]: unknown;
}

/** Cases that need more than R4: packages, profiles, other formats, or a setting of the Java validator. */
const NOT_OURS = ['packages', 'profiles', 'profile', 'supporting', 'logical', 'validateContains'];
const OTHER_FORMATS = ['cda', 'cdshooks', 'logical', 'matchetype', 'dsig', 'json5'];

describe('the validator cases of HL7', () => {
  test('verdicts agree with those of the Java validator', async () => {
    const files = await archiveFiles(join(corporaFolder(), 'fhir-test-cases/validator-suite.tar.gz'));
    const read = (path: string): Buffer | undefined => files.get(`validator/${path}`);
    const manifest = JSON.parse(String(read('manifest.json'))) as { 'test-cases': Case[] };
    const cases = manifest['test-cases'].filter(
      (one) =>
        /^4\.0/.test(one.version ?? '') &&
        one.file.endsWith('.json') &&
        !NOT_OURS.some((option) => option in one) &&
        !OTHER_FORMATS.includes(one.module ?? ''),
    );
    const wrong: string[] = [];
    let agree = 0;
    for (const one of cases) {
      const [instance, outcome] = [read(one.file), read(`outcomes/${one.java}`)];
      if (!instance || !outcome) continue;
      const expected = javaAccepts(outcome);
      if (ours(instance) === expected) agree += 1;
      else
        wrong.push(
          `${expected ? 'accepted by Java only' : 'refused by Java only'}: ${one.name} (${one.module})`,
        );
    }
    console.log(`validator cases: ${agree} of ${agree + wrong.length} agree\n${wrong.join('\n')}`);
    expect(agree + wrong.length).toBeGreaterThan(120);
    expect(wrong.filter((text) => text.startsWith('accepted'))).toEqual([]);
    expect(agree).toBeGreaterThanOrEqual(FLOOR);
  });
});

/** What is missing asks a terminology server for displays and codes, or refuses every extension that it does not know. */
const FLOOR = 102;

function javaAccepts(outcome: Buffer): boolean {
  const { issue = [], outcome: inner } = JSON.parse(outcome.toString()) as {
    issue?: Issue[];
    outcome?: { issue?: Issue[] };
  };
  return !(inner?.issue ?? issue).some(({ severity }) => ['error', 'fatal'].includes(severity));
}

function ours(instance: Buffer): boolean {
  try {
    return base.validate(parseResource(instance)).every(({ severity }) => severity !== 'error');
  } catch {
    return false;
  }
}
