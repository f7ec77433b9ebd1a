import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/index.ts';
import { adt, CLINIC, merge, openWorld, oru, type Person, type World } from './world.ts';

/** Everybody at once about the same people: three channels, the API, and people who decide. */

let world: World;
beforeAll(async () => {
  world = await openWorld();
}, 60_000);
afterAll(() => world?.stop());

const NAMES = ['Okonkwo', 'Zielinski', 'Castellanos', 'Lindqvist', 'Featherstone', 'Haraldsdottir'];
const people: readonly Person[] = NAMES.map((family, n) => ({
  ...{
    number: `T-${n}`,
    family,
    given: `${family.slice(0, 3)}ine`,
    born: `19${61 + 4 * n}0${1 + n}1${n}`,
    sex: 'F',
  },
  ...{ street: `${10 + n} Mill Lane`, phone: `(217)555-014${n}` },
}));
const api = ({ family, given, born, street = '', phone = '' }: Person, city: string) => ({
  resourceType: 'Patient',
  name: [{ family, given: [given] }],
  birthDate: born.replace(/(....)(..)(..)/, '$1-$2-$3'),
  gender: 'female',
  address: [{ line: [street], city, state: 'IL', postalCode: '62701' }],
  telecom: [{ system: 'phone', value: phone }],
});

test('[ID20] [ID34] nothing is parked, nothing is lost, and everybody is one person in the end', async () => {
  const minutes = [0, 1, 2];
  const statuses: number[] = [];
  await Promise.all([
    ...minutes.map((minute) => world.send('adt', ...people.map((person) => adt('A31', person, { minute })))),
    ...minutes.map((minute) =>
      world.send(
        'clinic',
        ...people.map((person) => adt('A31', { ...person, authority: CLINIC }, { minute })),
      ),
    ),
    world.send(
      'lab',
      ...people.map((person) => oru(person, { filler: person.number })),
      ...people.map((person) => merge('A40', person, { number: `${person.number}-OLD` })),
    ),
    ...people.map(async (person) => {
      const { status, body } = await world.call('POST', 'Patient', api(person, 'Springfield'));
      const again = await world.call('PUT', `Patient/${body.id}`, {
        ...api(person, 'Shelbyville'),
        id: body.id,
      });
      statuses.push(status, again.status);
    }),
  ]);
  await world.settled();
  expect(statuses).toEqual(statuses.map((_, n) => (n % 2 === 0 ? 201 : 200)));
  for (const channel of ['adt', 'clinic', 'lab'] as const)
    expect(await world.queue(channel)).toMatchObject({ depth: 0, parked: 0, held: 0 });
  const chartsNow = () =>
    world.rows<{ person: string; sources: string[] }>(
      'SELECT person_id AS person, array_agg(source_patient_id) AS sources FROM person_link GROUP BY 1',
    );
  // Transactions of other tests on the same server hold it back, too.
  await eventually(
    async () => {
      await world.identity.settle();
      return (await chartsNow()).length === people.length;
    },
    { deadlineMs: 20_000, what: 'a chart for each' },
  );
  const charts = await chartsNow();
  for (const { number } of people) {
    const person = await world.person(number);
    expect(await world.person(number, CLINIC)).toBe(person);
    expect(await world.person(`${number}-OLD`)).toBe(person);
    expect(charts.find((chart) => chart.person === person)?.sources).toHaveLength(4);
    expect(await world.found('Observation', person)).toHaveLength(1);
  }
}, 30_000);
