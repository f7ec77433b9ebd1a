import { describe, expect, test } from 'vitest';
import { createValidator, type ValidatedResource } from '../../src/standards/fhir-validation/index.ts';
import { against, observation, patient, profile, profileUrl, sourceOf, told } from './support.ts';

const many = (path: string): object => ({ base: { path, min: 0, max: '*' } });
const type = (code: string, more: object = {}): object => ({ type: [{ code, ...more }] });
const loinc = (code: string): object => ({ coding: [{ system: 'http://loinc.org', code }] });

describe('profiles', () => {
  test.each([
    [
      '[V15] an element made required',
      [{ path: 'Patient.gender', min: 1, max: '1', ...type('code') }],
      patient(),
      ['Patient.gender: p: gender must occur at least once'],
    ],
    [
      '[V15] an element ruled out',
      [{ path: 'Patient.photo', min: 0, max: '0', ...many('Patient.photo'), ...type('Attachment') }],
      patient({ photo: [{ title: 'a' }] }),
      ['Patient.photo: p: photo must not occur'],
    ],
    [
      '[V15] an array narrowed to one',
      [{ path: 'Patient.name', min: 0, max: '1', ...many('Patient.name'), ...type('HumanName') }],
      patient({ name: [{ text: 'a' }, { text: 'b' }] }),
      ['Patient.name: p: name may occur at most once'],
    ],
    [
      '[V15] a required element of a datatype',
      [
        { path: 'Patient.name', min: 0, max: '*', ...many('Patient.name'), ...type('HumanName') },
        { path: 'Patient.name.family', min: 1, max: '1', ...type('string') },
      ],
      patient({ name: [{ family: 'a' }, { text: 'b' }] }),
      ['Patient.name[1].family: p: family must occur at least once'],
    ],
    [
      '[V15] a fixed value',
      [{ path: 'Patient.gender', min: 0, max: '1', ...type('code'), fixedCode: 'male' }],
      patient({ gender: 'female' }),
      ['Patient.gender: p: must be the fixed value'],
    ],
    [
      '[V15] a pattern',
      [
        {
          path: 'Patient.maritalStatus',
          min: 0,
          max: '1',
          ...type('CodeableConcept'),
          patternCodeableConcept: loinc('a'),
        },
      ],
      patient({ maritalStatus: loinc('b') }),
      ['Patient.maritalStatus: p: must match the pattern'],
    ],
    [
      '[V15] a longest text',
      [{ path: 'Patient.language', min: 0, max: '1', ...type('code'), maxLength: 2 }],
      patient({ language: 'de-CH' }),
      ['Patient.language: p: at most 2 characters'],
    ],
    [
      '[V21] must-support is no error',
      [{ path: 'Patient.gender', min: 0, max: '1', mustSupport: true, ...type('code') }],
      patient(),
      [],
    ],
  ])('%s', (_, elements, resource, errors) =>
    expect(against([profile('p', 'Patient', elements)], resource)).toEqual(errors),
  );

  test('[V15] a pattern admits more than it names, a fixed value does not', () => {
    const more = {
      coding: [
        { system: 'urn:o', code: 'x' },
        { system: 'http://loinc.org', code: 'a', display: 'A' },
      ],
      text: 't',
    };
    const rule = (part: object): object[] => [
      { path: 'Patient.maritalStatus', min: 0, max: '1', ...type('CodeableConcept'), ...part },
    ];
    const check = (part: object): string[] =>
      against([profile('p', 'Patient', rule(part) as { path: string }[])], patient({ maritalStatus: more }));
    expect(check({ patternCodeableConcept: loinc('a') })).toEqual([]);
    expect(check({ fixedCodeableConcept: loinc('a') })).toHaveLength(1);
    expect(check({ fixedCodeableConcept: more })).toEqual([]);
  });

  test('[V15] the types of a choice narrowed', () => {
    const value = { path: 'Observation.value[x]', min: 0, max: '1', ...type('Quantity') };
    const code = { path: 'Observation.value[x].code', min: 1, max: '1', ...type('code') };
    const definition = profile('p', 'Observation', [value, code]);
    expect(against([definition], observation())).toEqual([]);
    const text = { ...observation(), valueQuantity: undefined, valueString: 'a' };
    expect(against([definition], JSON.parse(JSON.stringify(text)) as object)).toContain(
      'Observation.value.ofType(string): p: must be of a type that the profile allows',
    );
    expect(against([definition], observation({ valueQuantity: { value: 1 } }))).toEqual([
      'Observation.value.ofType(Quantity).code: p: code must occur at least once',
    ]);
  });

  test('[V17] a required binding of the profile; one that nobody can expand is information', () => {
    const gender = {
      path: 'Patient.maritalStatus',
      min: 0,
      max: '1',
      ...type('CodeableConcept'),
      binding: { strength: 'required', valueSet: 'urn:vs' },
    };
    const definition = profile('p', 'Patient', [gender]);
    const valueSets = () => ({ url: 'urn:vs', systems: new Map([['http://loinc.org', new Set(['a'])]]) });
    expect(against([definition], patient({ maritalStatus: loinc('a') }), { valueSets })).toEqual([]);
    expect(against([definition], patient({ maritalStatus: loinc('b') }), { valueSets })).toEqual([
      'Patient.maritalStatus: p: must have a code of the required value set',
    ]);
    const validator = createValidator(sourceOf([definition], () => ({ url: 'urn:vs' })));
    const issues = validator.validate(patient({ maritalStatus: loinc('b') }) as ValidatedResource, {
      profiles: [definition.url],
    });
    expect(issues.map(({ severity }) => severity)).toEqual(['information']);
  });

  test('[V20] the types of a reference narrowed, also by profiles of them', () => {
    const target = profile('pat', 'Patient', []);
    const subject = {
      path: 'Observation.subject',
      min: 0,
      max: '1',
      ...type('Reference', { targetProfile: [profileUrl('pat')] }),
    };
    const definition = profile('p', 'Observation', [subject]);
    expect(against([definition, target], observation())).toEqual([]);
    expect(against([definition, target], observation({ subject: { reference: 'Group/1' } }))).toEqual([
      'Observation.subject: p: must refer to a type that the profile admits',
    ]);
    expect(against([definition], observation({ subject: { reference: 'Group/1' } }))).toEqual([]);
  });

  test('[V13] invariants of a profile, errors and warnings', () => {
    const name = {
      path: 'Patient.name',
      min: 0,
      max: '*',
      ...many('Patient.name'),
      ...type('HumanName'),
      constraint: [
        { key: 'n-1', severity: 'error', expression: 'family.exists()' },
        { key: 'n-2', severity: 'warning', expression: 'given.exists()' },
      ],
    };
    const definition = profile('p', 'Patient', [name]);
    expect(against([definition], patient({ name: [{ text: 'a' }] }))).toEqual([
      'Patient.name[0]: n-1: family.exists()',
    ]);
    expect(against([definition], patient({ name: [{ text: 'a' }] }), { invariants: false })).toEqual([]);
    const issues = createValidator(sourceOf([definition])).validate(
      patient({ name: [{ family: 'a' }] }) as ValidatedResource,
      { profiles: [definition.url] },
    );
    expect(told(issues, 'warning')).toEqual(['Patient.name[0]: n-2: given.exists()']);
  });

  test('[V18] what a resource claims is checked, in Bundles too; a profile of another type is an error; one without snapshot a warning', () => {
    const definition = profile('p', 'Patient', [
      { path: 'Patient.gender', min: 1, max: '1', ...type('code') },
    ]);
    const bare = { resourceType: 'StructureDefinition', url: profileUrl('bare'), type: 'Patient' };
    const validator = createValidator(sourceOf([definition, bare]));
    const claiming = (url: string, of: object = patient()): ValidatedResource =>
      ({ ...of, meta: { profile: [url] } }) as unknown as ValidatedResource;
    expect(told(validator.validate(claiming(definition.url)), 'error')).toHaveLength(1);
    expect(told(validator.validate(claiming(`${definition.url}|1.0`)), 'error')).toHaveLength(1);
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'urn:x', resource: claiming(definition.url) }],
    };
    expect(told(validator.validate(bundle), 'error')[0]).toMatch(/^Bundle\.entry\[0\]\.resource\.gender: /);
    expect(told(validator.validate(claiming(definition.url, observation())), 'error')[0]).toMatch(
      /is a profile of another type$/,
    );
    expect(told(validator.validate(claiming(bare.url)), 'error')).toEqual([]);
    expect(told(validator.validate(claiming(bare.url)), 'warning')).toEqual([
      'Patient.meta.profile: a profile has no snapshot, so it was not checked',
    ]);
  });

  test('[V19] a known extension is checked by its definition wherever it stands, an unknown one is not', () => {
    const definition = {
      ...profile('ext', 'Extension', [
        { path: 'Extension.extension', min: 0, max: '0', ...many('Element.extension'), ...type('Extension') },
        { path: 'Extension.url', min: 1, max: '1', ...type('uri'), fixedUri: profileUrl('ext') },
        { path: 'Extension.value[x]', min: 1, max: '1', ...type('code') },
      ]),
    };
    const extended = (extension: object): object =>
      patient({ name: [{ text: 'a', extension: [extension] }] });
    const check = (extension: object): string[] =>
      told(
        createValidator(sourceOf([definition])).validate(extended(extension) as ValidatedResource),
        'error',
      );
    expect(check({ url: profileUrl('ext'), valueCode: 'a' })).toEqual([]);
    expect(check({ url: profileUrl('ext'), valueString: 'a' })).toHaveLength(1);
    expect(check({ url: profileUrl('ext'), extension: [{ url: 'a', valueCode: 'a' }] })).toHaveLength(2);
    expect(check({ url: 'urn:other', valueString: 'a' })).toEqual([]);
  });

  test('[V19] an extension stands where its definition says', () => {
    const definition = (...contexts: string[]): object => ({
      ...profile('ext', 'Extension', [
        { path: 'Extension.url', min: 1, max: '1', ...type('uri'), fixedUri: profileUrl('ext') },
      ]),
      context: contexts.map((expression) => ({ type: 'element', expression })),
    });
    const extension = [{ url: profileUrl('ext'), valueCode: 'a' }];
    const everywhere = patient({
      extension,
      _birthDate: { extension },
      name: [{ family: 'a', extension, _family: { extension } }],
      contact: [{ name: { family: 'b', extension }, extension }],
    });
    const misplaced = (...contexts: string[]): string[] =>
      told(
        createValidator(sourceOf([definition(...contexts) as { url: string }])).validate(
          everywhere as ValidatedResource,
        ),
        'error',
      )
        .map((text) => text.replace(/: http.*must not extend this element$/, ''))
        .sort();
    const all = [
      'Patient.extension[0]',
      'Patient.birthDate.extension[0]',
      'Patient.name[0].extension[0]',
      'Patient.name[0].family.extension[0]',
      'Patient.contact[0].name.extension[0]',
      'Patient.contact[0].extension[0]',
    ];
    const but = (...places: number[]): string[] => all.filter((_, index) => !places.includes(index)).sort();
    expect(misplaced('Element')).toEqual([]);
    expect(misplaced('Patient')).toEqual(but(0));
    expect(misplaced('DomainResource')).toEqual(but(0));
    expect(misplaced('Patient.birthDate')).toEqual(but(1));
    expect(misplaced('HumanName')).toEqual(but(2, 4));
    expect(misplaced('Patient.name')).toEqual(but(2));
    expect(misplaced('HumanName.family')).toEqual(but(3));
    expect(misplaced('Patient.name.family')).toEqual(but(3));
    expect(misplaced('Patient.contact')).toEqual(but(5));
    expect(misplaced('BackboneElement')).toEqual(but(5));
    expect(misplaced('Patient.contact.name')).toEqual(but(4));
    expect(misplaced('Patient', 'Patient.contact')).toEqual(but(0, 5));
    expect(misplaced('Observation')).toEqual(but());
  });

  test('[V19] a modifier stands as a modifier, and parts are those of the definition', () => {
    const definition = profile('ext', 'Extension', [
      { path: 'Extension.extension', min: 0, max: '*', ...many('Element.extension'), ...type('Extension') },
      {
        path: 'Extension.extension',
        sliceName: 'a',
        min: 0,
        max: '1',
        ...many('Element.extension'),
        ...type('Extension'),
      },
      { path: 'Extension.extension.url', min: 1, max: '1', ...type('uri'), fixedUri: 'a' },
      { path: 'Extension.url', min: 1, max: '1', ...type('uri'), fixedUri: profileUrl('ext') },
    ]);
    const validator = createValidator(sourceOf([definition]));
    const check = (more: object): string[] =>
      told(validator.validate(patient(more) as ValidatedResource), 'error').map((text) =>
        text.replace(/http\S+\//, ''),
      );
    const extension = (url: string): object => ({
      url: profileUrl('ext'),
      extension: [{ url, valueCode: 'x' }],
    });
    expect(check({ extension: [extension('a')] })).toEqual([]);
    expect(check({ extension: [extension('b')] })).toEqual([
      'Patient.extension[0].extension[0].url: ext: has no such part',
    ]);
    expect(check({ modifierExtension: [extension('a')] })).toEqual([
      'Patient.modifierExtension[0]: ext: must not be a modifierExtension',
    ]);
    const [root] = (definition as unknown as { snapshot: { element: object[] } }).snapshot.element;
    Object.assign(root as object, { isModifier: true });
    const modifying = createValidator(sourceOf([definition]));
    expect(
      told(modifying.validate(patient({ extension: [extension('a')] }) as ValidatedResource), 'error')[0],
    ).toMatch(/must be a modifierExtension$/);
  });

  test('[V19] the extensions that R4 publishes are known; others of HL7 are a warning', () => {
    const issues = (extension: object): string[] =>
      createValidator()
        .validate(patient({ extension: [extension] }) as ValidatedResource)
        .map(({ severity, rule }) => `${severity} ${rule.replace(/http\S+\//, '')}`);
    const place = (name: string): string => `http://hl7.org/fhir/StructureDefinition/${name}`;
    expect(issues({ url: place('patient-birthPlace'), valueAddress: { city: 'a' } })).toEqual([]);
    expect(issues({ url: place('patient-birthPlace'), valueString: 'a' })).toHaveLength(1);
    expect(issues({ url: place('data-absent-reason'), valueCode: 'lazy' })).toEqual([
      'error data-absent-reason: must have a code of the required value set',
    ]);
    expect(issues({ url: place('patient-shoeSize'), valueInteger: 43 })).toEqual([
      'warning HL7 published no such extension with R4',
    ]);
  });

  test('[V18] the profiles that R4 publishes are known', () => {
    const claim = { meta: { profile: ['http://hl7.org/fhir/StructureDefinition/heartrate'] } };
    const vital = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    };
    const check = (more: object): string[] =>
      told(createValidator().validate(observation({ ...claim, ...more }) as ValidatedResource), 'error');
    expect(check({ category: [vital] })).toEqual([]);
    expect(check({})).toEqual([
      'Observation.category: http://hl7.org/fhir/StructureDefinition/heartrate: category must occur at least once',
      'Observation.category: http://hl7.org/fhir/StructureDefinition/heartrate: category:VSCat must occur at least once',
    ]);
    expect(check({ category: [vital], effectiveDateTime: '2026-03' })[0]).toContain('vs-1: ');
    expect(
      check({
        category: [vital],
        valueQuantity: { value: 1, unit: 'x', system: 'http://unitsofmeasure.org', code: '/h' },
      })[0],
    ).toContain('must be the fixed value');
  });

  test('[V23] profiles that refer to themselves come to an end', () => {
    const own = {
      path: 'Patient.maritalStatus',
      min: 0,
      max: '1',
      ...type('CodeableConcept', { profile: [profileUrl('loop')] }),
    };
    const loop = profile('loop', 'CodeableConcept', [
      { path: 'CodeableConcept.text', min: 1, max: '1', ...type('string') },
    ]);
    const [root] = (loop as unknown as { snapshot: { element: object[] } }).snapshot.element;
    Object.assign(root as object, type('CodeableConcept', { profile: [profileUrl('loop')] }));
    expect(against([profile('p', 'Patient', [own]), loop], patient({ maritalStatus: loinc('a') }))).toEqual([
      'Patient.maritalStatus.text: loop: text must occur at least once',
    ]);
  });
});
