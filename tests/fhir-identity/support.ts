import {
  createIdentity,
  type Identity,
  migrations as identityTables,
} from '../../src/clinical/identity/index.ts';
import {
  applyWrites,
  type Change,
  type RecordWrite,
  migrations as record,
} from '../../src/clinical/record/index.ts';
import {
  migrations as audit,
  createAudit,
  listAudit,
  type RecordedEntry,
} from '../../src/foundation/audit/index.ts';
import { systemClock } from '../../src/foundation/clock/index.ts';
import { bearerCheck, createHttpServer } from '../../src/foundation/http/index.ts';
import { silentLogger } from '../../src/foundation/logging/index.ts';
import { fhirApi, type Heard } from '../../src/gateway/fhir/index.ts';
import { createValidator } from '../../src/standards/fhir-validation/index.ts';
import { type AccessContext, createAccess, patientId } from '../../src/trust/access/index.ts';
import { openTestDatabase, type TestDatabase } from '../support/index.ts';

/** Authorities, and their systems. */
export const RED = '1.3.6.1.4.1.21367.13.20.1000';
export const GREEN = '1.3.6.1.4.1.21367.13.20.2000';
export const BLUE = '1.3.6.1.4.1.21367.13.20.3000';
export const DECLARED = '1.3.6.1.4.1.21367.13.20.9000';
export const FED = '1.3.6.1.4.1.21367.13.20.8000';
export const oid = (authority: string): string => `urn:oid:${authority}`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  readonly body: any;
}

export interface World {
  readonly db: TestDatabase;
  readonly base: string;
  readonly identity: Identity;
  readonly heard: Heard[];
  readonly unexpected: unknown[];
  call(
    method: string,
    path: string,
    call?: { as?: string; body?: unknown; headers?: object },
  ): Promise<Answer>;
  get(path: string, as?: string): Promise<Answer>;
  post(path: string, body: unknown, as?: string): Promise<Answer>;
  /** As a source feeds it (ITI-104). */
  feed(resource: Fed, as?: string): Promise<Answer>;
  /** As a channel writes, and observes. */
  write(...writes: readonly RecordWrite[]): Promise<void>;
  audited(): Promise<RecordedEntry[]>;
  stop(): Promise<void>;
}

export interface Fed {
  readonly resourceType: 'Patient';
  readonly identifier: readonly { readonly system: string; readonly value: string }[];
  readonly [element: string]: unknown;
}

export const ann = { authority: RED, identifier: 'ann-1' };

const contexts: Record<string, AccessContext> = {
  operator: { who: 'operator', purpose: 'TREAT', rights: ['identity'] },
  televisit: { who: 'televisit', purpose: 'TREAT' },
  ann: { who: 'ann', purpose: 'PATRQT', patient: patientId(ann) },
  bound: { who: 'bound', purpose: 'TREAT', patient: patientId(ann), rights: ['identity'] },
  nobody: { who: 'nobody', purpose: 'PATRQT' },
};

/** The API with identity, on a database of its own, over real HTTP. */
export async function openWorld({ dualControl = false } = {}): Promise<World> {
  const db = await openTestDatabase({ migrations: [...audit, ...record, ...identityTables] });
  const { database } = db;
  const identity = createIdentity({ database, clock: systemClock, logger: silentLogger, dualControl });
  const access = createAccess({
    ...{ database, identity, audit: createAudit(database) },
    feederOf: (system) => (system === oid(FED) ? 'operator' : undefined),
    async observe(transaction, sources) {
      const anew = new Set<string>();
      const onPublished = (changes: readonly Change[]) => {
        for (const { id } of changes) anew.add(id);
      };
      await identity.observe(transaction, { sources, at: new Date(), onPublished });
      return anew;
    },
  });
  const server = createHttpServer({ host: '127.0.0.1', port: 0, portIsFixed: true, logger: silentLogger });
  const heard: Heard[] = [];
  const unexpected: unknown[] = [];
  await server.app.register(
    fhirApi({
      access,
      check: bearerCheck(Object.keys(contexts).map((name) => ({ name, token: `token-of-${name}` }))),
      contextOf: (client) => contexts[client]!,
      clock: systemClock,
      logger: { ...silentLogger, error: (...told: unknown[]) => unexpected.push(told) },
      version: '0.1.0',
      validator: createValidator(),
      secret: 'a secret of the test',
      heard: async (all) => void heard.push(...all),
      identity: { systems: () => [oid(DECLARED)] },
    }),
  );
  const { url } = await server.listen();
  const base = `${url}/fhir/R4`;
  const call: World['call'] = async (method, path, { as = 'televisit', body, headers } = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer token-of-${as}`,
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  return {
    ...{ db, base, identity, heard, unexpected, call },
    get: (path, as) => call('GET', path, as === undefined ? {} : { as }),
    post: (path, body, as) => call('POST', path, { body, ...(as === undefined ? {} : { as }) }),
    feed(resource, as) {
      const [{ system, value } = { system: '', value: '' }] = resource.identifier;
      const path = `/Patient?identifier=${encodeURIComponent(`${system}|${value}`)}`;
      return call('PUT', path, { body: resource, ...(as === undefined ? {} : { as }) });
    },
    write: (...writes) =>
      database.transaction(async (transaction) => {
        const changes = await applyWrites(transaction, writes);
        const sources = changes.flatMap(({ type, id }) => (type === 'Patient' ? [id] : []));
        await identity.observe(transaction, { sources, at: new Date() });
      }),
    audited: () => listAudit(database, { limit: 500 }, 'everything'),
    async stop() {
      await server.stop();
      await db.drop();
    },
  };
}

/** A Patient as a source sends it. */
export const patient = (authority: string, value: string, more: object = {}): Fed => ({
  resourceType: 'Patient',
  identifier: [{ system: oid(authority), value }],
  active: true,
  ...more,
});

export const alice = {
  name: [{ family: 'MOHR', given: ['ALICE'] }],
  gender: 'female',
  birthDate: '1958-01-30',
  address: [{ line: ['820 JORIE BLVD.'], city: 'OAK BROOK', state: 'IL', postalCode: '60523' }],
};

/** Parameters of `$match`. */
export const asked = (resource: object, ...more: object[]): object => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'resource', resource }, ...more],
});

export const onlyCertain = { name: 'onlyCertainMatches', valueBoolean: true };
