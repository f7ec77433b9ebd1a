import type { Address, HumanName, Patient } from '@medplum/fhirtypes';
import type { Keyring } from '../../../foundation/crypto/index.ts';
import type { Queryable } from '../../../foundation/database/index.ts';
import {
  type Agreement,
  type Comparison,
  compare,
  type FeatureOptions,
  type FieldComparison,
  featuresOf,
  type Model,
} from '../../matching/index.ts';
import { type Said, saidBy } from '../../record/index.ts';
import { sourcesOf } from '../persons.ts';
import type { Review } from './types.ts';

/** What one source says of its patient. */
export interface Side extends Omit<Said, 'json' | 'version'> {
  /** Absent while the source says nothing of it. */
  readonly patient?: Patient;
}

/** One line of the picture: what was compared, how it agrees, what it weighs (log2), and what each of the two says. */
export interface Line {
  readonly field: FieldComparison['field'];
  readonly agreement: Agreement;
  readonly weight: number;
  readonly one: readonly string[];
  readonly other: readonly string[];
}

export interface SideBySide {
  readonly review: Review;
  /**
   * Whom the question is about: two; of a suspicious cluster everybody of the person, the two that fit least first; of an update that is held
   * the one whose statement it would change, and beside it, of the same number, what the message says.
   */
  readonly sides: readonly Side[];
  /** Of the first two, by what they say today; of an update that is held as they agreed when it came. */
  readonly lines: readonly Line[];
  readonly comparison?: Omit<Comparison, 'fields'>;
}

export interface SideBySideOptions {
  readonly model: Model;
  readonly features?: FeatureOptions;
  readonly keyring?: Keyring;
  /** `YYYY-MM-DD` */
  readonly asOf: string;
  /** What the message of a question says of the source patient. */
  readonly readMessage?: (messageId: number, source: string) => Promise<Patient | undefined>;
}

/** Of a cluster at most so many are compared with each other. */
const MAX_COMPARED = 24;

/** A question as it is put to a person: the statements of the sources beside each other, field by field. */
export async function sideBySide(
  queryable: Queryable,
  review: Review,
  options: SideBySideOptions,
): Promise<SideBySide> {
  const { kind, one, other } = review;
  const ids = kind === 'suspicious-cluster' ? await sourcesOf(queryable, one) : [one, other].filter(Boolean);
  const said = await saidBy(queryable, ids, options.keyring);
  const sides = ids.flatMap((id) => said.filter(({ source }) => source === id).map(sideOf));
  const compared = leastFitting(sides, options);
  if (compared) {
    const { first, second, comparison } = compared;
    const { fields, ...rest } = comparison;
    return {
      review,
      sides: [first, second, ...sides.filter((side) => side !== first && side !== second)],
      lines: fields.map((field) => lineOf(field, first.patient, second.patient)),
      comparison: rest,
    };
  }
  const kept = (review.score as { readonly fields?: readonly FieldComparison[] } | undefined)?.fields ?? [];
  const told = await toldIn(review, options);
  const [known] = sides;
  return {
    review,
    sides: known && told ? [known, { source: one, person: known.person, patient: told }] : sides,
    lines: kept.map((field) => lineOf(field, known?.patient, told)),
  };
}

async function toldIn(
  { messageId, one }: Review,
  { readMessage }: SideBySideOptions,
): Promise<Patient | undefined> {
  return messageId === undefined ? undefined : readMessage?.(messageId, one);
}

function sideOf({ json, version: _version, ...said }: Said): Side {
  return json === undefined ? said : { ...said, patient: JSON.parse(json) as Patient };
}

interface Compared {
  readonly first: Side;
  readonly second: Side;
  readonly comparison: Comparison;
}

/** The pair that says most against being one person; of two the two. */
function leastFitting(sides: readonly Side[], options: SideBySideOptions): Compared | undefined {
  const { model, features, asOf } = options;
  const known = sides
    .slice(0, MAX_COMPARED)
    .flatMap((side) =>
      side.patient ? [{ side, features: featuresOf(side.patient, { asOf, ...features }) }] : [],
    );
  let least: Compared | undefined;
  for (const [n, one] of known.entries()) {
    for (const other of known.slice(n + 1)) {
      const comparison = compare(one.features, other.features, model);
      if (!least || comparison.weight < least.comparison.weight)
        least = { first: one.side, second: other.side, comparison };
    }
  }
  return least;
}

const lineOf = (
  { field, agreement, weight }: FieldComparison,
  one: Patient | undefined,
  other: Patient | undefined,
): Line => ({ field, agreement, weight, one: valuesOf(field, one), other: valuesOf(field, other) });

const MAIDEN_NAME = 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName';

function valuesOf(field: FieldComparison['field'], patient: Patient | undefined): string[] {
  if (!patient) return [];
  const names: readonly HumanName[] = patient.name ?? [];
  const addresses: readonly Address[] = patient.address ?? [];
  switch (field) {
    case 'given':
      return unique(names.map(({ given }) => given?.[0]));
    case 'middle':
      return unique(names.map(({ given = [] }) => given.slice(1).join(' ')));
    case 'family':
      return unique(names.map(({ family, suffix = [] }) => [family, ...suffix].filter(Boolean).join(' ')));
    case 'birthDate':
      return unique([patient.birthDate]);
    case 'sex':
      return unique([patient.gender]);
    case 'ssn':
    case 'identifier':
    case 'insurance':
      return unique(
        (patient.identifier ?? []).map(({ system, value }) => value && `${value} (${system ?? 'no system'})`),
      );
    case 'address':
    case 'place':
      return unique(addresses.map(addressText));
    case 'phone':
      return unique((patient.telecom ?? []).map(({ system, value }) => (system === 'email' ? '' : value)));
    case 'email':
      return unique((patient.telecom ?? []).map(({ system, value }) => (system === 'email' ? value : '')));
    case 'mother':
      return unique(
        (patient.extension ?? []).map(({ url, valueString }) => (url === MAIDEN_NAME ? valueString : '')),
      );
    default:
      return [];
  }
}

const addressText = ({ line = [], city, state, postalCode }: Address): string =>
  [...line, city, state, postalCode].filter(Boolean).join(', ');

const unique = (values: readonly (string | undefined)[]): string[] => [
  ...new Set(values.flatMap((value) => (value ? [value] : []))),
];
