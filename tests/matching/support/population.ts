import type { Patient } from '@medplum/fhirtypes';

/**
 * A population of our own making: households with parents, children, twins and namesakes, and for half of the people a second record with
 * the slips, changes and gaps that registration desks make. The shipped model is estimated from it, without looking at who is who; the
 * rates below are our estimate of ordinary registration data and are not taken from the sets that the engine is scored on.
 */
export interface Person {
  readonly id: number;
  readonly household: number;
  readonly given: string;
  readonly middle?: string;
  readonly family: string;
  readonly birth: readonly [number, number, number];
  readonly sex: 'male' | 'female';
  readonly ssn: string;
  readonly insurance: string;
  readonly phone: string;
  readonly email: string;
  readonly mother: string;
  readonly address: Home;
  readonly suffix?: string;
  readonly twin: boolean;
  readonly contact: readonly [given: string, family: string];
}

interface Home {
  readonly number: string;
  readonly street: string;
  readonly unit?: string;
  readonly city: string;
  readonly postal: string;
}

/** Chances per second record. */
const SLIPS = {
  given: {
    typo: 0.035,
    heard: 0.01,
    nickname: 0.12,
    initial: 0.008,
    middle: 0.015,
    missing: 0.01,
    other: 0.015,
  },
  family: { typo: 0.035, heard: 0.012, changed: 0.035, double: 0.02, missing: 0.003 },
  swapped: 0.01,
  middle: { missing: 0.3, initial: 0.3, typo: 0.02, other: 0.012 },
  birth: { digit: 0.015, transposed: 0.008, near: 0.008, other: 0.012, missing: 0.01, year: 0.004 },
  sex: { other: 0.006, missing: 0.01 },
  ssn: { missing: 0.35, last4: 0.05, typo: 0.025, other: 0.012 },
  insurance: { missing: 0.3, changed: 0.12, typo: 0.01 },
  address: {
    missing: 0.05,
    moved: 0.12,
    movedNear: 0.12,
    typo: 0.1,
    number: 0.03,
    alias: 0.05,
    city: 0.03,
    postal: 0.03,
    along: 0.01,
  },
  contact: { missing: 0.35, changed: 0.15, family: 0.06 },
  phone: { missing: 0.12, changed: 0.25, typo: 0.015 },
  email: { missing: 0.4, changed: 0.2, typo: 0.015 },
  mother: { missing: 0.45, typo: 0.04, other: 0.03 },
};

const STREETS =
  'Oak Maple Cedar Pine Elm Walnut Chestnut Lincoln Washington Jefferson Madison Monroe Jackson Lake Hill River Park Church School Mill Spring Valley Meadow Forest Sunset Highland Prospect Franklin Center Main Second Third Fourth Fifth Birch Willow Dogwood Magnolia Laurel Hickory Cherry Poplar Sycamore Spruce Summit Ridge Orchard Garden Railroad College Pleasant Grove Clinton Adams Liberty Union Market Water Bridge Canal Front Court Mulberry Juniper Hazel Aspen Cypress Redwood Fairview Greenwood Lakeview Riverside Hillcrest Oakwood Woodland Brookside Colonial Heritage Windsor Cambridge Oxford Bristol Essex Sussex Devon Surrey Kent'.split(
    ' ',
  );
const KINDS = [
  'Street',
  'Avenue',
  'Road',
  'Drive',
  'Lane',
  'Court',
  'Circle',
  'Place',
  'Boulevard',
  'Terrace',
];
const CITIES =
  'Ashford Brookfield Carlton Dunmore Eastham Fairmont Glenwood Harlow Ironton Kingsley Lynwood Marston Newbury Oakdale Penrose Quarry Rockford Selby Thornton Upton Vernon Westbrook Yardley Alton Barton Colby Denton Elkton Fulton Grafton Hanover Ithaca Jasper Kendall Lisbon Medford Norwood Orland Palmyra Quincy Randolph Salem Trenton Utica Verona Warsaw Xenia York Zion Amherst Bethel Canaan Derby Easton Foxboro Groton Hebron Ipswich Jericho Keene Lowell Milford Nashua Otis Putnam Reading Sharon Tilton Union Victor Wells Acton Berlin Camden Dover Exeter Freeport Gorham Hope Island Jay Kittery Lubec Machias Naples Orono Poland Rumford Saco Topsham Unity Vienna Wayne Anson Bath Calais Dexter Eliot Fayette Guilford Hollis Industry Knox Lamoine Mercer Newry Owls Perry Rangeley Sebago Turner Waldo'.split(
    ' ',
  );

