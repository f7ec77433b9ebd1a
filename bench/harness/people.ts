import type { Patient } from '@medplum/fhirtypes';

/**
 * People with names as skewed as in life: of a million some 8,000 bear the most frequent family name and 10,000 the most frequent given
 * name of their sex. Made, not drawn from anywhere; the n-th is always the same.
 */
export class People {
  readonly #families = zipf(50_000, 14);
  readonly #givens = zipf(2_000, 20);
  readonly #places = zipf(600, 30);

  /** The n-th person as a registration has them. */
  patient(n: number): Patient {
    const random = seededBy(n);
    const sex = random() < 0.5 ? 'female' : 'male';
    const family = nameOf(this.#families(random()), 3, 'S');
    const given = [givenOf(this.#givens(random()), sex)];
    if (random() < 0.6) given.push(givenOf(this.#givens(random()), sex));
    const place = this.#places(random());
    return {
      resourceType: 'Patient',
      identifier: [{ system: NUMBERS, value: String(10_000_000 + n) }],
      name: [{ use: 'official', family, given }],
      gender: sex,
      birthDate: dateOf(random),
      address: [
        {
          line: [`${1 + Math.floor(random() * 2_000)} ${nameOf(Math.floor(random() * 900), 2, 'M')} Street`],
          city: nameOf(place, 2, 'T'),
          postalCode: String(10_000 + place * 37),
        },
      ],
      ...(random() < 0.85 ? { telecom: [{ system: 'phone', value: digits(random, 10) }] } : {}),
    };
  }

  /** The same person as another desk has them: another number, and in one of three cases a slip in name, birth date or address. */
  again(n: number): Patient {
    const patient = structuredClone(this.patient(n));
    const random = seededBy(-n - 1);
    patient.identifier = [{ system: OTHER_NUMBERS, value: String(50_000_000 + n) }];
    const [name] = patient.name ?? [];
    const kind = Math.floor(random() * 6);
    if (kind === 0 && name?.family) name.family = slip(name.family, random);
    if (kind === 1 && patient.birthDate) patient.birthDate = swapped(patient.birthDate);
    if (kind === 2) delete patient.telecom;
    return patient;
  }
}

const NUMBERS = 'urn:oid:2.16.840.1.113883.19.5';
const OTHER_NUMBERS = 'urn:oid:2.16.840.1.113883.19.6';

const SYLLABLES =
  'ba be bi bo bu da de di do du fa fe fi ga ge go ha he hi ho ja jo ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi wa we wi ya yo za ze'.split(
    ' ',
  );

/** The n-th name: rank in base 64, syllable by syllable. */
function nameOf(n: number, syllables: number, initial: string): string {
  let rest = n;
  let name = initial.toLowerCase();
  for (let at = 0; at < syllables; at += 1) {
    name += SYLLABLES[(rest * 7 + at * 13) % SYLLABLES.length];
    rest = Math.floor(rest / 17);
  }
  return name[0]?.toUpperCase() + name.slice(1) + SUFFIXES[n % SUFFIXES.length];
}
const SUFFIXES = ['n', 'r', 's', 'th', 'man', 'ton', 'ley', 'ck', 'ng', 'll'];

const givenOf = (n: number, sex: string): string => nameOf(n, 2, sex === 'female' ? 'L' : 'B');

/** Draws a rank below `size`, the first being the most frequent: weights 1/(rank + flat). */
function zipf(size: number, flat: number): (random: number) => number {
  const sums = new Float64Array(size);
  let sum = 0;
  for (let n = 0; n < size; n += 1) {
    sum += 1 / (n + 1 + flat);
    sums[n] = sum;
  }
  return (random) => {
    const wanted = random * sum;
    let [low, high] = [0, size - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** mulberry32 */
function seededBy(seed: number): () => number {
  let state = (seed * 2_654_435_761) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const two = (value: number): string => String(value).padStart(2, '0');

const dateOf = (random: () => number): string =>
  `${1930 + Math.floor(random() * 92)}-${two(1 + Math.floor(random() * 12))}-${two(1 + Math.floor(random() * 28))}`;

const digits = (random: () => number, count: number): string =>
  Array.from({ length: count }, (_, at) =>
    at === 0 ? 2 + Math.floor(random() * 7) : Math.floor(random() * 10),
  ).join('');

function slip(text: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (text.length - 2));
  return `${text.slice(0, at)}${text[at + 1] ?? ''}${text[at] ?? ''}${text.slice(at + 2)}`;
}

/** Day and month exchanged where that is a date, otherwise the last digit of the year. */
function swapped(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  if (Number(day) <= 12) return `${year}-${day}-${month}`;
  return `${year.slice(0, 3)}${(Number(year[3]) + 1) % 10}-${month}-${day}`;
}
