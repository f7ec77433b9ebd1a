/**
 * The fields that are compared, each with its levels from the best agreement down. Missing on either side is no level at all. Names that are
 * exchanged are one fact and stand at `given` alone (`swapped`); `half` is a given name that is the other's family name, and no more.
 */
const LEVELS = {
  given: [
    'exact',
    'nickname',
    'typo',
    'sounds',
    'similar',
    'initial',
    'middle',
    'swapped',
    'half',
    'differs',
  ],
  family: ['exact', 'part', 'typo', 'sounds', 'differs'],
  middle: ['exact', 'initial', 'close', 'differs'],
  birthDate: ['exact', 'transposed', 'edit', 'partial', 'near', 'differs'],
  sex: ['exact', 'differs'],
  ssn: ['exact', 'edit', 'last4', 'differs'],
  identifier: ['exact', 'edit', 'differs'],
  insurance: ['exact', 'edit', 'differs'],
  address: ['exact', 'typo', 'close', 'street', 'differs'],
  place: ['exact', 'close', 'one', 'differs'],
  phone: ['exact', 'edit', 'differs'],
  email: ['exact', 'close', 'differs'],
  mother: ['exact', 'close', 'differs'],
  contact: ['exact', 'given', 'differs'],
} as const satisfies Record<string, readonly string[]>;

export type Field = keyof typeof LEVELS;
export type LevelOf<F extends Field> = (typeof LEVELS)[F][number];
export const FIELDS: readonly Field[] = Object.keys(LEVELS) as Field[];

/** How often a level is seen: with one person (m), with two strangers (u), with two people of one household (h). Each sums to 1. */
export interface LevelProbability {
  readonly m: number;
  readonly u: number;
  readonly h: number;
}

type FieldModel<F extends Field> = Readonly<Record<LevelOf<F>, LevelProbability>>;

/** How often names are borne: an agreement on a rare one is worth more (Winkler's term frequency adjustment). */
export interface Frequencies {
  readonly table: Readonly<Record<string, number>>;
  /** Of a name that is not in the table. */
  readonly rest: number;
}

/** Everything that a comparison rests on, as plain JSON: it is kept with a version, and each decision names the version. */
export interface Model {
  readonly version: string;
  readonly fields: { readonly [F in Field]: FieldModel<F> };
  readonly frequencies: { readonly given: Frequencies; readonly family: Frequencies };
  /** Probability that two records drawn at random are one person. */
  readonly prior: number;
  /** Probability that two records drawn at random are two people of one household. */
  readonly household: number;
  /**
   * Whether the population has families in it. `guarded` (any population of living people): twins, siblings, namesakes of one household
   * never link automatically. `none`: a collection known to hold unrelated people only (a research extract, a generated set).
   */
  readonly families: 'guarded' | 'none';
  /** Probabilities: at least `same` links automatically (unless a guard stands against it), at least `review` goes to a person. */
  readonly thresholds: { readonly same: number; readonly review: number };
}
