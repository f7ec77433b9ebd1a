import { familyNames } from '../names/family-names.ts';
import { givenNames } from '../names/given-names.ts';
import { HOUSEHOLD } from './household.ts';
import type { Field, Frequencies, Model } from './types.ts';

/** Where estimation starts: how errors are commonly spread; the data then say how often. */
export const START_M: Readonly<Record<Field, Readonly<Record<string, number>>>> = {
  given: {
    exact: 0.84,
    nickname: 0.03,
    typo: 0.05,
    sounds: 0.005,
    similar: 0.01,
    initial: 0.01,
    middle: 0.01,
    swapped: 0.015,
    differs: 0.03,
  },
  family: { exact: 0.85, part: 0.02, typo: 0.06, sounds: 0.01, swapped: 0.015, differs: 0.045 },
  middle: { exact: 0.6, initial: 0.32, close: 0.04, differs: 0.04 },
  birthDate: { exact: 0.93, transposed: 0.01, edit: 0.025, partial: 0.005, near: 0.01, differs: 0.02 },
  sex: { exact: 0.985, differs: 0.015 },
  ssn: { exact: 0.91, edit: 0.05, last4: 0.01, differs: 0.03 },
  identifier: { exact: 0.93, edit: 0.04, differs: 0.03 },
  insurance: { exact: 0.85, edit: 0.04, differs: 0.11 },
  address: { exact: 0.6, close: 0.15, street: 0.02, postal: 0.08, city: 0.05, differs: 0.1 },
  phone: { exact: 0.65, edit: 0.03, differs: 0.32 },
  email: { exact: 0.7, close: 0.05, differs: 0.25 },
  mother: { exact: 0.85, close: 0.07, differs: 0.08 },
};

/** Among strangers, before data say more. */
export const START_U: Readonly<Record<Field, Readonly<Record<string, number>>>> = {
  given: {
    exact: 0.003,
    nickname: 0.002,
    typo: 0.002,
    sounds: 0.001,
    similar: 0.01,
    initial: 0.01,
    middle: 0.003,
    swapped: 0.0005,
    differs: 0.9685,
  },
  family: { exact: 0.001, part: 0.0003, typo: 0.002, sounds: 0.001, swapped: 0.0005, differs: 0.9952 },
  middle: { exact: 0.008, initial: 0.06, close: 0.012, differs: 0.92 },
  birthDate: {
    exact: 0.00004,
    transposed: 0.00001,
    edit: 0.0006,
    partial: 0.0125,
    near: 0.004,
    differs: 0.98285,
  },
  sex: { exact: 0.5, differs: 0.5 },
  ssn: { exact: 1e-6, edit: 1e-5, last4: 1e-4, differs: 0.999889 },
  identifier: { exact: 1e-7, edit: 1e-5, differs: 0.99999 },
  insurance: { exact: 1e-6, edit: 1e-5, differs: 0.999989 },
  address: { exact: 3e-6, close: 1e-5, street: 5e-5, postal: 0.001, city: 0.01, differs: 0.988937 },
  phone: { exact: 4e-6, edit: 1e-5, differs: 0.999986 },
  email: { exact: 2e-6, close: 1e-4, differs: 0.999898 },
  mother: { exact: 0.001, close: 0.002, differs: 0.997 },
};

/** Common names by rank: how steeply frequency falls was fitted by eye to what censuses print of the first, tenth, hundredth and thousandth. */
const byRank = (names: readonly string[], at: (rank: number) => number): Record<string, number> =>
  Object.fromEntries(names.map((name, index) => [name, Number(at(index + 1).toPrecision(2))]));

export const givenFrequencies = (): Frequencies => ({
  table: byRank(givenNames, (rank) => (0.016 * rank ** -0.35) / (1 + rank / 60)),
  rest: 4e-5,
});
export const familyFrequencies = (): Frequencies => ({
  table: byRank(familyNames, (rank) => (0.0088 * rank ** -0.45) / (1 + rank / 400)),
  rest: 4e-5,
});

export function modelOf(parts: { m: typeof START_M; u: typeof START_U; version: string }): Model {
  const fields = Object.fromEntries(
    Object.entries(parts.m).map(([field, levels]) => [
      field,
      Object.fromEntries(
        Object.entries(levels).map(([level, m]) => [
          level,
          { m, u: parts.u[field as Field][level] ?? 1e-6, h: HOUSEHOLD[field as Field][level] ?? 1e-6 },
        ]),
      ),
    ]),
  ) as Model['fields'];
  return {
    version: parts.version,
    fields,
    frequencies: { given: givenFrequencies(), family: familyFrequencies() },
    prior: 1e-6,
    household: 3e-6,
    families: 'guarded',
    thresholds: { same: 0.999, review: 0.05 },
  };
}
