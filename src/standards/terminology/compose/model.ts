import { TerminologyError } from '../errors.ts';
import { canonicalOf, flagOf, nodeOf, nodesOf, textOf, textsOf } from '../node.ts';
import { filterWithoutValue } from '../operations/messages.ts';
import type { Definition, Designation, Filter } from '../types.ts';
import { designationsOf } from '../views/concepts.ts';

/** One concept as a value set lists it, with texts of its own. */
export interface Listed {
  readonly code: string;
  readonly display?: string;
  readonly designations: readonly Designation[];
}

/** R4 ValueSet.compose.include: what it names meets all of it. */
export interface Include {
  readonly system?: string;
  readonly version?: string;
  /** In place of filters. */
  readonly concepts?: readonly Listed[];
  readonly filters: readonly Filter[];
  /** Canonicals, or `#id` of a value set that is contained. */
  readonly valueSets: readonly string[];
  /** Its codes have an owner who does not let them be carried along. */
  readonly isWithheld: boolean;
}

/** What a value set is made of. */
export interface Compose {
  readonly definition: Definition;
  /** `url|version`, for messages. */
  readonly canonical: string;
  readonly includes: readonly Include[];
  readonly excludes: readonly Include[];
  /** Inactive codes are none of it (R4 ValueSet.compose.inactive). */
  readonly isActiveOnly: boolean;
  /** By `#id`. */
  readonly contained: ReadonlyMap<string, Definition>;
}

const WITHHELD = 'urn:isthmus:withheld';
const OPERATIONS = [
  ...(['=', 'is-a', 'descendent-of', 'is-not-a', 'regex', 'in', 'not-in', 'generalizes', 'exists'] as const),
];

/** Throws TerminologyError where the composition cannot be understood: half of a value set is another one. */
export function composeOf(definition: Definition): Compose {
  const compose = nodeOf(definition, 'compose');
  const url = textOf(definition, 'url');
  const contained = nodesOf(definition, 'contained').flatMap((one): [string, Definition][] => {
    const id = textOf(one, 'id');
    return id === undefined ? [] : [[`#${id}`, one]];
  });
  return {
    definition,
    canonical: url === undefined ? '(unidentified)' : canonicalOf(url, textOf(definition, 'version')),
    includes: nodesOf(compose, 'include').map((one, at) => includeOf(one, `ValueSet.compose.include[${at}]`)),
    excludes: nodesOf(compose, 'exclude').map((one, at) => includeOf(one, `ValueSet.compose.exclude[${at}]`)),
    isActiveOnly: compose !== undefined && flagOf(compose, 'inactive') === false,
    contained: new Map(contained),
  };
}

function includeOf(of: Definition, place: string): Include {
  const [system, version] = [textOf(of, 'system'), textOf(of, 'version')];
  const valueSets = textsOf(of, 'valueSet');
  const concepts = nodesOf(of, 'concept').flatMap((one): Listed[] => {
    const [code, display] = [textOf(one, 'code'), textOf(one, 'display')];
    const designations = designationsOf(one);
    return code === undefined ? [] : [{ code, ...(display ? { display } : {}), designations }];
  });
  const filters = nodesOf(of, 'filter').map((one, at) => filterOf(one, system, `${place}.filter[${at}]`));
  if (system === undefined && (valueSets.length === 0 || concepts.length > 0 || filters.length > 0))
    throw new TerminologyError('invalid', 'An include has a system or value sets', {
      detail: 'vs-invalid',
      place,
    });
  return {
    ...(system ? { system } : {}),
    ...(version ? { version } : {}),
    ...(concepts.length > 0 ? { concepts } : {}),
    filters,
    valueSets,
    isWithheld: nodesOf(of, 'extension').some((one) => one.url === WITHHELD),
  };
}

/** `child-of` is of R5 and can be said in R4's words. */
function filterOf(of: Definition, system: string | undefined, place: string): Filter {
  const [property = '', stated = '', value] = [textOf(of, 'property'), textOf(of, 'op'), textOf(of, 'value')];
  if (value === undefined)
    throw new TerminologyError('invalid', filterWithoutValue(system ?? '', property, stated), {
      detail: 'vs-invalid',
      place,
    });
  if (stated === 'child-of') return { property: 'parent', op: '=', value };
  const op = OPERATIONS.find((one) => one === stated);
  if (!op)
    throw new TerminologyError('not-supported', `There is no filter operation ${stated}`, {
      detail: 'vs-invalid',
      place,
    });
  return { property, op, value };
}
