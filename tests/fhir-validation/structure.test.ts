import { describe, expect, test } from 'vitest';
import { errorsOf, exact, observation, patient } from './support.ts';

/** what is done · the resource · where · the rule */
const cases: readonly (readonly [string, object, string, string])[] = [
  ['[V1] an unknown element', patient({ nickname: 'A' }), 'Patient.nickname', 'the type has no such element'],
  [
    '[V1] an unknown element of a datatype',
    patient({ name: [{ first: 'A' }] }),
    'Patient.name[0].first',
    'the type has no such element',
  ],
  [
    '[V1] a name that can be no element is not told',
    patient({ 'Ada Muster': 1 }),
    'Patient',
    'the type has no element of a name that was given',
  ],
  [
    '[V1] an unknown backbone element',
    patient({ contact: [{ name: { text: 'B' }, phone: '1' }] }),
    'Patient.contact[0].phone',
    'the type has no such element',
  ],
  [
    '[V1] a single value where many may stand',
    patient({ name: { text: 'A' } }),
    'Patient.name',
    'must be a JSON array',
  ],
  [
    '[V1] an array where one may stand',
    patient({ birthDate: ['1980-01-01'] }),
    'Patient.birthDate',
    'must not be a JSON array',
  ],
  ['[V1] a text for an object', patient({ name: ['Ada'] }), 'Patient.name[0]', 'must be a JSON object'],
  [
    '[V1] an object for a text',
    patient({ birthDate: { value: '1980' } }),
    'Patient.birthDate',
    'must be a JSON string',
  ],
  ['[V1] a text for a boolean', patient({ active: 'true' }), 'Patient.active', 'must be a JSON boolean'],
  [
    '[V1] resourceType in a datatype',
    patient({ name: [{ resourceType: 'HumanName', text: 'A' }] }),
    'Patient.name[0].resourceType',
    'the type has no such element',
  ],
  [
    '[V1] the name of a choice without its type',
    observation({ value: 1 }),
    'Observation.value',
    'the type has no such element',
  ],
  [
    '[V1] a shared element (contentReference)',
    observation({ component: [{ code: { text: 'c' }, referenceRange: [{ lowest: 1 }] }] }),
    'Observation.component[0].referenceRange[0].lowest',
    'the type has no such element',
  ],
  ['[V2] an empty array', patient({ telecom: [] }), 'Patient.telecom', 'an array must not be empty'],
  [
    '[V2] an empty object',
    patient({ maritalStatus: {} }),
    'Patient.maritalStatus',
    'ele-1: an object must not be empty',
  ],
  ['[V2] an empty text', patient({ name: [{ text: '' }] }), 'Patient.name[0].text', 'must not be empty'],
  ['[V2] null for a value', patient({ gender: null }), 'Patient.gender', 'must be a JSON string'],
  ['[V2] null among objects', patient({ name: [null] }), 'Patient.name[0]', 'must not be null'],
  [
    '[V2] null that fills no place',
    patient({ name: [{ given: ['A', null] }] }),
    'Patient.name[0].given[1]',
    'null stands only for a value that has extensions',
  ],
  [
    '[V2] an element with nothing but an id',
    patient({ maritalStatus: { id: 'x' } }),
    'Patient.maritalStatus',
    'ele-1: an element must have a value or children',
  ],
  [
    '[V2] an id given to two elements',
    patient({
      name: [
        { id: 'x', text: 'A' },
        { id: 'x', text: 'B' },
      ],
    }),
    'Patient.name[1].id',
    'must be unique within the resource',
  ],
  [
    '[V3] a required element',
    { resourceType: 'Observation', code: { text: 'c' } },
    'Observation.status',
    'the element is required',
  ],
  [
    '[V3] a required element of a backbone element',
    patient({ link: [{ type: 'seealso' }] }),
    'Patient.link[0].other',
    'the element is required',
  ],
  [
    '[V5] extensions of what is no primitive',
    patient({ _name: [{ id: 'x' }] }),
    'Patient._name',
    'the type has no such element',
  ],
  [
    '[V5] a single sibling of an array',
    patient({ name: [{ given: ['A'], _given: { id: 'x' } }] }),
    'Patient.name[0].given',
    'must be a JSON array',
  ],
  [
    '[V5] null beside null',
    patient({ name: [{ given: [null], _given: [null] }] }),
    'Patient.name[0].given[0]',
    'null stands only beside a value',
  ],
  [
    '[V5] only an id instead of a value',
    patient({ _gender: { id: 'x' } }),
    'Patient.gender',
    'ele-1: an element must have a value or children',
  ],
  [
    '[V5] an unknown part of a primitive',
    patient({ _gender: { value: 'x' } }),
    'Patient.gender.value',
    'the type has no such element',
  ],
  [
    '[V6] two types of a choice',
    observation({ valueString: 'x' }),
    'Observation.value',
    'only one type may be chosen',
  ],
  [
    '[V6] a choice and the extensions of another',
    patient({ deceasedBoolean: true, _deceasedDateTime: { extension: [{ url: 'urn:x', valueCode: 'a' }] } }),
    'Patient.deceased',
    'only one type may be chosen',
  ],
  [
    '[V6] a type that may not be chosen',
    observation({ valueQuantity: undefined, valueReference: { reference: 'Patient/1' } }),
    'Observation.valueReference',
    'the type has no such element',
  ],
  [
    '[V1] a type that R4 does not have',
    { resourceType: 'Visit' },
    '',
    'resourceType must be a resource type of R4',
  ],
];

