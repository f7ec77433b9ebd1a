import { defaultModel, type Features, featuresOf } from '../../../src/clinical/matching/index.ts';
import { type Person, Population } from './population.ts';
import { seeded } from './seeded.ts';

const NICKNAMES: Readonly<Record<string, string>> = {
  james: 'Jim',
  john: 'Jack',
  robert: 'Bob',
  michael: 'Mike',
  william: 'Bill',
  david: 'Dave',
  joseph: 'Joe',
  thomas: 'Tom',
  charles: 'Chuck',
  daniel: 'Dan',
  christopher: 'Chris',
  matthew: 'Matt',
  anthony: 'Tony',
  steven: 'Steve',
  edward: 'Ed',
  kenneth: 'Ken',
  elizabeth: 'Liz',
  jennifer: 'Jen',
  patricia: 'Pat',
  susan: 'Sue',
  jessica: 'Jess',
  margaret: 'Peggy',
  kimberly: 'Kim',
  katherine: 'Kate',
  catherine: 'Cathy',
  rebecca: 'Becky',
  deborah: 'Debbie',
  samantha: 'Sam',
  benjamin: 'Ben',
  samuel: 'Sam',
  alexander: 'Alex',
  nicholas: 'Nick',
  jonathan: 'Jon',
  timothy: 'Tim',
  jeffrey: 'Jeff',
  gregory: 'Greg',
  francisco: 'Paco',
  jose: 'Pepe',
  guadalupe: 'Lupe',
  eduardo: 'Lalo',
  roberto: 'Beto',
  alejandro: 'Alex',
  victoria: 'Vicky',
  theodore: 'Ted',
};

/** The population that the shipped model is estimated from: about 13,000 people, 19,500 records. */
export function shippedPopulation(
  seed = 20260101,
  households = 5000,
): { person: Person; features: Features }[] {
  const { given, family } = defaultModel.frequencies;
  const population = new Population({
    households,
    given: Object.keys(given.table),
    family: Object.keys(family.table),
    nicknames: (name) => NICKNAMES[name],
    random: seeded(seed),
  });
  return population.records().map(({ person, patient }) => ({ person, features: featuresOf(patient) }));
}
