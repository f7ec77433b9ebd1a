import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { structure } from '../../src/standards/fhir/index.ts';
import { errorsOf, observation, patient } from './support.ts';

type Tree = { [name: string]: unknown };

const valid: readonly Tree[] = [
  patient({
    active: true,
    identifier: [{ system: 'urn:oid:2.16.840.1', value: '1' }],
    telecom: [{ system: 'phone', value: '1', rank: 1 }],
    contact: [{ name: { family: 'B' }, relationship: [{ coding: [{ system: 'urn:r', code: 'a' }] }] }],
    extension: [{ url: 'urn:e', extension: [{ url: 'a', valueDecimal: 1.5 }] }],
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Ada</div>' },
  }) as Tree,
  observation({
    category: [{ coding: [{ system: 'urn:c', code: 'a' }] }],
    component: [{ code: { text: 'c' }, valueInteger: 3, referenceRange: [{ low: { value: 1 } }] }],
  }) as Tree,
  {
    resourceType: 'MedicationRequest',
    ...{ status: 'active', intent: 'order', authoredOn: '2026-01-01' },
    medicationCodeableConcept: { text: 'm' },
    subject: { reference: 'Patient/p1' },
    dosageInstruction: [
      {
        timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
        doseAndRate: [{ doseQuantity: { value: 1, unit: 'u' } }],
      },
    ],
  },
  {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      {
        fullUrl: 'urn:x',
        resource: { resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' } },
      },
    ],
  },
];

/** Every object in the tree, as the path to it. */
function objectsIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => objectsIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => objectsIn(inner, [...path, name]))];
}

const at = (tree: unknown, path: readonly (string | number)[]): Tree =>
  path.reduce<unknown>((inner, part) => (inner as Tree)[part], tree) as Tree;

/** A valid resource with one of its objects picked out. */
const spot = fc
  .nat(valid.length - 1)
  .chain((index) =>
    fc.record({ tree: fc.constant(valid[index]!), path: fc.constantFrom(...objectsIn(valid[index])) }),
  )
  .map(({ tree, path }) => {
    const copy = structuredClone(tree);
    return { copy, object: at(copy, path), path };
  });

const member = spot
  .chain(({ copy, path }) =>
    fc.record({
      copy: fc.constant(copy),
      path: fc.constant(path),
      name: fc.constantFrom(...Object.keys(at(copy, path))),
    }),
  )
  .filter(({ name }) => name !== 'resourceType')
  .map(({ copy, path, name }) => {
    const fresh = structuredClone(copy);
    return { copy: fresh, object: at(fresh, path), name };
  });

describe('mutations of valid resources', () => {
  test('[V1] they are valid to begin with', () => {
    for (const resource of valid) expect(errorsOf(resource)).toEqual([]);
  });

  test('[V1] an unknown element is found wherever it is put', () => {
    fc.assert(
      fc.property(spot, fc.stringMatching(/^[a-z]{3,12}Zz$/), ({ copy, object }, name) => {
        object[name] = 'x';
        expect(errorsOf(copy)).toContainEqual(expect.stringMatching(/the type has no such element$/));
      }),
    );
  });

  test('[V1] a value of another JSON kind is found', () => {
    fc.assert(
      fc.property(
        member,
        fc.constantFrom<unknown>(null, [], {}, [[]], [{}], [null]),
        ({ copy, object, name }, other) => {
          object[name] = other;
          expect(errorsOf(copy)).not.toEqual([]);
        },
      ),
    );
  });

  test('[V1] a list instead of one, and one instead of a list, is found', () => {
    fc.assert(
      fc.property(member, ({ copy, object, name }) => {
        const value = object[name];
        object[name] = Array.isArray(value) ? value[0] : [value];
        expect(errorsOf(copy)).toContainEqual(expect.stringMatching(/must(?: not)? be a JSON array$/));
      }),
    );
  });

  test('[V3] a required element that is taken away is found', () => {
    for (const resource of valid) {
      const type = String(resource.resourceType);
      for (const rule of structure(type)?.elements ?? []) {
        if (rule.min === 0 || rule.path.split('.').length !== 2) continue;
        const copy = structuredClone(resource);
        for (const name of Object.keys(copy)) if (name.startsWith(rule.name)) delete copy[name];
        expect(errorsOf(copy)).toContain(`${rule.path.replace('[x]', '')}: the element is required`);
      }
    }
  });

  test('[V23] whatever JSON comes, nothing throws and the list is bounded', () => {
    const json = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(member, json, ({ copy, object, name }, value) => {
        object[name] = value;
        object[`_${name}`] = value;
        expect(errorsOf(copy).length).toBeLessThanOrEqual(80);
      }),
    );
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('meta', 'contained', 'text', 'entry', 'extension', 'code', 'item', 'parameter'),
          json,
        ),
        (members) => {
          for (const resourceType of ['Patient', 'Bundle', 'Parameters', 'Questionnaire', 'Observation'])
            expect(errorsOf({ resourceType, ...members }).length).toBeLessThanOrEqual(80);
        },
      ),
    );
  });
});
