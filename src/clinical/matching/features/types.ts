/** What an identifier says about its bearer; other numbers (account, visit) are no identifiers of a person and are left out. */
export type IdentifierKind = 'ssn' | 'ssn4' | 'mrn' | 'national' | 'driver' | 'insurance' | 'other';

export interface IdentifierFeature {
  readonly kind: IdentifierKind;
  /** The assigning authority (`Identifier.system`), or empty when none was named. */
  readonly system: string;
  /** Letters and digits only, upper case. */
  readonly value: string;
  /** The authority gives the number to one person: the same number is the same person. */
  readonly trusted?: true;
  /** The authority gives one person one number: another number is another person, or a duplicate in that authority. */
  readonly single?: true;
}

/** FHIR `HumanName.use`, with the extension for mother's maiden name kept apart. */
export type NameKind = 'official' | 'usual' | 'temp' | 'nickname' | 'anonymous' | 'old' | 'maiden';

/** One given name, folded: lower case, no diacritics, letters only. */
export interface GivenName {
  readonly text: string;
  /** Phonetic code. */
  readonly sound: string;
  readonly kind: NameKind;
  /** Two names written as one (`Mary Ann` as `maryann`), so that a stray space is no difference. */
  readonly joined?: true;
}

export interface FamilyName {
  /** All parts written as one, particles included (`de la Cruz` is `delacruz`). */
  readonly text: string;
  readonly sound: string;
  readonly kind: NameKind;
  /** The parts that carry meaning, when there is more than one or a particle was taken off (`Garcia-Lopez`: garcia, lopez). */
  readonly parts?: readonly string[];
}

export interface AddressFeature {
  readonly number?: string;
  /** Without number and unit, directions and kinds abbreviated (`north main street` is `n main st`). `po box` for a box. */
  readonly street?: string;
  readonly unit?: string;
  /** What else the lines say (building, locality), joined. */
  readonly extra?: string;
  readonly city?: string;
  readonly state?: string;
  /** Upper case, no blanks, no leading zeros, without the +4 of a ZIP code. */
  readonly postal?: string;
}

/**
 * A source patient as matching sees it: normalised, bounded, plain JSON (it is stored beside the source patient). A value that stands
 * for nothing (1900-01-01, 999-99-9999, BABY BOY, UNKNOWN, TEST ...) is not there at all.
 */
export interface Features {
  readonly given: readonly GivenName[];
  /** Middle names or initials. */
  readonly middle: readonly string[];
  readonly family: readonly FamilyName[];
  /** Generation: 1 senior or I, 2 junior or II, 3, 4 ... */
  readonly suffix?: number;
  /** `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, as precise as was told. */
  readonly birthDate?: string;
  readonly sex?: 'male' | 'female' | 'other';
  readonly identifiers: readonly IdentifierFeature[];
  readonly addresses: readonly AddressFeature[];
  /** Last ten digits, or seven to nine where there are no more. */
  readonly phones: readonly string[];
  readonly emails: readonly string[];
  readonly mothersMaidenName?: string;
  /** Next of kin, guardian, emergency contact: given name, a blank, family name; either may be missing. */
  readonly contacts: readonly string[];
  /** True, or the order of birth; false when said to be a single birth. */
  readonly multipleBirth?: boolean | number;
  readonly deceased?: boolean;
}

/** What a site knows of the numbers of an authority. */
interface AuthorityDeclaration {
  readonly kind?: IdentifierKind;
  /** The same number is the same person. */
  readonly trusted?: boolean;
  /** One person has one number. */
  readonly single?: boolean;
}

export interface FeatureOptions {
  /** By `Identifier.system`. */
  readonly authorities?: Readonly<Record<string, AuthorityDeclaration>>;
  /** The site's own placeholder values, beside those that are built in. Compared after folding. */
  readonly placeholders?: {
    readonly names?: readonly string[];
    /** `YYYY-MM-DD` */
    readonly birthDates?: readonly string[];
    readonly phones?: readonly string[];
    readonly identifiers?: readonly string[];
    readonly addresses?: readonly string[];
    readonly emails?: readonly string[];
  };
  /** `YYYY-MM-DD`; later birth dates are missing. Matching has no clock of its own. */
  readonly asOf?: string;
}
