import type { RecordSnapshot } from '../../../trust/access/index.ts';
import { isShared } from '../../../trust/access/index.ts';
import type { Wanted } from '../types.ts';

/**
 * Types of no patient that come along with patients' resources, because these can't be read without them (Bulk Data 2.0.0, "Endpoint - All
 * Patients"). All of them and not only those referred to: what is first referred to later would be missed by an export `_since`.
 */
const COMPANIONS: ReadonlySet<string> = new Set([
  'Location',
  'Medication',
  'Organization',
  'Practitioner',
  'PractitionerRole',
]);

/** Which of the types that there are, in their order. */
export function typesOf(wanted: Wanted, present: readonly string[]): readonly string[] {
  if (wanted.types) return present.filter((type) => wanted.types?.includes(type));
  if (wanted.level === 'system') return present;
  return present.filter((type) => COMPANIONS.has(type) || !isShared(type));
}

type Of = Parameters<RecordSnapshot['resources']>[0]['of'];

/** Whose resources of a type: at the level of patients only what lies in their compartments, save what belongs to nobody. */
export function whoseOf(wanted: Wanted, type: string, patients: readonly string[] | undefined): Of {
  if (wanted.level === 'system' || isShared(type)) return 'all';
  return patients ?? 'patients';
}
