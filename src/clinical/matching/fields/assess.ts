import type { Features } from '../features/types.ts';
import type { Field, LevelOf } from '../model/types.ts';
import { compareAddresses } from './addresses.ts';
import { compareBirthDates } from './birth-date.ts';
import { compareContacts, compareEmails, comparePhones } from './contact.ts';
import { compareIdentifiers } from './identifiers.ts';
import { compareMiddle, compareMother, compareNames } from './names.ts';

export type Levels = { readonly [F in Field]?: LevelOf<F> };

/** What two sets of features have to do with each other, before any probability. */
export interface Assessment {
  readonly levels: Levels;
  readonly givenValue?: string;
  readonly familyValue?: string;
  readonly trustedSame: boolean;
  readonly otherNumber: boolean;
  /** Birth dates agree on a first of January, which is written for unknown days. */
  readonly newYear: boolean;
}

export function assess(a: Features, b: Features): Assessment {
  const { givenValue, familyValue, given, family } = compareNames(a, b);
  const { trustedSame, otherNumber, ssn, identifier, insurance } = compareIdentifiers(
    a.identifiers,
    b.identifiers,
  );
  const birthDate = compareBirthDates(a.birthDate, b.birthDate);
  const middle = compareMiddle(a.middle, b.middle);
  const { address, place } = compareAddresses(a.addresses, b.addresses);
  const phone = comparePhones(a.phones, b.phones);
  const email = compareEmails(a.emails, b.emails);
  const mother = compareMother(a.mothersMaidenName, b.mothersMaidenName);
  const contact = compareContacts(a.contacts, b.contacts);
  const sex = compareSex(a.sex, b.sex);
  const levels: Levels = {
    ...(given !== undefined && { given }),
    ...(family !== undefined && { family }),
    ...(middle !== undefined && { middle }),
    ...(birthDate !== undefined && { birthDate }),
    ...(sex !== undefined && { sex }),
    ...(ssn !== undefined && { ssn }),
    ...(identifier !== undefined && { identifier }),
    ...(insurance !== undefined && { insurance }),
    ...(address !== undefined && { address }),
    ...(place !== undefined && { place }),
    ...(phone !== undefined && { phone }),
    ...(email !== undefined && { email }),
    ...(mother !== undefined && { mother }),
    ...(contact !== undefined && { contact }),
  };
  return {
    levels,
    ...(givenValue !== undefined && { givenValue }),
    ...(familyValue !== undefined && { familyValue }),
    trustedSame,
    otherNumber,
    newYear: birthDate === 'exact' && a.birthDate?.endsWith('-01-01') === true,
  };
}

/** `other` is compared with nothing but itself: it may be what is not told. */
function compareSex(a: Features['sex'], b: Features['sex']): LevelOf<'sex'> | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return 'exact';
  return a === 'other' || b === 'other' ? undefined : 'differs';
}
