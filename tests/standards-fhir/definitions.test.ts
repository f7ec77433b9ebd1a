import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generateDefinitions } from '../../scripts/definitions/generate.ts';
import { publishedStructures } from '../../scripts/definitions/structures.ts';
import { unpacked } from '../../scripts/definitions/terminology.ts';
import {
  codeSystemCodes,
  type ElementRule,
  expandValueSet,
  isKnownResourceType,
  patientCompartment,
  resourceTypes,
  structure,
  structureFromDefinition,
  structureNames,
  valueSet,
} from '../../src/standards/fhir/index.ts';

const element = (type: string, path: string): ElementRule => {
  const found = structure(type)?.elements.find((one) => one.path === path);
  if (!found) throw new Error(`no ${path}`);
  return found;
};

describe('the definitions in the repository', () => {
  test('are those that `npm run definitions` makes', () => {
    for (const [path, text] of generateDefinitions()) {
      const present = readFileSync(path, 'utf8');
      if (path.endsWith('/terminology.json')) expect(unpacked(present)).toEqual(unpacked(text));
      else expect(present === text, `${path} is as generated`).toBe(true);
      expect(text.length).toBeLessThan(1_500_000);
    }
  });

  test('give every published structure back, whole', () => {
    const published = publishedStructures();
    expect([...structureNames()]).toHaveLength(published.length);
    for (const one of published) expect(structure(one.url.replace(/^.*\//, ''))).toEqual(one);
  });
});

describe('structures', () => {
  test('are those of R4 4.0.1: 146 concrete resource types, of which Parameters is not stored', () => {
    expect(resourceTypes).toHaveLength(145);
    expect(resourceTypes).not.toContain('Parameters');
    expect(isKnownResourceType('Parameters')).toBe(true);
    for (const other of [
      'SubscriptionStatus',
      'Project',
      'Bot',
      'DomainResource',
      'MetadataResource',
      'HumanName',
    ])
      expect(isKnownResourceType(other)).toBe(false);
    for (const type of resourceTypes) expect(structure(type)).toMatchObject({ kind: 'resource', type });
    expect(structure('SubscriptionStatus')).toBeUndefined();
    expect(structure('__proto__')).toBeUndefined();
  });

  test('say cardinality, types, bindings, targets, flags and invariants of an element', () => {
    expect(element('Observation', 'Observation.status')).toMatchObject({
      min: 1,
      max: 1,
      array: false,
      types: [{ code: 'code' }],
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/observation-status|4.0.1' },
      summary: true,
      modifier: true,
    });
    expect(element('Observation', 'Observation.value[x]')).toMatchObject({ name: 'value', choice: true });
    expect(element('Observation', 'Observation.value[x]').types).toHaveLength(11);
    expect(element('Observation', 'Observation.component.referenceRange')).toMatchObject({
      contentReference: 'Observation.referenceRange',
      max: Number.POSITIVE_INFINITY,
      array: true,
      types: [],
    });
    expect(element('Condition', 'Condition.subject').types).toEqual([
      {
        code: 'Reference',
        targetProfiles: [
          'http://hl7.org/fhir/StructureDefinition/Patient',
          'http://hl7.org/fhir/StructureDefinition/Group',
        ],
      },
    ]);
    const keys = element('Observation', 'Observation').invariants.map(({ key }) => key);
    expect(keys).toEqual(['dom-2', 'dom-3', 'dom-4', 'dom-5', 'dom-6', 'obs-6', 'obs-7']);
  });

  test('resolve the system types: ids, the url of an extension, the values of primitives', () => {
    expect(element('Patient', 'Patient.id').types).toEqual([{ code: 'id' }]);
    expect(element('HumanName', 'HumanName.id').types).toEqual([{ code: 'string' }]);
    expect(element('Extension', 'Extension.url').types).toEqual([{ code: 'uri' }]);
    expect(element('decimal', 'decimal.value').types).toEqual([{ code: 'System.Decimal' }]);
    expect(element('id', 'id.value').regex).toBe('[A-Za-z0-9\\-\\.]{1,64}');
  });

  test('hold a profile as well: slices, patterns, fixed values, narrowed arrays', () => {
    const profile = structureFromDefinition({
      resourceType: 'StructureDefinition',
      url: 'urn:profile',
      version: '1.2',
      type: 'Observation',
      kind: 'resource',
      derivation: 'constraint',
      baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Observation',
      snapshot: {
        element: [
          { id: 'Observation', path: 'Observation', min: 0, max: '*' },
          {
            id: 'Observation.category',
            path: 'Observation.category',
            min: 1,
            max: '1',
            base: { path: 'Observation.category', min: 0, max: '*' },
            slicing: { discriminator: [{ type: 'pattern', path: '$this' }], rules: 'open' },
            type: [{ code: 'CodeableConcept' }],
            mustSupport: true,
          },
          {
            id: 'Observation.category:vital',
            path: 'Observation.category',
            sliceName: 'vital',
            min: 1,
            max: '1',
            base: { path: 'Observation.category', min: 0, max: '*' },
            type: [{ code: 'CodeableConcept' }],
            patternCodeableConcept: { coding: [{ code: 'vital-signs' }] },
          },
          { id: 'Observation.implicitRules', path: 'Observation.implicitRules', max: '0', fixedUri: 'urn:x' },
          'no element',
        ],
      },
    });
    expect(profile).toMatchObject({ derivation: 'constraint', version: '1.2', type: 'Observation' });
    expect(profile?.elements).toHaveLength(4);
    expect(profile?.elements[1]).toMatchObject({
      array: true,
      max: 1,
      mustSupport: true,
      slicing: { discriminators: [{ type: 'pattern', path: '$this' }], ordered: false, rules: 'open' },
    });
    expect(profile?.elements[2]).toMatchObject({
      sliceName: 'vital',
      pattern: { type: 'CodeableConcept', value: { coding: [{ code: 'vital-signs' }] } },
    });
    expect(profile?.elements[3]).toMatchObject({ max: 0, fixed: { type: 'uri', value: 'urn:x' } });
  });

  test.each([
    [undefined],
    [null],
    [[]],
    [{ resourceType: 'StructureDefinition', url: 'urn:x', type: 'X' }],
    [{}],
  ])('%j is no definition with a snapshot', (definition) => {
    expect(structureFromDefinition(definition)).toBeUndefined();
  });
});

describe('value sets', () => {
  test('list the codes of a required binding, whatever version is named', () => {
    const genders = ['female', 'male', 'other', 'unknown'];
    const set = valueSet('http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1');
    expect([...(set?.systems ?? [])]).toEqual([
      ['http://hl7.org/fhir/administrative-gender', new Set(genders)],
    ]);
    expect(valueSet('http://hl7.org/fhir/ValueSet/administrative-gender')).toBe(set);
    expect(valueSet('http://hl7.org/fhir/ValueSet/none')).toBeUndefined();
  });

  test.each(['mimetypes', 'currencies', 'all-languages', 'ucum-units'])(
    'leave %s to those who know it',
    (name) => {
      const set = valueSet(`http://hl7.org/fhir/ValueSet/${name}`);
      expect([...(set?.systems?.values() ?? ['all'])]).toEqual(['all']);
    },
  );

  test('every required binding of R4 has a value set, but for one that R4 does not publish', () => {
    const missing = new Set<string>();
    for (const name of structureNames())
      for (const { binding } of structure(name)?.elements ?? [])
        if (binding?.strength === 'required' && !valueSet(binding.valueSet)) missing.add(binding.valueSet);
    expect([...missing]).toEqual(['http://loinc.org/vs/LL379-9|4.0.1']);
  });

  test('code systems are whole', () => {
    expect(codeSystemCodes('http://terminology.hl7.org/CodeSystem/condition-clinical')).toEqual(
      new Set(['active', 'recurrence', 'relapse', 'inactive', 'remission', 'resolved']),
    );
    expect(codeSystemCodes('http://snomed.info/sct')).toBeUndefined();
  });
});

describe('expansion', () => {
  const codeSystem = {
    resourceType: 'CodeSystem',
    url: 'urn:cs',
    content: 'complete',
    concept: [
      { code: 'a', concept: [{ code: 'a1', concept: [{ code: 'a11' }] }, { code: 'a2' }] },
      { code: 'b', property: [{ code: 'child', valueCode: 'a2' }] },
    ],
  };
  const partial = {
    resourceType: 'CodeSystem',
    url: 'urn:part',
    content: 'fragment',
    concept: [{ code: 'p' }],
  };
  const sets: Record<string, unknown> = {
    'urn:loop': { url: 'urn:loop', compose: { include: [{ valueSet: ['urn:loop'] }] } },
    'urn:listed': { compose: { include: [{ system: 'urn:cs', concept: [{ code: 'a1' }, { code: 'b' }] }] } },
  };
  const source = {
    codeSystem: (url: string) => ({ 'urn:cs': codeSystem, 'urn:part': partial })[url],
    valueSet: (url: string) => sets[url],
  };
  const codes = (compose: unknown, more = {}) => {
    const { systems } = expandValueSet({ resourceType: 'ValueSet', url: 'urn:vs', compose, ...more }, source);
    if (!systems) return 'open';
    return Object.fromEntries(
      [...systems].map(([url, list]) => [url, list === 'all' ? 'all' : [...list].sort()]),
    );
  };
  const isA = (value: string, op = 'is-a') => ({
    system: 'urn:cs',
    filter: [{ property: 'concept', op, value }],
  });

  test.each([
    ['a whole code system', { include: [{ system: 'urn:cs' }] }, { 'urn:cs': ['a', 'a1', 'a11', 'a2', 'b'] }],
    ['is-a', { include: [isA('a')] }, { 'urn:cs': ['a', 'a1', 'a11', 'a2'] }],
    ['is-a by a property', { include: [isA('b')] }, { 'urn:cs': ['a2', 'b'] }],
    ['descendent-of', { include: [isA('a', 'descendent-of')] }, { 'urn:cs': ['a1', 'a11', 'a2'] }],
    ['an unknown filter', { include: [isA('a', 'regex')] }, { 'urn:cs': 'all' }],
    ['a fragment', { include: [{ system: 'urn:part' }] }, { 'urn:part': 'all' }],
    ['an unknown system', { include: [{ system: 'urn:other' }] }, { 'urn:other': 'all' }],
    [
      'a list of an unknown system',
      { include: [{ system: 'urn:other', concept: [{ code: 'x' }] }] },
      { 'urn:other': ['x'] },
    ],
    ['an import', { include: [{ valueSet: ['urn:listed'] }] }, { 'urn:cs': ['a1', 'b'] }],
    [
      'an import and a filter',
      { include: [{ ...isA('a'), valueSet: ['urn:listed'] }] },
      { 'urn:cs': ['a1'] },
    ],
    ['an unknown import', { include: [{ valueSet: ['urn:none'] }] }, 'open'],
    ['an import of itself', { include: [{ valueSet: ['urn:loop'] }] }, 'open'],
    ['an exclusion', { include: [{ system: 'urn:cs' }], exclude: [isA('a')] }, { 'urn:cs': ['b'] }],
    [
      'an exclusion nobody can follow',
      { include: [{ system: 'urn:cs' }], exclude: [isA('a', 'regex')] },
      'open',
    ],
    ['a union with all', { include: [isA('a', 'regex'), { valueSet: ['urn:listed'] }] }, { 'urn:cs': 'all' }],
    ['nothing', undefined, 'open'],
  ])('%s', (_what, compose, expected) => {
    expect(codes(compose)).toEqual(expected);
  });

  test('an expansion that comes along counts where the composition cannot be followed, when it is whole', () => {
    const contains = [{ system: 'urn:x', code: '1', contains: [{ system: 'urn:x', code: '2' }] }];
    const compose = { include: [{ valueSet: ['urn:none'] }] };
    expect(codes(compose, { expansion: { contains } })).toEqual({ 'urn:x': ['1', '2'] });
    expect(codes(compose, { expansion: { contains, total: 3 } })).toBe('open');
  });
});

test('the patient compartment', () => {
  expect(patientCompartment('Observation')).toEqual(['subject', 'performer']);
  expect(patientCompartment('Patient')).toEqual(['link']);
  expect(patientCompartment('Practitioner')).toEqual([]);
  expect(patientCompartment('constructor')).toEqual([]);
});
