import { describe, expect, test } from 'vitest';
import { createValidator } from '../../src/standards/fhir-validation/index.ts';
import { errorsOf, observation, patient, told } from './support.ts';

const div = (html: string): object => patient({ text: { status: 'generated', div: html } });
const page = (inner: string): object => div(`<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`);

describe('bindings', () => {
  test.each([
    [
      '[V7] a code outside of its required value set',
      patient({ gender: 'm' }),
      'Patient.gender: must be a code of the required value set',
    ],
    [
      '[V7] a concept without a code of the required value set',
      {
        resourceType: 'AllergyIntolerance',
        patient: { reference: 'Patient/p1' },
        clinicalStatus: {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'gone' },
          ],
        },
      },
      'AllergyIntolerance.clinicalStatus: must have a code of the required value set',
    ],
    [
      '[V7] a concept with text only',
      {
        resourceType: 'AllergyIntolerance',
        patient: { reference: 'Patient/p1' },
        clinicalStatus: { text: 'active' },
      },
      'AllergyIntolerance.clinicalStatus: must have a code of the required value set',
    ],
    [
      '[V7] a code that its code system of R4 does not have',
      {
        resourceType: 'Basic',
        code: { coding: [{ system: 'http://hl7.org/fhir/observation-status', code: 'done' }] },
      },
      'Basic.code.coding[0].code: must be a code of its code system',
    ],
  ])('%s', (_, resource, error) => expect(errorsOf(resource)).toContain(error));

  test('[V7] an open value set refuses nothing, an example binding neither', () => {
    expect(errorsOf(patient({ language: 'x-klingon' }))).toEqual([]);
    expect(errorsOf(patient({ maritalStatus: { text: 'free' } }))).toEqual([]);
  });
});

describe('references', () => {
  const subject = (reference: object): object => observation({ subject: reference });
  test.each([
    [
      'a type that the element does not admit',
      subject({ reference: 'Encounter/1' }),
      'Observation.subject: must refer to a type that the element admits',
    ],
    [
      'an absolute one of such a type',
      subject({ reference: 'https://a.org/fhir/Encounter/1' }),
      'Observation.subject: must refer to a type that the element admits',
    ],
    [
      'such a type by version',
      subject({ reference: 'Encounter/1/_history/2' }),
      'Observation.subject: must refer to a type that the element admits',
    ],
    [
      'such a type in a conditional reference',
      subject({ reference: 'Encounter?identifier=a' }),
      'Observation.subject: must refer to a type that the element admits',
    ],
    [
      'such a type by `type`',
      subject({ type: 'Encounter', identifier: { value: '1' } }),
      'Observation.subject: must refer to a type that the element admits',
    ],
    [
      'two types that differ',
      subject({ reference: 'Patient/1', type: 'Group' }),
      'Observation.subject.type: must be the type that the reference names',
    ],
    [
      'no type of R4',
      subject({ reference: 'Visit/1' }),
      'Observation.subject.reference: must name a resource type of R4',
    ],
    [
      'nothing that is contained',
      subject({ reference: '#x' }),
      'Observation.subject.reference: ref-1: must be the id of a contained resource',
    ],
    [
      'a contained one of another type',
      observation({
        subject: { reference: '#x' },
        contained: [{ resourceType: 'Encounter', id: 'x', status: 'finished', class: { code: 'AMB' } }],
      }),
      'Observation.subject: must refer to a type that the element admits',
    ],
  ])('[V8] %s', (_, resource, error) => expect(errorsOf(resource)).toContain(error));

  test('[V8] what names no type may lead anywhere', () => {
    for (const reference of [
      'https://a.org/x',
      'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
      'Patient/1',
      'Patient?identifier=a|b',
    ])
      expect(errorsOf(subject({ reference }))).toEqual([]);
    expect(errorsOf(subject({ display: 'Ada' }))).toEqual([]);
  });
});

