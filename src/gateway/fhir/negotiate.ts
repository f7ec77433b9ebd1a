import type { FastifyReply, FastifyRequest } from 'fastify';
import { parseExact, stringifyExact } from '../../standards/fhir/index.ts';

const FHIR_JSON = 'application/fhir+json; fhirVersion=4.0';

const JSON_FORMATS: ReadonlySet<string> = new Set([
  'json',
  'application/json',
  'application/fhir+json',
  'text/json',
]);
const JSON_RANGES: ReadonlySet<string> = new Set([...JSON_FORMATS, '*/*', 'application/*']);

/** Names and values of the query, in order; `+` is a blank, as in forms. */
export function queryOf(request: FastifyRequest): [string, string][] {
  const at = request.url.indexOf('?');
  return at === -1 ? [] : [...new URLSearchParams(request.url.slice(at + 1))];
}

/** Is JSON of R4 what the caller takes? `_format` counts more than Accept (http.html#parameters). */
export function acceptsJson(request: FastifyRequest): boolean {
  const format = queryOf(request).findLast(([name]) => name === '_format')?.[1];
  if (format !== undefined) return isJsonOfR4(format, JSON_FORMATS);
  const { accept } = request.headers;
  return accept === undefined || accept.split(',').some((range) => isJsonOfR4(range, JSON_RANGES));
}

function isJsonOfR4(text: string, known: ReadonlySet<string>): boolean {
  const [media = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const version = parameters.find((one) => one.startsWith('fhirversion='))?.slice('fhirversion='.length);
  // A `+` in a query is a blank after decoding.
  return known.has(media.replace(' ', '+')) && (version === undefined || /^"?4\.0("|$)/.test(version));
}

/** Sends FHIR JSON; `_pretty=true` asks for lines and indents. */
export function sendFhir(request: FastifyRequest, reply: FastifyReply, json: string): FastifyReply {
  const pretty = queryOf(request).some(([name, value]) => name === '_pretty' && value === 'true');
  const text = pretty ? stringifyExact(parseExact(json), 2) : json;
  return reply.header('content-type', FHIR_JSON).send(Buffer.from(text));
}
