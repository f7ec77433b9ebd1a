import type { RecordReader } from '../../../trust/access/index.ts';
import {
  askedOf,
  type FhirAnswer,
  FhirFailure,
  type FhirRequest,
  invalid,
  notFound,
} from '../../fhir/index.ts';
import type { JobStore, Owner } from '../job/store.ts';
import { obstacleOf } from '../run/group.ts';
import type { Wanted } from '../types.ts';
import { wantedOf } from './wanted.ts';

export interface KickOff {
  readonly store: JobStore;
  readonly ownerOf: (request: FhirRequest) => Owner;
  readonly now: () => Date;
  /** Something is there to run. */
  readonly wake: () => void;
}

/** Below the base. */
export const STATUS = '/bulk-exports';

/** Answers 202 with the address of the status, or refuses (Bulk Data 2.0.0, "Bulk Data Kick-off Request"). */
export async function kickOff(
  level: Wanted['level'],
  request: FhirRequest,
  { store, ownerOf, now, wake }: KickOff,
): Promise<FhirAnswer> {
  if (!request.prefer.async) throw invalid('Prefer', 'respond-async: an export has no other way');
  const group = level === 'group' ? request.target.id : undefined;
  const options = {
    ...{ level, isPost: request.method === 'POST', now: now() },
    lenient: /(^|[,;\s])handling\s*=\s*"?lenient"?\s*($|[,;])/i.test(request.header('prefer') ?? ''),
    ...(group === undefined ? {} : { group }),
  };
  const { wanted, remarks } = wantedOf(askedOf(request), options);
  if (group !== undefined) await checkGroup(request.record, group);
  if (wanted.patients) await checkPatients(request.record, wanted.patients);
  const id = await store.create({
    owner: ownerOf(request),
    request: addressOf(request),
    ...{ wanted, remarks, now: options.now },
  });
  wake();
  return { status: 202, headers: { 'content-location': `${request.base}${STATUS}/${id}` } };
}

async function checkGroup(record: RecordReader, id: string): Promise<void> {
  const found = await record.read('Group', id);
  if (!found) throw notFound();
  const rule = obstacleOf(JSON.parse(found.json));
  if (rule !== undefined) throw new FhirFailure('INVALID_RESOURCE', { place: 'Group', rule });
}

/** Whoever is not there, and whoever may not be seen, are told alike. */
async function checkPatients(record: RecordReader, ids: readonly string[]): Promise<void> {
  const found = await record.readMany(ids.map((id) => ({ type: 'Patient', id })));
  if (found.length < ids.length) throw invalid('patient', 'patients that are there');
}

function addressOf({ base, path, parameters }: FhirRequest): string {
  const query = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]));
  return query.size === 0 ? `${base}${path}` : `${base}${path}?${query}`;
}