describe('contained resources', () => {
  const contained = (inner: object, reference = '#x'): object =>
    observation({ subject: { reference }, contained: [{ resourceType: 'Patient', id: 'x', ...inner }] });
  test('[V9] a contained resource is checked as any other', () => {
    expect(errorsOf(contained({}))).toEqual([]);
    expect(errorsOf(contained({ gender: 'm' }))).toEqual([
      'Observation.contained[0].gender: must be a code of the required value set',
    ]);
  });
  test.each([
    [
      'contains another',
      contained({ contained: [{ resourceType: 'Patient', id: 'y' }] }),
      'Observation.contained[0].contained: dom-2: a contained resource must not contain others',
    ],
    [
      'is referred to by nothing',
      contained({}, 'Patient/1'),
      'Observation.contained[0]: dom-3: a contained resource must be referred to',
    ],
    [
      'has a version',
      contained({ meta: { versionId: '1' } }),
      'Observation.contained[0].meta: dom-4: a contained resource has no version of its own',
    ],
    [
      'has a security label',
      contained({ meta: { security: [{ code: 'R' }] } }),
      'Observation.contained[0].meta.security: dom-5: a contained resource has no security label of its own',
    ],
    [
      'has no id',
      contained({ id: undefined }),
      'Observation.contained[0].id: a contained resource must have an id',
    ],
  ])('[V9] one that %s', (_, resource, error) =>
    expect(errorsOf(JSON.parse(JSON.stringify(resource)) as object)).toContain(error),
  );
  test('[V9] one that refers to its container, or is referred to by another contained one, is in use', () => {
    const practitioner = { resourceType: 'Practitioner', id: 'd' };
    const both = [
      { resourceType: 'Patient', id: 'x', generalPractitioner: [{ reference: '#d' }] },
      practitioner,
    ];
    expect(errorsOf(observation({ subject: { reference: '#x' }, contained: both }))).toEqual([]);
    const provenance = {
      resourceType: 'Provenance',
      id: 'v',
      target: [{ reference: '#' }],
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ who: { display: 'a' } }],
    };
    expect(errorsOf(observation({ contained: [provenance] }))).toEqual([]);
  });
});

describe('extensions', () => {
  const extended = (extension: object): object => patient({ extension: [extension] });
  test.each([
    ['without a url', { valueString: 'a' }, 'Patient.extension[0].url: the element is required'],
    [
      'with a relative url',
      { url: 'a', valueString: 'a' },
      'Patient.extension[0].url: the url of an extension must be absolute',
    ],
    [
      'with neither value nor extensions',
      { url: 'urn:a' },
      'Patient.extension[0]: ext-1: must have either a value or extensions, not both',
    ],
    [
      'with both',
      { url: 'urn:a', valueString: 'a', extension: [{ url: 'b', valueString: 'c' }] },
      'Patient.extension[0]: ext-1: must have either a value or extensions, not both',
    ],
    [
      'with two values',
      { url: 'urn:a', valueString: 'a', valueCode: 'b' },
      'Patient.extension[0].value: only one type may be chosen',
    ],
  ])('[V10] an extension %s', (_, extension, error) =>
    expect(errorsOf(extended(extension))).toContain(error),
  );
  test('[V10] within an extension a relative url will do, and unknown ones are welcome', () => {
    expect(errorsOf(extended({ url: 'urn:a', extension: [{ url: 'b', valueDecimal: 1 }] }))).toEqual([]);
    expect(errorsOf(patient({ modifierExtension: [{ url: 'urn:m', valueBoolean: true }] }))).toEqual([]);
    expect(
      errorsOf(patient({ maritalStatus: { modifierExtension: [{ url: 'urn:m', valueBoolean: true }] } })),
    ).toHaveLength(1);
  });
});

