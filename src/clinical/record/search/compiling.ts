import { type Queryable, sql } from '../../../foundation/database/index.ts';
import { isResourceId } from '../../../standards/fhir/index.ts';
import type { Clause, SearchQuery } from '../../../standards/fhir-search/index.ts';
import type { RecordScope } from '../types.ts';
import type { Part } from './part.ts';
import type { Place } from './place.ts';
import type { Visibility } from './scope.ts';

/** What the clauses of one search are compiled with. Made anew for every operation, so that a link taken away takes effect at once. */
export interface Compiling {
  readonly queryable: Queryable;
  readonly visibility: Visibility;
  /** Source patients behind every person whom the search or the scope names. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** Links that were followed and led to the rows of a few patients. */
  readonly narrow: Set<Clause>;
  /** See conditions.ts; here, because a link leads to conditions again. */
  readonly conditionOf: ConditionOf;
}

export type ConditionOf = (clause: Clause, place: Place, compiling: Compiling) => Promise<Part>;

const sourcesOfPersons = sql(
  'record.sources-of-persons',
  'SELECT person_id, source_patient_id FROM person_link WHERE person_id = ANY($1::text[])',
);

/** Persons become source patients before the statement is built, so that its plan sees whose rows are asked for (S48). */
export async function prepareCompiling(
  { queryable, scope }: { readonly queryable: Queryable; readonly scope: RecordScope },
  clauses: SearchQuery['where'],
  conditionOf: ConditionOf,
): Promise<Compiling> {
  const persons = new Set(clauses.flatMap(personsIn).filter(isResourceId));
  if (scope.kind === 'compartment') persons.add(scope.person);
  const sources = new Map<string, string[]>();
  if (persons.size > 0 && scope.kind !== 'nothing') {
    const rows = await queryable.query<{ person_id: string; source_patient_id: string }>(sourcesOfPersons, [
      [...persons],
    ]);
    for (const row of rows)
      sources.set(row.person_id, [...(sources.get(row.person_id) ?? []), row.source_patient_id]);
  }
  return { queryable, visibility: visibilityOf(scope, sources), sources, narrow: new Set(), conditionOf };
}

function visibilityOf(scope: RecordScope, sources: ReadonlyMap<string, readonly string[]>): Visibility {
  if (scope.kind === 'everything') return { kind: 'all' };
  if (scope.kind === 'nothing') return { kind: 'none' };
  return { kind: 'of', sources: sources.get(scope.person) ?? [] };
}

function personsIn(clause: Clause): string[] {
  switch (clause.kind) {
    case 'reference':
      return clause.anyOf.flatMap((value) =>
        'id' in value && value.types.includes('Patient') ? [value.id] : [],
      );
    case 'compartment':
      return [clause.patient];
    case 'chain':
    case 'has':
      return personsIn(clause.where);
    case 'any':
      return clause.of.flat().flatMap(personsIn);
    default:
      return [];
  }
}