const HEARD: readonly (readonly [string, string])[] = [
  ['ph', 'f'],
  ['ck', 'k'],
  ['th', 't'],
  ['ei', 'ie'],
  ['ee', 'ea'],
  ['ll', 'l'],
  ['nn', 'n'],
  ['tt', 't'],
  ['ss', 's'],
  ['y', 'ie'],
  ['c', 'k'],
  ['z', 's'],
  ['ai', 'ay'],
  ['er', 'or'],
];

export interface PopulationOptions {
  readonly households: number;
  readonly given: readonly string[];
  readonly family: readonly string[];
  readonly nicknames: (name: string) => string | undefined;
  readonly random: () => number;
}

export class Population {
  readonly #random: () => number;
  readonly #options: PopulationOptions;
  #ids = 0;

  constructor(options: PopulationOptions) {
    this.#options = options;
    this.#random = options.random;
  }

  /** First records of all, then second records of half of them; `person` says who is who. */
  records(): { person: Person; patient: Patient }[] {
    const people = Array.from({ length: this.#options.households }, (_, at) => this.household(at)).flat();
    const firsts = people.map((person) => ({ person, patient: this.record(person, 0.3) }));
    const seconds = people
      .filter(() => this.#chance(0.5))
      .map((person) => ({ person, patient: this.record(person, 1) }));
    return [...firsts, ...seconds];
  }

  household(at: number): Person[] {
    const home = this.#home();
    const family = this.#family();
    const phone = this.#digits(10);
    const year = 1935 + Math.floor(this.#random() * 65);
    const person = (more: Partial<Person>): Person =>
      this.#person({ household: at, family, home, phone }, more);
    const father = person({ birth: this.#birth(year), sex: 'male' });
    if (this.#chance(0.3)) return [father];
    const mother = person({
      contact: [father.given, father.family],
      birth: this.#birth(year + 1),
      sex: 'female',
      family: this.#chance(0.8) ? family : this.#family(),
    });
    const children: Person[] = [];
    for (let wanted = Math.floor(this.#random() * 4); wanted > 0; wanted -= 1) {
      const birth = this.#birth(Math.min(2022, year + 22 + Math.floor(this.#random() * 15)));
      const contact = [mother.given, mother.family] as const;
      const twins = this.#chance(0.015);
      const namesake = !twins && this.#chance(0.04);
      children.push(
        person({
          birth,
          mother: mother.mother,
          contact,
          twin: twins,
          ...(namesake && { given: father.given, sex: 'male' as const, suffix: 'Jr' }),
        }),
      );
      if (twins) children.push(person({ birth, mother: mother.mother, contact, twin: true }));
    }
    return [father, mother, ...children];
  }

  #person(
    home: { household: number; family: string; home: Home; phone: string },
    more: Partial<Person>,
  ): Person {
    this.#ids += 1;
    const given = more.given ?? this.#given();
    return {
      id: this.#ids,
      household: home.household,
      given,
      ...(this.#chance(0.75) && { middle: this.#given() }),
      family: more.family ?? home.family,
      birth: more.birth ?? this.#birth(1980),
      sex: more.sex ?? (this.#chance(0.5) ? 'male' : 'female'),
      ssn: `${1 + Math.floor(this.#random() * 8)}${this.#digits(8)}`,
      insurance: this.#digits(10),
      phone: this.#chance(0.5) ? home.phone : this.#digits(10),
      email:
        `${given}.${home.family}${Math.floor(this.#random() * 90)}@${this.#pick(['mail', 'post', 'inbox', 'home'])}.example`.toLowerCase(),
      mother: more.mother ?? this.#family(),
      address: home.home,
      ...(more.suffix !== undefined && { suffix: more.suffix }),
      twin: more.twin ?? false,
      contact: more.contact ?? [this.#given(), home.family],
    };
  }

  /** How a desk writes the person down. @param care 1 for ordinary slips, less for fewer */
  record(person: Person, care: number): Patient {
    const slip = (chance: number): boolean => this.#chance(chance * care);
    const names = this.#names(person, slip);
    const swapped = slip(SLIPS.swapped);
    const birthDate = this.#birthDate(person, slip);
    const phone = slip(SLIPS.phone.missing)
      ? ''
      : slip(SLIPS.phone.changed)
        ? this.#digits(10)
        : slip(SLIPS.phone.typo)
          ? this.#digit(person.phone)
          : person.phone;
    const email =
      slip(SLIPS.email.missing) || this.#chance(0.3)
        ? ''
        : slip(SLIPS.email.changed)
          ? `${this.#given()}${this.#digits(3)}@mail.example`
          : slip(SLIPS.email.typo)
            ? this.#typo(person.email)
            : person.email;
    const mother =
      slip(SLIPS.mother.missing) || this.#chance(0.4)
        ? ''
        : slip(SLIPS.mother.other)
          ? this.#family()
          : slip(SLIPS.mother.typo)
            ? this.#typo(person.mother)
            : person.mother;
    return {
      resourceType: 'Patient',
      name: [
        {
          family: swapped ? (names.given[0] ?? names.family) : names.family,
          given: swapped ? [names.family, ...names.given.slice(1)] : names.given,
          ...(person.suffix && this.#chance(0.7) && { suffix: [person.suffix] }),
        },
      ],
      ...(birthDate !== '' && { birthDate }),
      ...(!slip(SLIPS.sex.missing) && {
        gender: slip(SLIPS.sex.other) ? (person.sex === 'male' ? 'female' : 'male') : person.sex,
      }),
      contact: this.#contact(person, slip),
      identifier: this.#identifiers(person, slip),
      telecom: [
        ...(phone ? [{ system: 'phone' as const, value: phone }] : []),
        ...(email ? [{ system: 'email' as const, value: email }] : []),
      ],
      address: slip(SLIPS.address.missing) ? [] : [this.#address(person, slip)],
      ...(mother && {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName', valueString: mother },
        ],
      }),
    };
  }

  #names(person: Person, slip: (chance: number) => boolean): { given: string[]; family: string } {
    const rates = SLIPS.given;
    let given = person.given;
    if (slip(rates.missing)) given = '';
    else if (slip(rates.initial)) given = given.slice(0, 1);
    else if (slip(rates.other)) given = this.#given();
    else if (slip(rates.nickname)) given = this.#options.nicknames(given) ?? given;
    else if (slip(rates.heard)) given = this.#heard(given);
    else if (slip(rates.typo)) given = this.#typo(given);
    let middle = person.middle ?? '';
    if (middle !== '' && slip(rates.middle)) [given, middle] = [middle, ''];
    if (slip(SLIPS.middle.missing)) middle = '';
    else if (slip(SLIPS.middle.initial)) middle = middle.slice(0, 1);
    else if (slip(SLIPS.middle.other)) middle = this.#given();
    else if (slip(SLIPS.middle.typo)) middle = this.#typo(middle);
    let { family } = person;
    if (slip(SLIPS.family.missing)) family = '';
    else if (slip(SLIPS.family.changed)) family = this.#family();
    else if (slip(SLIPS.family.double)) family = `${family}-${this.#family()}`;
    else if (slip(SLIPS.family.heard)) family = this.#heard(family);
    else if (slip(SLIPS.family.typo)) family = this.#typo(family);
    return { given: [given, ...(middle ? [middle] : [])], family };
  }

  #birthDate({ birth }: Person, slip: (chance: number) => boolean): string {
    const text = ([year, month, day]: readonly [number, number, number]): string =>
      `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    const [year, month, day] = birth;
    if (slip(SLIPS.birth.missing)) return '';
    if (slip(SLIPS.birth.year)) return String(year);
    if (slip(SLIPS.birth.transposed) && day <= 12) return text([year, day, month]);
    if (slip(SLIPS.birth.other)) return text(this.#birth(1930 + Math.floor(this.#random() * 90)));
    if (slip(SLIPS.birth.near)) return text([year + (this.#chance(0.5) ? 12 : -15), month, day]);
    if (slip(SLIPS.birth.digit))
      return text([
        year,
        month,
        Math.max(1, day % 10 === 0 ? day - 1 : day - (day % 10) + (((day % 10) + 1) % 9)),
      ]);
    return text(birth);
  }

  #contact(
    { contact: [given, family] }: Person,
    slip: (chance: number) => boolean,
  ): NonNullable<Patient['contact']> {
    if (slip(SLIPS.contact.missing) || this.#chance(0.3)) return [];
    const changed = slip(SLIPS.contact.changed);
    const kin = changed || slip(SLIPS.contact.family) ? this.#family() : family;
    return [{ name: { given: [changed ? this.#given() : given], family: kin } }];
  }

  #identifiers(person: Person, slip: (chance: number) => boolean): NonNullable<Patient['identifier']> {
    const coded = (code: string, system: string, value: string) => ({
      system,
      value,
      type: { coding: [{ code }] },
    });
    const ssn =
      slip(SLIPS.ssn.missing) || this.#chance(0.2)
        ? ''
        : slip(SLIPS.ssn.last4)
          ? person.ssn.slice(-4)
          : slip(SLIPS.ssn.other)
            ? `4${this.#digits(8)}`
            : slip(SLIPS.ssn.typo)
              ? this.#digit(person.ssn)
              : person.ssn;
    const insurance =
      slip(SLIPS.insurance.missing) || this.#chance(0.2)
        ? ''
        : slip(SLIPS.insurance.changed)
          ? this.#digits(10)
          : slip(SLIPS.insurance.typo)
            ? this.#digit(person.insurance)
            : person.insurance;
    return [
      ...(ssn ? [coded('SS', 'http://hl7.org/fhir/sid/us-ssn', ssn)] : []),
      ...(insurance ? [coded('MA', 'urn:example:plan', insurance)] : []),
    ];
  }

  #address({ address }: Person, slip: (chance: number) => boolean): NonNullable<Patient['address']>[number] {
    const near = slip(SLIPS.address.movedNear);
    const home =
      slip(SLIPS.address.moved) || near
        ? { ...this.#home(), ...(near && { city: address.city, postal: address.postal }) }
        : address;
    const street = slip(SLIPS.address.typo) ? this.#typo(home.street) : home.street;
    const along = slip(SLIPS.address.along) ? String(1 + Math.floor(this.#random() * 900)) : home.number;
    const number = slip(SLIPS.address.number) ? this.#digit(along) : along;
    const line = `${number} ${street}${home.unit !== undefined && !slip(0.3) ? ` Apt ${home.unit}` : ''}`;
    const city = slip(SLIPS.address.alias)
      ? this.#pick(CITIES)
      : slip(SLIPS.address.city)
        ? this.#typo(home.city)
        : home.city;
    return {
      line: [line],
      city,
      state: 'NY',
      postalCode: slip(SLIPS.address.postal) ? this.#digit(home.postal) : home.postal,
    };
  }

  /** Large cities are few. */
  #home(): Home {
    return this.#homeIn(Math.floor(this.#random() * this.#random() * CITIES.length));
  }

  #homeIn(city: number): Home {
    return {
      number: String(1 + Math.floor(this.#random() * this.#random() * 2000)),
      street: `${this.#chance(0.4) ? this.#pick(STREETS) : this.#pick(this.#options.family)} ${this.#pick(KINDS)}`,
      ...(this.#chance(0.25) && { unit: String(1 + Math.floor(this.#random() * 40)) }),
      city: CITIES[city] ?? 'Alton',
      postal: String(12000 + city * 73 + Math.floor(this.#random() * (2 + 300 / (city + 10))) * 2),
    };
  }

  #birth(year: number): [number, number, number] {
    return [year, 1 + Math.floor(this.#random() * 12), 1 + Math.floor(this.#random() * 28)];
  }

  /** By rank, the first about as common as in censuses. */
  #ranked(names: readonly string[]): string {
    return names[Math.floor(names.length * this.#random() ** 2.2)] ?? 'lee';
  }
  #given = (): string => this.#ranked(this.#options.given);
  #family = (): string => this.#ranked(this.#options.family);
  #pick = (from: readonly string[]): string => from[Math.floor(this.#random() * from.length)] ?? '';
  #chance = (chance: number): boolean => this.#random() < chance;
  #digits = (count: number): string =>
    Array.from({ length: count }, () => Math.floor(this.#random() * 10)).join('');

  #digit(text: string): string {
    const at = Math.floor(this.#random() * text.length);
    return `${text.slice(0, at)}${(Number(text[at]) + 1 + Math.floor(this.#random() * 8)) % 10}${text.slice(at + 1)}`;
  }

  /** Written as it sounds: the first two spellings that can be exchanged are. */
  #heard(text: string): string {
    let changed = text;
    let done = 0;
    for (const [one, other] of HEARD) {
      if (done >= 2 || !changed.includes(one)) continue;
      changed = changed.replace(one, other);
      done += 1;
    }
    return changed;
  }

  #typo(text: string): string {
    const at = Math.floor(this.#random() * Math.max(1, text.length - 1));
    const letter = String.fromCharCode(97 + Math.floor(this.#random() * 26));
    const kind = Math.floor(this.#random() * 4);
    if (kind === 0) return text.slice(0, at) + letter + text.slice(at + 1);
    if (kind === 1) return text.slice(0, at) + text.slice(at + 1);
    if (kind === 2) return text.slice(0, at) + letter + text.slice(at);
    return text.slice(0, at) + (text[at + 1] ?? '') + (text[at] ?? '') + text.slice(at + 2);
  }
}
