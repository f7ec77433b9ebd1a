import {
  type ResourceWrite,
  migrations as record,
  writeResources,
} from '../../../src/clinical/record/index.ts';
import { migrations as audit } from '../../../src/foundation/audit/index.ts';
import { type Clock, systemClock } from '../../../src/foundation/clock/index.ts';
import { createKeyring, type Keyring } from '../../../src/foundation/crypto/index.ts';
import { bearerCheck, createHttpServer } from '../../../src/foundation/http/index.ts';
import { silentLogger } from '../../../src/foundation/logging/index.ts';
import {
  type BulkExport,
  type BulkExportOptions,
  migrations as bulk,
  createBulkExport,
  type ExportLimits,
} from '../../../src/gateway/bulk-data/index.ts';
import { fhirApi } from '../../../src/gateway/fhir/index.ts';
import { createValidator } from '../../../src/standards/fhir-validation/index.ts';
import { type AccessContext, createAccess } from '../../../src/trust/access/index.ts';
import { eventually, openTestDatabase, type TestDatabase } from '../../support/index.ts';

interface Manifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly FileEntry[];
  readonly deleted: readonly FileEntry[];
  readonly error: readonly FileEntry[];
}
interface FileEntry {
  readonly type: string;
  readonly url: string;
  readonly count: number;
}
export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  readonly [element: string]: any;
}

interface NodeOptions {
  readonly limits?: Partial<ExportLimits>;
  readonly clock?: Clock;
  readonly access?: BulkExportOptions['access'];
  /** False: jobs wait. Default true. */
  readonly started?: boolean;
}

interface Call {
  readonly method?: string;
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** One node of the engine, over real HTTP. */
export interface Node {
  readonly base: string;
  readonly bulk: BulkExport;
  /** An address below the base, or a whole one. */
  fetch(address: string, call?: Call): Promise<Response>;
  /** Kicks off and gives the address of the status. */
  kickOff(path: string, call?: Call): Promise<string>;
  /** Asks until it is complete. */
  manifest(status: string, as?: string): Promise<Manifest>;
  lines(entries: readonly FileEntry[], as?: string): Promise<Resource[]>;
  /** All at once: the resources of an export. */
  export(path: string, call?: Call): Promise<Resource[]>;
}

export interface Site {
  readonly db: TestDatabase;
  readonly keyring: Keyring;
  readonly contexts: Record<string, AccessContext>;
  node(options?: NodeOptions): Promise<Node>;
  commit(...writes: ResourceWrite[]): Promise<void>;
  close(): Promise<void>;
}

export const put = (type: string, id: string, elements: object = {}): ResourceWrite => ({
  op: 'update',
  method: 'PUT',
  resource: { resourceType: type, id, ...elements },
});
export const remove = (type: string, id: string): ResourceWrite => ({ op: 'delete', type, id });

const kickOffHeaders = { accept: 'application/fhir+json', prefer: 'respond-async' };

export async function openSite(): Promise<Site> {
  const db = await openTestDatabase({ migrations: [...audit, ...record, ...bulk], poolSize: 16 });
  const keyring = createKeyring([{ id: 'k', key: Buffer.alloc(32, 7) }], 'k');
  const closing: (() => Promise<void>)[] = [];
  const contexts: Record<string, AccessContext> = {
    platform: { who: 'platform', purpose: 'TREAT' },
    other: { who: 'other', purpose: 'TREAT' },
  };
  return {
    ...{ db, keyring, contexts },
    async node(options = {}) {
      const { node, stop } = await startNode({ db, keyring, contexts }, options);
      closing.push(stop);
      return node;
    },
    async commit(...writes) {
      await db.database.transaction((transaction) =>
        writeResources(transaction, writes, {
          origin: { system: 'test' },
          scope: { kind: 'everything' },
          keyring,
        }),
      );
    },
    async close() {
      await Promise.all(closing.map((stop) => stop()));
      await db.drop();
    },
  };
}

async function startNode(
  { db, keyring, contexts }: Pick<Site, 'db' | 'keyring' | 'contexts'>,
  { limits = {}, clock = systemClock, access: given, started = true }: NodeOptions,
): Promise<{ node: Node; stop: () => Promise<void> }> {
  const access = createAccess({ database: db.database, keyring });
  const contextOf = (client: string) => contexts[client] ?? { who: '', purpose: 'TREAT' as const };
  const bulkExport = createBulkExport({
    database: db.database,
    access: given ?? access,
    ...{ contextOf, clock, keyring, limits: { lookMs: 100, ...limits } },
    logger: silentLogger,
  });
  const server = createHttpServer({ host: '127.0.0.1', port: 0, portIsFixed: true, logger: silentLogger });
  await server.app.register(
    fhirApi({
      ...{ access, contextOf, clock },
      check: (authorization) => {
        const name = authorization?.replace('Bearer token-of-', '') ?? '';
        return bearerCheck([{ name, token: `token-of-${name}` }])(authorization);
      },
      logger: silentLogger,
      version: '0.1.0',
      validator: createValidator(),
      secret: 'a secret of the test',
      further: bulkExport.interactions,
    }),
  );
  const base = `${(await server.listen()).url}/fhir/R4`;
  if (started) bulkExport.start();
  const stop = async () => {
    await bulkExport.stop();
    await server.stop();
  };
  return { node: clientOf(base, bulkExport), stop };
}

function clientOf(base: string, bulkExport: BulkExport): Node {
  const node: Node = {
    ...{ base, bulk: bulkExport },
    fetch: (address, { method = 'GET', as = 'platform', headers = {}, body } = {}) =>
      fetch(address.startsWith('http') ? address : `${base}${address}`, {
        method,
        headers: {
          authorization: `Bearer token-of-${as}`,
          ...(body ? { 'content-type': 'application/fhir+json' } : {}),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    async kickOff(path, call = {}) {
      const response = await node.fetch(path, { headers: kickOffHeaders, ...call });
      const text = await response.text();
      if (response.status !== 202) throw new Error(`${path}: ${response.status} ${text}`);
      return response.headers.get('content-location') ?? '';
    },
    manifest: (status, as = 'platform') =>
      eventually(
        async () => {
          const response = await node.fetch(status, { as });
          const text = await response.text();
          return response.status === 200 && (JSON.parse(text) as Manifest);
        },
        { what: 'the export', deadlineMs: 20_000 },
      ),
    async lines(entries, as = 'platform') {
      const found: Resource[] = [];
      for (const { url, count, type } of entries) {
        const response = await node.fetch(url, { as, headers: { accept: 'application/fhir+ndjson' } });
        const text = await response.text();
        const lines = text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Resource);
        if (
          response.status !== 200 ||
          lines.length !== count ||
          lines.some((one) => one.resourceType !== type)
        )
          throw new Error(`a file that is not what the manifest says: ${response.status}, ${lines.length}`);
        found.push(...lines);
      }
      return found;
    },
    async export(path, call) {
      const { output } = await node.manifest(await node.kickOff(path, call), call?.as);
      return node.lines(output, call?.as);
    },
  };
  return node;
}
