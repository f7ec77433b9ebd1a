import { afterAll, beforeAll, expect, test } from 'vitest';
import { patientId } from '../../src/trust/access/index.ts';
import { ann, BLUE, DECLARED, oid, openWorld, patient, RED, type World } from './support.ts';

/** The Patient Demographics Query (PDQm ITI-78), and what is said of all of this at `metadata`. */

let world: World;
const id = patientId({ authority: RED, identifier: 'pdq-1' });
beforeAll(async () => {
  world = await openWorld();
  await world.feed(
    patient(RED, 'pdq-1', {
      name: [{ family: 'Schmidt', given: ['John', 'Jacob'] }],
      gender: 'male',
      birthDate: '1923-07-25',
      telecom: [{ system: 'phone', value: '+1-555-123-4567' }],
      address: [{ line: ['12 Elm St'], city: 'Madison', state: 'WI', country: 'USA', postalCode: '53703' }],
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName', valueString: 'Doe' },
      ],
    }),
  );
  await world.feed(
    patient(RED, ann.identifier, { name: [{ family: 'Quill', given: ['Ann'] }], birthDate: '1971-09-02' }),
  );
  for (let n = 0; n < 7; n += 1)
    await world.feed(
      patient(BLUE, `page-${n}`, {
        active: false,
        name: [{ family: NAMES[n]!, given: ['Pat'] }],
        birthDate: `19${n + 1}1-0${n + 1}-1${n}`,
      }),
    );
});
afterAll(() => world.stop());

const NAMES = ['Pagoda', 'Pagett', 'Pagano', 'Pagel', 'Pagnol', 'Paguro', 'Pagham'];

const search = async (query: string, as?: string) => {
  const { status, body } = await world.call('GET', `/Patient?${query}`, {
    headers: { prefer: 'handling=strict' },
    ...(as === undefined ? {} : { as }),
  });
  expect(status, JSON.stringify(body)).toBe(200);
  const entries: { resource: { id: string } }[] = body.entry ?? [];
  return { body, ids: entries.map(({ resource }) => resource.id) };
};

test('[IF20] every parameter that ITI-78 asks for finds, and does not find', async () => {
  const asked: [string, string][] = [
    [`_id=${id}`, '_id=nobody'],
    ['active=true&family=schmidt', 'active=false&family=schmidt'],
    ['family=Schm', 'family=Schmitt'],
    ['family:exact=Schmidt', 'family:exact=Schm'],
    ['given=jac', 'given=jack'],
    ['given:exact=John', 'given:exact=Jo'],
    [`identifier=${oid(RED)}|pdq-1`, `identifier=${oid(BLUE)}|pdq-1`],
    ['identifier=pdq-1', 'identifier=pdq-2'],
    ['telecom=%2B1-555-123-4567', 'telecom=555'],
    ['birthdate=1923-07-25', 'birthdate=1923-07-26'],
    ['birthdate=ge1923-07&birthdate=lt1923-08', 'family=Schmidt&birthdate=lt1923-07-25'],
    ['address=madison', 'address=chicago'],
    ['address:exact=Madison', 'address:exact=Madi'],
    [
      'address-city=madi&address-state=WI&address-country=USA&address-postalcode=53703',
      'address-postalcode=60523',
    ],
    ['gender=male&family=Schmidt', 'gender=female&family=Schmidt'],
    ['mothersMaidenName=do', 'mothersMaidenName=smith'],
    ['mothersMaidenName:exact=Doe', 'mothersMaidenName:exact=doe'],
  ];
  for (const [finds, misses] of asked) {
    expect((await search(finds)).ids, finds).toEqual([id]);
    expect((await search(misses)).ids, misses).toEqual([]);
  }
});

test('[IF20] identifier=system| keeps to a domain, and several domains are one search', async () => {
  expect((await search(`identifier=${oid(RED)}|`)).ids).toHaveLength(2);
  expect((await search(`identifier=${oid(BLUE)}|&_count=50`)).ids).toHaveLength(7);
  expect((await search(`identifier=${oid(RED)}|,${oid(BLUE)}|&_count=50`)).ids).toHaveLength(9);
  expect((await search(`identifier=${oid(DECLARED)}|`)).ids).toEqual([]);
});

test('[IF20] pages lead from one to the next, each patient once', async () => {
  const found: string[] = [];
  let query: string | undefined = 'family=Pag&_count=3';
  while (query !== undefined) {
    const { body, ids } = await search(query);
    expect(ids.length).toBeLessThanOrEqual(3);
    found.push(...ids);
    const next: { url: string } | undefined = body.link.find(
      ({ relation }: { relation: string }) => relation === 'next',
    );
    query = next && new URL(next.url).search.slice(1);
  }
  expect(new Set(found).size).toBe(7);
  expect(found).toHaveLength(7);
});

test('[IF4] a query finds nobody but the patient it is bound to', async () => {
  expect((await search('family=Schmidt', 'ann')).ids).toEqual([]);
  expect((await search(`identifier=${oid(RED)}|`, 'ann')).ids).toEqual([patientId(ann)]);
});

test('[IF21] metadata names every operation with its definition, and what is instantiated', async () => {
  const { body } = await world.get('/metadata');
  const [rest] = body.rest;
  const ofPatient: { name: string; definition: string }[] = rest.resource.find(
    ({ type }: { type: string }) => type === 'Patient',
  ).operation;
  expect(ofPatient).toEqual(
    expect.arrayContaining([
      { name: 'match', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-match' },
      { name: 'ihe-pix', definition: 'https://profiles.ihe.net/ITI/PIXm/OperationDefinition/IHE.PIXm.pix' },
      { name: 'merge', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-merge' },
      { name: 'sources', definition: 'urn:isthmus:operation:sources' },
      { name: 'identity-history', definition: 'urn:isthmus:operation:identity-history' },
    ]),
  );
  const ofSystem: { name: string }[] = rest.operation;
  expect(ofSystem.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['identity-undo', 'identity-reviews', 'identity-review', 'identity-answer']),
  );
  expect(body.instantiates).toContain(
    'https://profiles.ihe.net/ITI/PDQm/CapabilityStatement/IHE.PDQm.PatientDemographicsSupplierMatch',
  );
  expect(body.implementationGuide).toContain(
    'https://profiles.ihe.net/ITI/PIXm/ImplementationGuide/ihe.iti.pixm',
  );
});
