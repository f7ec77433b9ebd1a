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
    exact: 0.881,
    nickname: 0.0246,
    typo: 0.041,
    sounds: 0.00129,
    similar: 0.0005,
    initial: 0.00991,
    middle: 0.0101,
    swapped: 0.00946,
    half: 0.00118,
    differs: 0.0213,
  },
  family: { exact: 0.877, part: 0.0245, typo: 0.0499, sounds: 0.00149, differs: 0.0472 },
  middle: { exact: 0.619, initial: 0.356, close: 0.0134, differs: 0.012 },
  birthDate: {
    exact: 0.945,
    transposed: 0.00562,
    edit: 0.0176,
    partial: 0.00552,
    near: 0.0125,
    differs: 0.014,
  },
  sex: { exact: 0.991, differs: 0.00859 },
  ssn: { exact: 0.881, edit: 0.0257, last4: 0.0757, differs: 0.0171 },
  identifier: { exact: 0.93, edit: 0.04, differs: 0.03 },
  insurance: { exact: 0.826, edit: 0.0159, differs: 0.158 },
  address: { exact: 0.595, typo: 0.0768, close: 0.0264, street: 0.00984, differs: 0.292 },
  place: { exact: 0.771, close: 0.0371, one: 0.0555, differs: 0.136 },
  phone: { exact: 0.68, edit: 0.0116, differs: 0.308 },
  email: { exact: 0.728, close: 0.0144, differs: 0.258 },
  mother: { exact: 0.907, close: 0.0493, differs: 0.0441 },
  contact: { exact: 0.75, given: 0.0603, differs: 0.189 },
} as const;

/** Among pairs of strangers. */
const U = {
  given: {
    exact: 0.00253,
    nickname: 0.0013,
    typo: 0.000101,
    sounds: 5.3e-5,
    similar: 0.00249,
    initial: 0.000525,
    middle: 0.00296,
    swapped: 1.94e-6,
    half: 0.00153,
    differs: 0.989,
  },
  family: { exact: 0.00351, part: 0.000171, typo: 0.00158, sounds: 0.000482, differs: 0.994 },
  middle: { exact: 0.00182, initial: 0.018, close: 0.00112, differs: 0.979 },
  birthDate: {
    exact: 3.23e-5,
    transposed: 2.83e-5,
    edit: 0.00113,
    partial: 8.03e-5,
    near: 0.00404,
    differs: 0.995,
  },
  sex: { exact: 0.505, differs: 0.495 },
  ssn: { exact: 1e-6, edit: 7.65e-6, last4: 1.11e-5, differs: 1 },
  identifier: { exact: 1e-7, edit: 1e-5, differs: 1 },
  insurance: { exact: 1e-6, edit: 5.26e-6, differs: 1 },
  address: { exact: 7.66e-6, typo: 4.2e-6, close: 5.05e-5, street: 0.00195, differs: 0.998 },
  place: { exact: 0.000916, close: 0.00573, one: 0.0174, differs: 0.976 },
  phone: { exact: 4.94e-6, edit: 3.64e-6, differs: 1 },
  email: { exact: 2e-6, close: 3e-5, differs: 1 },
  mother: { exact: 0.00352, close: 0.00129, differs: 0.995 },
  contact: { exact: 2.37e-6, given: 0.00278, differs: 0.997 },
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
