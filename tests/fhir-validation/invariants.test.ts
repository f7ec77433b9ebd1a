import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { describe, expect, test } from 'vitest';
import { structure, structureNames } from '../../src/standards/fhir/index.ts';
import { against, patient, profile } from './support.ts';

/** Whether the expression holds of the resource, as a profile's invariant. */
function holds(expression: string, resource: object): boolean {
  const type = (resource as { resourceType: string }).resourceType;
  const definition = profile('inv', type, []);
  const [root] = (definition as unknown as { snapshot: { element: object[] } }).snapshot.element;
  Object.assign(root as object, { constraint: [{ key: 'x-1', severity: 'error', expression }] });
  return !against([definition], resource).some((text) => text.includes('x-1: '));
}

const subject = patient({
  active: true,
  multipleBirthInteger: 2,
  telecom: [
    { system: 'phone', value: '555-1', use: 'home', rank: 1 },
    { system: 'email', value: 'a@b', use: 'work', rank: 2 },
  ],
  name: [{ family: 'Muster', given: ['Ada', 'Bea'], period: { start: '2000-01-01', end: '2001-01-01' } }],
  contact: [{ name: { family: 'C' }, extension: [{ url: 'urn:e', valueString: 'x' }] }],
  contained: [{ resourceType: 'Organization', id: 'org', name: 'O' }],
  managingOrganization: { reference: '#org' },
});

/** Expressions in the ways that invariants of R4 and US Core are written. */
const expressions = [
  'name.exists()',
  'photo.exists()',
  'photo.empty() and name.exists()',
  "gender = 'male' or active",
  'gender.exists() xor active.exists()',
  'photo.exists() implies gender.exists()',
  'active implies gender.exists()',
  'name.given.count() = 2',
  'name.given.count() + telecom.count() > 3',
  "telecom.where(system = 'phone').value = '555-1'",
  "telecom.all(use = 'home' or use = 'work')",
  "telecom.exists(use = 'old')",
  'telecom.rank.isDistinct()',
  'telecom.select(system & use).isDistinct()',
  "telecom.system.first() = 'phone'",
  "telecom.system.last() = 'email'",
  "telecom.system.tail() = 'email'",
  "telecom[1].system = 'email'",
  "name.given.first() in ('Ada' | 'Cid')",
  '(name.given | name.family).count() = 3',
  "name.given contains 'Bea'",
  "name.family.startsWith('Mus') and name.family.endsWith('ter')",
  "name.family.matches('^[A-Z][a-z]+$')",
  "name.family.contains('ust').not()",
  'name.family.length() = 6',
  "name.family.substring(0, 3) = 'Mus'",
  'iif(active, name.exists(), photo.exists())',
  'multipleBirth > 1',
  'multipleBirth.is(integer)',
  '(multipleBirth as integer) * 2 = 4',
  'multipleBirth mod 2 = 0',
  'multipleBirth - 1 = 1',
  'name.period.start <= name.period.end',
  'name.period.start >= name.period.end',
  'birthDate < @2000-01-01',
  'active.not().not()',
  'Patient.name.exists()',
  "contact.extension('urn:e').exists()",
  "contact.extension.value = 'x'",
  'contact.name.family.toString().length() = 1',
  "descendants().where($this = 'Bea').exists()",
  'children().count() > 5',
  'name.given.intersect(name.family).empty()',
  'name.given.combine(name.family).count() = 3',
  '%resource.active',
  '{}.empty()',
  'telecom.rank.select($this > 0).allTrue()',
  "`name`.family = 'Muster'",
  'contained.ofType(Organization).exists()',
  'contained.all($this is Organization)',
  'telecom.aggregate($this.rank + $total, 0) = 3',
  'name.repeat(given).count() = 2',
];

describe('FHIRPath', () => {
  test.each(expressions)('[V24] %s is what the library says', (expression) => {
    const result = fhirpath.evaluate(subject, expression, { resource: subject }, r4) as unknown[];
    expect(holds(expression, subject)).toBe(result.length === 1 && result[0] === true);
  });

  test('[V24] every choice of R4 is found by its element name', () => {
    const names = new Set<string>();
    for (const name of structureNames())
      for (const rule of structure(name)?.elements ?? []) if (rule.choice) names.add(rule.name);
    expect(names.size).toBeGreaterThan(60);
    const basic = (name: string): object => ({
      resourceType: 'Basic',
      code: { text: 'c' },
      [`${name}String`]: 'x',
    });
    expect([...names].filter((name) => !holds(`${name}.exists()`, basic(name)))).toEqual([]);
  });

  test('[V13] dates of different precision are in no order when one is within the other', () => {
    const period = (start: string, end: string): object =>
      patient({ name: [{ text: 'a', period: { start, end } }] });
    expect(holds('name.period.all(start <= end)', period('2026-01-01', '2026-01-02T00:00:00Z'))).toBe(true);
    expect(
      holds('name.period.all(start <= end)', period('2026-01-01T10:00:00+02:00', '2026-01-01T08:00:00Z')),
    ).toBe(true);
    expect(
      holds('name.period.all(start <= end)', period('2026-01-01T10:00:01+02:00', '2026-01-01T08:00:00Z')),
    ).toBe(false);
  });

  test('[V13] what can be evaluated by nobody here is passed over', () => {
    expect(holds("name.memberOf('urn:vs')", subject)).toBe(true);
    expect(holds('name.given or active', subject)).toBe(true);
    expect(holds('this is no fhirpath ((', subject)).toBe(true);
  });

  test('[V24] exact decimals count as numbers', () => {
    expect(holds('multipleBirth >= 2', { ...subject, multipleBirthInteger: '\0#2.0' })).toBe(true);
    expect(holds('multipleBirth.toInteger() + 1 = 3', subject)).toBe(true);
  });
});