describe('narrative', () => {
  test.each([
    ['<p>a</p>'],
    ['<table class="grid"><tr><td colspan="2">a &lt; b &amp; &#160;c&nbsp;</td></tr></table>'],
    ['<!-- c --><a href="https://a.org">a</a><img src="#i" alt="x"/><br/>'],
    ['<ul style="color: red"><li xml:lang="de">a</li></ul>'],
  ])('[V11] %s is allowed', (html) => expect(errorsOf(page(html))).toEqual([]));
  test.each([
    ['<script>a</script>'],
    ['<p onclick="a()">a</p>'],
    ['<a href="javascript:a()">a</a>'],
    ['<a href=" java&#115;cript:a">a</a><iframe/>'],
    ['<p>a'],
    ['<p>a</b></p>'],
    ['a < b'],
    ['a & b'],
    ['<p class=a>a</p>'],
    ['<p class="a" class="b">a</p>'],
    ['<form>a</form>'],
    ['<![CDATA[a]]>'],
    ['<?php a ?>'],
    [' &nbsp; '],
    ['</div><div xmlns="http://www.w3.org/1999/xhtml">a'],
  ])('[V11] %s is not', (html) => expect(errorsOf(page(html))).toHaveLength(1));
  test('[V11] the root is one div in the namespace of XHTML', () => {
    for (const html of [
      '<div>a</div>',
      '<p xmlns="http://www.w3.org/1999/xhtml">a</p>',
      'a',
      '<div xmlns="urn:x">a</div>',
    ])
      expect(errorsOf(div(html))).toHaveLength(1);
  });
});

describe('Bundles and Parameters', () => {
  const bundle = (entry: readonly object[], more: object = { type: 'collection' }): object => ({
    resourceType: 'Bundle',
    ...more,
    entry,
  });
  test('[V12] every resource in them is checked, at its place', () => {
    expect(errorsOf(bundle([{ fullUrl: 'urn:x', resource: patient({ gender: 'm' }) }]))).toEqual([
      'Bundle.entry[0].resource.gender: must be a code of the required value set',
    ]);
    const parameters = {
      resourceType: 'Parameters',
      parameter: [{ name: 'r', resource: patient({ active: 1 }) }],
    };
    expect(errorsOf(parameters)).toEqual(['Parameters.parameter[0].resource.active: must be a JSON boolean']);
  });
  test('[V12] a urn leads to the entry with that fullUrl', () => {
    const urn = 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520';
    const transaction = (resource: object, target: object): object =>
      bundle(
        [
          { fullUrl: urn, resource: target, request: { method: 'POST', url: 'x' } },
          { resource, request: { method: 'POST', url: 'x' } },
        ],
        { type: 'transaction' },
      );
    expect(errorsOf(transaction(observation({ subject: { reference: urn } }), patient()))).toEqual([]);
    expect(
      errorsOf(
        transaction(observation({ subject: { reference: urn } }), {
          resourceType: 'Organization',
          name: 'a',
        }),
      ),
    ).toEqual(['Bundle.entry[1].resource.subject: must refer to a type that the element admits']);
    const nowhere = observation({ subject: { reference: 'urn:uuid:00000000-ec9a-4326-a141-556f43239520' } });
    expect(errorsOf(transaction(nowhere, patient()))).toEqual([
      'Bundle.entry[1].resource.subject.reference: must be the fullUrl of an entry of the Bundle',
    ]);
  });
  test.each([
    [
      'a relative fullUrl',
      bundle([{ fullUrl: 'Patient/p1', resource: patient() }]),
      'Bundle.entry[0].fullUrl: must be an absolute URI',
    ],
    [
      'a fullUrl of another id',
      bundle([{ fullUrl: 'http://a.org/Patient/p2', resource: patient() }]),
      'Bundle.entry[0].fullUrl: must end in the type and id of the resource',
    ],
    [
      'two next pages',
      bundle([], {
        type: 'searchset',
        entry: undefined,
        link: [
          { relation: 'next', url: 'a' },
          { relation: 'next', url: 'b' },
        ],
      }),
      'Bundle.link[1]: a relation to a page may be given once',
    ],
    [
      'something found without an id',
      bundle([{ resource: { resourceType: 'Patient' } }], { type: 'searchset' }),
      'Bundle.entry[0].resource: what a search found has an id',
    ],
    [
      'a request in a collection',
      bundle([{ fullUrl: 'urn:x', resource: patient(), request: { method: 'GET', url: 'x' } }]),
      /bdl-3/,
    ],
    [
      'two entries of one fullUrl',
      bundle([
        { fullUrl: 'urn:x', resource: patient() },
        { fullUrl: 'urn:x', resource: patient() },
      ]),
      /bdl-7/,
    ],
  ])('[V12] %s', (_, resource, error) =>
    expect(errorsOf(JSON.parse(JSON.stringify(resource)) as object)).toContainEqual(
      typeof error === 'string' ? error : expect.stringMatching(error),
    ),
  );
});

