import type { Features } from './features/types.ts';
import type { Assessment, Levels } from './fields/assess.ts';
import type { Field, Model } from './model/types.ts';

/** Rules that decide beside the probability; each is a numbered rule of docs/design/matching.md. */
export type Guard =
  | 'trusted-identifier'
  | 'overlay'
  | 'same-authority-other-number'
  | 'suffix'
  | 'twin'
  | 'sibling'
  | 'household'
  | 'no-common-name'
  | 'changed-name'
  | 'thin-evidence'
  | 'no-name';

/** `same`: links whatever the probability; `review`: goes to a person whatever the probability; `cap`: never links automatically. */
export const GUARD_EFFECT: Readonly<Record<Guard, 'same' | 'review' | 'cap'>> = {
  'trusted-identifier': 'same',
  overlay: 'review',
  'same-authority-other-number': 'cap',
  suffix: 'cap',
  twin: 'cap',
  sibling: 'cap',
  household: 'cap',
  'no-common-name': 'cap',
  'changed-name': 'cap',
  'thin-evidence': 'cap',
  'no-name': 'cap',
};

/** The guards that apply to a pair. Symmetric. */
export function guardsOf(a: Features, b: Features, assessment: Assessment, model: Model): Guard[] {
  const { levels } = assessment;
  const guards: Guard[] = [];
  if (assessment.trustedSame) guards.push(contradictions(levels) >= 2 ? 'overlay' : 'trusted-identifier');
  if (assessment.otherNumber || otherNumbers(levels)) guards.push('same-authority-other-number');
  if (a.suffix !== undefined && b.suffix !== undefined && a.suffix !== b.suffix) guards.push('suffix');
  if (bornTogether(a, b, levels)) guards.push('twin');
  else if (model.families === 'guarded') guards.push(...familyGuards(assessment));
  if (!assessment.trustedSame && isThin(levels, model)) guards.push('thin-evidence');
  if (!assessment.trustedSame && levels.given === undefined && model.families === 'guarded')
    guards.push('no-name');
  return guards;
}

const OTHER_GIVEN = new Set(['differs', 'similar']);

/** A form of a name that fits brother and sister alike (Alex), or a first name that is the other's second among other names. */
const isOtherChild = ({ given, middle, sex }: Levels): boolean =>
  (sex === 'differs' && (given === 'nickname' || given === 'initial' || given === 'middle')) ||
  (given === 'middle' && middle === 'differs');

/** The fields of who somebody is that say the opposite. */
function contradictions({ given, family, birthDate, sex }: Levels): number {
  const count = (contradicts: boolean): number => (contradicts ? 1 : 0);
  return (
    count(given === 'differs') +
    count(family === 'differs') +
    count(birthDate === 'differs' || birthDate === 'near') +
    count(sex === 'differs')
  );
}

/** Two numbers of a person, each of another authority, are both others. */
function otherNumbers({ ssn, identifier, insurance }: Levels): boolean {
  const numbers = [ssn, identifier, insurance];
  return !numbers.includes('exact') && numbers.filter((level) => level === 'differs').length >= 2;
}

/** Told to be of a multiple birth, and not clearly the same child. */
function bornTogether(a: Features, b: Features, { given, birthDate, sex }: Levels): boolean {
  const orders =
    typeof a.multipleBirth === 'number' &&
    typeof b.multipleBirth === 'number' &&
    a.multipleBirth !== b.multipleBirth;
  if (orders) return true;
  const multiple = isMultiple(a) || isMultiple(b);
  const sameChild = given === 'exact' || given === 'nickname';
  return multiple && birthDate !== 'differs' && (!sameChild || sex === 'differs');
}

const isMultiple = ({ multipleBirth }: Features): boolean =>
  multipleBirth === true || (typeof multipleBirth === 'number' && multipleBirth > 1);

function familyGuards({ levels, givenDoubt }: Assessment): Guard[] {
  const { given, family, birthDate, sex, address, phone, middle } = levels;
  const guards: Guard[] = [];
  const otherGiven = given !== undefined && (OTHER_GIVEN.has(given) || isOtherChild(levels));
  const otherDay = birthDate === 'differs' || birthDate === 'near';
  const oneHome =
    address === 'exact' ||
    address === 'typo' ||
    address === 'close' ||
    phone === 'exact' ||
    (family !== undefined && family !== 'differs');
  if (otherGiven && !otherDay && family !== 'differs') guards.push('twin');
  // A name one slip away that changes the sex or comes with another middle name is another child's name, and so may be one that is no
  // evident slip, unless a number or the like says that it is the same child.
  else if (given === 'typo' || given === 'sounds') {
    const otherChild = sex === 'differs' || middle === 'differs' || (givenDoubt && !agrees(levels, OWN));
    if (otherChild && !otherDay && family !== 'differs') guards.push('twin');
  }
  if (otherGiven && family === 'differs') guards.push('no-common-name');
  else if (family === 'differs' && !agrees(levels, PERSONAL)) guards.push('changed-name');
  if (otherGiven && otherDay && oneHome) guards.push('sibling');
  if (!otherGiven && birthDate === 'differs' && oneHome) guards.push('household');
  return guards;
}

type Counted = Readonly<Partial<Record<Field, readonly string[]>>>;
type CountedList = readonly (readonly [Field, readonly string[]])[];

const listed = (counted: Counted): CountedList => Object.entries(counted) as [Field, readonly string[]][];

/** What one person has that their household has not. */
const personal: Counted = {
  middle: ['exact'],
  ssn: ['exact', 'last4'],
  identifier: ['exact', 'edit'],
  insurance: ['exact', 'edit'],
  phone: ['exact'],
  email: ['exact', 'close'],
};
/** What one person has beyond name, birth date and sex. */
const CORROBORATES = listed({
  ...personal,
  ssn: ['exact', 'edit', 'last4'],
  address: ['exact', 'typo', 'close', 'street'],
  place: ['exact', 'close'],
  phone: ['exact', 'edit'],
  mother: ['exact', 'close'],
  contact: ['exact'],
});
const PERSONAL = listed(personal);
/** What twins do not share. */
const OWN = listed({
  middle: ['exact'],
  ssn: ['exact'],
  identifier: ['exact'],
  insurance: ['exact'],
  email: ['exact'],
});
const BIRTH_DATE = listed({ birthDate: ['exact', 'transposed', 'edit'] });

/** Name and birth date are shared by strangers more often than chance says; a name alone is nobody's, whoever the records are about. */
function isThin(levels: Levels, { families }: Model): boolean {
  if (agrees(levels, CORROBORATES)) return false;
  return families === 'guarded' || !agrees(levels, BIRTH_DATE);
}

function agrees(levels: Levels, counted: CountedList): boolean {
  for (const [field, some] of counted) {
    const level = levels[field];
    if (level !== undefined && some.includes(level)) return true;
  }
  return false;
}
