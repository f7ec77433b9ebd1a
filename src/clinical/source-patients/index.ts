/**
 * Who a message is about, by the identifiers its sender used.
 *
 * It promises: an identifier is never taken without its assigning authority (standards: PID-3 is a list of CX; CX-4 may be a
 * namespace, a universal id or both); the same message always gives the same keys; a message about two patients (merge, move,
 * swap, link) gives the keys of both. It reads lazily, only the fields named here, because it runs on every message at intake.
 * It never does: match by name, look into the database, or decide who the person behind a source patient is (clinical/identity).
 */
export {
  type AuthorityRules,
  authoritiesOf,
  authorityNamed,
  authorityOf,
  authoritySystem,
} from './authority.ts';
export { keysOf, patientKey } from './keys.ts';
export {
  MAX_LENGTH as MAX_NUMBER_LENGTH,
  type SourcePatient,
  sourcePatientOf,
  sourcePatientOfPid,
  sourcePatientsOfField,
} from './source-patient.ts';
