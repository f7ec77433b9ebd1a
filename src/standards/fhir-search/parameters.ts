import { resourceTypes } from '../fhir/index.ts';
import type { EncodedParameter } from './definitions/encoding.ts';
import { rowsOf } from './definitions/rows.ts';
import type { SearchParameterType } from './types.ts';

/** A search parameter of a resource type, as it is answered here. */
export interface SearchParameter {
  readonly code: string;
  readonly type: SearchParameterType;
  /** Canonical URL of the SearchParameter, R4's or US Core's. */
  readonly url: string;
  /** Modifiers that are answered, without colon; `[type]` stands for the names of the targets. */
  readonly modifiers: readonly string[];
  /** Types that its literal references lead to: what it may be chained over and includes. */
  readonly targets: readonly string[];
  /** May stand in `_sort`. */
  readonly sortable: boolean;
  /** Of a composite: the codes of its components. */
  readonly components?: readonly string[];
  /** Nothing is indexed under it: what it asks holds when one of these parameters answers it. */
  readonly anyOf?: readonly string[];
  /** A composite of the resource itself: what it asks holds when all parameters of one of these lists answer their component. */
  readonly allOf?: readonly (readonly string[])[];
}

/** The record keeps it in columns of its own. */
const OF_THE_RECORD: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);
const UNSORTABLE: ReadonlySet<SearchParameterType> = new Set(['composite', 'special']);
const URL_BASE = 'http://hl7.org/fhir/SearchParameter/';

interface Parameters {
  readonly answered: ReadonlyMap<string, SearchParameter>;
  /** Code → why it is not answered. */
  readonly refused: ReadonlyMap<string, string>;
}

const known = new Map<string, Parameters>();

function parametersOf(type: string): Parameters {
  const present = known.get(type);
  if (present) return present;
  const answered = new Map<string, SearchParameter>();
  const refused = new Map<string, string>();
  for (const [code, row] of rowsOf(type))
    if (row.no === undefined) answered.set(code, parameterOf(code, row));
    else refused.set(code, row.no);
  const made = { answered, refused };
  if (resourceTypes.includes(type)) known.set(type, made);
  return made;
}

/** Parameters that are answered for a resource type, by code, with those of every type (`_id`, `_lastUpdated`, `_tag`, …). */
export const searchParametersOf = (type: string): ReadonlyMap<string, SearchParameter> =>
  parametersOf(type).answered;

/** Why a parameter that is published for the type is not answered. */
export const refusalOf = (type: string, code: string): string | undefined =>
  parametersOf(type).refused.get(code);

function parameterOf(code: string, row: EncodedParameter): SearchParameter {
  const type = row.t as SearchParameterType;
  return {
    code,
    type,
    url: row.u.includes(':') ? row.u : `${URL_BASE}${row.u}`,
    modifiers: OF_THE_RECORD.has(code) ? [] : modifiersOf(type, row),
    targets: targetsOf(row),
    sortable: !row.any && !UNSORTABLE.has(type),
    ...(row.c ? { components: row.c } : {}),
    ...(row.any ? { anyOf: row.any } : {}),
    ...(row.all ? { allOf: row.all } : {}),
  };
}

/** search.html#modifiers; `:in`, `:not-in` and a token's `:above` and `:below` need terminology (parse/expansions.ts). */
function modifiersOf(type: SearchParameterType, { a = [], any }: EncodedParameter): string[] {
  const reads = (...elements: readonly string[]) =>
    a.some((alternative) => elements.some((element) => alternative.split('|')[0]?.endsWith(`:${element}`)));
  switch (type) {
    case 'string':
      return ['missing', 'exact', 'contains'];
    case 'token':
      return [
        'missing',
        'not',
        // What has no text would never be found by one; the parts of a union know themselves.
        ...(any || reads('Coding', 'CodeableConcept', 'Identifier') ? ['text'] : []),
        ...(reads('Identifier') ? ['of-type'] : []),
        ...(any || reads('Coding', 'CodeableConcept', 'code') ? ['in', 'not-in', 'above', 'below'] : []),
      ];
    case 'reference':
      return ['missing', ...(reads('Reference') ? ['identifier', '[type]'] : [])];
    case 'uri':
      return ['missing', 'below', 'above'];
    case 'date':
    case 'number':
    case 'quantity':
      return ['missing'];
    default:
      return [];
  }
}

const targetsOf = ({ g = [] }: EncodedParameter): readonly string[] => (g[0] === '*' ? resourceTypes : g);

const including = new Map<string, readonly string[]>();

/** What `_include` may ask for when searching the type: `MedicationRequest:medication`. */
export function includesOf(type: string): readonly string[] {
  return [...searchParametersOf(type).values()]
    .filter(({ targets }) => targets.length > 0)
    .map(({ code }) => `${type}:${code}`);
}

/** What `_revinclude` may ask for when searching the type: `Provenance:target`. */
export function revIncludesOf(type: string): readonly string[] {
  const present = including.get(type);
  if (present) return present;
  const found = resourceTypes.flatMap((source) =>
    [...searchParametersOf(source).values()]
      .filter(({ targets }) => targets.includes(type))
      .map(({ code }) => `${source}:${code}`),
  );
  if (resourceTypes.includes(type)) including.set(type, found);
  return found;
}
