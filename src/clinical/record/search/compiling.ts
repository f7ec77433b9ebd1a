import { type Part, type Queryable, sql } from '../../../foundation/database/index.ts';
import { isResourceId } from '../../../standards/fhir/index.ts';
import type { Clause, SearchQuery } from '../../../standards/fhir-search/index.ts';
import type { RecordScope } from '../types.ts';
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

/**
 * Who asks for a patient that another has replaced is shown the other's chart. A scope ($2) is the person that was decided and nobody
 * else: whom it lets in is not widened here.
 */
const sourcesOfPersons = sql(
  'record.sources-of-persons',
  `SELECT w.id AS person_id, k.source_patient_id
     FROM unnest($1::text[]) AS w (id)
     JOIN person_link k ON k.person_id = coalesce((SELECT l.person_id FROM person_link l WHERE l.source_patient_id = w.id AND w.id <> $2), w.id)`,
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
    const bound = scope.kind === 'compartment' ? scope.person : '';
    const rows = await queryable.query<{ person_id: string; source_patient_id: string }>(sourcesOfPersons, [
      [...persons],
      bound,
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