describe('documents', () => {
  const server = 'http://a.org/fhir';
  const document = (composition: object, fullUrls: readonly [string, string]): object => ({
    resourceType: 'Bundle',
    type: 'document',
    ...{ identifier: { system: 'urn:s', value: '1' }, timestamp: '2026-01-01T00:00:00Z' },
    entry: [
      {
        fullUrl: fullUrls[0],
        resource: {
          ...{ resourceType: 'Composition', id: 'c', status: 'final', type: { text: 't' }, date: '2026' },
          ...{ title: 't', author: [{ display: 'a' }], ...composition },
        },
      },
      { fullUrl: fullUrls[1], resource: patient() },
    ],
  });
  const onServer = [`${server}/Composition/c`, `${server}/Patient/p1`] as const;
  const urns = [
    'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
    'urn:uuid:00000000-ec9a-4326-a141-556f43239520',
  ] as const;
  const rule = 'a document carries what its Composition refers to';

  test('[V12] what the Composition refers to is carried', () => {
    expect(errorsOf(document({ subject: { reference: 'Patient/p1' } }, onServer))).toEqual([]);
    expect(
      errorsOf(document({ subject: { reference: `${server}/Patient/p1/_history/2` } }, onServer)),
    ).toEqual([]);
    expect(errorsOf(document({ subject: { reference: urns[1] } }, urns))).toEqual([]);
  });
  test('[V12] what is elsewhere, or only looks alike, is not', () => {
    const section = [
      {
        title: 's',
        text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a</div>' },
        section: [{ title: 'i', entry: [{ reference: 'Observation/o' }] }],
      },
    ];
    expect(errorsOf(document({ section }, onServer))).toEqual([
      `Bundle.entry[0].resource.section[0].section[0].entry[0]: ${rule}`,
    ]);
    expect(errorsOf(document({ subject: { reference: 'Patient/p1' } }, urns))).toEqual([
      `Bundle.entry[0].resource.subject: ${rule}`,
    ]);
    expect(
      errorsOf(document({ attester: [{ mode: 'legal', party: { reference: 'Patient/p2' } }] }, onServer)),
    ).toEqual([`Bundle.entry[0].resource.attester[0].party: ${rule}`]);
  });
});

describe('what neither structure nor invariants tell', () => {
  test.each([
    [
      '[V12] a fullUrl of another type',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ fullUrl: 'http://a.org/Group/p1', resource: patient() }],
      },
      'Bundle.entry[0].fullUrl: must end in the type and id of the resource',
    ],
    [
      '[V4] an attachment of another size',
      patient({ photo: [{ contentType: 'a/b', data: 'YWJj', size: 4 }] }),
      'Patient.photo[0].size: must be the size of the data',
    ],
    [
      '[V4] a relative system',
      patient({ identifier: [{ system: 'mrn', value: '1' }] }),
      'Patient.identifier[0].system: must be an absolute URI',
    ],
    [
      '[V4] a relative canonical URL',
      { resourceType: 'ValueSet', status: 'draft', url: 'ValueSet/a' },
      'ValueSet.url: must be an absolute URI',
    ],
    [
      '[V13] a supplement that says it is complete',
      { resourceType: 'CodeSystem', status: 'draft', content: 'complete', supplements: 'urn:a' },
      'CodeSystem.content: the content of a supplement is `supplement`',
    ],
  ])('%s', (_, resource, error) => expect(errorsOf(resource)).toEqual([error]));

  test('[V9] a narrative that shows a contained image refers to it', () => {
    const image = { resourceType: 'Binary', id: 'i', contentType: 'image/png', data: 'YQ==' };
    const html = '<div xmlns="http://www.w3.org/1999/xhtml"><img src="#i" alt="a"/></div>';
    expect(errorsOf(patient({ contained: [image], text: { status: 'generated', div: html } }))).toEqual([]);
    expect(errorsOf(patient({ contained: [image] }))).toHaveLength(1);
  });
});

