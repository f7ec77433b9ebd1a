import { familyNames } from '../names/family-names.ts';
import { givenNames } from '../names/given-names.ts';
import { HOUSEHOLD } from './household.ts';
import { FIELDS, type Field, type Frequencies, type Model } from './types.ts';

/**
 * The shipped model. m and u were estimated by `estimate`, without labels, from a generated population (tests/matching/support: 5,000
 * households, 20,651 records, seed 20260101); tests/matching/shipped-model.test.ts makes it again and holds these figures against it.
 * `identifier`, which that population does not have, and what households look like are from what is known of them.
 */
/** Among pairs of one person. */
const M = {
  given: {
    exact: 0.912,
    nickname: 0.0101,
    typo: 0.034,
    sounds: 5.02e-6,
    similar: 0.000135,
    initial: 0.0106,
    middle: 0.0103,
    swapped: 0.0108,
    differs: 0.0124,
  },
  family: { exact: 0.896, part: 0.0271, typo: 0.0301, sounds: 9.95e-6, swapped: 0.00991, differs: 0.0368 },
  middle: { exact: 0.609, initial: 0.362, close: 0.0172, differs: 0.0122 },
  birthDate: {
    exact: 0.958,
    transposed: 0.00224,
    edit: 0.0188,
    partial: 0.0029,
    near: 0.0077,
    differs: 0.0101,
  },
  sex: { exact: 0.992, differs: 0.00782 },
  ssn: { exact: 0.888, edit: 0.0318, last4: 0.0631, differs: 0.017 },
  identifier: { exact: 0.93, edit: 0.04, differs: 0.03 },
  insurance: { exact: 0.839, edit: 0.0109, differs: 0.151 },
  address: { exact: 0.612, close: 0.0718, street: 0.00171, differs: 0.314 },
  place: { exact: 0.739, close: 0.0586, one: 0.00583, differs: 0.197 },
  phone: { exact: 0.687, edit: 0.0142, differs: 0.298 },
  email: { exact: 0.75, close: 0.0133, differs: 0.237 },
  mother: { exact: 0.917, close: 0.049, differs: 0.0335 },
} as const;

/** Among pairs of strangers. */
const U = {
  given: {
    exact: 0.00262,
    nickname: 0.00129,
    typo: 0.000111,
    sounds: 5.77e-5,
    similar: 0.00258,
    initial: 0.000738,
    middle: 0.0027,
    swapped: 0.00185,
    differs: 0.988,
  },
  family: {
    exact: 0.00346,
    part: 0.000181,
    typo: 0.00184,
    sounds: 0.000341,
    swapped: 4.56e-5,
    differs: 0.994,
  },
  middle: { exact: 0.00187, initial: 0.0168, close: 0.00112, differs: 0.98 },
  birthDate: {
    exact: 0.000101,
    transposed: 1.34e-5,
    edit: 0.00117,
    partial: 6.04e-5,
    near: 0.00428,
    differs: 0.994,
  },
  sex: { exact: 0.505, differs: 0.495 },
  ssn: { exact: 1e-6, edit: 9.24e-6, last4: 6.59e-5, differs: 1 },
  identifier: { exact: 1e-7, edit: 1e-5, differs: 1 },
  insurance: { exact: 1e-6, edit: 9.17e-6, differs: 1 },
  address: { exact: 1.68e-5, close: 0.000275, street: 0.00752, differs: 0.992 },
  place: { exact: 0.00797, close: 0.0457, one: 0.0226, differs: 0.924 },
  phone: { exact: 5.98e-6, edit: 8.51e-6, differs: 1 },
  email: { exact: 2e-6, close: 6.2e-5, differs: 1 },
  mother: { exact: 0.00425, close: 0.00146, differs: 0.994 },
} as const;

/** How steeply frequency falls by rank was fitted by eye to what censuses print of the first, tenth, hundredth and thousandth name. */
const byRank = (names: readonly string[], at: (rank: number) => number): Record<string, number> =>
  Object.fromEntries(names.map((name, index) => [name, Number(at(index + 1).toPrecision(2))]));

const given: Frequencies = {
  table: byRank(givenNames, (rank) => (0.016 * rank ** -0.35) / (1 + rank / 60)),
  rest: 4e-5,
};
const family: Frequencies = {
  table: byRank(familyNames, (rank) => (0.0088 * rank ** -0.45) / (1 + rank / 400)),
  rest: 4e-5,
};

function fieldsOf(): Model['fields'] {
  const u: Readonly<Record<Field, Readonly<Record<string, number>>>> = U;
  const levels = (field: Field) =>
    Object.entries(M[field]).map(([level, m]) => [
      level,
      { m, u: u[field][level] ?? 1e-6, h: HOUSEHOLD[field][level] ?? 1e-6 },
    ]);
  return Object.fromEntries(
    FIELDS.map((field) => [field, Object.fromEntries(levels(field))]),
  ) as Model['fields'];
}

/** For a million persons among whom there are families. `forPopulation` fits it to another number. */
export const defaultModel: Model = {
  version: 'isthmus-1',
  fields: fieldsOf(),
  frequencies: { given, family },
  prior: 1e-6,
  household: 3e-6,
  families: 'guarded',
  thresholds: { same: 0.999, review: 0.05 },
};
