import { isResourceId } from '../../../standards/fhir/index.ts';
import {
  IDENTITY_SYSTEM,
  type Json,
  numberedPatient,
  type PatientNumber,
  patientId,
  type RecordTransaction,
  type ResourceWrite,
  type Retirement,
} from '../../../trust/access/index.ts';
import { invalid, unmet } from '../failure.ts';
import { type Criteria, singleToken } from '../transaction/criteria.ts';

/**
 * IHE ITI-104: a source of patients names each by the number by which it knows them (`PUT Patient?identifier=system|value`), and what it sends is its own
 * statement, whoever else stands behind the person.
 */

/** The number, where criteria name a Patient by one and by nothing else. */
export function numberIn({ type, where }: Criteria): PatientNumber | undefined {
  if (type !== 'Patient') return undefined;
  const token = singleToken(where);
  const [only, another] = token?.anyOf ?? [];
  if (token?.param !== 'identifier' || another || !only?.system || !only.code) return undefined;
  return { system: only.system, value: only.code };
}

/** For whom a write that names its patient by number is meant, and as what. */
export type Meant = Pick<Extract<ResourceWrite, { op: 'update' }>, 'statement' | 'number'> & {
  readonly id: string;
};

/** The source patient whose number it is; undefined where nobody has it, or several state it. Throws FORBIDDEN. */
export async function meantBy(record: RecordTransaction, number: PatientNumber): Promise<Meant | undefined> {
  const id = await record.sourceOf(number);
  return id === undefined ? undefined : { id, statement: true };
}

/** Who is made by a first statement: known by the number from then on, in whatever format its source speaks. */
export function newBy(number: PatientNumber): Meant | undefined {
  const patient = numberedPatient(number);
  return patient && { id: patientId(patient), statement: true, number: patient };
}

/** Nobody can say whose statement it would be. Throws PRECONDITION_FAILED. */
export function refuseShared(system: string, place = 'query'): void {
  if (system === IDENTITY_SYSTEM) throw unmet(place, 'a number of one source; several state this one');
}

/** Resolve Duplicate: the Patient is no longer active, and another has replaced it. Throws INVALID_REQUEST where it can't be read. */
export function retirementIn(
  { active, link }: Json,
  retired: PatientNumber,
  base: string,
): Retirement | undefined {
  if (active !== false || !Array.isArray(link)) return undefined;
  const replacing = (link as readonly Link[]).filter((one) => one?.type === 'replaced-by');
  const [only, another] = replacing;
  if (!only) return undefined;
  if (another) throw invalid('Patient.link', 'one Patient in its place');
  const { reference, identifier: { system, value } = {} } = only.other ?? {};
  if (typeof system === 'string' && typeof value === 'string' && system !== '' && value !== '')
    return { retired, surviving: { system, value } };
  const id = typeof reference === 'string' ? idOf(reference, base) : undefined;
  if (id === undefined) throw invalid('Patient.link.other', 'a number with its system, or a Patient here');
  return { retired, surviving: id };
}

interface Link {
  readonly type?: unknown;
  readonly other?: {
    readonly reference?: unknown;
    readonly identifier?: { readonly system?: unknown; readonly value?: unknown };
  };
}

function idOf(reference: string, base: string): string | undefined {
  const local = reference.startsWith(`${base}/`) ? reference.slice(base.length + 1) : reference;
  const id = /^Patient\/([^/]+)$/.exec(local)?.[1];
  return id !== undefined && isResourceId(id) ? id : undefined;
}
