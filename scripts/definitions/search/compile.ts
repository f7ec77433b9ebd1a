import type { EncodedParameter } from '../../../src/standards/fhir-search/definitions/encoding.ts';
import type { Elements, Place } from './elements.ts';
import { pathsOf } from './expression.ts';
import type { ParameterDefinition } from './sources.ts';

/** Which element types a parameter's values are read from (R4 search.html, the sections of each parameter type). */
const READ: Readonly<Record<string, readonly string[]>> = {
  token: [
    'Coding',
    'CodeableConcept',
    'Identifier',
    'ContactPoint',
    'code',
    'boolean',
    'string',
    'id',
    'uri',
    'url',
    'oid',
    'canonical',
    'present-not-false',
  ],
  string: ['string', 'markdown', 'HumanName', 'Address'],
  date: ['date', 'dateTime', 'instant', 'Period', 'Timing'],
  quantity: ['Quantity', 'SimpleQuantity', 'Money', 'Range', 'Age', 'Duration', 'Count', 'Distance'],
  number: ['integer', 'positiveInt', 'unsignedInt', 'decimal', 'Range'],
  reference: ['Reference', 'canonical', 'uri', 'url', 'Resource'],
  uri: ['uri', 'url', 'oid', 'canonical'],
};

/** What an expression finds and no search value can be made of: a series of readings has no one quantity, a free text no date. */
const UNREADABLE: ReadonlySet<string> = new Set([
  'CarePlan.activity-date string',
  'Consent.source-reference Attachment',
  'Immunization.date string',
  'Procedure.date Age',
  'Procedure.date Range',
  'Procedure.date string',
  'Observation.value-quantity SampledData',
  'Observation.component-value-quantity SampledData',
  'Observation.combo-value-quantity SampledData',
]);

/** Where the values of a parameter stand in a resource of the type. */
function placesOf(
  elements: Elements,
  { code, type, expression = '' }: ParameterDefinition,
  base: string,
): Place[] {
  const places = pathsOf(expression)
    .filter(({ root }) => root === undefined || root === base)
    .flatMap(({ steps }) => elements.follow(elements.root(base), steps))
    .filter((place) => !UNREADABLE.has(`${base}.${code} ${place.type}`));
  for (const place of places)
    if (type !== 'composite' && !READ[type]?.includes(place.type))
      throw new Error(`${base}.${code}: a ${type} is not read from ${place.type} ${place.steps.join('.')}`);
  if (places.length === 0) throw new Error(`${base}.${code}: the expression says nothing of ${base}`);
  return places;
}

const alternativeOf = ({ steps, type, systems }: Place): string =>
  [`${steps.join('.')}:${type}`, ...systems].join('|');

/** Canonical URL, R4's own without `http://hl7.org/fhir/SearchParameter/`. */
export const idOf = ({ url }: ParameterDefinition): string =>
  url.replace('http://hl7.org/fhir/SearchParameter/', '');

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

/** A parameter that is not composite. */
export function compileSimple(
  elements: Elements,
  parameter: ParameterDefinition,
  base: string,
): EncodedParameter {
  const places = placesOf(elements, parameter, base);
  const literal = places.filter(({ type }) => type === 'Reference' || type === 'Resource');
  const targets = distinct(literal.flatMap((place) => targetsOf(place, parameter)));
  return {
    u: idOf(parameter),
    t: parameter.type,
    a: distinct(places.map(alternativeOf)),
    ...(parameter.type === 'reference' ? { g: targets.includes('Resource') ? ['*'] : targets.sort() } : {}),
  };
}

/** An element may refer to what its definition says; for a Bundle's first entry only the parameter says what it is. */
const targetsOf = ({ type, targets }: Place, parameter: ParameterDefinition): readonly string[] =>
  type === 'Resource' || targets.length === 0 ? (parameter.target ?? ['Resource']) : targets;

/** Codes and types of other parameters, by canonical URL and, within the type, by code. */
export interface Known {
  readonly byUrl: ReadonlyMap<string, ParameterDefinition>;
  readonly rows: ReadonlyMap<string, EncodedParameter>;
}

/**
 * A composite. Where its base is the resource itself, each component is the parameter that reads the same element; else the pairs are
 * those of each element of the base.
 */
export function compileComposite(
  elements: Elements,
  parameter: ParameterDefinition,
  { base, known }: { base: string; known: Known },
): EncodedParameter {
  const components = parameter.component ?? [];
  const definitions = components.map(({ definition }) => known.byUrl.get(definition));
  const nested: NonNullable<EncodedParameter['n']>[number][] = [];
  const all: string[][] = [];
  for (const place of placesOf(elements, parameter, base)) {
    const found = components.map(({ expression }, at) =>
      componentPlaces(elements, place, { expression, type: definitions[at]?.type ?? '' }),
    );
    if (place.steps.length === 0)
      all.push(
        found.map((alternatives, at) => sameValues(known.rows, alternatives, definitions[at]?.type ?? '')),
      );
    else nested.push({ b: place.steps.join('.'), k: found });
  }
  return {
    u: idOf(parameter),
    t: 'composite',
    c: definitions.map((definition) => definition?.code ?? ''),
    ...(nested.length > 0 ? { n: nested } : {}),
    ...(all.length > 0 ? { all } : {}),
  };
}

function componentPlaces(
  elements: Elements,
  base: Place,
  component: { expression: string; type: string },
): string[] {
  const places = pathsOf(component.expression)
    .flatMap(({ steps }) => elements.follow({ ...base, steps: [] }, steps))
    .filter(({ type }) => READ[component.type]?.includes(type));
  if (places.length === 0)
    throw new Error(`${base.steps.join('.')}: nothing of ${component.expression} is read`);
  return distinct(places.map(alternativeOf));
}

/** The narrowest parameter of the type that reads at least these places. */
function sameValues(rows: Known['rows'], alternatives: readonly string[], type: string): string {
  const fitting = [...rows]
    .filter(([, { t, a = [] }]) => t === type && alternatives.every((one) => a.includes(one)))
    .sort(([, one], [, other]) => (one.a?.length ?? 0) - (other.a?.length ?? 0));
  const [first] = fitting;
  if (!first) throw new Error(`no parameter reads ${alternatives.join(', ')}`);
  return first[0];
}
