import { applyWrites, type RecordWrite, migrations as record } from '../../../src/clinical/record/index.ts';
import { migrations as audit } from '../../../src/foundation/audit/index.ts';
import { type Clock, systemClock } from '../../../src/foundation/clock/index.ts';
import type { Database, Migration } from '../../../src/foundation/database/index.ts';
import { bearerCheck, createHttpServer } from '../../../src/foundation/http/index.ts';
import { silentLogger } from '../../../src/foundation/logging/index.ts';
import { type FhirApiOptions, fhirApi, type Heard } from '../../../src/gateway/fhir/index.ts';
import { createValidator } from '../../../src/standards/fhir-validation/index.ts';
import { type AccessContext, createAccess, patientId } from '../../../src/trust/access/index.ts';
import { ada } from '../../record/fixtures.ts';
import { openTestDatabase, type TestDatabase } from '../../support/index.ts';

export interface Call {
  readonly as?: string;
  /** A resource, or a text that is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  readonly body: any;
}

export interface TestApi {
  readonly db: TestDatabase;
  readonly base: string;
  readonly port: number;
  readonly heard: Heard[];
  /** What went to the log as an error of our own. */
  readonly unexpected: unknown[];
  call(method: string, path: string, call?: Call): Promise<Answer>;
  get(path: string, call?: Call): Promise<Answer>;
  /** Creates it and gives its id. */
  made(resource: { readonly resourceType: string; readonly [element: string]: unknown }): Promise<string>;
  /** As a channel writes. */
  write(...writes: RecordWrite[]): Promise<unknown>;
  stop(): Promise<void>;
}

const contexts: Record<string, AccessContext> = {
  televisit: { who: 'televisit', purpose: 'TREAT' },
  other: { who: 'other', purpose: 'TREAT' },
  ada: { who: 'ada', purpose: 'PATRQT', patient: patientId(ada) },
  nobody: { who: 'nobody', purpose: 'PATRQT' },
};

interface StartOptions {
  readonly clock?: Clock;
  /** The database as the record gets it. */
  readonly watch?: (database: Database) => Database;
  /** Tables of further modules. */
  readonly migrations?: readonly Migration[];
}

/** The API on a database of its own, over real HTTP. */
export async function startApi({
  watch = (database) => database,
  migrations = [],
  ...options
}: Partial<FhirApiOptions> & StartOptions = {}): Promise<TestApi> {
  const db = await openTestDatabase({ migrations: [...audit, ...record, ...migrations] });
  const server = createHttpServer({ host: '127.0.0.1', port: 0, portIsFixed: true, logger: silentLogger });
  const heard: Heard[] = [];
  const unexpected: unknown[] = [];
  await server.app.register(
    fhirApi({
      access: createAccess({ database: watch(db.database) }),
      check: bearerCheck(Object.keys(contexts).map((name) => ({ name, token: `token-of-${name}` }))),
      contextOf: (client) => contexts[client]!,
      clock: systemClock,
      logger: { ...silentLogger, error: (...told: unknown[]) => unexpected.push(told) },
      version: '0.1.0',
      validator: createValidator(),
      secret: 'a secret of the test',
      heard: async (all) => void heard.push(...all),
      ...options,
    }),
  );
  const { url, port } = await server.listen();
  const base = `${url}/fhir/R4`;
  const call = async (method: string, path: string, { as = 'televisit', body, headers }: Call = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(as === '' ? {} : { authorization: `Bearer token-of-${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  };
  return {
    ...{ db, base, port, heard, unexpected, call },
    get: (path, options) => call('GET', path, options),
    async made(resource) {
      const { status, body, text } = await call('POST', `/${resource.resourceType}`, { body: resource });
      if (status !== 201) throw new Error(`created with ${status}: ${text}`);
      return body.id as string;
    },
    write: (...writes) => db.database.transaction((transaction) => applyWrites(transaction, writes)),
    async stop() {
      await server.stop();
      await db.drop();
    },
  };
}

/** A Patient and an Observation that the validator takes. */
export const patient = (parts: object = {}) => ({
  resourceType: 'Patient',
  name: [{ family: 'Lovelace', given: ['Ada'] }],
  ...parts,
});
export const pulse = (parts: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  ...parts,
});
