import { isKnownResourceType, parseResource, stringifyExact } from '../../../standards/fhir/index.ts';
import type { OpenRecord, RecordReads } from '../../../trust/access/index.ts';
import { errorOf, failed } from '../execute.ts';
import { invalid, statusOf } from '../failure.ts';
import { parametersOf } from '../http/address.ts';
import { checkContentType } from '../http/media.ts';
import type { FhirAnswer, FhirRequest, Interaction, Services } from '../interaction.ts';
import { outcomeOf } from '../outcome.ts';
import { createRouter, type Router } from '../router.ts';
import { type PatchBody, bodyOf as patchBodyOf } from './patch-entry.ts';
import { processBundle } from './process.ts';
import type { BundleDeps, EntryResult, InteractionRequest } from './types.ts';

/** `POST /fhir/R4` with a batch or a transaction (R4 http.html#transaction). */
export const postBundle: Interaction = {
  name: 'bundle',
  method: 'POST',
  path: '',
  body: 'bundle',
  effect: 'write',
  capability: [
    { level: 'system', code: 'transaction' },
    { level: 'system', code: 'batch' },
  ],
  async run(request, services) {
    // The size was limited while it was read.
    const bundle = parseResource(request.body, { maxBytes: request.body.length });
    return { status: 200, body: await processBundle(bundle, depsOf(request, services)) };
  },
};

function depsOf(request: FhirRequest, services: Services): BundleDeps {
  const { base, caller, correlationId } = request;
  // Opened once: where it is asked for, it is opened anew.
  const { record } = request;
  const router = createRouter(services.interactions, isKnownResourceType);
  const isAsked = /(^|[,;\s])return\s*=/i.test(request.header('prefer') ?? '');
  const prefer = isAsked ? request.prefer.return : 'minimal';
  const outer: FhirRequest = { ...request, record, prefer: { ...request.prefer, return: prefer } };
  return {
    ...{ base, record, prefer, origin: { system: caller }, hold: request.hold },
    now: () => services.clock.now(),
    validate: (resource) => services.validator.validate(resource),
    interact: (asked) => interact(asked, outer, { services, router }),
    read: (reads, asked) =>
      interact(
        asked,
        { ...outer, record: readOnly(reads), identity: notWithin, note: tellNobody },
        { services, router },
      ),
    noted: (asked, result) => noteEntry(asked, result, { outer, router }),
    outcomeOf: (issues) => JSON.stringify(outcomeOf(issues, correlationId)),
    failureOf(error) {
      const { status, body } = failed(error, correlationId, services);
      return { status, json: textOf(body) ?? '' };
    },
  };
}

interface Surroundings {
  readonly services: Services;
  readonly router: Router;
}

/** One interaction as the same request over HTTP would be done, and noted. Throws what it would be refused with. */
async function interact(
  asked: InteractionRequest,
  outer: FhirRequest,
  { services, router }: Surroundings,
): Promise<EntryResult> {
  const { path, query } = addressOf(asked);
  const { interaction, target } = router(asked.method, path);
  if (interaction.body === 'bundle' || interaction.alone)
    throw invalid('request.url', 'what can be an entry of a bundle');
  const { body, contentType: given } = bodyOf(asked);
  const contentType = body.length > 0 ? checkContentType(interaction.body, given) : '';
  const request: FhirRequest = {
    ...outer,
    ...{ method: asked.method, path, target, body, contentType },
    parameters: parametersOf(query),
    header: headerOf(asked),
  };
  const reference = resourceAt(path);
  let answer: FhirAnswer;
  try {
    answer = await interaction.run(request, services);
  } catch (error) {
    outer.note({ interaction, reference, status: statusOf(errorOf(error)) });
    throw error;
  }
  const { status, unwritten = false } = answer;
  outer.note({ interaction, reference: answer.reference ?? reference, status, unwritten });
  return resultOf(answer, asked);
}

function addressOf({ url }: InteractionRequest): { path: string; query: string } {
  const at = url.indexOf('?');
  return { path: `/${at === -1 ? url : url.slice(0, at)}`, query: at === -1 ? '' : url.slice(at + 1) };
}

/** `/Observation/1/_history/2` is about `Observation/1`. */
const resourceAt = (path: string): string | undefined =>
  path.slice(1).split('/').slice(0, 2).join('/') || undefined;

/** Who is who is asked on a connection of its own, which a transaction that holds one must not wait for. */
const notWithin = () => {
  throw invalid('request.url', 'what is asked by itself, or in a batch');
};

/** A read is told once the transaction it is part of is committed, not each time that is tried. */
const tellNobody = () => undefined;

/** An entry of a transaction, as its row of the table. */
function noteEntry(
  asked: InteractionRequest,
  { status, location, kind }: EntryResult,
  { outer, router }: { readonly outer: FhirRequest; readonly router: Router },
): void {
  const { path } = addressOf(asked);
  const { interaction } = router(asked.method, path);
  const reference = location?.split('/_history/')[0] ?? resourceAt(path);
  outer.note({ interaction, reference, status, unwritten: kind === 'existing' || kind === 'unchanged' });
}

/** A Binary of a PATCH is the patch itself; every other resource is itself. */
function bodyOf({ method, resource }: InteractionRequest): PatchBody {
  const contentType = 'application/fhir+json';
  if (!resource) return { body: new Uint8Array(), contentType };
  return method === 'PATCH'
    ? patchBodyOf(resource)
    : { body: Buffer.from(stringifyExact(resource)), contentType };
}

function headerOf(asked: InteractionRequest): FhirRequest['header'] {
  const headers: Readonly<Record<string, string | undefined>> = {
    'if-match': asked.ifMatch,
    'if-none-match': asked.ifNoneMatch,
    'if-modified-since': asked.ifModifiedSince,
    'if-none-exist': asked.ifNoneExist,
  };
  return (name) => headers[name];
}

function resultOf(answer: FhirAnswer, { method }: InteractionRequest): EntryResult {
  const { status, headers = {}, body, stream, contentType } = answer;
  if (stream || contentType !== undefined) {
    stream?.destroy();
    throw invalid('request.url', 'what is answered with no resource is asked for by itself');
  }
  const location = headers.location ?? headers['content-location'];
  const { etag } = headers;
  const lastModified = new Date(headers['last-modified'] ?? Number.NaN);
  const text = method === 'HEAD' ? undefined : textOf(body);
  const isOutcome = text?.startsWith('{"resourceType":"OperationOutcome"') ?? false;
  return {
    status,
    ...(location === undefined ? {} : { location }),
    ...(etag === undefined ? {} : { etag }),
    ...(Number.isNaN(lastModified.getTime()) ? {} : { lastModified }),
    ...(text === undefined ? {} : isOutcome ? { outcome: text } : { resource: text }),
  };
}

const textOf = (body: string | Uint8Array | undefined): string | undefined =>
  typeof body === 'object' ? Buffer.from(body).toString() : body;

/** The record of a transaction for interactions that read. */
function readOnly(record: RecordReads): OpenRecord {
  const refuse = () => Promise.reject(invalid('request.method', 'a GET of a transaction writes nothing'));
  return {
    ...{ transaction: refuse, write: refuse },
    read: (type, id) => record.read(type, id),
    state: (type, id) => record.state(type, id),
    readVersion: (type, id, version) => record.readVersion(type, id, version),
    readMany: (names) => record.readMany(names),
    history: (of, options) => record.history(of, options),
    search: (query, page) => record.search(query, page),
    everything: (person, options) => record.everything(person, options),
  };
}
