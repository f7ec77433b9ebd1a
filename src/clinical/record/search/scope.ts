import { anyOf, FALSE, type Part, part, TRUE } from '../../../foundation/database/index.ts';
import { isShared, SHARED_TYPES } from '../entries.ts';
import { isType } from './place.ts';

/** A scope with the person's source patients looked up; see RecordScope. */
export type Visibility =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'of'; readonly sources: readonly string[] };

/** Rows in the compartments of these source patients: what is about them, and what names them beside others. `ids` is a text[]. */
export const inCompartment = (row: Part, ids: Part): Part =>
  part`(${row}.source_patient_id = ANY(${ids}) OR ${row}.other_patients && ${ids})`;

/**
 * What the scope excludes does not exist for the statement (S50). It stands beside every use of `resource` and `resource_history`
 * in a statement that reads, whether its rows are shown, counted, sorted by or only walked through.
 */
export function visible(
  row: Part,
  visibility: Visibility,
  types: readonly string[] = SHARED_TYPES_AND_OTHERS,
): Part {
  if (visibility.kind === 'all') return TRUE;
  if (visibility.kind === 'none') return FALSE;
  const own = inCompartment(row, part`${visibility.sources}::text[]`);
  const shared = types.filter(isShared);
  if (types.length > 0 && shared.length === types.length) return TRUE;
  return shared.length === 0 ? own : anyOf([own, isType(part`${row}.type`, shared)]);
}

/** For rows of any type. */
const SHARED_TYPES_AND_OTHERS: readonly string[] = [...SHARED_TYPES, ''];
