import type { Keyring } from '../../../foundation/crypto/index.ts';
import { randomId } from '../../../foundation/crypto/index.ts';
import type { Database } from '../../../foundation/database/index.ts';
import { IsthmusError } from '../../../foundation/errors/index.ts';
import type { AccessContext } from '../../../trust/access/index.ts';
import type { ExportLimits, JobError, JobState, Remark, Wanted } from '../types.ts';
import * as statements from './sql.ts';

/** Whose a job is. Another client, or the same one in another context, finds nothing. */
export interface Owner {
  readonly client: string;
  readonly context: AccessContext;
}

interface NewJob {
  readonly owner: Owner;
  readonly request: string;
  readonly wanted: Wanted;
  readonly remarks: readonly Remark[];
  readonly now: Date;
}

export interface JobStatus {
  readonly state: JobState;
  readonly request: string;
  readonly progress: string;
  readonly resources: number;
  /** The transactionTime. */
  readonly instant: Date | null;
  readonly error: JobError | undefined;
  readonly created_at: Date;
  readonly expires_at: Date;
  /** False when it was asked too often. */
  readonly allowed: boolean;
}

export interface JobFile {
  readonly number: number;
  readonly kind: 'output' | 'deleted' | 'error';
  readonly type: string;
  readonly count: number;
}

/** Jobs as the API sees them. */
export interface JobStore {
  /** The id of a new job. Throws THROTTLED when the client has too many, BUSY when there is no room. */
  create(job: NewJob): Promise<string>;
  /** Undefined when there is none of this owner. Counts as one poll. */
  poll(id: string, owner: Owner, now: Date): Promise<JobStatus | undefined>;
  files(id: string): Promise<readonly JobFile[]>;
  /** Chunks of a file of a job that is done, as gzip members; undefined when there is none of this owner. */
  file(
    id: string,
    owner: Owner,
    file: { number: number; now: Date },
  ): Promise<AsyncGenerator<Buffer> | undefined>;
  /** False when there was none of this owner. A run ends at its next write. */
  remove(id: string, owner: Owner): Promise<boolean>;
  /** Deletes what has expired; how many jobs. */
  expire(now: Date): Promise<number>;
}

/** Polls at once, and how many more a second. */
const POLL_BURST = 10;
const POLLS_PER_SECOND = 1;

export function createJobStore(
  database: Database,
  limits: ExportLimits,
  keyring: Keyring | undefined,
): JobStore {
  const key = (id: string, { client, context }: Owner) => [id, client, contextText(context)] as const;
  return {
    create: ({ owner, request, wanted, remarks, now }) =>
      database.transaction(async (transaction) => {
        await transaction.query(statements.lockClient, [owner.client]);
        const [used] = await transaction.query<{ jobs: number; bytes: number }>(statements.usage, [
          owner.client,
        ]);
        if (used && used.jobs >= limits.jobsOfClient)
          throw new IsthmusError('THROTTLED', {
            rule: `at most ${limits.jobsOfClient} exports of a client at once`,
          });
        if (used && used.bytes >= limits.bytesOfAll)
          throw new IsthmusError('BUSY', {
            rule: 'exports that are kept take all the room there is for them',
          });
        const id = randomId();
        await transaction.query(statements.insertJob, [
          ...key(id, owner),
          request,
          JSON.stringify(wanted),
          JSON.stringify(remarks),
          now,
          new Date(now.getTime() + limits.keepMs),
          POLL_BURST,
        ]);
        return id;
      }),
    async poll(id, owner, now) {
      const [found] = await database.query<Omit<JobStatus, 'error'> & { error: string | null }>(
        statements.pollJob,
        [...key(id, owner), now, POLLS_PER_SECOND, POLL_BURST],
      );
      if (!found) return undefined;
      return { ...found, error: found.error === null ? undefined : (JSON.parse(found.error) as JobError) };
    },
    files: (id) => database.query<JobFile>(statements.filesOf, [id]),
    async file(id, owner, { number, now }) {
      const [found] = await database.query<{ parts: number }>(statements.findFile, [
        ...key(id, owner),
        number,
        now,
      ]);
      return found && chunksOf(database, { id, number, parts: found.parts }, keyring);
    },
    async remove(id, owner) {
      return (await database.query(statements.deleteJob, key(id, owner))).length > 0;
    },
    async expire(now) {
      return (await database.query(statements.deleteExpired, [now])).length;
    },
  };
}

interface File {
  readonly id: string;
  readonly number: number;
  readonly parts: number;
}

/** Throws GONE when the job is deleted in the midst of it: a file that ends early must not look like a whole one. */
async function* chunksOf(database: Database, { id, number, parts }: File, keyring: Keyring | undefined) {
  for (let part = 1; part <= parts; part++) {
    const [chunk] = await database.query<{ content_key: string | null; content: Buffer }>(
      statements.readChunk,
      [id, number, part],
    );
    if (!chunk) throw new IsthmusError('GONE', { rule: 'the export was deleted' });
    if (chunk.content_key !== null && !keyring)
      throw new IsthmusError('CRYPTO_KEY_UNKNOWN', { place: `key ${chunk.content_key}` });
    yield chunk.content_key !== null && keyring
      ? keyring.open(chunk.content_key, chunk.content, placeOfChunk(id, number, part))
      : chunk.content;
  }
}

/** What a chunk is sealed for. */
export const placeOfChunk = (job: string, number: number, part: number): string =>
  `export ${job} ${number} ${part}`;

/** The same text for the same context. */
const contextText = (context: AccessContext): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1))),
  );
