import { IsthmusError } from '../../../foundation/errors/index.ts';
import {
  type FhirAnswer,
  FhirFailure,
  type FhirRequest,
  notFound,
  operationOutcome,
} from '../../fhir/index.ts';
import type { JobFile, JobStatus } from '../job/store.ts';
import { type KickOff, STATUS } from './kick-off.ts';

type Parts = Pick<KickOff, 'store' | 'ownerOf' | 'now'>;

/** 202 while it runs, 200 with the manifest, 429 for who asks too often, 404 for everybody else's (Bulk Data 2.0.0, "Bulk Data Status Request"). */
export async function status(request: FhirRequest, { store, ownerOf, now }: Parts): Promise<FhirAnswer> {
  const id = request.target.id ?? '';
  const at = now();
  const job = await store.poll(id, ownerOf(request), at);
  if (!job) throw notFound();
  if (job.state === 'done') return manifest(request, job, await store.files(id));
  if (job.state === 'failed') {
    const error = new IsthmusError(job.error?.code ?? 'INTERNAL', job.error);
    return { status: 500, body: JSON.stringify(operationOutcome(error, request.correlationId)) };
  }
  const pauseS = pauseOf(at.getTime() - job.created_at.getTime());
  if (!job.allowed)
    throw new FhirFailure('THROTTLED', {
      rule: 'the status of an export',
      headers: { 'retry-after': String(Math.max(pauseS, 5)) },
    });
  return { status: 202, headers: { 'x-progress': job.progress, 'retry-after': String(pauseS) } };
}

/** What runs for long is asked for less often. */
const pauseOf = (ageMs: number): number => (ageMs < 30_000 ? 1 : ageMs < 300_000 ? 5 : 30);

function manifest(request: FhirRequest, job: JobStatus, files: readonly JobFile[]): FhirAnswer {
  const address = `${request.base}${STATUS}/${request.target.id}`;
  const of = (kind: JobFile['kind']) =>
    files
      .filter((file) => file.kind === kind)
      .map(({ type, number, count }) => ({ type, url: `${address}/${number}.ndjson`, count }));
  const body = {
    transactionTime: job.instant?.toISOString(),
    request: job.request,
    requiresAccessToken: true,
    output: of('output'),
    deleted: of('deleted'),
    error: of('error'),
  };
  return {
    status: 200,
    headers: { expires: job.expires_at.toUTCString() },
    contentType: 'application/json',
    body: JSON.stringify(body),
  };
}

/** The client needs it no more, or cancels it: it and its files are gone at once. */
export async function remove(request: FhirRequest, { store, ownerOf }: Parts): Promise<FhirAnswer> {
  if (!(await store.remove(request.target.id ?? '', ownerOf(request)))) throw notFound();
  return { status: 202 };
}
