/**
 * The HTTP server's conventions: one place for limits, headers, error answers and the bearer token. It promises: every error leaves as
 * `{ error: { code, text, advice } }` with the status of the registry and without patient data; requests are bounded in size, depth and
 * time; `stop` lets what runs finish within a limit. It never does: know a route, or answer with what an exception happened to say.
 */

export { type BearerClient, bearerCheck, bearerHook, type ClientCheck, clientOf } from './bearer.ts';
export { errorBody, fromFastify } from './errors.ts';
export { type HttpHostOptions, httpHost } from './host.ts';
export { parseJson } from './json.ts';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';
export type { HttpHandler, HttpHost, HttpIncoming, HttpOutgoing } from './types.ts';
