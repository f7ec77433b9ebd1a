import type { Features } from '../features/types.ts';
import type { Field, LevelOf } from '../model/types.ts';
import { compareAddresses } from './addresses.ts';
import { compareBirthDates } from './birth-date.ts';
import { compareContacts, compareEmails, comparePhones } from './contact.ts';
import { compareIdentifiers } from './identifiers.ts';
import { compareMiddle, compareMother, compareNames } from './names.ts';

/** A field that is missing on either side is undefined. */
export type Levels = { readonly [F in Field]: LevelOf<F> | undefined };

/** What two sets of features have to do with each other, before any probability. */
export interface Assessment {
  readonly levels: Levels;
  /** Names that agreed, for how common they are. */
  readonly givenValue: string | undefined;
  readonly familyValue: string | undefined;
  readonly givenDoubt: boolean;
  readonly trustedSame: boolean;
  readonly otherNumber: boolean;
  /** Birth dates agree on a first of January, which is written for unknown days. */
  readonly newYear: boolean;
}

export function assess(a: Features, b: Features): Assessment {
  const names = compareNames(a, b);
  const numbers = compareIdentifiers(a.identifiers, b.identifiers);
  const { address, place } = compareAddresses(a.addresses, b.addresses);
  const birthDate = compareBirthDates(a.birthDate, b.birthDate);
  return {
    levels: {
      given: names.given,
      family: names.family,
      middle: compareMiddle(a.middle, b.middle),
      birthDate,
      sex: compareSex(a.sex, b.sex),
      ssn: numbers.ssn,
      identifier: numbers.identifier,
      insurance: numbers.insurance,
      address,
      place,
      phone: comparePhones(a.phones, b.phones),
      email: compareEmails(a.emails, b.emails),
      mother: compareMother(a.mothersMaidenName, b.mothersMaidenName),
      contact: compareContacts(a.contacts, b.contacts),
    },
    givenValue: names.givenValue,
    familyValue: names.familyValue,
    givenDoubt: names.givenDoubt,
    trustedSame: numbers.trustedSame,
    otherNumber: numbers.otherNumber,
    newYear: birthDate === 'exact' && a.birthDate?.endsWith('-01-01') === true,
  };
}

/** `other` is compared with nothing but itself: it may be what is not told. */
function compareSex(a: Features['sex'], b: Features['sex']): LevelOf<'sex'> | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 'exact';
  return a === 'other' || b === 'other' ? undefined : 'differs';
}
