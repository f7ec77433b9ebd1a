import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../foundation/clock/index.ts';
import { IsthmusError } from '../../foundation/errors/index.ts';
import type { Logger } from '../../foundation/logging/index.ts';
import type { FlowPicture } from '../status/index.ts';
import type { Timeline } from '../timeline/index.ts';
import { sendDocument, sendFlowPage } from './document.ts';
import { entryListPage, messageListPage, messagePage } from './lists.ts';
import { entryStates, type MessagesView } from './messages-view.ts';
import { createFlowStream, type FlowStream } from './stream.ts';

export interface FlowOptions {
  readonly timeline: Timeline;
  readonly picture: () => Promise<FlowPicture>;
  /** Opens the message lists for whoever asks. */
  readonly openMessages: (request: FastifyRequest) => MessagesView;
  /** Lets a request in, or throws (see `localOrToken`). */
  readonly guard: (request: FastifyRequest) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Flow {
  /** Ends the streams of open pages; they come again by themselves. */
  close(): void;
}

/** Registers the flow page, its stream and its lists. */
export function registerFlow(app: FastifyInstance, options: FlowOptions): Flow {
  const { timeline, picture, guard, clock, logger } = options;
  const onError = (error: unknown) => logger.debug({ error }, 'no picture for the flow page at present');
  const stream = createFlowStream({ timeline, picture, clock, onError });
  const onRequest = guard;
  app.get('/', { onRequest }, (_request, reply) => sendFlowPage(reply));
  app.get('/flow/state', { onRequest }, () => picture());
  app.get('/flow/events', { onRequest }, (request, reply) => follow(stream, request, reply));
  app.get('/flow/messages', { onRequest }, (request, reply) =>
    list(options.openMessages(request), request, reply),
  );
  app.get('/flow/messages/:id', { onRequest }, (request, reply) =>
    show(options.openMessages(request), request, reply),
  );
  return stream;
}

function follow(stream: FlowStream, request: FastifyRequest, reply: FastifyReply): void {
  const last = Number(request.headers['last-event-id']);
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  // An answer without content ends the page's asking for a while; it comes again on reload.
  if (!stream.open(reply.raw, Number.isSafeInteger(last) && last > 0 ? last : undefined)) reply.raw.end();
}

const pageSize = 100;
const name = z.string().trim().max(200);
const queryOf = z.object({
  channel: name.optional(),
  type: name.optional(),
  queue: name.optional(),
  state: z.enum(['', 'open', ...entryStates]).optional(),
  before: z.coerce.number().int().positive().optional(),
  after: z.coerce.number().int().nonnegative().optional(),
});
type Query = z.infer<typeof queryOf>;

async function list(view: MessagesView, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const query = parse(queryOf, request.query, 'query');
  return query.queue
    ? listEntries(view, { ...query, queue: query.queue }, reply)
    : listMessages(view, query, reply);
}

async function listEntries(view: MessagesView, query: Query & { queue: string }, reply: FastifyReply) {
  const { queue, state, after } = query;
  const rows = await view.entries({
    queue,
    limit: pageSize,
    ...(after === undefined ? {} : { afterSequence: after }),
    ...(state === undefined || state === '' || state === 'open' ? {} : { state }),
  });
  const next = nextAddress({ queue, state: state ?? '' }, rows.length, { after: rows.at(-1)?.sequence });
  return sendDocument(reply, 'queue', entryListPage({ queue, state: state || 'open', rows, next }));
}

async function listMessages(view: MessagesView, query: Query, reply: FastifyReply) {
  const { channel, type, state, before } = query;
  const filter = {
    limit: pageSize,
    ...(channel ? { channel } : {}),
    ...(type ? { type } : {}),
    ...(state && state !== 'open' ? { state } : {}),
    ...(before === undefined ? {} : { beforeId: before }),
  };
  const rows = await view.messages(filter);
  const kept = { channel: channel ?? '', type: type ?? '', state: state ?? '' };
  const next = nextAddress(kept, rows.length, { before: rows.at(-1)?.id });
  return sendDocument(reply, 'messages', messageListPage({ rows, filter, next }));
}

function nextAddress(
  kept: Readonly<Record<string, string>>,
  rows: number,
  position: Readonly<Record<string, number | undefined>>,
): string | undefined {
  if (rows < pageSize) return undefined;
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...kept, ...position }))
    if (value !== '' && value !== undefined) query.set(key, String(value));
  return `/flow/messages?${query}`;
}

const idOf = z.object({ id: z.coerce.number().int().positive() });

async function show(view: MessagesView, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = parse(idOf, request.params, 'path');
  const message = await view.message(id);
  if (!message) throw new IsthmusError('NOT_FOUND', { place: `message ${id}` });
  return sendDocument(reply, `message ${id}`, messagePage(message, await view.trace(id)));
}

function parse<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  const issue = error?.issues[0];
  throw new IsthmusError('INVALID_REQUEST', {
    place: [place, ...(issue?.path ?? [])].join('.'),
    rule: issue?.message ?? 'not understood',
  });
}
