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
  | 'thin-evidence';

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
  'thin-evidence': 'cap',
};

/** The guards that apply to a pair. Symmetric. */
export function guardsOf(a: Features, b: Features, assessment: Assessment, model: Model): Guard[] {
  const { levels } = assessment;
  const guards: Guard[] = [];
  if (assessment.trustedSame) guards.push(contradictions(levels) >= 2 ? 'overlay' : 'trusted-identifier');
  if (assessment.otherNumber) guards.push('same-authority-other-number');
  if (a.suffix !== undefined && b.suffix !== undefined && a.suffix !== b.suffix) guards.push('suffix');
  if (bornTogether(a, b, levels)) guards.push('twin');
  else if (model.families === 'guarded') guards.push(...familyGuards(levels));
  if (!assessment.trustedSame && isThin(levels)) guards.push('thin-evidence');
  return guards;
}

const OTHER_GIVEN = new Set(['differs', 'similar']);

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

function familyGuards(levels: Levels): Guard[] {
  const { given, family, birthDate, sex, address, phone, middle } = levels;
  const guards: Guard[] = [];
  const otherGiven = given !== undefined && OTHER_GIVEN.has(given);
  const otherDay = birthDate === 'differs' || birthDate === 'near';
  const oneHome =
    address === 'exact' ||
    address === 'close' ||
    phone === 'exact' ||
    (family !== undefined && family !== 'differs');
  if (otherGiven && !otherDay && family !== 'differs') guards.push('twin');
  // A name one slip away that changes the sex or comes with another middle name is another child's name.
  else if (
    given === 'typo' &&
    !otherDay &&
    family !== 'differs' &&
    (sex === 'differs' || middle === 'differs')
  )
    guards.push('twin');
  if (otherGiven && family === 'differs') guards.push('no-common-name');
  if (otherGiven && otherDay && oneHome) guards.push('sibling');
  if (!otherGiven && birthDate === 'differs' && oneHome) guards.push('household');
  return guards;
}

/** What one person has beyond name, birth date and sex, by field and the levels that count. */
const CORROBORATES: Readonly<Partial<Record<Field, readonly string[]>>> = {
  middle: ['exact'],
  ssn: ['exact', 'edit', 'last4'],
  identifier: ['exact', 'edit'],
  insurance: ['exact', 'edit'],
  address: ['exact', 'close', 'street'],
  place: ['exact', 'close'],
  phone: ['exact', 'edit'],
  email: ['exact', 'close'],
  mother: ['exact', 'close'],
};

function isThin(levels: Levels): boolean {
  for (const [field, counted] of Object.entries(CORROBORATES)) {
    const level = levels[field as Field];
    if (level !== undefined && counted.includes(level)) return false;
  }
  return true;
}
