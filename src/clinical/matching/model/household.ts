import type { Field } from './types.ts';

/**
 * How two people of one household look beside each other: parents and children, siblings (twins among them: one pair in a hundred is
 * born on one day, and numbered one after the other), couples, and namesakes (one pair in a hundred is father and son of one name). Not estimated from data, because
 * without labels a household is what a model takes for one person; from what is known of households.
 */
export const HOUSEHOLD: Readonly<Record<Field, Readonly<Record<string, number>>>> = {
  given: {
    exact: 0.01,
    nickname: 0.0008,
    typo: 0.0006,
    sounds: 0.0006,
    similar: 0.012,
    initial: 0.01,
    middle: 0.01,
    swapped: 0.0002,
    half: 0.002,
    differs: 0.9538,
  },
  family: { exact: 0.82, part: 0.05, typo: 0.015, sounds: 0.005, differs: 0.11 },
  middle: { exact: 0.02, initial: 0.06, close: 0.01, differs: 0.91 },
  birthDate: { exact: 0.004, transposed: 0.0002, edit: 0.001, partial: 0.02, near: 0.01, differs: 0.9648 },
  sex: { exact: 0.5, differs: 0.5 },
  ssn: { exact: 0.006, edit: 0.03, last4: 0.003, differs: 0.961 },
  identifier: { exact: 0.0005, edit: 0.002, differs: 0.9975 },
  insurance: { exact: 0.2, edit: 0.1, differs: 0.7 },
  address: { exact: 0.8, typo: 0.09, close: 0.04, street: 0.02, differs: 0.05 },
  place: { exact: 0.86, close: 0.05, one: 0.05, differs: 0.04 },
  phone: { exact: 0.6, edit: 0.01, differs: 0.39 },
  email: { exact: 0.2, close: 0.02, differs: 0.78 },
  mother: { exact: 0.6, close: 0.02, differs: 0.38 },
  contact: { exact: 0.5, given: 0.05, differs: 0.45 },
};
