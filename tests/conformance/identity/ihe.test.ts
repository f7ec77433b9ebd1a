import { afterAll, beforeAll, expect, test } from 'vitest';
import { createValidator } from '../../../src/standards/fhir-validation/index.ts';
import type { Json } from '../../../src/trust/access/index.ts';
import { BLUE, GREEN, oid, openWorld, RED, type World } from '../../fhir-identity/support.ts';
import { corpusFiles } from '../corpora.ts';

/**
 * IHE PIXm and PDQm: their examples are sent to the API over HTTP, and what comes back has the shape of their examples and keeps what their definitions
 * demand.
 */

// biome-ignore lint/suspicious/noExplicitAny: JSON of a test
type Any = any;

const files = corpusFiles('fhir-ihe-p');
const json = (collection: string, name: string): Any => {
  const file = files.find((one) => one.collection === collection && one.path.endsWith(`/${name}.json`));
  if (!file) throw new Error(`${collection} has no ${name}`);
  return JSON.parse(file.bytes.toString());
};
const pdqm = (name: string) => json('fhir-ihe-pdqm', name);
const pixm = (name: string) => json('fhir-ihe-pixm', name);
const xml = (name: string): string => {
  const file = files.find(({ path }) => path.endsWith(name));
  if (!file) throw new Error(`no ${name}`);
  return file.bytes.toString();
};
const valuesIn = (text: string, element: string): string[] =>
  [...text.matchAll(new RegExp(`<${element} value="([^"]*)"`, 'g'))].map(([, value]) => value ?? '');

/** An example as a source would send it: R4 lets a client name the resource, but these names are the guide's own. */
function fed(name: string): Any {
  const { id: _id, meta: _meta, text: _text, ...patient } = pixm(name);
  return patient;
}

let world: World;
beforeAll(async () => {
  world = await openWorld();
  for (const name of ['Patient-MohrAlice-Red', 'Patient-MohrAlice-Green', 'Patient-MohrAlice-Blue'])
    expect((await world.feed(fed(name))).status).toBe(201);
  // As the guide has it, the three are one person (its Patient-MohrAlice).
  const [first, ...others] = (await world.get('/Patient?family=MOHR')).body.entry.map(
    ({ resource }: Any) => resource.id,
  );
  for (const other of others)
    await world.post(
      '/Patient/$merge',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'source-patient', valueReference: { reference: `Patient/${other}` } },
          { name: 'target-patient', valueReference: { reference: `Patient/${first}` } },
        ],
      },
      'operator',
    );
  const { meta: _meta, text: _text, id: _id, ...schmidt } = pdqm('Patient-ex-patient');
  await world.feed(schmidt);
});
afterAll(() => world?.stop());

const validator = createValidator();
const errorsOf = (resource: Any) =>
  validator.validate(resource as Json).filter(({ severity }) => severity === 'error');
const numbersIn = (parameters: Any): string[] =>
  (parameters.parameter ?? [])
    .flatMap(({ valueIdentifier }: Any) =>
      valueIdentifier ? [`${valueIdentifier.system}|${valueIdentifier.value}`] : [],
    )
    .sort();

/** What a differential demands below a path: elements with a minimum, by their paths. */
function demandedBy(definition: Any, slice: string): string[] {
  return definition.differential.element
    .filter(({ id, min = 0 }: Any) => min > 0 && id.startsWith(`${slice}.`))
    .map(({ id }: Any) =>
      id
        .slice(slice.length + 1)
        .replace(/:[^.]*/g, '')
        .replace('value[x]', 'value'),
    );
}

function valueAt(value: Any, path: string): Any {
  return path.split('.').reduce((at: Any, name: string) => {
    if (Array.isArray(at)) return at.flatMap((one) => one?.[name] ?? []);
    return (
      at?.[name] ?? Object.entries(at ?? {}).find(([key]) => name === 'value' && key.startsWith('value'))?.[1]
    );
  }, value);
}

test.each([
  ['pixm-request-mohralice-red-all.xml', 'pixm-response-mohralice-red-all.xml'],
  ['pixm-request-mohralice-red-to-blue.xml', 'pixm-response-mohralice-red-to-blue.xml'],
])('[IF7] PIXm: %s is answered with the identifiers of %s', async (requested, responded) => {
  const text = xml(requested);
  const [source = '', ...targets] = valuesIn(text, 'valueString').filter((one) => !one.includes('fhir+xml'));
  // The guide's answer to the second names blue alone, though its request asks for green too.
  const wanted = requested.includes('to-blue') ? targets.filter((one) => one === oid(BLUE)) : targets;
  const { status, body } = await world.post('/Patient/$ihe-pix', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'sourceIdentifier', valueString: source },
      ...wanted.map((valueString) => ({ name: 'targetSystem', valueString })),
    ],
  });
  expect(status).toBe(200);
  const answer = xml(responded);
  const systems = valuesIn(answer, 'system');
  expect(numbersIn(body)).toEqual(
    valuesIn(answer, 'value')
      .map((value, n) => `${systems[n]}|${value}`)
      .sort(),
  );
  expect(errorsOf(body)).toEqual([]);
  const definition = pixm('StructureDefinition-IHE.PIXm.Query.Parameters.Out');
  for (const parameter of body.parameter) {
    expect(['targetId', 'targetIdentifier']).toContain(parameter.name);
    for (const path of demandedBy(definition, `Parameters.parameter:${parameter.name}`))
      if (!path.startsWith('value.assigner') || valueAt(parameter, 'value.assigner') !== undefined)
        expect(valueAt(parameter, path), `${parameter.name}: ${path}`).toBeTruthy();
  }
});

