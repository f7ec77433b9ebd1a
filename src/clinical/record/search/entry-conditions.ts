import { allOf, anyOf, FALSE, type Part, part } from '../../../foundation/database/index.ts';
import { patientCompartment } from '../../../standards/fhir/index.ts';
import type {
  Clause,
  CompositeValue,
  ReferenceValue,
  TokenValue,
} from '../../../standards/fhir-search/index.ts';
import {
  askedForms,
  foldedKey,
  ofReferenceIdentifier,
  pairEntry,
  referenceEntry,
  textLine,
  tokenLookups,
  typedIdentifierLookup,
} from '../entries.ts';
import type { Place } from './place.ts';
import { inCompartment } from './scope.ts';

/** Conditions on what lies in the row itself as entries of an array or lines of a text. */

type Of<Kind extends Clause['kind']> = Extract<Clause, { readonly kind: Kind }>;

const hasToken = ({ row }: Place, entries: readonly string[]): Part =>
  entries.length === 0 ? FALSE : part`${row}.tokens && ${entries}::text[]`;

/** Every entry that one of the alternatives stands for. */
export const tokensAsked = ({ param, anyOf: values }: Of<'token'>): string[] =>
  values.flatMap((value) => tokenLookups(param, value));

/** S41. `:not` also finds what has no value at all (search.html#modifiers). */
export function token(clause: Of<'token'>, place: Place): Part {
  const found = hasToken(place, tokensAsked(clause));
  return clause.not ? part`NOT (${found})` : found;
}

export const ofType = ({ param, anyOf: values }: Of<'of-type'>, place: Place): Part =>
  hasToken(
    place,
    values.map((value) => typedIdentifierLookup(param, value)),
  );

export const referenceIdentifier = (
  { param, anyOf: values }: Of<'reference-identifier'>,
  place: Place,
): Part =>
  hasToken(
    place,
    values.flatMap((value: TokenValue) => tokenLookups(ofReferenceIdentifier(param), value)),
  );

/** `:text` finds texts and displays that begin with what is asked, without case and accents. */
export const text = ({ param, anyOf: values }: Of<'text'>, { row }: Place): Part =>
  anyOf(values.map((value) => part`strpos(${row}.texts, ${`\n${textLine(param, value)}`}) > 0`));

export const missing = (clause: Of<'missing'>, { row }: Place): Part => {
  const has = part`${row}.params @> ${[clause.param]}::text[]`;
  return clause.missing ? part`NOT (${has})` : has;
};

/** `Type/id` of each, persons being expanded to the source patients that are stored; canonicals and absolute addresses as they are. */
function targets(
  param: string,
  values: readonly ReferenceValue[],
  sources: ReadonlyMap<string, readonly string[]>,
): { readonly patients: readonly string[]; readonly others: readonly string[] } {
  const patients: string[] = [];
  const others: string[] = [];
  for (const value of values) {
    if ('url' in value) others.push(value.url);
    else {
      const types = param === 'patient' ? ['Patient'] : value.types;
      for (const type of types) {
        if (type === 'Patient') patients.push(...(sources.get(value.id) ?? []));
        else others.push(`${type}/${value.id}`);
      }
    }
  }
  return { patients, others };
}

export function reference(
  { param, anyOf: values }: Of<'reference'>,
  place: Place,
  sources: ReadonlyMap<string, readonly string[]>,
): Part {
  return refersTo(place, param, targets(param, values, sources));
}

/**
 * S42. References to patients are looked for among the rows of these patients (a btree by patient, type and date), all others in the index of
 * entries. `patients` are ids of source patients.
 */
export function refersTo(
  place: Place,
  param: string,
  { patients, others }: { readonly patients: readonly string[]; readonly others: readonly string[] },
): Part {
  const { row } = place;
  const entries = [...patients.map((id) => `Patient/${id}`), ...others].map((one) =>
    referenceEntry(param, one),
  );
  if (entries.length === 0) return FALSE;
  const named = part`${row}.refs && ${entries}::text[]`;
  const isAnchored = others.length === 0 && leadsIntoCompartment(place.types, param);
  return isAnchored ? allOf([inCompartment(row, part`${patients}::text[]`), named]) : named;
}

/** Whoever refers to a patient by this parameter is in that patient's compartment, whichever of the types it is. */
export const leadsIntoCompartment = (types: readonly string[], param: string): boolean =>
  types.every((type) => {
    const parameters = patientCompartment(type);
    return (
      parameters.includes(param) || (parameters.length > 0 && (param === 'patient' || param === 'subject'))
    );
  });

/** Pairs of two components of one element that are no ranges, as entries (entries.ts). */
export function pair(place: Place, param: string, value: CompositeValue): Part {
  const forms = askedForms(param, value.token);
  const others = otherTexts(param, value.other);
  return hasToken(
    place,
    forms.flatMap((form) => others.map((other) => pairEntry(param, form, other))),
  );
}

function otherTexts(param: string, other: CompositeValue['other']): readonly string[] {
  switch (other.kind) {
    case 'token':
      return askedForms(param, other.value);
    case 'string':
      return [foldedKey(other.value)];
    case 'reference': {
      const { value } = other;
      return 'url' in value ? [value.url] : value.types.map((type) => `${type}/${value.id}`);
    }
    default:
      return [];
  }
}
