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
    exact: 0.893,
    nickname: 0.0123,
    typo: 0.0392,
    sounds: 0.00104,
    similar: 0.000775,
    initial: 0.00875,
    middle: 0.0106,
    swapped: 0.01,
    half: 0.00274,
    differs: 0.0217,
  },
  family: { exact: 0.874, part: 0.0226, typo: 0.049, sounds: 0.00156, differs: 0.0529 },
  middle: { exact: 0.599, initial: 0.367, close: 0.0188, differs: 0.0144 },
  birthDate: {
    exact: 0.945,
    transposed: 0.00335,
    edit: 0.0182,
    partial: 0.00442,
    near: 0.0118,
    differs: 0.0172,
  },
  sex: { exact: 0.992, differs: 0.00767 },
  ssn: { exact: 0.895, edit: 0.0253, last4: 0.0666, differs: 0.013 },
  identifier: { exact: 0.93, edit: 0.04, differs: 0.03 },
  insurance: { exact: 0.839, edit: 0.01, differs: 0.151 },
  address: { exact: 0.601, typo: 0.0769, close: 0.0289, street: 0.0116, differs: 0.282 },
  place: { exact: 0.782, close: 0.0311, one: 0.0551, differs: 0.132 },
  phone: { exact: 0.673, edit: 0.0128, differs: 0.314 },
  email: { exact: 0.733, close: 0.00887, differs: 0.258 },
  mother: { exact: 0.903, close: 0.0522, differs: 0.0449 },
  contact: { exact: 0.749, given: 0.068, differs: 0.182 },
} as const;

/** Among pairs of strangers. */
const U = {
  given: {
    exact: 0.00247,
    nickname: 0.00112,
    typo: 0.000182,
    sounds: 5.59e-5,
    similar: 0.00275,
    initial: 0.000354,
    middle: 0.00274,
    swapped: 2.02e-6,
    half: 0.00182,
    differs: 0.989,
  },
  family: { exact: 0.00328, part: 0.00011, typo: 0.00171, sounds: 0.000381, differs: 0.995 },
  middle: { exact: 0.00186, initial: 0.0189, close: 0.00126, differs: 0.978 },
  birthDate: {
    exact: 4.24e-5,
    transposed: 3.37e-5,
    edit: 0.00104,
    partial: 0.000131,
    near: 0.00409,
    differs: 0.995,
  },
  sex: { exact: 0.506, differs: 0.494 },
  ssn: { exact: 1e-6, edit: 8.16e-6, last4: 1.22e-5, differs: 1 },
  identifier: { exact: 1e-7, edit: 1e-5, differs: 1 },
  insurance: { exact: 1e-6, edit: 5.52e-6, differs: 1 },
  address: { exact: 8.97e-6, typo: 4.57e-6, close: 6e-5, street: 0.00182, differs: 0.998 },
  place: { exact: 0.00092, close: 0.00604, one: 0.0168, differs: 0.976 },
  phone: { exact: 4.44e-6, edit: 3.89e-6, differs: 1 },
  email: { exact: 2e-6, close: 2.95e-5, differs: 1 },
  mother: { exact: 0.00384, close: 0.00147, differs: 0.995 },
  contact: { exact: 2.37e-6, given: 0.00269, differs: 0.997 },
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