describe('structure', () => {
  test.each(cases)('%s', (_, resource, place, rule) => {
    const plain = JSON.parse(JSON.stringify(resource)) as object;
    expect(errorsOf(plain)).toContain(`${place}: ${rule}`);
  });

  test('[V1] valid resources have no findings', () => {
    expect(errorsOf(patient())).toEqual([]);
    expect(errorsOf(observation())).toEqual([]);
    expect(
      errorsOf(observation({ component: [{ code: { text: 'c' }, referenceRange: [{ text: 'low' }] }] })),
    ).toEqual([]);
  });

  test('[V5] a value may be nothing but extensions, alone and among others', () => {
    const absent = {
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
      ],
    };
    expect(
      errorsOf(patient({ _gender: absent, name: [{ given: ['A', null], _given: [null, absent] }] })),
    ).toEqual([]);
    const status = { resourceType: 'Observation', _status: absent, code: { text: 'c' } };
    expect(errorsOf(status)).toEqual([]);
  });

  test('[V23] nesting has a limit, and nothing throws', () => {
    let extension: object = { url: 'a', valueString: 'x' };
    for (let depth = 0; depth < 300; depth++) extension = { url: 'a', extension: [extension] };
    const errors = errorsOf(patient({ extension: [{ ...extension, url: 'urn:a' }] }));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('nested more than 100 deep');
  });

  test('[V23] findings have a limit, the last one says so, and warnings do not count against it', () => {
    const names = Array.from({ length: 500 }, () => ({ first: 1 }));
    const errors = errorsOf(patient({ name: names, meta: { profile: ['urn:a'] } }));
    expect(errors).toHaveLength(80);
    expect(errors.at(-1)).toBe('Patient: more errors than are told (80)');
  });

  test('[V23] an invariant that would compare all with all gives up, and says so', () => {
    const codes = (prefix: string): object => ({
      coding: Array.from({ length: 4000 }, (_, index) => ({ system: 'urn:c', code: `${prefix}${index}` })),
    });
    const resource = observation({ code: codes('a'), component: [{ code: codes('b') }] });
    expect(errorsOf(resource)).toEqual(['Observation: obs-7: takes too long on this resource']);
  });

  test('[V22] no finding holds a value of the resource', () => {
    const secret = 'Xanthippe 1234567';
    const resource = {
      resourceType: 'Patient',
      id: secret,
      birthDate: secret,
      gender: secret,
      [secret]: secret,
      name: [secret, { family: 7, [secret]: 1 }],
      managingOrganization: { reference: `#${secret}`, type: secret },
      text: { status: secret, div: `<p>${secret}</p>` },
      extension: [{ url: secret, valueString: secret, extension: [] }],
      contained: [{ resourceType: secret, id: secret }],
    };
    const told = errorsOf(resource);
    expect(told.length).toBeGreaterThan(8);
    for (const text of told) expect(text).not.toMatch(/Xanthippe|1234567/);
  });

  test('[V4] exact decimals are decimals, and nothing else', () => {
    const quantity = (value: string): object =>
      exact(
        `{"resourceType":"Observation","status":"final","code":{"text":"c"},"valueQuantity":{"value":${value}}}`,
      );
    expect(errorsOf(quantity('7.00'))).toEqual([]);
    expect(errorsOf(quantity('1e-7'))).toEqual([]);
    const size = exact('{"resourceType":"Patient","multipleBirthInteger":2.0}');
    expect(errorsOf(size)).toEqual(['Patient.multipleBirth.ofType(integer): must be an integer of 32 bits']);
    const text = exact('{"resourceType":"Patient","gender":1.50}');
    expect(errorsOf(text)).toEqual(['Patient.gender: must be a JSON string']);
  });
});