describe('invariants', () => {
  test.each([
    ['obs-6', observation({ dataAbsentReason: { text: 'x' } }), 'Observation'],
    [
      'obs-7',
      observation({ component: [{ code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] } }] }),
      'Observation',
    ],
    [
      'obs-3',
      observation({ component: [{ code: { text: 'c' }, referenceRange: [{ type: { text: 'x' } }] }] }),
      'Observation.component[0].referenceRange[0]',
    ],
    [
      'per-1',
      patient({ name: [{ text: 'a', period: { start: '2026-02', end: '2026-01' } }] }),
      'Patient.name[0].period',
    ],
    ['qty-3', observation({ valueQuantity: { value: 1, code: 'kg' } }), 'Observation.value.ofType(Quantity)'],
    [
      'sqty-1',
      observation({ referenceRange: [{ low: { value: 1, comparator: '<' } }] }),
      'Observation.referenceRange[0].low',
    ],
    ['pat-1', patient({ contact: [{ gender: 'male' }] }), 'Patient.contact[0]'],
    ['cpt-2', patient({ telecom: [{ value: '1' }] }), 'Patient.telecom[0]'],
    ['att-1', patient({ photo: [{ data: 'YQ==' }] }), 'Patient.photo[0]'],
    [
      'rat-1',
      observation({ valueQuantity: undefined, valueRatio: { numerator: { value: 1 } } }),
      'Observation.value.ofType(Ratio)',
    ],
    [
      'org-2',
      { resourceType: 'Organization', name: 'a', address: [{ use: 'home', text: 'x' }] },
      'Organization.address[0]',
    ],
    [
      'que-12',
      {
        resourceType: 'Questionnaire',
        status: 'draft',
        item: [
          {
            linkId: 'a',
            type: 'string',
            enableWhen: ['b', 'c'].map((question) => ({ question, operator: 'exists', answerBoolean: true })),
          },
        ],
      },
      'Questionnaire.item[0]',
    ],
    [
      'tim-9',
      {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        subject: { reference: 'Patient/1' },
        occurrenceTiming: { repeat: { offset: 5 } },
      },
      'ServiceRequest.occurrence.ofType(Timing).repeat',
    ],
  ])('[V13] %s', (key, resource, place) => {
    const plain = JSON.parse(JSON.stringify(resource)) as object;
    const broken = errorsOf(plain).filter((text) => !text.startsWith(`${place}: ${key}: `));
    expect(errorsOf(plain)).toHaveLength(1);
    expect(broken).toEqual([]);
  });

  test('[V13] advice is no error', () => {
    expect(errorsOf(patient())).toEqual([]);
  });

  test('[V14] they can be left out, and nothing else with them', () => {
    const resource = observation({ dataAbsentReason: { text: 'x' }, status: 'done' });
    expect(errorsOf(resource, { invariants: false })).toEqual([
      'Observation.status: must be a code of the required value set',
    ]);
  });
});

describe('modes', () => {
  test('[V18] an update needs an id, a creation does not', () => {
    const bare = { resourceType: 'Patient' };
    expect(errorsOf(bare, { mode: 'create' })).toEqual([]);
    expect(errorsOf(bare, { mode: 'update' })).toHaveLength(1);
  });
  test('[V18] an unknown profile is a warning when claimed and an error when demanded', () => {
    const validator = createValidator();
    const claiming = { resourceType: 'Patient', meta: { profile: ['urn:unknown'] } };
    expect(told(validator.validate(claiming), 'warning')).toEqual([
      'Patient.meta.profile: a profile is not known here, so it was not checked',
    ]);
    expect(told(validator.validate(claiming), 'error')).toEqual([]);
    expect(
      told(validator.validate({ resourceType: 'Patient' }, { profiles: ['urn:unknown'] }), 'error'),
    ).toHaveLength(1);
  });
});
