import type {
  AllergyIntolerance,
  CodeableConcept,
  Condition,
  Coverage,
  Procedure,
  RelatedPerson,
} from '@medplum/fhirtypes';

/**
 * Groups of segments are sent as a whole and say what stands (2.5.1 2.10.4.1): what has ended, was refuted or was an error would stand again if it
 * were among them.
 */
const ENDED: ReadonlySet<string> = new Set(['inactive', 'resolved']);
const WRONG: ReadonlySet<string> = new Set(['refuted', 'entered-in-error']);

const isOne = (concept: CodeableConcept | undefined, codes: ReadonlySet<string>): boolean =>
  (concept?.coding ?? []).some(({ code }) => code !== undefined && codes.has(code));

export const allergyStands = ({ clinicalStatus, verificationStatus }: AllergyIntolerance): boolean =>
  !isOne(clinicalStatus, ENDED) && !isOne(verificationStatus, WRONG);
export const conditionStands = ({ clinicalStatus, verificationStatus }: Condition): boolean =>
  !isOne(clinicalStatus, ENDED) && !isOne(verificationStatus, WRONG);
export const procedureStands = ({ status }: Procedure): boolean =>
  status !== 'entered-in-error' && status !== 'not-done';
export const personStands = ({ active }: RelatedPerson): boolean => active !== false;
export const coverageStands = ({ status }: Coverage): boolean =>
  status !== 'cancelled' && status !== 'entered-in-error';