test('[IF8] PIXm: an unknown identifier is answered as the example is', async () => {
  const example = pixm('OperationOutcome-pixm-response-error-not-found');
  const { status, body } = await world.get(`/Patient/$ihe-pix?sourceIdentifier=${oid(RED)}|nobody`);
  expect(status).toBe(404);
  const [{ severity, code }] = example.issue;
  expect(body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity, code }] });
  expect(errorsOf(body)).toEqual([]);
});

test('[IF11] PIXm: Alissa and Maiden, changed and resolved as the examples do it', async () => {
  expect((await world.feed(fed('Patient-MohrAlissa-Red'))).status).toBe(200);
  expect((await world.feed(fed('Patient-MohrAlice-Red'))).status).toBe(200);
  expect([200, 201]).toContain((await world.feed(fed('Patient-MaidenAlice-Red'))).status);
  const resolved = await world.feed(fed('Patient-MohrMaidenResolvedByMohrMalice-Red'));
  expect(resolved).toMatchObject({ status: 200, body: { active: false, link: [{ type: 'replaced-by' }] } });
  const ask = async (value: string) =>
    numbersIn((await world.get(`/Patient/$ihe-pix?sourceIdentifier=${oid(RED)}|${value}`)).body);
  const others = [`${oid(BLUE)}|IHEBLUE-994`, `${oid(GREEN)}|IHEGREEN-994`];
  expect(await ask('IHERED-994')).toEqual([...others].sort());
  expect(await ask('IHERED-m94')).toEqual([`${oid(RED)}|IHERED-994`, ...others].sort());
});

test.each([
  'Parameters-ex-match-input-patient-only',
  'Parameters-ex-match-input-count',
  'Parameters-ex-match-input-onlyCertainMatches',
  'Patient-ex-match-input-patient',
])('[IF1] PDQm: %s is answered in the shape of the examples', async (input) => {
  const { status, body } = await world.post('/Patient/$match', pdqm(input));
  expect(status).toBe(200);
  expect(errorsOf(body)).toEqual([]);
  const example = pdqm('Bundle-ex-match-output');
  expect(Object.keys(body).sort()).toEqual(
    Object.keys(example)
      .filter((key) => key !== 'id' && key !== 'meta')
      .sort(),
  );
  expect(body).toMatchObject({ type: example.type, total: 1, link: [{ relation: 'self' }] });
  const definition = pdqm('StructureDefinition-IHE.PDQm.MatchParametersOut');
  for (const entry of body.entry) {
    const [shown] = example.entry;
    expect(Object.keys(entry).sort()).toEqual(Object.keys(shown).sort());
    expect(Object.keys(entry.search).sort()).toEqual(Object.keys(shown.search).sort());
    for (const path of demandedBy(definition, 'Bundle.entry:patient'))
      expect(valueAt(entry, path), path).toBeTruthy();
    const [extension] = entry.search.extension;
    expect(extension.url).toBe(shown.search.extension[0].url);
    expect(['certain', 'probable', 'possible', 'certainly-not']).toContain(extension.valueCode);
    expect(entry.search.score).toSatisfy((score: number) => score > 0 && score <= 1);
  }
});

test('[IF2] PDQm: nobody is answered as the empty example is', async () => {
  const example = pdqm('Bundle-ex-match-output-empty');
  const { status, body } = await world.post('/Patient/$match', {
    resourceType: 'Patient',
    name: [{ family: 'Zzyzx', given: ['Quorra'] }],
    birthDate: '2011-11-11',
  });
  expect(status).toBe(200);
  expect(Object.keys(body).sort()).toEqual(
    Object.keys(example)
      .filter((key) => key !== 'id' && key !== 'meta')
      .sort(),
  );
  expect(body).toMatchObject({ type: 'searchset', total: 0 });
});

test('[IF20] PDQm: a query is answered in the shape of the example', async () => {
  const example = pdqm('Bundle-ex-QueryPatientResourceResponseMessage');
  const { body } = await world.get('/Patient?family=Schmidt');
  expect(errorsOf(body)).toEqual([]);
  expect(body).toMatchObject({ resourceType: 'Bundle', type: example.type, total: 1 });
  expect(body.entry[0]).toMatchObject({ search: { mode: 'match' }, resource: { resourceType: 'Patient' } });
});

test('[IF21] what the suppliers of PDQm and the manager of PIXm have to serve stands in the CapabilityStatement', async () => {
  const { body } = await world.get('/metadata');
  const served = body.rest[0].resource.find(({ type }: Any) => type === 'Patient');
  const names = new Set(served.searchParam.map(({ name }: Any) => name));
  const codes = served.interaction.map(({ code }: Any) => code);
  const demanded = [
    pdqm('CapabilityStatement-IHE.PDQm.PatientDemographicsSupplier'),
    pdqm('CapabilityStatement-IHE.PDQm.PatientDemographicsSupplierMatch'),
    pixm('CapabilityStatement-IHE.PIXm.Manager'),
  ];
  for (const { rest, url } of demanded) {
    const [patient] = rest[0].resource;
    for (const { name } of patient.searchParam ?? [])
      expect(names, url).toContain(name.replace(/:exact$/, ''));
    for (const { code } of patient.interaction) expect(codes, url).toContain(code);
    for (const { name } of patient.operation ?? [])
      expect(
        served.operation.map((one: Any) => one.name),
        url,
      ).toContain(name.replace('$', ''));
    for (const flag of ['conditionalCreate', 'conditionalUpdate', 'conditionalDelete'])
      if (patient[flag] !== undefined) expect(served[flag], `${url} ${flag}`).toBe(patient[flag]);
  }
});
